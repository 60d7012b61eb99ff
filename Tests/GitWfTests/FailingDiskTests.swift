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
        #expect(output.text.hasPrefix("git wf: ") && output.text.split(separator: "\n").count == 1, "\(output.text)")
        #expect(try repo.picture() == before)
        #expect(try repo.gitStatus("fsck", "--strict", "--no-dangling") == 0)
        try repo.done("checkpoint", "later")
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
