import Glibc
import SystemPackage
import TestSupport
import Testing

/// `GIT_WF_TEST_COUNT=200` takes as many checkpoints; `GIT_WF_TEST_GIT=/path/bin` has another git beside them.
@Suite("git's own packing and our packs do each other no harm")
struct PackingTests {
    private static let count = getenv("GIT_WF_TEST_COUNT").flatMap { Int(String(cString: $0)) } ?? 10

    /// What git puts packs in order with.
    struct Packing: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let commands: [[String]]
        /// The oldest git that knows it.
        var since = (2, 34)
    }

    static let packings: [Packing] = [
        Packing(testDescription: "none", commands: []),
        Packing(testDescription: "a plain index", commands: [["multi-pack-index", "write"]]),
        Packing(
            testDescription: "an index with a bitmap",
            commands: [["repack", "-dq"], ["multi-pack-index", "write", "--bitmap"]]),
        Packing(testDescription: "repack --write-midx", commands: [["repack", "-adq", "--write-midx"]]),
        Packing(
            testDescription: "repack --geometric",
            commands: [["repack", "-dq", "--geometric=2", "--write-midx", "--write-bitmap-index"]]),
        Packing(
            testDescription: "an incremental index", commands: [["multi-pack-index", "write", "--incremental"]],
            since: (2, 47)),
        Packing(
            testDescription: "an incremental index with bitmaps",
            // A bitmap asks that all which a packed commit leads to is packed; a checkpoint may lead to what `git add` made loose.
            commands: [["repack", "-dq"], ["multi-pack-index", "write", "--incremental", "--bitmap"]], since: (2, 50)),
        Packing(
            testDescription: "incremental maintenance",
            commands: [
                ["maintenance", "run", "--task=incremental-repack"], ["maintenance", "run", "--task=loose-objects"],
            ]),
        Packing(
            testDescription: "geometric maintenance",
            commands: [["maintenance", "run", "--task=geometric-repack"]], since: (2, 52)),
        Packing(testDescription: "gc", commands: [["gc", "-q"]]),
    ]

    private static func version(_ repo: TestRepository) throws -> (Int, Int) {
        let numbers = try repo.git("--version").text.split { !$0.isNumber }.compactMap { Int($0) }
        return (try #require(numbers.first), try #require(numbers.dropFirst().first))
    }

    /// What must be clean at any time.
    private static func expectClean(_ repo: TestRepository, _ comment: Comment) throws {
        let fsck = try repo.run("git", ["fsck", "--strict", "--no-dangling"])
        #expect(fsck.status == 0 && !fsck.errorText.contains("error"), "\(comment): \(fsck.errorText) \(fsck.text)")
        let clone = repo.beside("clone")
        if repo.exists("../clone") { try repo.remove("../clone") }
        let cloned = try repo.run("git", ["clone", "-q", "file://\(repo.path)", clone.path.string])
        #expect(cloned.status == 0 && cloned.errorText == "", "\(comment): \(cloned.errorText)")
        if Files.mode(of: repo.file(".git/objects/pack/multi-pack-index")) != nil {
            let verified = try repo.run("git", ["multi-pack-index", "verify", "--no-progress"])
            #expect(verified.status == 0, "\(comment): \(verified.errorText)")
        }
    }

    @Test("fsck, clone, repack and maintenance are clean beside many checkpoints", arguments: packings.indices)
    func checkpoints(number: Int) throws {
        let packing = Self.packings[number]
        let repo = try TestRepository.begun(hooks: true)
        if try Self.version(repo) < packing.since { return }
        let comment = Comment(rawValue: packing.testDescription)
        try repo.git("config", "gc.auto", "0")
        for number in 1...Self.count {
            try repo.write("f\(number % 7).txt", "\(number)\n")
            try repo.done("checkpoint", "c\(number)")
            if number % 10 == 0 {
                try repo.git("add", "-A")
                try repo.git("commit", "-qm", "\(number)")
            }
            if number % 25 == 10 { for command in packing.commands { try repo.git(command) } }
            if number % 50 == 30 { try Self.expectClean(repo, comment) }
        }
        try Self.expectClean(repo, comment)
        try repo.git("maintenance", "run", "--quiet")
        try repo.done("gc")
        try Self.expectClean(repo, comment)
        try repo.git("repack", "-adq", "--write-midx")
        try Self.expectClean(repo, comment)
        #expect(try repo.kinds().count >= Self.count)
        #expect(try repo.json("fsck")["problems"]?.list == [])
    }

    @Test("a git that writes multi-pack-indexes without end is left with none that leads to a pack which is gone")
    func race() throws {
        let repo = try TestRepository.begun()
        try repo.git("config", "gc.auto", "0")
        let script = """
            (while [ ! -e ../stop ]; do git multi-pack-index write 2>>../errors; done) &
            for i in $(seq \(Self.count)); do echo $i >f; git-wf checkpoint c$i >/dev/null || break; done
            touch ../stop; wait
            """
        let output = try repo.run("sh", ["-c", script])
        #expect(output.status == 0 && output.errorText == "", "\(output.errorText)")
        try Self.expectClean(repo, "after a race")
    }

    @Test("checkpoints beside a repack without end all succeed")
    func readsBesideRepack() throws {
        let repo = try TestRepository.begun()
        for number in 1...200 { try repo.write("f\(number)", "\(number)\n") }
        try repo.git("add", "-A")
        try repo.git("commit", "-qm", "many")
        let script = """
            (while [ ! -e ../stop ]; do
                git repack -adq --write-midx; git repack -q --geometric=2 -d --write-midx
            done) 2>/dev/null &
            for i in $(seq \(Self.count)); do
                echo $i >f1; git-wf checkpoint c$i >/dev/null && git-wf status >/dev/null || break
            done
            touch ../stop; wait
            """
        let output = try repo.run("sh", ["-c", script])
        #expect(output.status == 0 && output.errorText == "", "\(output.errorText)")
        #expect(try repo.kinds().count > Self.count)
    }

    @Test("an object that is damaged in one pack is not copied, so that the good one in another stays")
    func damagedCopy() throws {
        let repo = try TestRepository.begun()
        let content = (1...3000).map { "\($0)\n" }.joined()
        func take(_ content: String, _ title: String) throws {
            try repo.write("big", content)
            try repo.done("checkpoint", title)
        }
        try take(content, "one")
        let id = try repo.git("hash-object", "big").text
        try take("other\n", "two")
        try take(content, "three")
        let folder = repo.file(".git/objects/pack")
        var damaged = 0
        for name in Files.names(in: folder).sorted() where name.hasSuffix(".idx") {
            let index = try Files.read(folder.appending(name))
            let lines = try repo.git(["show-index"], stdin: index).lines.map { $0.split(separator: " ") }
            guard damaged == 0, let line = lines.first(where: { $0[1] == id }), let offset = Int(line[0]) else {
                continue
            }
            let pack = folder.appending(name.dropLast(3) + "pack")
            var bytes = try Files.read(pack)
            for place in (offset + 100)..<(offset + 103) { bytes[place] ^= 0xff }
            try repo.run("chmod", ["u+w", pack.string])
            try Files.write(bytes, to: pack)
            damaged += 1
        }
        #expect(damaged == 1)
        #expect(try repo.git("cat-file", "blob", id).text + "\n" == content)
        for number in 1...20 { try take("\(number)\n", "c\(number)") }
        #expect(try repo.git("cat-file", "blob", id).text + "\n" == content)
    }

    @Test("git's automatic maintenance has not more to do with our packs than without")
    func maintenance() throws {
        let twins = try [true, false].map { try TestRepository.begun(hooks: $0) }
        if try Self.version(twins[0]) < (2, 54) { return }
        // How often it put packs together.
        let runs = try twins.map { repo in
            let trace = repo.folder.path.appending("trace")
            for number in 1...Self.count {
                try repo.write("f\(number % 7).txt", "\(number)\n")
                try repo.git("add", "-A")
                try repo.git(
                    ["-c", "maintenance.autoDetach=false", "-c", "gc.autoDetach=false", "commit", "-qm", "\(number)"],
                    environment: ["GIT_TRACE2_EVENT": trace.string])
            }
            let text = Files.mode(of: trace) == nil ? "" : String(decoding: try Files.read(trace), as: UTF8.self)
            return text.split(separator: "\n").count { $0.contains("\"child_start\"") && $0.contains("\"--geometric") }
        }
        // One for each time that ours have become twice as many.
        #expect(runs[0] <= runs[1] + 6, "\(runs)")
    }

    @Test("nothing of a repository with precious objects is removed")
    func precious() throws {
        let repo = try TestRepository.begun()
        try repo.git("config", "core.repositoryFormatVersion", "1")
        try repo.git("config", "extensions.preciousObjects", "true")
        var before: Set<String> = []
        for number in 1...30 {
            try repo.write("f.txt", "\(number)\n")
            try repo.done("checkpoint", "c\(number)")
            let packs = Set(Files.names(in: repo.file(".git/objects/pack")))
            #expect(before.isSubset(of: packs))
            before = packs
        }
        try repo.done("gc")
        #expect(before.isSubset(of: Set(Files.names(in: repo.file(".git/objects/pack")))))
    }
}
