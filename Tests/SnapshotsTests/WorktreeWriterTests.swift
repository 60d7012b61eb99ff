import Git
import GitValues
import Glibc
import Snapshots
import SystemPackage
import TestSupport
import Testing

@Suite struct WorktreeWriterTests {
    @Test("what is restored and restored back is the same to the byte and the mode", arguments: testSeeds(count: 15))
    func thereAndBack(seed: UInt64) throws {
        let repo = try TestRepository()
        try repo.commit("a", "one\n")
        var edits = try RandomEdits(repo, seed: seed)
        for _ in 0..<8 { try edits.step(RandomEdits.Step.ofFiles) }
        let first = try repo.snapshot().tree
        let firstFiles = try repo.files()
        for _ in 0..<8 { try edits.step(RandomEdits.Step.ofFiles) }
        let second = try repo.snapshot().tree
        let secondFiles = try repo.files()
        try repo.restore(from: second, to: first)
        try #require(try repo.files() == firstFiles, "seed \(seed) after \(edits.log)")
        try repo.restore(from: first, to: second)
        try #require(try repo.files() == secondFiles, "seed \(seed) after \(edits.log)")
    }

    @Test("the bytes written are those that git writes: line ends, ident, filters, encodings")
    func conversions() throws {
        let repo = try TestRepository()
        try repo.git("config", "filter.upper.clean", "tr a-z A-Z")
        try repo.git("config", "filter.upper.smudge", "tr A-Z a-z")
        try repo.git("config", "core.autocrlf", "true")
        try repo.write(
            ".gitattributes",
            "*.i ident\n*.up filter=upper\n*.lf eol=lf\n*.raw -text\n*.u working-tree-encoding=UTF-16LE-BOM text\n*.c text eol=crlf\n"
        )
        for name in ["a", "b.i", "c.up", "d.lf", "e.raw", "f.c", "new\nline.up", "sub/-x.up"] {
            try repo.write(name, "$Id$\n$Id$\nsome text\n")
        }
        try repo.write("mixed", "a\r\nb\n")
        try repo.write("binary", "a\u{0}\nb\n")
        try repo.write("empty", "")
        try repo.write("empty.up", "")
        try repo.writeRaw([0xFF] + Array(".up".utf8), "some text\n")
        try repo.write("run", "x\n", mode: 0o755)
        try repo.write("g.u", [0xFF, 0xFE, 0x61, 0x00, 0x0A, 0x00])
        try repo.link("link", to: "a")
        let tree = try repo.snapshot().tree
        let id = try repo.git("commit-tree", "-m", "x", tree.hex).text
        try repo.git("worktree", "add", "-q", "--detach", "../git", id)
        try repo.git("worktree", "add", "-q", "--detach", "--no-checkout", "../ours", id)
        let ours = repo.worktree(at: "../ours")
        try ours.restore(from: Repository.emptyTree, to: tree)
        let (expected, written) = (try repo.worktree(at: "../git").files(), try ours.files())
        for name in expected.keys { #expect(written[name] == expected[name], "\(name)") }
        #expect(written.count == expected.count)
    }

    @Test("the user's umask decides the permissions")
    func umask() throws {
        let repo = try TestRepository()
        try repo.write("run", "x\n", mode: 0o755)
        try repo.write("d/file", "x\n")
        let tree = try repo.snapshot().tree
        try repo.remove("run")
        try repo.remove("d")
        try repo.restore(from: Repository.emptyTree, to: tree)
        // The test process keeps its umask: other tests run beside this one.
        let mask = try UInt32(repo.run("sh", ["-c", "umask"]).text, radix: 8).map { ~$0 & 0o777 }
        #expect(Files.mode(of: repo.file("run")).map { $0 & 0o777 } == mask)
        #expect(Files.mode(of: repo.file("d/file")).map { $0 & 0o777 } == mask.map { $0 & 0o666 })
    }

    @Test("a directory goes only when the restore emptied it")
    func emptyDirectories() throws {
        let repo = try TestRepository()
        let before = try repo.snapshot().tree
        try repo.write("a/b/c", "x\n")
        try repo.write("kept/file", "x\n")
        try Files.makeFolders(repo.file("kept/empty"))
        try Files.makeFolders(repo.file("empty/too"))
        try repo.restore(from: repo.snapshot().tree, to: before)
        #expect(!repo.exists("a") && !repo.exists("kept/file"))
        #expect(repo.exists("kept/empty") && repo.exists("empty/too"))
    }

    /// What is in the way, and what must be left as it is.
    static let obstacles: [(String, String, @Sendable (TestRepository) throws -> Void)] = [
        (
            "a symlink to elsewhere in the place of a parent", "d",
            { repo in
                try Files.makeFolders(repo.file("../elsewhere").lexicallyNormalized())
                try repo.link("d", to: "../elsewhere")
                try repo.write(".git/info/exclude", "d\n")
            }
        ),
        (
            "an ignored file", "d/file",
            { repo in
                try repo.write(".git/info/exclude", "file\n")
                try repo.write("d/file", "mine\n")
            }
        ),
        ("a file above the limit", "d/file", { try $0.write("d/file", String(repeating: "x", count: 2000)) }),
        (
            "a FIFO", "d/file",
            { repo in
                try Files.makeFolders(repo.file("d"))
                mkfifo(repo.file("d/file").string, 0o644)
            }
        ),
        (
            "a directory with an ignored file", "d/file/o",
            { repo in
                try repo.write(".git/info/exclude", "o\n")
                try repo.write("d/file/o", "mine\n")
                try repo.write("d/file/p", "mine\n")
            }
        ),
        ("an empty directory", "d/file", { try Files.makeFolders($0.file("d/file")) }),
        (
            "a directory with an empty one below", "d/file/o",
            { repo in
                try repo.write("d/file/p", "mine\n")
                try Files.makeFolders(repo.file("d/file/o"))
            }
        ),
        (
            "an ignored file in the place of a parent", "d",
            { repo in
                try repo.write(".git/info/exclude", "d\n")
                try repo.write("d", "mine\n")
            }
        ),
        (
            "a nested repository", "d/file/.git",
            { repo in
                try repo.nested("d/file").write("x", "mine\n")
            }
        ),
    ]

    @Test("what no checkpoint holds is neither written nor removed", arguments: obstacles.indices)
    func obstacle(_ index: Int) throws {
        let (name, path, make) = Self.obstacles[index]
        let repo = try TestRepository()
        try repo.write("d/file", "wanted\n")
        let wanted = try repo.snapshot().tree
        try repo.remove("d")
        try make(repo)
        let present = try repo.snapshot(limit: 1000).tree
        let before = try repo.files()
        let changes = try repo.opened().changes(from: present, to: wanted)
        let blockers = try repo.writer().blockers(of: changes)
        #expect(blockers.map(\.path.description) == ["d/file"], "\(name)")
        #expect(try repo.files() == before)
        #expect(repo.exists(path))
    }

    @Test("a file whose present bytes the snapshot does not hold is not overwritten, and not removed")
    func keptByTheIndex() throws {
        let repo = try TestRepository()
        try repo.commit("a", "one\n")
        let old = try repo.snapshot().tree
        try repo.commit("a", "two\n")
        try repo.git("update-index", "--assume-unchanged", "a")
        try repo.write("a", "in no checkpoint\n")
        let present = try repo.snapshot().tree
        for wanted in [old, Repository.emptyTree] {
            let changes = try repo.opened().changes(from: present, to: wanted)
            #expect(try repo.writer().blockers(of: changes).map(\.path.description) == ["a"])
        }
    }

    @Test("a file that changed after the snapshot is not overwritten")
    func changedSince() throws {
        let repo = try TestRepository()
        try repo.write("a", "one\n")
        let old = try repo.snapshot().tree
        try repo.write("a", "two\n")
        let present = try repo.snapshot().tree
        try repo.write("a", "three\n")
        let changes = try repo.opened().changes(from: present, to: old)
        #expect(try repo.writer().blockers(of: changes).count == 1)
    }

    @Test("a file that is as wanted already is no obstacle, though no snapshot has it")
    func settled() throws {
        let repo = try TestRepository()
        try repo.write("a", "wanted\n")
        try repo.write("b", "wanted\n", mode: 0o755)
        let wanted = try repo.snapshot().tree
        try repo.write(".git/info/exclude", "a\nb\n")
        let present = try repo.snapshot().tree
        let changes = try repo.opened().changes(from: present, to: wanted)
        #expect(try repo.writer().examine(changes).settled == ["a", "b"])
        try repo.write("b", "wanted\n", mode: 0o644)
        let examination = try repo.writer().examine(changes)
        #expect(examination.settled == ["a"] && examination.blockers.map(\.path) == ["b"])
    }

    @Test("a file that only differs in its mode from what the snapshot has is not overwritten")
    func modeSince() throws {
        let repo = try TestRepository()
        try repo.write("a", "one\n")
        let old = try repo.snapshot().tree
        try repo.write("a", "two\n")
        let present = try repo.snapshot().tree
        try repo.write("a", "two\n", mode: 0o755)
        let changes = try repo.opened().changes(from: present, to: old)
        #expect(try repo.writer().blockers(of: changes).map(\.path) == ["a"])
    }

    @Test(
        "names that differ only in case are written where the file system tells them apart, and named where it does not"
    )
    func collidingNames() throws {
        let repo = try TestRepository()
        for name in ["README", "readme", "d/É.txt", "d/é.txt", "other"] { try repo.write(name, "\(name)\n") }
        let wanted = try repo.snapshot().tree
        let before = try repo.files()
        for name in ["README", "readme", "d", "other"] { try repo.remove(name) }
        let changes = try repo.opened().changes(from: Repository.emptyTree, to: wanted)
        let folding = try WorktreeWriter(repository: repo.opened(), git: repo.program, foldsCase: true)
        let blockers = try folding.blockers(of: changes)
        #expect(blockers.map(\.path.description) == ["README", "d/É.txt", "d/é.txt", "readme"])
        #expect(blockers.first?.reason == "it is one file with readme here, where case does not count")
        // What the file system does counts, not what git once found out on another one.
        try repo.write("x", "x\n")
        try repo.git("config", "core.ignoreCase", "true")
        try repo.restore(from: Repository.emptyTree, to: wanted)
        try repo.remove("x")
        #expect(try repo.files() == before)
    }

    @Test(
        "a folder that may not be written to is named before anything is written",
        .enabled(if: WriteBatchTests.canFreeze))
    func frozenFolder() throws {
        let repo = try TestRepository()
        for name in ["a", "ro/b", "ro/deep/c"] { try repo.write(name, "wanted\n") }
        let wanted = try repo.snapshot().tree
        for name in ["a", "ro/b"] { try repo.write(name, "present\n") }
        try repo.remove("ro/deep")
        let present = try repo.snapshot().tree
        try #require(try repo.run("chattr", ["+i", "ro"]).status == 0)
        defer { _ = try? repo.run("chattr", ["-i", "ro"]) }
        let blockers = try repo.writer().examine(repo.opened().changes(from: present, to: wanted)).blockers
        #expect(blockers.map(\.path.description) == ["ro/b", "ro/deep/c"])
        #expect(blockers.allSatisfy { $0.isForbidden && $0.reason.contains("ro may not be written to") })
    }

    /// Sparse checkouts of both kinds, without the folders `out` and `new`.
    static let cones: [[String]] = [["--cone", "in"], ["--no-cone", "/*", "!/out", "!/new"]]

    @Test("what is outside of a sparse checkout is said and not written, tracked or not", arguments: cones)
    func sparse(_ patterns: [String]) throws {
        let repo = try TestRepository()
        for name in ["top", "in/a", "out/a", "new/a"] { try repo.write(name, "wanted\n") }
        let wanted = try repo.snapshot().tree
        try repo.remove("new")
        for name in ["top", "in/a", "out/a"] { try repo.write(name, "present\n") }
        try repo.git("add", "-A")
        try repo.git("commit", "-qm", "x")
        try repo.git(["sparse-checkout", "set"] + patterns)
        #expect(!repo.exists("out"))
        let present = try repo.snapshot().tree
        let changes = try repo.opened().changes(from: present, to: wanted)
        let examination = try repo.writer().examine(changes)
        #expect(examination.blockers.isEmpty)
        #expect(examination.left.map(\.path.description) == ["new/a", "out/a"])
        #expect(examination.left.allSatisfy { $0.reason == "outside of the sparse checkout" })
        // A file that is there in spite of it is one like any other.
        try repo.write("out/a", "present too\n")
        let other = try repo.snapshot().tree
        let again = try repo.writer().examine(repo.opened().changes(from: other, to: wanted))
        #expect(again.left.map(\.path.description) == ["new/a"] && again.blockers.isEmpty)
    }

    @Test("a parent that became a symlink after the check is not written through")
    func swappedParent() throws {
        let repo = try TestRepository()
        try repo.write("d/file", "wanted\n")
        let wanted = try repo.snapshot().tree
        try repo.remove("d")
        let present = try repo.snapshot().tree
        let outside = repo.file("../outside").lexicallyNormalized()
        try Files.makeFolders(outside)
        try repo.link("d", to: outside.string)
        let changes = try repo.opened().changes(from: present, to: wanted)
        #expect(throws: SnapshotError.self) { try repo.writer().apply(changes) }
        #expect(Files.names(in: outside).isEmpty)
        // Nor is a file on the other side removed.
        try Files.write([0x78], to: outside.appending("file"))
        try repo.writer().apply(repo.opened().changes(from: wanted, to: present))
        #expect(Files.names(in: outside) == ["file"])
    }
}

@Suite struct StagedTreeTests {
    @Test("what is staged and in neither HEAD nor the files is kept")
    func stagedOnly() throws {
        let repo = try TestRepository()
        try repo.commit("a", "one\n")
        #expect(try repo.snapshot().stagedTree == nil)
        try repo.write("a", "two\n")
        try repo.git("add", "a")
        #expect(try repo.snapshot().stagedTree == nil)
        try repo.write("a", "three\n")
        #expect(try repo.snapshot().stagedTree?.hex == repo.git("write-tree").text)
        try repo.git("add", "-N", "a")
        try repo.write("n", "new\n")
        try repo.git("add", "-N", "n")
        #expect(try repo.snapshot().stagedTree?.hex == repo.git("write-tree").text)
    }

    @Test("the stages of a conflict are kept, beside directories of those names too")
    func stages() throws {
        let repo = try TestRepository()
        try repo.write("stage2", "a file\n")
        try repo.write("stage3_/x", "in a directory\n")
        try ExactIndexTests.conflict(repo)
        let tree = try #require(try repo.snapshot().stagedTree)
        for line in try repo.git("ls-files", "--stage").lines {
            let fields = line.split { $0 == " " || $0 == "\t" }
            let path = (fields[2] == "0" ? "" : "stage\(fields[2])" + (fields[2] == "2" ? "_/" : "/")) + fields[3]
            #expect(try repo.git("ls-tree", tree.hex, path).text.contains(fields[1]), "\(line)")
        }
    }
}

extension TestRepository {
    func writer() throws -> WorktreeWriter { try WorktreeWriter(repository: opened(), git: program) }

    func restore(from old: ObjectID, to new: ObjectID) throws {
        let changes = try opened().changes(from: old, to: new)
        let writer = try writer()
        let blockers = try writer.blockers(of: changes)
        try #require(blockers.isEmpty, "\(blockers)")
        try writer.apply(changes)
    }

    /// Every file of the worktree with its bytes or target and what git knows of its mode; no directories.
    func files() throws -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        func collect(_ directory: FilePath, _ prefix: String) throws {
            for name in Files.names(in: directory) where name != ".git" {
                let path = directory.appending(name)
                guard let mode = Files.mode(of: path) else { continue }
                switch mode & S_IFMT {
                case S_IFDIR: try collect(path, prefix + name + "/")
                case S_IFREG: files[prefix + name] = try Files.read(path) + [mode & 0o100 == 0 ? 0 : 1]
                case S_IFLNK: files[prefix + name] = Array(try run("readlink", [path.string]).text.utf8) + [2]
                default: files[prefix + name] = [3]
                }
            }
        }
        try collect(path, "")
        return files
    }
}
