import TestSupport
import Testing

/// Restores and undos that are killed at each call that changes something (`strace` sends the signal at the call).
@Suite("An operation that was cut short is finished by the next command that writes")
struct InterruptedOperationTests {
    static let calls = ["renameat2", "rename", "fsync", "unlinkat", "unlink", "mkdirat", "symlinkat", "openat2"]

    /// A worktree with edits of each kind since a checkpoint.
    private struct Case {
        let repo: TestRepository
        let saved: String
        let good: [String: [UInt8]]
        let bad: [String: [UInt8]]

        init() throws {
            repo = try TestRepository.begun("minimal")
            for name in ["a", "dir/b", "was/c", "z"] { try repo.write(name, "good \(name)\n") }
            try repo.link("link", to: "a")
            saved = try repo.json("checkpoint", "good")["id"]?.text ?? ""
            good = try repo.contents(of: "")
            for name in ["dir", "was", "link"] { try repo.remove(name) }
            for name in ["a", "was", "z", "gone"] { try repo.write(name, "bad\n") }
            bad = try repo.contents(of: "")
        }

        /// Runs a command that gets `signal` at the call of that number.
        /// - Returns: whether it came so far.
        func kill(_ arguments: [String], at call: String, _ number: Int, signal: String = "KILL") throws -> Bool {
            let inject = "inject=\(call):signal=\(signal):when=\(number)"
            let output = try repo.run("strace", ["-f", "-qq", "-o", "/dev/null", "-e", inject, "git-wf"] + arguments)
            return output.status != 0
        }

        func expectNothingLeft(_ comment: Comment) throws {
            #expect(Files.names(in: repo.file(".git/wf/intents")) == [], comment)
            #expect(Files.names(in: repo.file(".git/wf")).allSatisfy { !$0.hasPrefix("writing.") }, comment)
            #expect(try !repo.contents(of: "").keys.contains { $0.contains(".git-wf.") }, comment)
            #expect(try repo.json("status")["operation"] == nil, comment)
            let faults = try repo.run("git", ["fsck", "--strict"]).lines.filter { !$0.hasPrefix("dangling") }
            #expect(faults == [], comment)
        }
    }

    @Test("killed at any call", .enabled(if: RestoreSafetyTests.canTrace), arguments: calls)
    func killed(call: String) throws {
        let first = try Case()
        for number in 1...60 {
            let comment: Comment = "\(call) \(number)"
            let test = first
            let restore = ["restore", "--from", test.saved, "--all", "--exact"]
            guard try test.kill(restore, at: call, number) else {
                #expect(try test.repo.contents(of: "") == test.good, comment)
                #expect(number > 1, "\(call) is never called")
                return
            }
            let isRecorded = try test.repo.json("log", "-n", "1")["checkpoints"]?[0]?["kind"]?.text == "restored"
            let isBegun = !Files.names(in: test.repo.file(".git/wf/intents")).filter { !$0.hasSuffix(".tmp") }.isEmpty
            let between = try test.repo.contents(of: "")
            if isBegun {
                #expect(try test.repo.json("status")["operation"]?.text == "restore", comment)
                #expect(try test.repo.contents(of: "") == between, "status changed something: \(comment)")
            }
            let next = try test.repo.done("checkpoint", "after it")
            let now = try test.repo.contents(of: "")
            #expect(now == test.good || !isBegun && now == test.bad, comment)
            #expect(
                (isBegun && !isRecorded) == next.errorText.contains("finished a restore"),
                "\(comment): \(next.errorText)")
            try test.expectNothingLeft(comment)
            // Back to the edits, by an undo that is killed likewise.
            if now == test.bad { continue }
            _ = try test.kill(["undo"], at: call, number)
            let goingOn = try test.repo.done("decide", "go on")
            let undone = try test.repo.contents(of: "")
            #expect(
                undone == test.bad || undone == test.good,
                "undo, \(comment): \(goingOn.errorText) \(undone.keys.sorted())")
            try test.expectNothingLeft(comment)
            if undone == test.good { try test.repo.done("undo") }
            #expect(try test.repo.contents(of: "") == test.bad, comment)
        }
        Issue.record("\(call) is called more often than this test looks")
    }

    @Test("Ctrl-C waits for its end", .enabled(if: RestoreSafetyTests.canTrace), arguments: ["INT", "TERM", "HUP"])
    func interrupted(signal: String) throws {
        let test = try Case()
        #expect(
            try test.kill(
                ["restore", "--from", test.saved, "--all", "--exact"], at: "renameat2", 2, signal: signal))
        #expect(try test.repo.contents(of: "") == test.good)
        try test.expectNothingLeft("\(signal)")
        #expect(try test.repo.json("log", "-n", "1")["checkpoints"]?[0]?["kind"]?.text == "restored")
    }

    @Test(
        "where a file changed since, nothing is written and the checkpoint before is named",
        .enabled(if: RestoreSafetyTests.canTrace))
    func changed() throws {
        let test = try Case()
        #expect(try test.kill(["restore", "--from", test.saved, "--all", "--exact"], at: "renameat2", 4))
        try test.repo.write("z", "something else\n")
        let before = try test.repo.contents(of: "")
        let output = try test.repo.done("checkpoint", "after it")
        #expect(output.errorText.contains("cut short") && output.errorText.contains("z changed since"))
        #expect(
            try test.repo.contents(of: "").filter { !$0.key.contains(".git-wf.") }
                == before.filter { !$0.key.contains(".git-wf.") })
        let named = try #require(output.errorText.firstMatch(of: #/--from ([0-9a-f]+) /#)?.1)
        try test.repo.done("restore", "--from", String(named), "--all", "--exact")
        #expect(try test.repo.contents(of: "") == test.bad)
        try test.expectNothingLeft("")
    }
}
