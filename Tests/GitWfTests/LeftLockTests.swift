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
