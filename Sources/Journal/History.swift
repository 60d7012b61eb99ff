internal import Git
package import GitValues
package import Workflow

/// The checkpoints of a lane, newest first, read as they are asked for. Those of a lane that was joined are of all sides: each
/// is there once, before all that it follows.
///
/// Automatic ones stand behind the checkpoint of the lane that they name (`Wf-After`), so no clock is needed to order
/// them. Each worktree has a chain of its own; where several followed the same checkpoint, their times say which is shown
/// first, and nothing else depends on that:
///
///     lane          w───p───────────c      newest first:  c  b2  a2  b1  a1  p  w
///     worktree a        └─a1────a2
///     worktree b        └───b1────b2
package struct History {
    /// The automatic checkpoints of one worktree.
    private struct Chain {
        /// The tips of the segments before the one in hand, oldest first.
        var segments: [ObjectID]
        /// The newest that was not handed out yet.
        var newest: Checkpoint
    }

    private let journal: Journal
    private var walk: LaneWalk
    private var chains: [Chain] = []

    init(_ journal: Journal, lane: Lane, from start: ObjectID?, withAutomatic: Bool) throws {
        self.journal = journal
        walk = LaneWalk(lane, from: try start ?? journal.tip(of: lane))
        if !withAutomatic { return }
        let segments = try journal.repository.segments(under: journal.refs.segments(of: lane)).map { $0.map(\.end.own) }
        chains = try segments.compactMap { tips in
            try tips.last.map { Chain(segments: tips.dropLast(), newest: try journal.checkpoint($0)) }
        }
        if let start { try skip(to: start, of: lane) }
    }

    /// Leaves out what is newer than a checkpoint. Of another lane's there are no automatic ones here.
    private mutating func skip(to start: ObjectID, of lane: Lane) throws {
        walk = LaneWalk(lane, from: try journal.tip(of: lane))
        while true {
            let here = self
            guard let checkpoint = try next() else {
                walk = LaneWalk(lane, from: start)
                return chains = []
            }
            if checkpoint.id == start { return self = here }
        }
    }

    /// The next older checkpoint; `nil` at the end.
    package mutating func next() throws -> Checkpoint? {
        let position = walk.position
        let waiting = chains.indices.filter {
            position == nil || chains[$0].newest.id(of: TrailerKey.after) == position
        }
        if let index = waiting.max(by: { Self.isShownAfter(chains[$0].newest, chains[$1].newest) }) {
            let automatic = chains[index].newest
            if let older = try older(than: automatic, in: &chains[index]) {
                chains[index].newest = older
            } else {
                chains.remove(at: index)
            }
            return automatic
        }
        guard let position else { return nil }
        let checkpoint = try journal.checkpoint(position)
        try walk.goOn(from: checkpoint, in: journal)
        return checkpoint
    }

    private static func isShownAfter(_ one: Checkpoint, _ other: Checkpoint) -> Bool {
        one.time.seconds == other.time.seconds ? one.id < other.id : one.time.seconds < other.time.seconds
    }

    private func older(than automatic: Checkpoint, in chain: inout Chain) throws -> Checkpoint? {
        // The first of a segment has the lane's tip as its first parent.
        if let previous = automatic.previous, previous != automatic.id(of: TrailerKey.after) {
            return try journal.checkpoint(previous)
        }
        return try chain.segments.popLast().map { try journal.checkpoint($0) }
    }
}

extension Journal {
    /// The checkpoints of a lane from its tip, or from `start`, back to its beginning.
    package func history(of lane: Lane, from start: ObjectID? = nil, withAutomatic: Bool) throws -> History {
        try History(self, lane: lane, from: start, withAutomatic: withAutomatic)
    }

    /// The newest checkpoint of any kind that this worktree took, or else the tip of its lane.
    package func newest() throws -> Checkpoint? {
        let tip = try tip(of: lane)
        if let automatic = try segmentInHand().last, automatic.id(of: TrailerKey.after) == tip { return automatic }
        return try tip.map { try checkpoint($0) }
    }

    /// The segment that this worktree appends automatic checkpoints to, and the newest of them; `nil` where there is none yet.
    func segmentInHand() throws -> (place: SegmentPlace, last: Checkpoint?, end: LaneEnd?) {
        let first = SegmentPlace(workflow: workflow, lane: lane, worktree: binding.worktree, number: 1)
        let places = try repository.referenceNames(under: first.chain).compactMap { SegmentPlace(ref: $0) }
        guard let last = places.max(by: { $0.number < $1.number }) else { return (first, nil, nil) }
        // Where it cannot be read it stays as it is, for fsck, and another one begins behind it.
        guard case .at(let id) = try repository.state(ofReference: last.ref),
            let end = try repository.end(of: last.owner, at: id)
        else { return (last.next, nil, nil) }
        return (last, try checkpoint(end.own), end)
    }

    /// How many automatic checkpoints a lane has: each segment of a worktree but the last is full.
    package func automaticCount(of lane: Lane) throws -> Int {
        try repository.segments(under: refs.segments(of: lane)).reduce(0) { count, chain in
            guard let last = chain.last else { return count }
            let sequence = try checkpoint(last.end.own)[TrailerKey.sequence].flatMap { Int($0) } ?? 1
            return count + (chain.count - 1) * SegmentPlace.length + sequence
        }
    }
}
