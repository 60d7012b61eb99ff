package import GitValues

/// What an agent asked the leader, at a checkpoint of kind `agent-asked`.
package struct AgentQuestion: Hashable, Sendable {
    /// The checkpoint that asked; an answer names it in `Wf-Asked`.
    package let id: ObjectID
    package let text: String
    /// The answers that the agent offers to choose from; empty where any will do.
    package let options: [String]
    package let time: Timestamp
}

extension AgentQuestion {
    init(_ checkpoint: Checkpoint) {
        self.init(
            id: checkpoint.id, text: checkpoint[TrailerKey.question] ?? checkpoint.title,
            options: checkpoint.values(of: TrailerKey.option), time: checkpoint.time)
    }
}

/// What the leader answered, at a checkpoint of kind `agent-answered`.
package struct AgentAnswer: Hashable, Sendable {
    /// The checkpoint that asked; `nil` where the answer names none and no question was open.
    package let question: ObjectID?
    package let text: String
    package let time: Timestamp
}

extension AgentQuestion: Stored {
    package init(from store: inout StoredBytes) throws(StoredBytes.Damaged) {
        self.init(id: try store.read(), text: try store.read(), options: try store.read(), time: try store.read())
    }

    package func write(to store: inout StoredBytes) {
        store.add(id)
        store.add(text)
        store.add(options)
        store.add(time)
    }
}

extension AgentAnswer: Stored {
    package init(from store: inout StoredBytes) throws(StoredBytes.Damaged) {
        self.init(question: try store.read(), text: try store.read(), time: try store.read())
    }

    package func write(to store: inout StoredBytes) {
        store.add(question)
        store.add(text)
        store.add(time)
    }
}
