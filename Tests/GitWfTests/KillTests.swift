import Foundation
import TestSupport
import Testing

/// Commands that are killed at random moments. `GIT_WF_TEST_COUNT` says how many, `GIT_WF_TEST_SEED` where to begin.
struct KillTests {
    private static func number(_ name: String) -> UInt64? {
        ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) }
    }

    @Test("after kill -9 of any command the next ones work, and every checkpoint that was reported is there")
    func kills() throws {
        let count = Self.number("GIT_WF_TEST_COUNT") ?? 15
        let seed = Self.number("GIT_WF_TEST_SEED") ?? UInt64.random(in: 0..<1_000_000)
        let repo = try TestRepository.begun()
        for number in 0..<100 { try repo.write("f\(number)", "\(number)\n") }
        try repo.done("checkpoint", "first")
        var reported: [String] = []
        var random = seed
        /// A number below `limit` (a linear congruential generator, as in MMIX).
        func next(_ limit: UInt64) -> UInt64 {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (random >> 33) % limit
        }
        for round in 0..<count {
            let comment: Comment = "round \(round) of seed \(seed)"
            try repo.write("f\(next(100))", "round \(round)\n")
            try repo.write("new\(round)", "new\n")
            let before = try repo.json("checkpoint", "before \(round)")
            reported.append(try #require(before["id"]?.text, comment))
            try repo.write("f1", "changed \(round)\n")
            let commands = [
                "git-wf checkpoint again", "git-wf restore --from last~1 f1 f2", "git-wf undo",
                "git-wf checkpoint --trigger time",
            ]
            let command = commands[Int(next(UInt64(commands.count)))]
            let pause = String(format: "%.3f", Double(next(60)) / 1000)
            _ = try repo.run(
                "sh", ["-c", "\(command) >/dev/null 2>&1 & child=$!; sleep \(pause); kill -9 $child; wait $child"])
            #expect(try repo.wf("status").status == 0, comment)
            #expect(try repo.wf("checkpoint", "after \(round)").status == 0, comment)
        }
        let lane = Set(try repo.git("rev-list", "--first-parent", repo.lane).lines)
        #expect(reported.allSatisfy { lane.contains($0) }, "seed \(seed)")
        #expect(try repo.json("fsck")["problems"]?.list == [], "seed \(seed)")
        let faults = try repo.run("git", ["fsck", "--strict"]).lines.filter { !$0.hasPrefix("dangling") }
        #expect(faults == [], "seed \(seed)")
        #expect(!Files.names(in: repo.path).contains { $0.hasSuffix(".tmp") }, "seed \(seed)")
    }
}
