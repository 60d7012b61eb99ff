package import GitValues

// What a state is made of.

extension WorkflowState {
    /// What a phase's status can be.
    package enum Status: String, Stored, Hashable, Sendable {
        case pending, inProgress = "in-progress", blocked, failed, complete
    }

    /// A time that the workflow was in a phase.
    package struct Visit: Hashable, Sendable {
        package let entered: Timestamp
        package internal(set) var completed: Timestamp?
        package internal(set) var failed: Timestamp?
        package internal(set) var isApproved = false
    }

    /// What happened in a phase.
    package struct Phase: Hashable, Sendable {
        package let name: String
        /// What it is apart from any block.
        package internal(set) var ownStatus = Status.pending
        package internal(set) var visits: [Visit] = []
        /// Checkpoints that were taken in it, automatic ones not counted.
        package internal(set) var checkpoints = 0
        /// The newest of those that name it.
        package internal(set) var lastCheckpoint: ObjectID?
    }

    /// Why the current phase cannot be left.
    package struct Block: Hashable, Sendable {
        package let id: ObjectID
        /// `input`, `review` or `external`.
        package let needs: String
        package let reason: String
        package let since: Timestamp
        package let phase: String
        /// Whether the phase's gate holds it: then `approve` or `reject` lifts it, not `unblock`.
        package let isGate: Bool
        /// Whether a join raised it: the checkpoint that it is named for had no effect.
        package var isDispute = false
        /// When it is worth another try; `nil` where somebody has to say so.
        package var retry: Timestamp?

        /// The same, of another phase.
        func holding(_ phase: String) -> Block {
            Block(
                id: id, needs: needs, reason: reason, since: since, phase: phase, isGate: isGate, isDispute: isDispute,
                retry: retry)
        }
    }

    /// A checkpoint, as far as `status` names one.
    package struct Reference: Hashable, Sendable {
        package let id: ObjectID
        package let time: Timestamp
        package let title: String
        package let kind: CheckpointKind

        package init(_ checkpoint: Checkpoint) {
            id = checkpoint.id
            time = checkpoint.time
            title = checkpoint.title
            kind = checkpoint.kind
        }
    }

    /// Something that was done outside of what git keeps: a deployment, a message that was sent.
    package struct Effect: Hashable, Sendable {
        /// The checkpoint that records it.
        package let id: ObjectID
        package let text: String
        package let time: Timestamp
    }

    /// A checkpoint that the machine did not allow; it changed nothing but the count.
    package struct Refusal: Hashable, Sendable {
        package let id: ObjectID
        package let reason: String
    }
}

extension WorkflowState.Visit: Stored {
    package init(from store: inout StoredBytes) throws(StoredBytes.Damaged) {
        self.init(
            entered: try store.read(), completed: try store.read(), failed: try store.read(),
            isApproved: try store.read())
    }

    package func write(to store: inout StoredBytes) {
        store.add(entered)
        store.add(completed)
        store.add(failed)
        store.add(isApproved)
    }
}

extension WorkflowState.Phase: Stored {
    package init(from store: inout StoredBytes) throws(StoredBytes.Damaged) {
        self.init(
            name: try store.read(), ownStatus: try store.read(), visits: try store.read(),
            checkpoints: try store.read(), lastCheckpoint: try store.read())
    }

    package func write(to store: inout StoredBytes) {
        store.add(name)
        store.add(ownStatus)
        store.add(visits)
        store.add(checkpoints)
        store.add(lastCheckpoint)
    }
}

extension WorkflowState.Block: Stored {
    package init(from store: inout StoredBytes) throws(StoredBytes.Damaged) {
        self.init(
            id: try store.read(), needs: try store.read(), reason: try store.read(), since: try store.read(),
            phase: try store.read(), isGate: try store.read(), isDispute: try store.read(),
            retry: try store.read())
    }

    package func write(to store: inout StoredBytes) {
        store.add(id)
        store.add(needs)
        store.add(reason)
        store.add(since)
        store.add(phase)
        store.add(isGate)
        store.add(isDispute)
        store.add(retry)
    }
}

extension WorkflowState.Reference: Stored {
    package init(from store: inout StoredBytes) throws(StoredBytes.Damaged) {
        id = try store.read()
        time = try store.read()
        title = try store.read()
        kind = try store.read()
    }

    package func write(to store: inout StoredBytes) {
        store.add(id)
        store.add(time)
        store.add(title)
        store.add(kind)
    }
}

extension WorkflowState.Effect: Stored {
    package init(from store: inout StoredBytes) throws(StoredBytes.Damaged) {
        self.init(id: try store.read(), text: try store.read(), time: try store.read())
    }

    package func write(to store: inout StoredBytes) {
        store.add(id)
        store.add(text)
        store.add(time)
    }
}

extension WorkflowState.Refusal: Stored {
    package init(from store: inout StoredBytes) throws(StoredBytes.Damaged) {
        self.init(id: try store.read(), reason: try store.read())
    }

    package func write(to store: inout StoredBytes) {
        store.add(id)
        store.add(reason)
    }
}
