internal import Git
package import GitValues
package import Workflow

/// The checkpoints of a lane, newest first, read as they are asked for.
///
/// Automatic ones stand behind the checkpoint of the lane that they name (`Wf-After`), so no clock is needed to order
/// them.
package struct History {
    private let journal: Journal
    private var lane: ObjectID?
    private var segments: [ObjectID]
    private var automatic: Checkpoint?

    init(_ journal: Journal, lane: Lane, from start: ObjectID?, withAutomatic: Bool) throws {
        self.journal = journal
        self.lane = start
        segments = []
        if withAutomatic {
            segments = try journal.repository.references(under: journal.refs.segments(of: lane)).map(\.target)
            automatic = try segments.popLast().map { try journal.checkpoint($0) }
        }
    }

    /// The next older checkpoint; `nil` at the end.
    package mutating func next() throws -> Checkpoint? {
        if let automatic, automatic.id(of: TrailerKey.after) == lane || lane == nil {
            self.automatic = try olderAutomatic(than: automatic)
            return automatic
        }
        guard let id = lane else { return nil }
        let checkpoint = try journal.checkpoint(id)
        lane = checkpoint.previous
        return checkpoint
    }

    private mutating func olderAutomatic(than checkpoint: Checkpoint) throws -> Checkpoint? {
        // The first of a segment has the lane's tip as its first parent.
        if let previous = checkpoint.parents.first, previous != checkpoint.id(of: TrailerKey.after) {
            return try journal.checkpoint(previous)
        }
        return try segments.popLast().map { try journal.checkpoint($0) }
    }
}

extension Journal {
    /// The checkpoints of a lane from its tip, or from `start`, back to its beginning.
    package func history(of lane: Lane, from start: ObjectID? = nil, withAutomatic: Bool) throws -> History {
        try History(self, lane: lane, from: start ?? tip(of: lane), withAutomatic: withAutomatic)
    }

    /// The newest checkpoint of any kind of this worktree's lane.
    package func newest() throws -> Checkpoint? {
        var history = try history(of: lane, withAutomatic: true)
        return try history.next()
    }

    /// How many automatic checkpoints a lane has: each segment but the last is full.
    package func automaticCount(of lane: Lane) throws -> Int {
        let segments = try repository.references(under: refs.segments(of: lane))
        guard let last = segments.last else { return 0 }
        let sequence = try checkpoint(last.target)[TrailerKey.sequence].flatMap { Int($0) } ?? 1
        return (segments.count - 1) * Self.segmentLength + sequence
    }
}
