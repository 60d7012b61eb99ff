import GitValues
import Testing
import Workflow

@Suite("How far an agent's work is")
struct AgentProgressTests {
    /// What happens, in the leader's lane or the agent's own.
    enum Step: CustomStringConvertible {
        case leader(CheckpointKind, [(String, String)] = [])
        case own(CheckpointKind, [(String, String)] = [])

        var description: String {
            switch self {
            case .leader(let kind, let trailers): "leader \(kind) \(trailers.map(\.1))"
            case .own(let kind, let trailers): "agent \(kind) \(trailers.map(\.1))"
            }
        }
    }

    private static let report = Step.own(.agentReported, [(TrailerKey.result, "complete")])
    private static let asks = Step.own(.agentAsked, [(TrailerKey.question, "Which port?")])
    private static let sentBack = Step.leader(
        .agentReopened, [(TrailerKey.attempt, "2"), (TrailerKey.reason, "more tests")])
    private static let second = [(TrailerKey.attempt, "2")]

    /// The id of the checkpoint of a step.
    private static func id(_ number: Int) -> ObjectID {
        let digits = String(number)
        return ObjectID(hex: String(repeating: "0", count: 40 - digits.count) + digits) ?? .zero
    }

    private static func progress(_ steps: [Step]) throws -> (AgentProgress, AgentRecord?, AgentState) {
        func checkpoint(_ kind: CheckpointKind, _ number: Int, _ trailers: [(String, String)]) -> Checkpoint {
            let all =
                [
                    (TrailerKey.kind, kind.rawValue), (TrailerKey.workflow, "demo"), (TrailerKey.agent, "ann"),
                    // All at one moment: time orders nothing.
                ] + trailers
            return Checkpoint(
                id: id(number), tree: id(number), parents: [], time: Timestamp(seconds: 1_700_000_000, offset: 0),
                message: CheckpointMessage(title: "\(kind)", trailers: all.map { Trailer(key: $0.0, value: $0.1) }))
        }
        var state = try WorkflowState(beginning: checkpoint(.workflowStarted, 1, []), definition: Definition())
        try state.apply(checkpoint(.agentStarted, 2, []))
        var lane = try AgentState(beginning: checkpoint(.agentStarted, 3, []))
        for (index, step) in steps.enumerated() {
            switch step {
            case .leader(let kind, let trailers): try state.apply(checkpoint(kind, index + 4, trailers))
            case .own(let kind, let trailers): lane.apply(checkpoint(kind, index + 4, trailers))
            }
        }
        return (AgentProgress(record: state.agent("ann"), lane: lane), state.agent("ann"), lane)
    }

    @Test(
        "it is what the leader judged last, else what the agent says for the attempt that is wanted",
        arguments: [
            ([], .open), ([report], .reported), ([asks], .asking), ([asks, report], .reported),
            ([asks, .leader(.agentAnswered, [(TrailerKey.asked, id(4).hex), (TrailerKey.answer, "80")])], .open),
            ([asks, .leader(.agentAnswered, [(TrailerKey.asked, id(9).hex), (TrailerKey.answer, "80")])], .asking),
            ([.leader(.agentFailed)], .open), ([.leader(.agentStopped)], .open),
            ([report, .leader(.agentFailed)], .reported), ([report, .leader(.agentConflicted)], .reported),
            ([report, .leader(.agentRefused, [(TrailerKey.reason, "no tests")])], .refused),
            ([report, .leader(.agentMerged)], .merged), ([.leader(.agentDropped), report], .dropped),
            ([report, sentBack], .sentBack), ([asks, sentBack], .sentBack), ([sentBack], .sentBack),
            // A late report of the first attempt is not what was asked for.
            ([sentBack, report], .sentBack),
            ([report, sentBack, .own(.agentReported, second)], .reported),
            ([report, sentBack, .own(.agentAsked, second)], .asking),
            ([report, sentBack, .own(.agentReopened, second)], .open),
            ([report, sentBack, .own(.agentReopened, second), report], .reported),
            ([.leader(.agentDropped), .leader(.agentReopened)], .open),
            ([report, .leader(.agentRefused, [(TrailerKey.reason, "x")]), .leader(.agentReopened)], .reported),
        ] as [([Step], AgentProgress)])
    func table(_ steps: [Step], expected: AgentProgress) throws {
        #expect(try Self.progress(steps).0 == expected)
    }

    @Test("it is open while something is to come, as the record says too, and a result of an earlier attempt is none")
    func open() throws {
        #expect(AgentProgress.allCases.filter(\.isOpen) == [.open, .asking, .reported, .sentBack])
        let (_, record, lane) = try Self.progress([Self.report, Self.sentBack])
        #expect(lane.result != nil && lane.result(for: record) == nil && lane.result(for: nil) != nil)
        #expect(
            AgentProgress(record: nil, lane: lane) == .reported && AgentProgress(record: record, lane: nil) == .sentBack
        )
        #expect(AgentProgress(record: nil, lane: nil) == .open)
    }
}
