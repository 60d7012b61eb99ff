import GitValues
import Testing
import Workflow

@Suite("What the leader's lane says about an agent")
struct AgentRecordTests {
    private static let branch = "refs/heads/main"

    private func checkpoint(_ kind: CheckpointKind, _ number: Int, _ trailers: [(String, String)] = []) -> Checkpoint {
        let digits = String(number)
        let id = ObjectID(hex: String(repeating: "0", count: 40 - digits.count) + digits) ?? .zero
        let all = [(TrailerKey.kind, kind.rawValue), (TrailerKey.workflow, "demo")] + trailers
        return Checkpoint(
            id: id, tree: id, parents: [], time: Timestamp(seconds: 1_700_000_000 + Int64(number), offset: 0),
            message: CheckpointMessage(
                title: "\(kind)", trailers: all.map { Trailer(key: $0.0, value: $0.1) }))
    }

    /// A workflow in which the agent `ann` was started, and then came to what is given.
    private func state(_ steps: [(CheckpointKind, [(String, String)])]) throws -> WorkflowState {
        let begin = checkpoint(.workflowStarted, 1, [(TrailerKey.branch, Self.branch)])
        var state = try WorkflowState(beginning: begin, definition: Definition())
        let start: (CheckpointKind, [(String, String)]) = (.agentStarted, [])
        for (index, step) in ([start] + steps).enumerated() {
            let trailers = step.1 + [(TrailerKey.agent, "ann")]
            try state.apply(checkpoint(step.0, index + 2, trailers))
        }
        return state
    }

    private func agent(_ steps: [(CheckpointKind, [(String, String)])]) throws -> AgentRecord {
        try #require(try state(steps).agent("ann"))
    }

    @Test(
        "one that is over or failed is open again once it is reopened, for the attempt that is named",
        arguments: [
            CheckpointKind.agentMerged, .agentDropped, .agentFailed, .agentConflicted, .agentRefused, .agentReported,
        ])
    func reopened(after kind: CheckpointKind) throws {
        let over = (kind, [(TrailerKey.reason, "too slow"), (TrailerKey.commit, String(repeating: "1", count: 40))])
        let agent = try agent([
            over, (.agentStopped, []), (.agentRemoved, []),
            (.agentReopened, [(TrailerKey.attempt, "2"), (TrailerKey.reason, "once more")]),
        ])
        #expect(agent.isOpen && agent.stage == .reopened && agent.attempt == 2 && agent.reason == "once more")
        #expect(agent.commit == nil && agent.finished == nil && agent.stopped == nil && !agent.isRemoved)
        #expect(throws: IllegalTransition.self) {
            try self.agent([
                (.agentReopened, [(TrailerKey.attempt, "3")]), (.agentReopened, [(TrailerKey.attempt, "2")]),
            ])
        }
    }

    @Test("one that is refused is over, and the reason is kept; without a reason it is not refused")
    func refused() throws {
        let agent = try agent([(.agentRefused, [(TrailerKey.reason, "no tests")])])
        #expect(!agent.isOpen && agent.stage == .refused && agent.reason == "no tests")
        #expect(throws: IllegalTransition.self) { try self.agent([(.agentRefused, [])]) }
        #expect(throws: IllegalTransition.self) {
            try self.agent([(.agentRefused, [(TrailerKey.reason, "no tests")]), (.agentMerged, [])])
        }
    }

    @Test("a process that was ended and a worktree that was put aside judge nothing")
    func facts() throws {
        let stopped = try agent([(.agentStopped, [])])
        #expect(stopped.isOpen && stopped.stage == .started && stopped.stopped != nil)
        let removed = try agent([(.agentMerged, []), (.agentRemoved, [])])
        #expect(removed.stage == .merged && removed.isRemoved)
    }

    @Test("a question is open until it is answered, whichever lane it was asked in")
    func questions() throws {
        let asked = (
            CheckpointKind.agentAsked,
            [(TrailerKey.question, "Which port?"), (TrailerKey.option, "80"), (TrailerKey.option, "8080")]
        )
        let asking = try agent([asked])
        let question = try #require(asking.question)
        #expect(question.text == "Which port?" && question.options == ["80", "8080"])
        let answered = try agent([asked, (.agentAnswered, [(TrailerKey.answer, "80")])])
        #expect(answered.question == nil && answered.answer?.text == "80" && answered.answer?.question == question.id)
        let elsewhere = String(repeating: "7", count: 40)
        let other = try agent([
            asked, (.agentAnswered, [(TrailerKey.answer, "80"), (TrailerKey.asked, elsewhere)]),
        ])
        #expect(other.question == question && other.answer?.question?.hex == elsewhere)
        var own = try AgentState(beginning: checkpoint(.agentStarted, 1, [(TrailerKey.agent, "ann")]))
        own.apply(checkpoint(.agentAsked, 2, asked.1))
        #expect(own.question?.options == ["80", "8080"])
        own.apply(checkpoint(.agentReported, 3))
        #expect(own.question == nil)
    }

    @Test("paths that were granted add up, each once")
    func scope() throws {
        let agent = try agent([
            (.scopeGranted, [(TrailerKey.path, "a.txt"), (TrailerKey.path, "docs/"), (TrailerKey.reason, "shared")]),
            (.scopeGranted, [(TrailerKey.path, "a.txt"), (TrailerKey.path, "b.txt")]),
        ])
        #expect(agent.granted == ["a.txt", "docs/", "b.txt"] && agent.isOpen)
    }

    @Test("a fold reads the paths that were granted as an append does")
    func folding() throws {
        let granted = checkpoint(.scopeGranted, 9, [(TrailerKey.agent, "ann"), (TrailerKey.path, "a.txt")])
        let read = granted.message.encoded().withUnsafeBufferPointer {
            Checkpoint(folding: granted.id, tree: granted.tree, time: granted.time, message: $0)
        }
        #expect(read.values(of: TrailerKey.path) == ["a.txt"])
    }

    @Test("the workflow belongs to the branch that it was moved to, and effects outside of git add up")
    func workflow() throws {
        let new = "refs/heads/new"
        var state = try state([(.outside, [(TrailerKey.outside, "sent the mail")])])
        try state.apply(checkpoint(.checkpoint, 7, [(TrailerKey.outside, "deployed")]))
        #expect(state.outside.map(\.text) == ["sent the mail", "deployed"])
        let speaking = checkpoint(.checkpoint, 8, [(TrailerKey.branch, new)])
        try state.apply(speaking)
        #expect(state.branch == Self.branch && state.documents != speaking.tree)
        let moved = checkpoint(.branchRenamed, 9, [(TrailerKey.branch, Self.branch), (TrailerKey.newBranch, new)])
        try state.apply(moved)
        #expect(state.branch == new && state.documents != moved.tree)
        try state.apply(speaking)
        #expect(state.documents == speaking.tree)
        try state.apply(checkpoint(.branchRenamed, 10, [(TrailerKey.branch, "refs/heads/renamed")]))
        #expect(state.branch == "refs/heads/renamed")
        #expect(throws: IllegalTransition.self) { try state.apply(checkpoint(.branchRenamed, 11)) }
        var store = StoredBytes()
        store.add(state)
        #expect(try store.read(WorkflowState.self) == state)
    }
}
