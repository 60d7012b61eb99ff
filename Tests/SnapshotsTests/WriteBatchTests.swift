import Git
import GitValues
import Glibc
import Snapshots
import SystemPackage
import TestSupport
import Testing

@Suite("All files of a restore are written, or none")
struct WriteBatchTests {
    /// A worktree in which a file is replaced, removed, made, made executable; a folder is a file and a file a folder.
    private func prepared() throws -> (repo: TestRepository, wanted: ObjectID, present: ObjectID) {
        let repo = try TestRepository()
        try repo.write("a", "wanted\n")
        try repo.write("b/new", "wanted\n")
        try repo.write("c/was/deep", "wanted\n")
        try repo.write("d", "wanted, a file\n")
        try repo.write("run", "wanted\n", mode: 0o755)
        try repo.link("link", to: "a")
        try repo.write("zz/last", "wanted\n")
        let wanted = try repo.snapshot().tree
        for name in ["a", "b", "c", "d", "run", "link"] { try repo.remove(name) }
        try repo.write("a", "present\n", mode: 0o640)
        try repo.write("c", "present, a file\n")
        try repo.write("d/e/f", "present\n")
        try repo.write("gone", "present\n")
        try repo.write("run", "present\n")
        try repo.link("link", to: "b")
        try repo.write("zz/last", "present\n")
        return (repo, wanted, try repo.snapshot().tree)
    }

    /// With the permissions.
    private func picture(_ repo: TestRepository) throws -> [String: [UInt8]] {
        var picture = try repo.files()
        for name in picture.keys {
            picture[name]?.append(contentsOf: withUnsafeBytes(of: Files.mode(of: repo.file(name)) ?? 0) { Array($0) })
        }
        return picture
    }

    @Test("files, folders and links take each other's places, and back, to the byte and the mode")
    func swaps() throws {
        let (repo, wanted, present) = try prepared()
        let before = try picture(repo)
        try repo.restore(from: present, to: wanted)
        #expect(try repo.snapshot().tree == wanted)
        // A file keeps who may read it.
        #expect((Files.mode(of: repo.file("a")) ?? 0) & 0o777 == 0o640)
        #expect(!repo.exists("gone") && !repo.exists("d/e"))
        try repo.restore(from: wanted, to: present)
        #expect(try picture(repo) == before)
    }

    @Test("a file that cannot be replaced leaves all of them as they were", .enabled(if: WriteBatchTests.canFreeze))
    func frozen() throws {
        let (repo, wanted, present) = try prepared()
        let before = try picture(repo)
        let changes = try repo.opened().changes(from: present, to: wanted)
        let frozen = repo.file("zz/last").string
        try #require(try repo.run("chattr", ["+i", frozen]).status == 0)
        defer { _ = try? repo.run("chattr", ["-i", frozen]) }
        let error = #expect(throws: SnapshotError.self) { try repo.writer().apply(changes) }
        #expect(error?.description == "could not write zz/last: Operation not permitted")
        #expect(try picture(repo) == before)
        #expect(!repo.exists("b"))
        let state = try repo.gitPath("wf")
        #expect(Files.names(in: state).allSatisfy { !$0.hasPrefix("writing.") })
    }

    @Test(
        "a file that is edited between the look at it and its turn stops all", arguments: ["a", "c", "gone", "d/e/f"],
        [false, true])
    func editedMeanwhile(name: String, isLate: Bool) throws {
        let (repo, wanted, present) = try prepared()
        let changes = try repo.opened().changes(from: present, to: wanted)
        let writer = try repo.writer()
        let examination = try writer.examine(changes)
        #expect(examination.blockers.isEmpty)
        let batch = isLate ? try writer.prepare(changes, examination: examination) : nil
        try repo.write(name, "an edit of somebody else\n")
        let edited = try repo.files().filter { !$0.key.contains(".git-wf.") }
        #expect(throws: SnapshotError.self) {
            try (batch ?? writer.prepare(changes, examination: examination)).place()
        }
        batch?.takeBack()
        #expect(try repo.files() == edited)
    }

    @Test("something that comes into an empty place meanwhile is not written over")
    func cameMeanwhile() throws {
        let (repo, wanted, present) = try prepared()
        let changes = try repo.opened().changes(from: present, to: wanted)
        let writer = try repo.writer()
        let batch = try writer.prepare(changes, examination: writer.examine(changes))
        try repo.write("b/new", "of somebody else\n")
        #expect(throws: SnapshotError.self) { try batch.place() }
        #expect(batch.takeBack())
        #expect(try repo.text("b/new") == "of somebody else\n" && repo.text("a") == "present\n")
    }

    @Test("a folder that gets a file meanwhile does not make room")
    func folderMeanwhile() throws {
        let (repo, wanted, present) = try prepared()
        let changes = try repo.opened().changes(from: present, to: wanted)
        let writer = try repo.writer()
        let batch = try writer.prepare(changes, examination: writer.examine(changes))
        try repo.write("d/e/new", "of somebody else\n")
        #expect(throws: SnapshotError.self) { try batch.place() }
        #expect(batch.takeBack())
        #expect(try repo.text("d/e/new") == "of somebody else\n" && repo.text("d/e/f") == "present\n")
    }

    @Test("attributes that come with the files decide what bytes those get, and go back with them")
    func attributes() throws {
        let repo = try TestRepository()
        try repo.write(".gitattributes", "*.txt text eol=crlf\n")
        try repo.write("a.txt", "one\r\n")
        let wanted = try repo.snapshot().tree
        try repo.remove(".gitattributes")
        try repo.write("a.txt", "two\n")
        try repo.write("b.txt", "two\n")
        let present = try repo.snapshot().tree
        let before = try repo.files()
        try repo.restore(from: present, to: wanted)
        #expect(try repo.text("a.txt") == "one\r\n")
        try repo.restore(from: wanted, to: present)
        #expect(try repo.files() == before)
        // The other way round, and with a failure behind the attributes.
        guard Self.canFreeze else { return }
        let changes = try repo.opened().changes(from: present, to: wanted)
        try #require(try repo.run("chattr", ["+i", "a.txt"]).status == 0)
        defer { _ = try? repo.run("chattr", ["-i", "a.txt"]) }
        #expect(throws: SnapshotError.self) { try repo.writer().apply(changes) }
        #expect(try repo.files() == before)
    }

    @Test("who has a file open keeps what he has, and a reader never sees half of one")
    func openFiles() throws {
        let repo = try TestRepository()
        try repo.write("a", "wanted\n")
        let wanted = try repo.snapshot().tree
        try repo.write("a", "present\n")
        let present = try repo.snapshot().tree
        let file = try FileDescriptor.open(repo.file("a"), .readOnly)
        try file.closeAfter {
            try repo.restore(from: present, to: wanted)
            var bytes = [UInt8](repeating: 0, count: 20)
            let count = try bytes.withUnsafeMutableBytes { try file.read(into: $0) }
            #expect(bytes[..<count] == Array("present\n".utf8)[...])
        }
        #expect(try repo.text("a") == "wanted\n")
    }

    @Test("drafts of a process that was killed go with the next snapshot, and those of one that lives stay")
    func leftDrafts() throws {
        let (repo, wanted, present) = try prepared()
        let changes = try repo.opened().changes(from: present, to: wanted)
        let before = try repo.files()
        var batch: WriteBatch? = try repo.writer().prepare(changes)
        let drafts = try repo.files().keys.filter { $0.contains(".git-wf.") }
        #expect(!drafts.isEmpty)
        WorktreeWriter.removeLeftTemporaries(in: try repo.opened())
        #expect(try repo.files().keys.filter { $0.contains(".git-wf.") } == drafts)
        let lists = try Files.names(in: repo.gitPath("wf")).filter { $0.hasPrefix("writing.") }
        let list = try #require(lists.first)
        let bytes = try Files.read(repo.gitPath("wf/\(list)"))
        let left = try Dictionary(uniqueKeysWithValues: drafts.map { ($0, try repo.read($0)) })
        batch = nil
        #expect(try repo.files() == before)
        _ = batch

        // As a kill leaves it: nobody holds the list's lock.
        try Files.write(bytes, to: repo.gitPath("wf/\(list)"))
        for (name, bytes) in left { try repo.write(name, bytes) }
        let token = list.dropFirst("writing.".count)
        try repo.write(".git-wf.\(token).99.tmp/x/.git-wf.\(token).98.tmp", "a folder that stepped aside\n")
        try repo.write(".git-wf.other.1.tmp", "not of that process\n")
        WorktreeWriter.removeLeftTemporaries(in: try repo.opened())
        #expect(try Set(repo.files().keys) == Set(before.keys).union([".git-wf.other.1.tmp"]))
        #expect(try !Files.names(in: repo.gitPath("wf")).contains(list))
    }

    @Test(
        "many files are flushed together, few one by one", .enabled(if: WriteBatchTests.canTrace), arguments: [3, 300])
    func flushes(count: Int) throws {
        let repo = try TestRepository()
        try repo.commit("x", "x\n")
        for number in 0..<count { try repo.write("d\(number % 40)/f\(number)", "wanted\n") }
        let good = repo.file("../trace").lexicallyNormalized().string
        try repo.wf("init", "--name", "demo", "--no-hooks")
        try repo.wf("checkpoint", "good")
        for number in 0..<count { try repo.write("d\(number % 40)/f\(number)", "present\n") }
        let traced = try repo.run(
            "strace", ["-f", "-o", good, "-e", "trace=fsync,fdatasync,syncfs", "git-wf", "restore", "d*"])
        try #require(traced.status == 0, "\(traced.errorText)")
        let calls = String(decoding: try Files.read(FilePath(good)), as: UTF8.self).split(separator: "\n").filter {
            $0.contains("sync")
        }
        // A file and its directory each; or the file system, once before and once after.
        #expect(calls.count(where: { $0.contains("fsync") }) >= 12 + (count == 3 ? 6 : 0))
        #expect(calls.count(where: { $0.contains("syncfs") }) == (count == 3 ? 0 : 2))
        // Two checkpoints take five each, the intent two.
        #expect(calls.count <= 12 + (count == 3 ? 6 : 2), "\(calls)")
        #expect(try repo.text("d2/f2") == "wanted\n")
    }

    @Test("many files of a filter come out of few processes, whatever is in them")
    func manyFiltered() throws {
        let repo = try TestRepository()
        try repo.git("config", "filter.upper.clean", "tr a-z A-Z")
        try repo.git("config", "filter.upper.smudge", "tr A-Z a-z")
        try repo.write(".gitattributes", "*.up filter=upper\n")
        for number in 0..<120 {
            let odd = ["", "\n", "none missing\n", "no line end", "\u{0}\n\n"][number % 5]
            try repo.write("f\(number).up", "\(odd)\(number)\(odd)")
        }
        let wanted = try repo.snapshot().tree
        let before = try repo.files()
        for number in 0..<120 { try repo.write("f\(number).up", "present\n") }
        let present = try repo.snapshot().tree
        try repo.restore(from: present, to: wanted)
        #expect(try repo.files() == before)
    }

    @Test("a filter that fails names its file, and nothing is written")
    func failingFilter() throws {
        let repo = try TestRepository()
        try repo.git("config", "filter.odd.clean", "cat")
        try repo.git("config", "filter.odd.smudge", "grep -v forbidden")
        try repo.git("config", "filter.odd.required", "true")
        try repo.write(".gitattributes", "*.odd filter=odd\n")
        for name in ["a.odd", "b", "c.odd"] { try repo.write(name, name == "c.odd" ? "forbidden\n" : "wanted\n") }
        let wanted = try repo.snapshot().tree
        for name in ["a.odd", "b", "c.odd"] { try repo.write(name, "present\n") }
        let present = try repo.snapshot().tree
        let before = try repo.files()
        let changes = try repo.opened().changes(from: present, to: wanted)
        let error = #expect(throws: GitError.self) { try repo.writer().apply(changes) }
        #expect(error?.doing == "convert c.odd")
        #expect(try repo.files() == before)
    }

    @Test("symlinks are files with their target where core.symlinks is off")
    func noSymlinks() throws {
        let repo = try TestRepository()
        try repo.link("link", to: "target")
        let wanted = try repo.snapshot().tree
        try repo.git("config", "core.symlinks", "false")
        try repo.remove("link")
        try repo.restore(from: Repository.emptyTree, to: wanted)
        #expect(try repo.files()["link"] == Array("target".utf8) + [0])
    }

    static let canTrace: Bool = (try? TestRepository().run("strace", ["-V"]).status) == 0

    /// Whether a file can be made immutable: root, on a file system that knows it.
    static let canFreeze: Bool = {
        guard let repo = try? TestRepository() else { return false }
        try? repo.write("a", "x")
        let isFrozen = (try? repo.run("chattr", ["+i", "a"]).status) == 0
        _ = try? repo.run("chattr", ["-i", "a"])
        return isFrozen
    }()
}
