package import GitValues

/// What the leader's lane says about an agent.
package struct AgentRecord: Hashable, Sendable {
    /// How far it came, as the leader recorded it.
    package enum Stage: String, Stored, Hashable, Sendable {
        case started, failed, merged, conflicted, dropped
    }

    package let name: String
    package fileprivate(set) var stage: Stage
    /// The path of its spec, where it has one.
    package fileprivate(set) var spec: String?
    /// The attachment commit that holds the spec as it was then, as `spec.md`.
    package fileprivate(set) var specCommit: ObjectID?
    /// The item of TODO.md that it works on.
    package fileprivate(set) var item: String?
    package fileprivate(set) var attempt: Int
    package fileprivate(set) var started: Timestamp
    package fileprivate(set) var finished: Timestamp?
    /// The commit that its worktree began at.
    package fileprivate(set) var base: ObjectID?
    /// The merge commit.
    package fileprivate(set) var commit: ObjectID?
    package fileprivate(set) var reason: String?

    /// Whether there is still something to come from it.
    package var isOpen: Bool { stage != .merged && stage != .dropped }

    /// - Parameter commit: the merge commit; `nil` where the merge was taken back.
    mutating func setMerged(as commit: ObjectID?, at time: Timestamp) {
        stage = commit == nil ? .started : .merged
        self.commit = commit
        finished = commit == nil ? nil : time
    }

    /// What a checkpoint about an agent makes of its record.
    static func applying(
        _ checkpoint: Checkpoint, to old: AgentRecord?, name: String
    ) throws(IllegalTransition) -> AgentRecord {
        if checkpoint.kind == .agentStarted {
            let attempt = checkpoint[TrailerKey.attempt].flatMap { Int($0) } ?? 1
            if let old, attempt <= old.attempt {
                throw IllegalTransition(
                    "cannot start the agent \(name): there is one of that name", allowed: ["agent list"])
            }
            return AgentRecord(
                name: name, stage: .started, spec: checkpoint[TrailerKey.specPath],
                specCommit: checkpoint.id(of: TrailerKey.spec), item: checkpoint[TrailerKey.item],
                attempt: attempt, started: checkpoint.time, base: checkpoint.id(of: TrailerKey.base))
        }
        guard var agent = old else {
            throw IllegalTransition(
                "cannot record \(checkpoint.kind.rawValue) of \(name.quoted): no agent of that name was started",
                allowed: ["agent start NAME"])
        }
        guard agent.isOpen else {
            throw IllegalTransition(
                "cannot record \(checkpoint.kind.rawValue) of \(name): it is \(agent.stage.rawValue)",
                allowed: ["agent list"])
        }
        switch checkpoint.kind {
        case .agentMerged:
            agent.stage = .merged
            agent.commit = checkpoint.id(of: TrailerKey.commit)
        case .agentConflicted: agent.stage = .conflicted
        case .agentDropped: agent.stage = .dropped
        case .agentFailed: agent.stage = .failed
        // A report is the agent's own; in the leader's lane it says nothing new.
        default: return agent
        }
        agent.reason = checkpoint[TrailerKey.reason]
        agent.finished = checkpoint.time
        return agent
    }
}

/// What an agent's own lane says: a fold, like the workflow's.
package struct AgentState: Hashable, Sendable {
    /// The result that an agent reported.
    package struct Result: Hashable, Sendable {
        package let id: ObjectID
        package let status: String
        package let summary: String
        package let lines: String?
        package let decisions: [String]
        package let tests: [String]
        package let issues: [String]
        package let time: Timestamp
    }

    package let name: String
    package let workflow: String
    package let started: Timestamp
    package private(set) var attempt: Int
    package private(set) var result: Result?
    package private(set) var decisions = DecisionLog()
    package private(set) var next: [String] = []
    package private(set) var items: [WorkflowState.ItemRecord] = []
    package private(set) var startedItem: String?
    package private(set) var lastCheckpoint: WorkflowState.Reference
    package private(set) var lastAskedFor: WorkflowState.Reference?
    package private(set) var count = 1
    /// Its branch, in full.
    package let branch: String?
    package private(set) var documents: ObjectID?

    /// The state after the lane's first checkpoint.
    package init(beginning checkpoint: Checkpoint) throws(IllegalTransition) {
        guard checkpoint.kind == .agentStarted, let name = checkpoint[TrailerKey.agent],
            let workflow = checkpoint.workflow
        else {
            throw IllegalTransition("an agent's lane begins with a checkpoint of kind agent-started", allowed: [])
        }
        self.name = name
        self.workflow = workflow
        started = checkpoint.time
        attempt = checkpoint[TrailerKey.attempt].flatMap { Int($0) } ?? 1
        branch = checkpoint[TrailerKey.branch]
        lastCheckpoint = WorkflowState.Reference(checkpoint)
        if checkpoint.speaks(for: branch) { documents = checkpoint.tree }
    }

    /// Takes one more checkpoint. An agent's lane has no phases, so nothing in it is illegal; kinds that are
    /// the leader's change nothing.
    package mutating func apply(_ checkpoint: Checkpoint) {
        count += 1
        lastCheckpoint = WorkflowState.Reference(checkpoint)
        decisions.record(checkpoint)
        let actions = checkpoint.values(of: TrailerKey.next)
        if !actions.isEmpty { next = actions }
        if checkpoint.speaks(for: branch) { documents = checkpoint.tree }
        switch checkpoint.kind {
        case .checkpoint: lastAskedFor = lastCheckpoint
        case .agentStarted:
            attempt = checkpoint[TrailerKey.attempt].flatMap { Int($0) } ?? attempt + 1
            result = nil
        case .agentReported:
            result = Result(
                id: checkpoint.id, status: checkpoint[TrailerKey.result] ?? "complete",
                summary: checkpoint[TrailerKey.summary] ?? checkpoint.title, lines: checkpoint[TrailerKey.lines],
                decisions: checkpoint.values(of: TrailerKey.decision), tests: checkpoint.values(of: TrailerKey.test),
                issues: checkpoint.values(of: TrailerKey.issue), time: checkpoint.time)
        case .itemStarted: startedItem = checkpoint[TrailerKey.item]
        case .itemAdded, .itemDone, .itemReopened:
            if let text = checkpoint[TrailerKey.item] { items.record(checkpoint, of: text) }
        case .itemReworded:
            guard let old = checkpoint[TrailerKey.was], let text = checkpoint[TrailerKey.item] else { break }
            if startedItem == old { startedItem = text }
            items.reword(old, to: text)
        default: break
        }
    }
}

extension AgentRecord: Stored {
    package init(from store: inout StoredBytes) throws(StoredBytes.Damaged) {
        self.init(
            name: try store.read(), stage: try store.read(), spec: try store.read(), specCommit: try store.read(),
            item: try store.read(), attempt: try store.read(), started: try store.read(), finished: try store.read(),
            base: try store.read(), commit: try store.read(), reason: try store.read())
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
    }
}

extension AgentState: Stored {
    package init(from store: inout StoredBytes) throws(StoredBytes.Damaged) {
        name = try store.read()
        workflow = try store.read()
        started = try store.read()
        attempt = try store.read()
        result = try store.read()
        decisions = try store.read()
        next = try store.read()
        items = try store.read()
        startedItem = try store.read()
        lastCheckpoint = try store.read()
        lastAskedFor = try store.read()
        count = try store.read()
        branch = try store.read()
        documents = try store.read()
    }

    package func write(to store: inout StoredBytes) {
        store.add(name)
        store.add(workflow)
        store.add(started)
        store.add(attempt)
        store.add(result)
        store.add(decisions)
        store.add(next)
        store.add(items)
        store.add(startedItem)
        store.add(lastCheckpoint)
        store.add(lastAskedFor)
        store.add(count)
        store.add(branch)
        store.add(documents)
    }
}

extension AgentState.Result: Stored {
    package init(from store: inout StoredBytes) throws(StoredBytes.Damaged) {
        self.init(
            id: try store.read(), status: try store.read(), summary: try store.read(), lines: try store.read(),
            decisions: try store.read(), tests: try store.read(), issues: try store.read(), time: try store.read())
    }

    package func write(to store: inout StoredBytes) {
        store.add(id)
        store.add(status)
        store.add(summary)
        store.add(lines)
        store.add(decisions)
        store.add(tests)
        store.add(issues)
        store.add(time)
    }
}
