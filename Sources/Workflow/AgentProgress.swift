/// How far an agent's work is: the `state` of every answer. It is defined here alone, by what the leader's lane and the agent's
/// own say. Time orders nothing: what the agent says counts for the attempt that its lane is at.
package enum AgentProgress: String, Hashable, Sendable, CaseIterable {
    /// Something is still to come from it.
    case open
    /// It waits for an answer.
    case asking
    /// Its result, whatever that is, waits for the leader.
    case reported
    /// The leader wants more of it, and it did not take that up yet.
    case sentBack = "sent-back"
    case refused, merged, dropped

    package var isOpen: Bool {
        switch self {
        case .open, .asking, .reported, .sentBack: true
        case .refused, .merged, .dropped: false
        }
    }

    /// - Parameters:
    ///   - record: `nil` where the leader's lane does not know the agent.
    ///   - lane: `nil` where the agent's lane is gone.
    package init(record: AgentRecord?, lane: AgentState?) {
        switch record?.stage {
        case .merged: self = .merged
        case .dropped: self = .dropped
        case .refused: self = .refused
        case .started, .failed, .conflicted, .reopened, nil:
            if lane?.result(for: record) != nil {
                self = .reported
            } else if record?.question != nil || lane?.question(for: record) != nil {
                self = .asking
            } else {
                self = record?.stage == .reopened && lane?.isCurrent(for: record) != true ? .sentBack : .open
            }
        }
    }
}

extension AgentState {
    /// Whether the lane is at the attempt that the leader wants; what it says of an earlier one is over.
    fileprivate func isCurrent(for record: AgentRecord?) -> Bool { attempt >= record?.attempt ?? 0 }

    /// The result that the leader has to look at, or took.
    package func result(for record: AgentRecord?) -> Result? { isCurrent(for: record) ? result : nil }

    /// The question that nobody answered.
    package func question(for record: AgentRecord?) -> AgentQuestion? {
        guard let question, isCurrent(for: record), record?.answer?.question != question.id else { return nil }
        return question
    }
}
