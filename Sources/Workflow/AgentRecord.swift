package import GitValues

/// What the leader's lane says about an agent.
package struct AgentRecord: Hashable, Sendable {
    /// How far it came, as the leader recorded it.
    package enum Stage: String, Stored, Hashable, Sendable {
        case started, failed, merged, conflicted, dropped, refused
        /// Open again, or sent back; ``AgentRecord/reason`` says why.
        case reopened
    }

    package let name: String
    package fileprivate(set) var stage: Stage
    /// The path of its spec, where it has one.
    package fileprivate(set) var spec: String?
    /// The attachment commit that holds the spec as it was then, as `spec.md`.
    package fileprivate(set) var specCommit: ObjectID?
    /// The item of TODO.md that it works on.
    package fileprivate(set) var item: RecordedItem?
    package fileprivate(set) var attempt: Int
    package fileprivate(set) var started: Timestamp
    package fileprivate(set) var finished: Timestamp?
    /// The commit that its worktree began at.
    package fileprivate(set) var base: ObjectID?
    /// The merge commit.
    package fileprivate(set) var commit: ObjectID?
    package fileprivate(set) var reason: String?
    /// When its process was ended, where that was not followed by a start.
    package fileprivate(set) var stopped: Timestamp?
    /// Whether its worktree was put aside.
    package fileprivate(set) var isRemoved = false
    /// Paths that it may change beside those of its spec.
    package fileprivate(set) var granted: [String] = []
    /// What it asked and nobody answered, as far as the leader's lane says.
    package fileprivate(set) var question: AgentQuestion?
    /// What was answered last; it closes the question that it names, also one that stands in the agent's own lane.
    package fileprivate(set) var answer: AgentAnswer?

    /// Whether there is still something to come from it.
    package var isOpen: Bool {
        switch stage {
        case .started, .failed, .conflicted, .reopened: true
        case .merged, .dropped, .refused: false
        }
    }

    /// - Parameter commit: the merge commit; `nil` where the merge was taken back.
    mutating func setMerged(as commit: ObjectID?, at time: Timestamp) {
        stage = commit == nil ? .started : .merged
        self.commit = commit
        finished = commit == nil ? nil : time
    }

    /// Where its item was reworded.
    mutating func rewordItem(_ reworded: RecordedItem?) {
        if let reworded, reworded.id == item?.id { item = reworded }
    }

    /// What a checkpoint about an agent makes of its record.
    /// - Parameter item: the one that the checkpoint names.
    static func applying(
        _ checkpoint: Checkpoint, to old: AgentRecord?, name: String, item: RecordedItem?
    ) throws(IllegalTransition) -> AgentRecord {
        let attempt = checkpoint[TrailerKey.attempt].flatMap { Int($0) }
        if checkpoint.kind == .agentStarted {
            if let old, attempt ?? 1 <= old.attempt {
                throw IllegalTransition(
                    "cannot start the agent \(name): there is one of that name", allowed: ["agent list"])
            }
            return AgentRecord(
                name: name, stage: .started, spec: checkpoint[TrailerKey.specPath],
                specCommit: checkpoint.id(of: TrailerKey.spec), item: item,
                attempt: attempt ?? 1, started: checkpoint.time, base: checkpoint.id(of: TrailerKey.base))
        }
        guard var agent = old else {
            throw IllegalTransition(
                "cannot record \(checkpoint.kind.rawValue) of \(name.quoted): no agent of that name was started",
                allowed: ["agent start NAME"])
        }
        switch checkpoint.kind {
        case .agentReopened: try agent.reopen(checkpoint, attempt: attempt ?? agent.attempt)
        // Facts, whatever was judged of the agent.
        case .agentStopped: agent.stopped = checkpoint.time
        case .agentRemoved: agent.isRemoved = true
        case .agentAnswered:
            let question = checkpoint.id(of: TrailerKey.asked) ?? agent.question?.id
            agent.answer = AgentAnswer(
                question: question, text: checkpoint[TrailerKey.answer] ?? checkpoint.title, time: checkpoint.time)
            if agent.question?.id == question { agent.question = nil }
        default: try agent.takeFromOpen(checkpoint)
        }
        return agent
    }

    private mutating func reopen(_ checkpoint: Checkpoint, attempt: Int) throws(IllegalTransition) {
        guard attempt >= self.attempt else {
            throw IllegalTransition(
                "cannot reopen \(name) for attempt \(attempt): it is at attempt \(self.attempt)",
                allowed: ["agent list"])
        }
        self.attempt = attempt
        stage = .reopened
        if let commit = checkpoint.id(of: TrailerKey.spec) {
            (spec, specCommit) = (checkpoint[TrailerKey.specPath], commit)
        }
        reason = checkpoint[TrailerKey.reason]
        (finished, commit, stopped, question) = (nil, nil, nil, nil)
        isRemoved = false
    }

    /// What only an agent that is open can come to.
    private mutating func takeFromOpen(_ checkpoint: Checkpoint) throws(IllegalTransition) {
        guard isOpen else {
            throw IllegalTransition(
                "cannot record \(checkpoint.kind.rawValue) of \(name): it is \(stage.rawValue)",
                allowed: ["agent list"])
        }
        switch checkpoint.kind {
        case .agentMerged:
            stage = .merged
            commit = checkpoint.id(of: TrailerKey.commit)
        case .agentConflicted: stage = .conflicted
        case .agentDropped: stage = .dropped
        case .agentFailed: stage = .failed
        case .agentRefused:
            guard checkpoint[TrailerKey.reason] != nil else {
                throw IllegalTransition("cannot refuse \(name): it needs a reason", allowed: ["agent list"])
            }
            stage = .refused
        case .agentAsked:
            question = AgentQuestion(checkpoint)
            return
        case .scopeGranted:
            for path in checkpoint.values(of: TrailerKey.path) where !granted.contains(path) { granted.append(path) }
            return
        // A report is the agent's own; in the leader's lane it says nothing new.
        default: return
        }
        reason = checkpoint[TrailerKey.reason]
        finished = checkpoint.time
    }
}

extension AgentRecord: Stored {
    package init(from store: inout StoredBytes) throws(StoredBytes.Damaged) {
        self.init(
            name: try store.read(), stage: try store.read(), spec: try store.read(), specCommit: try store.read(),
            item: try store.read(), attempt: try store.read(), started: try store.read(), finished: try store.read(),
            base: try store.read(), commit: try store.read(), reason: try store.read(), stopped: try store.read(),
            isRemoved: try store.read(), granted: try store.read(), question: try store.read(),
            answer: try store.read())
    }

    package func write(to store: inout StoredBytes) {
        store.add(name)
        store.add(stage)
        store.add(spec)
        store.add(specCommit)
        store.add(item)
        store.add(attempt)
        store.add(started)
        store.add(finished)
        store.add(base)
        store.add(commit)
        store.add(reason)
        store.add(stopped)
        store.add(isRemoved)
        store.add(granted)
        store.add(question)
        store.add(answer)
    }
}
