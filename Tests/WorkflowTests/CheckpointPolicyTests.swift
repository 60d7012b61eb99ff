import Git
import GitValues
import Testing
import Workflow

@Suite("The policy of checkpoints")
struct CheckpointPolicyTests {
    @Test(
        "follows the table of durations",
        arguments: [
            ("30m", nil), ("31m", "30m"), ("1h", "30m"), ("2h", "30m"), ("2h1s", "20m"), ("6h", "20m"), ("7h", nil),
            ("2d", nil),
        ] as [(String, String?)])
    func table(duration: String, interval: String?) throws {
        let policy = try policy(duration: duration)
        #expect(policy.interval?.description == interval)
        let isLong = try #require(WorkflowDuration(parsing: duration)) > .hours(6)
        #expect(policy.moments.contains(.item) == isLong)
        #expect(policy.moments.contains(.commit) == isLong)
        for moment in [Trigger.phase, .delegate, .risky, .pause] { #expect(policy.moments.contains(moment)) }
    }

    @Test(
        "never gets less strict while the workflow goes on",
        arguments: [
            (nil, "10m", nil), (nil, "1h", "30m"), (nil, "3h", "20m"), (nil, "9h", "20m"), ("30m", "3h", "20m"),
            ("6h", "1h", "20m"),
            ("6h", "9h", "20m"), ("2d", "1h", nil),
        ] as [(String?, String, String?)])
    func overrun(duration: String?, elapsed: String, interval: String?) throws {
        let policy = try policy(duration: duration, elapsed: elapsed)
        #expect(policy.interval?.description == interval)
    }

    @Test("says when a checkpoint is due, and why")
    func due() throws {
        let policy = try policy(duration: "6h")
        let start = moment(0)
        #expect(policy.due(now: moment(19), lastCheckpoint: nil, started: start, workInHand: true) == nil)
        #expect(
            policy.due(now: moment(20), lastCheckpoint: nil, started: start, workInHand: true)?.reason
                == "The workflow began 20m ago; one is due every 20m.")
        #expect(
            policy.due(now: moment(95), lastCheckpoint: moment(30), started: start, workInHand: true)?.reason
                == "The last checkpoint was taken 1h 05m ago; one is due every 20m.")
        #expect(policy.due(now: moment(95), lastCheckpoint: moment(80), started: start, workInHand: true) == nil)
        #expect(policy.due(now: moment(95), lastCheckpoint: moment(30), started: start, workInHand: false) == nil)
        #expect(policy.due(now: moment(-9), lastCheckpoint: moment(30), started: start, workInHand: true) == nil)
        let extremes = (Timestamp(seconds: .max, offset: 0), Timestamp(seconds: .min, offset: 0))
        #expect(policy.due(now: extremes.0, lastCheckpoint: extremes.1, started: start, workInHand: true) != nil)
        #expect(policy.due(now: extremes.1, lastCheckpoint: extremes.0, started: start, workInHand: true) == nil)
    }

    @Test("asks at each item and commit of long work, and before what is risky in any")
    func moments() throws {
        let (start, now) = (moment(0), moment(1))
        let long = try policy(duration: "2d")
        let short = try policy(duration: "20m")
        func due(_ policy: CheckpointPolicy, items: Int = 0, commits: Int = 0, at trigger: Trigger? = nil) -> String? {
            policy.due(
                now: now, lastCheckpoint: nil, started: start, workInHand: true, itemsDone: items, commits: commits,
                at: trigger)?.reason
        }
        #expect(due(long, items: 1) == "1 item done since the last checkpoint.")
        #expect(due(long, commits: 3) == "3 commits made since the last checkpoint.")
        #expect(due(short, items: 1, commits: 1) == nil)
        #expect(due(short, at: .risky) == "Before a risky operation: there is work that no checkpoint holds.")
        #expect(due(short, at: .sessionEnd) == "The session ends, and there is work that no checkpoint holds.")
        #expect(due(short, at: .checkout) == nil)
    }

    @Test("is what [checkpoint] says where it says anything")
    func overrides() throws {
        let policy = try policy(duration: "2d", "checkpoint.every=45m", "checkpoint.on=item, merge")
        #expect(policy.interval == .minutes(45))
        #expect(policy.moments == [.item, .merge])
        let taken = Trigger.known.filter(policy.takes)
        #expect(taken == [.item, .merge, .time, .restore, .undo])
        let rest = try self.policy(duration: "2d")
        #expect(Trigger.known.allSatisfy(rest.takes))
    }

    private func policy(duration: String?, elapsed: String = "0s", _ lines: String...) throws -> CheckpointPolicy {
        var entries = lines.map { line in
            let parts = line.split(separator: "=")
            return ConfigEntry(name: String(parts[0]), value: String(parts[1]))
        }
        if let duration { entries.append(ConfigEntry(name: "workflow.duration", value: duration)) }
        return CheckpointPolicy(
            definition: try Definition(entries: entries, file: "f"),
            elapsed: try #require(WorkflowDuration(parsing: elapsed)))
    }

    private func moment(_ minutes: Int64) -> Timestamp { Timestamp(seconds: 1_000_000 + minutes * 60, offset: 0) }
}
