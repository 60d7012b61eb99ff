package import GitValues

/// The commit that makes one lane of two: `lanes-joined`.
///
/// Its bytes depend on the two tips alone, so that two clones that join the same tips make the same commit. Its parents are
/// sorted by id; its time, the zone with it, and its tree are those of the newer tip; it is signed by nobody, and no worktree
/// is named. It unites no files: the next checkpoint of each worktree says what is there.
package struct LaneJoin: Sendable {
    package let parents: [ObjectID]
    package let tree: ObjectID
    package let signature: Signature
    package let message: CheckpointMessage

    /// - Parameters: the tips, in any order.
    package init(_ one: Checkpoint, _ other: Checkpoint) {
        let newer = (one.time.seconds, one.id) < (other.time.seconds, other.id) ? other : one
        parents = [one.id, other.id].sorted()
        tree = newer.tree
        signature = Signature(name: "git-wf", email: "git-wf@localhost", time: newer.time)
        var trailers = [Trailer(key: TrailerKey.version, value: String(Checkpoint.currentVersion))]
        if let workflow = newer.workflow { trailers.append(Trailer(key: TrailerKey.workflow, value: workflow)) }
        trailers += [
            Trailer(key: TrailerKey.lane, value: "leader"),
            Trailer(key: TrailerKey.kind, value: CheckpointKind.lanesJoined.rawValue),
            Trailer(key: TrailerKey.actor, value: Actor.leader.description),
        ]
        trailers += parents.map { Trailer(key: TrailerKey.joins, value: $0.hex) }
        message = CheckpointMessage(
            title: "Lanes joined: \(parents.map(\.short).joined(separator: " and "))", trailers: trailers)
    }
}

extension Checkpoint {
    /// The checkpoints of its own lane that it follows: the two tips where it joins, else the previous one.
    ///
    /// What says that it joins, and does not name its two parents, in order, does not: it follows its first parent.
    package var followed: [ObjectID] {
        if kind == .lanesJoined, parents.count == 2, parents[0] < parents[1],
            values(of: TrailerKey.joins) == parents.map(\.hex)
        {
            return parents
        }
        return previous.map { [$0] } ?? []
    }

    /// Whether it makes one lane of two; then it changes nothing: its tree is that of a checkpoint before it.
    package var isJoin: Bool { followed.count > 1 }
}
