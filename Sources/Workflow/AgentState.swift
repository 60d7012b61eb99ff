package import GitValues

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
    /// What it waits for, as far as its own lane says: the leader answers in a lane of its own.
    package private(set) var question: AgentQuestion?
    package private(set) var decisions = DecisionLog()
    package private(set) var next: [String] = []
    package private(set) var items: ItemLog
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
        items = ItemLog(workflow: checkpoint[TrailerKey.id] ?? workflow)
        items.record(checkpoint)
    }

    /// Takes one more checkpoint. An agent's lane has no phases, so nothing in it is illegal; kinds that are
    /// the leader's change nothing.
    package mutating func apply(_ checkpoint: Checkpoint) {
        count += 1
        lastCheckpoint = WorkflowState.Reference(checkpoint)
        decisions.record(checkpoint)
        if checkpoint.speaks(for: branch) { documents = checkpoint.tree }
        let named = checkpoint[TrailerKey.attempt].flatMap { Int($0) }
        // Whoever was sent back may say so first with what it has to say next.
        if let named, named > attempt { begin(attempt: named) }
        switch checkpoint.kind {
        case .checkpoint: lastAskedFor = lastCheckpoint
        case .agentStarted, .agentReopened: begin(attempt: named ?? attempt + 1)
        case .agentAsked: question = AgentQuestion(checkpoint)
        case .agentAnswered: question = nil
        case .agentReported:
            question = nil
            result = Result(
                id: checkpoint.id, status: checkpoint[TrailerKey.result] ?? "complete",
                summary: checkpoint[TrailerKey.summary] ?? checkpoint.title, lines: checkpoint[TrailerKey.lines],
                decisions: checkpoint.values(of: TrailerKey.decision), tests: checkpoint.values(of: TrailerKey.test),
                issues: checkpoint.values(of: TrailerKey.issue), time: checkpoint.time)
        case .itemDone:
            items.record(checkpoint)
            if let item = items.item(in: checkpoint) { next = next.without(item: item.text) }
        case .itemAdded, .itemStarted, .itemReopened, .itemReworded, .itemMoved, .itemCommitted:
            items.record(checkpoint)
        default: break
        }
        let actions = checkpoint.values(of: TrailerKey.next)
        if !actions.isEmpty { next = actions }
    }
}

extension AgentState {
    private mutating func begin(attempt: Int) {
        self.attempt = attempt
        result = nil
        question = nil
    }
}

extension AgentState: Stored {
    package init(from store: inout StoredBytes) throws(StoredBytes.Damaged) {
        name = try store.read()
        workflow = try store.read()
        started = try store.read()
        attempt = try store.read()
        result = try store.read()
        question = try store.read()
        decisions = try store.read()
        next = try store.read()
        items = try store.read()
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
        store.add(question)
        store.add(decisions)
        store.add(next)
        store.add(items)
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
