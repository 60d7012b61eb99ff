import SystemPackage
import TestSupport
import Testing

/// `GIT_WF_TEST_COUNT` says how many kills, `GIT_WF_TEST_SEED` which.
@Suite("kill -9 at any moment")
struct KillTests {
    private static let commands = [
        ["checkpoint", "again"], ["checkpoint", "--trigger", "time"], ["restore", "--from", "last~1", "f1", "f2"],
        ["restore", "--from", "last~2", "--all", "--exact"], ["undo"], ["redo"], ["gc"], ["merge"],
    ]

    /// A hundred kills at most in one repository, so that it stays as large as one.
    @Test(
        "the next command works, files are as before or as after, and every checkpoint that was reported is there",
        arguments: stride(from: 0, to: testNumber("GIT_WF_TEST_COUNT") ?? 16, by: 100).map {
            (testNumber("GIT_WF_TEST_SEED") ?? 1) + $0
        })
    func kills(seed: UInt64) throws {
        let count = Int(
            min(100, (testNumber("GIT_WF_TEST_COUNT") ?? 16) - (seed - (testNumber("GIT_WF_TEST_SEED") ?? 1))))
        var random = SeededGenerator(seed: seed)
        let repo = try TestRepository.begun("minimal")
        for number in 0..<60 { try repo.write("d\(number % 7)/f\(number)", "\(number)\n") }
        for number in 0..<4 { try repo.write("f\(number)", "\(number)\n") }
        try repo.git("add", "-A")
        try repo.git("commit", "-qm", "files")
        // An old segment, which gc drops.
        try repo.git("config", "wf.keepAuto", "1s")
        for number in 0..<3 { try repo.done("checkpoint", "first \(number)") }
        var reported: [String] = []
        for round in 0..<count {
            try repo.write("f\(random.below(4))", "round \(round)\n")
            try repo.write("new\(round % 5)", "new \(round)\n")
            reported.append(try #require(repo.json("checkpoint", "before \(round)")["id"]?.text))
            try repo.write("f1", "changed \(round)\n")
            var command = random.pick(Self.commands)
            if command == ["merge"] {
                let name = "a\(round)"
                let agent = repo.worktree(at: FilePath(try repo.done("agent", "start", name).lines[0]))
                try agent.commit("by/\(name)", "made\n")
                try agent.done("agent", "report", "--status", "complete", "--summary", "done")
                command.append(name)
            }
            // The same, undisturbed, in a copy, which is the same worktree for what it does.
            let copy = repo.beside("copy")
            try repo.run("cp", ["-a", ".", copy.path.string])
            try copy.run("sh", ["-c", "echo \(repo.worktreeID()) $(stat -c %i .git) >.git/wf-worktree"])
            let began = ContinuousClock.now
            try copy.wf(command)
            let duration = ContinuousClock.now - began
            let before = try repo.contents(of: "")
            let after = try copy.contents(of: "")
            Files.removeTree(copy.path)

            let limit = Int(duration / .microseconds(1)) * 5 / 4
            let pause = Double(random.below(max(1, limit))) / 1_000_000
            let words = (["git-wf"] + command).joined(separator: " ")
            try repo.run(
                "sh", ["-c", "\(words) >/dev/null 2>&1 & child=$!; sleep \(pause); kill -9 $child; wait $child"])
            let note: Comment = "seed \(seed), round \(round): \(words), killed after \(pause) s"
            #expect(try repo.wf("status").status == 0, note)
            let next = try repo.wf("checkpoint", "after \(round)")
            #expect(next.status == 0, "\(note): \(next.errorText)")
            let now = try repo.contents(of: "")
            #expect(now == before || now == after, "\(note): \(next.errorText)")
            #expect(
                try repo.git("status", "--porcelain", "--untracked-files=no").lines.allSatisfy { !$0.hasPrefix("U") },
                note)
        }
        let lane = Set(try repo.git("rev-list", "--first-parent", repo.lane).lines)
        #expect(reported.allSatisfy { lane.contains($0) }, "seed \(seed)")
        #expect(try repo.json("fsck")["problems"]?.list == [], "seed \(seed)")
        let faults = try repo.run("git", ["fsck", "--strict"]).lines.filter { !$0.hasPrefix("dangling") }
        #expect(faults == [], "seed \(seed)")
        #expect(try !repo.contents(of: "").keys.contains { $0.contains(".git-wf.") }, "seed \(seed)")
    }
}
