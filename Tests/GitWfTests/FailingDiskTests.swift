import Glibc
import SystemPackage
import TestSupport
import Testing

@Suite("A disk that fails is an error, never a loss")
struct FailingDiskTests {
    /// What would write: each must say so and leave refs, index and files alone.
    static let writing: [[String]] = [
        ["checkpoint", "x"], ["checkpoint", "--trigger", "time"], ["decide", "x"], ["block", "x"],
        ["phase", "complete"],
        ["restore", "a.txt"], ["todo", "done", "1"],
    ]

    private func prepared() throws -> TestRepository {
        let repo = try TestRepository.begun("minimal")
        try repo.write("a.txt", "two\n")
        try repo.done("checkpoint", "two")
        try repo.write("a.txt", String(repeating: "three\n", count: 40_000))
        return repo
    }

    @Test("no file may grow", arguments: writing)
    func fileSizeLimit(command: [String]) throws {
        let repo = try prepared()
        let before = try repo.picture()
        let output = try repo.run(
            "sh", ["-c", "(ulimit -f 0; exec git-wf \"$@\") 2>&1 | cat", "sh"] + command)
        #expect(
            output.text.hasPrefix("git wf: ")
                && output.text.split(separator: "\n").filter { !$0.hasPrefix("hint: ") }.count == 1, "\(output.text)")
        #expect(try repo.picture() == before)
        #expect(try repo.gitStatus("fsck", "--strict", "--no-dangling") == 0)
        try repo.done("checkpoint", "later")
    }

    @Test("no more files may be open", arguments: [4, 5, 6, 7, 8, 9, 10, 12, 14, 17])
    func tooManyFiles(limit: Int) throws {
        let repo = try prepared()
        for command in Self.writing {
            let before = try repo.picture()
            let output = try repo.run("sh", ["-c", "ulimit -n \(limit); exec git-wf \"$@\"", "sh"] + command)
            try Self.expectRefusal(output, of: command, in: repo, since: before, "\(limit) files: \(command)")
        }
        try repo.done("checkpoint", "later")
        #expect(try repo.gitStatus("fsck", "--strict", "--no-dangling") == 0)
    }

    /// `GIT_WF_TEST_COUNT` says how many, `GIT_WF_TEST_SEED` which.
    @Test("a call fails with EIO", .enabled(if: RestoreSafetyTests.canTrace), arguments: testSeeds(count: 12))
    func inputError(seed: UInt64) throws {
        let repo = try prepared()
        var random = SeededGenerator(seed: seed)
        for command in Self.writing {
            let call = random.pick(["read", "pread64", "openat", "getdents64", "newfstatat", "write", "fsync"])
            let number = 1 + random.below(["newfstatat", "openat"].contains(call) ? 120 : call == "read" ? 60 : 12)
            let before = try repo.picture()
            let output = try repo.run(
                "strace",
                ["-qq", "-o", "/dev/null", "-e", "inject=\(call):error=EIO:when=\(number)", "git-wf"] + command)
            // The loader reads its libraries, and Swift's runtime the arguments in /proc, before any code of ours runs.
            if output.status == 127 || output.errorText.hasPrefix("OVERVIEW") { continue }
            // The words may be what could not be written.
            if call == "write", output.status == 128 || output.status == 1, output.errorText.isEmpty { continue }
            try Self.expectRefusal(
                output, of: command, in: repo, since: before, "seed \(seed): EIO of \(call) \(number): \(command)")
        }
        try repo.done("checkpoint", "later")
        #expect(try repo.gitStatus("fsck", "--strict", "--no-dangling") == 0)
    }

    @Test("a file's lock cannot be taken", .enabled(if: RestoreSafetyTests.canTrace), arguments: 1...8)
    func noLock(number: Int) throws {
        let repo = try prepared()
        for command in Self.writing {
            let before = try repo.picture()
            let output = try repo.run(
                "strace", ["-qq", "-o", "/dev/null", "-e", "inject=flock:error=EIO:when=\(number)", "git-wf"] + command)
            try Self.expectRefusal(output, of: command, in: repo, since: before, "EIO of flock \(number): \(command)")
        }
        try repo.done("checkpoint", "later")
    }

    /// Done, or one sentence and everything as before: but for the checkpoint that goes before a restore.
    private static func expectRefusal(
        _ output: Output, of command: [String], in repo: TestRepository, since before: Picture,
        _ note: Comment
    ) throws {
        if output.status == 0 { return }
        #expect(output.status == 128 || output.status == 1, "\(note): \(output.status) \(output.errorText)")
        #expect(output.errorText.hasPrefix("git wf: "), "\(note): \(output.errorText)")
        let after = try repo.picture()
        #expect(after.gitFiles == before.gitFiles, note)
        // What could not be recorded any more is recorded by the next command.
        if output.errorText.contains("the files are in their places") {
            try repo.done("checkpoint", "finishes it")
        } else {
            #expect(after.files == before.files, note)
        }
        // A ref that was moved and whose directory could not be flushed may be lost by a power cut, so it is not reported.
        if command[0] != "restore", !output.errorText.contains("fsync directory") {
            #expect(after.refs == before.refs, note)
        }
    }

    @Test("the folder of locks and caches cannot be made", arguments: writing)
    func noStateFolder(command: [String]) throws {
        let repo = try prepared()
        try repo.remove(".git/wf")
        try repo.write(".git/wf", "a file in its way")
        try repo.refuses(command, status: 128, says: [".git/wf"])
        for reading in [["status"], ["log"], ["show"], ["next"], ["todo"]] {
            try repo.done(reading)
        }
    }

    @Test("the lane's ref cannot be written")
    func noRef() throws {
        let repo = try prepared()
        try repo.git("pack-refs", "--all")
        try repo.write(".git/refs/wf/demo/leader/in-the-way", "")
        try repo.refuses(["checkpoint", "x"], status: 128, says: ["refs/wf/demo/leader"])
    }

    @Test("a full disk", .enabled(if: FailingDiskTests.canMount))
    func full() throws {
        let repo = try TestRepository()
        let disk = repo.beside("disk")
        try Files.makeFolders(disk.path)
        let mounted = try repo.run("mount", ["-t", "tmpfs", "-o", "size=1m", "git-wf-test", disk.path.string])
        try #require(mounted.status == 0)
        defer { umount2(disk.path.string, Int32(MNT_DETACH)) }
        try disk.git("init", "-q", "-b", "main")
        try disk.commit("a.txt", "one\n")
        try disk.done("init", "--template", "minimal", "--name", "demo", "--no-hooks")
        try disk.write("a.txt", "two\n")
        let status = try disk.json("status")
        _ = try disk.run("sh", ["-c", "head -c 100m /dev/zero >.git/filler 2>/dev/null"])
        for command in [["checkpoint", "x"], ["decide", "x"], ["phase", "complete"], ["restore", "a.txt"]] {
            try disk.refuses(command, status: 128, says: [])
        }
        try disk.remove(".git/filler")
        #expect(try disk.json("status").without("due", "dueReason") == status.without("due", "dueReason"))
        try disk.done("checkpoint", "later")
        #expect(try disk.gitStatus("fsck", "--strict", "--no-dangling") == 0)
    }

    @Test("a disk that may only be read", .enabled(if: FailingDiskTests.canMount))
    func readOnly() throws {
        let repo = try TestRepository()
        let disk = repo.beside("disk")
        try Files.makeFolders(disk.path)
        let mounted = try repo.run("mount", ["-t", "tmpfs", "-o", "size=4m", "git-wf-test", disk.path.string])
        try #require(mounted.status == 0)
        defer { umount2(disk.path.string, Int32(MNT_DETACH)) }
        try disk.git("init", "-q", "-b", "main")
        try disk.commit("a.txt", "one\n")
        try disk.done("init", "--template", "minimal", "--name", "demo", "--no-hooks")
        try disk.write("a.txt", "two\n")
        try disk.done("checkpoint", "two")
        try disk.write("a.txt", "three\n")
        try #require(try repo.run("mount", ["-o", "remount,ro", disk.path.string]).status == 0)
        for command in Self.writing { try disk.refuses(command, status: 128, says: ["Read-only file system"]) }
        for reading in [["status"], ["log"], ["show"], ["next"], ["todo"], ["workflows"]] { try disk.done(reading) }
    }

    /// Whether this process may mount: root in a machine that lets it.
    static var canMount: Bool {
        guard geteuid() == 0, let repo = try? TestRepository() else { return false }
        guard (try? repo.run("mount", ["-t", "tmpfs", "none", repo.path.string]))?.status == 0 else { return false }
        umount2(repo.path.string, Int32(MNT_DETACH))
        return true
    }
}
