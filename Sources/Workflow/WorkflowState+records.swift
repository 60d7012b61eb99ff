package import Git

// What a state is made of.

extension WorkflowState {
    /// What a phase's status can be.
    package enum Status: String, Codable, Hashable, Sendable {
        case pending, inProgress = "in-progress", blocked, failed, complete
    }

    /// A time that the workflow was in a phase.
    package struct Visit: Codable, Hashable, Sendable {
        package let entered: Timestamp
        package internal(set) var completed: Timestamp?
        package internal(set) var failed: Timestamp?
        package internal(set) var isApproved = false
    }

    /// What happened in a phase.
    package struct Phase: Codable, Hashable, Sendable {
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
    package struct Block: Codable, Hashable, Sendable {
        package let id: ObjectID
        /// `input`, `review` or `external`.
        package let needs: String
        package let reason: String
        package let since: Timestamp
        package let phase: String
        /// Whether the phase's gate holds it: then `approve` or `reject` lifts it, not `unblock`.
        package let isGate: Bool
    }

    /// A checkpoint, as far as `status` names one.
    package struct Reference: Codable, Hashable, Sendable {
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

    /// A checkpoint that the machine did not allow; it changed nothing.
    package struct Refusal: Codable, Hashable, Sendable {
        package let id: ObjectID
        package let reason: String
    }
}
