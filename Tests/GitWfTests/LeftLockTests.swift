import SystemPackage
import TestSupport
import Testing

struct LeftLockTests {
    private static let lock = ".git/refs/wf/demo/leader.lock"
    private static let mark = ".git/wf/locks/demo.leader"

    @Test("a ref's lock that our own killed process left is removed", arguments: ["", "12345", "whole"])
    func own(written: String) throws {
        let repo = try TestRepository.begun()
        let target = String(repeating: "12345678", count: 5)
        try repo.write(Self.mark, "4194305\nrefs/wf/demo/leader \(target)")
        try repo.write(Self.lock, written == "whole" ? "\(target)\n" : written)
        try repo.done("checkpoint", "after the kill")
        #expect(!repo.exists(Self.lock))
        #expect(try !repo.text(Self.mark).contains(target))
    }

    @Test(
        "a branch's lock that a killed merge or undo left is removed when that is finished",
        .enabled(if: RestoreSafetyTests.canTrace), arguments: ["merge", "undo"], ["write", "fsync"])
    func branch(command: String, call: String) throws {
        let repo = try TestRepository.begun()
        let agent = repo.worktree(at: FilePath(try repo.done("agent", "start", "a").lines[0]))
        try agent.commit("by-a", "made\n")
        try agent.done("agent", "report", "--status", "complete", "--summary", "done")
        let before = try repo.git("rev-parse", "HEAD").text
        if command == "undo" { try repo.done("merge", "a") }
        let lock = repo.file(".git/refs/heads/main.lock")
        // The signal comes before anything is in the lock, or when what the branch will be is.
        try repo.run(
            "strace",
            ["-f", "-qq", "-o", "/dev/null", "-P", lock.string, "-e", "inject=\(call):signal=KILL:when=1", "git-wf"]
                + (command == "undo" ? ["undo"] : ["merge", "a"]))
        #expect(try Files.read(lock).isEmpty == (call == "write"))
        let next = try repo.done("checkpoint", "after the kill")
        #expect(next.errorText.contains("that was cut short"))
        #expect(Files.mode(of: lock) == nil)
        #expect(try (repo.git("rev-parse", "HEAD").text == before) == (command == "undo"))
        #expect(repo.exists("by-a") == (command == "merge"))
    }

    @Test("a ref's lock that is somebody else's stays, and the checkpoint says so")
    func foreign() throws {
        let repo = try TestRepository.begun()
        try repo.write(Self.lock, "")
        try repo.refuses(["checkpoint", "one"], status: 128, says: ["leader.lock"])
        try repo.write(Self.mark, "4194305\nrefs/wf/demo/leader \(String(repeating: "12345678", count: 5))")
        try repo.write(Self.lock, "something else")
        try repo.refuses(["checkpoint", "two"], status: 128, says: ["leader.lock"])
        #expect(repo.exists(Self.lock))
    }
}
