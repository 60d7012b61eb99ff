internal import Git
package import GitValues
internal import Workflow

/// Where a lane ends: what its ref leads to, and the newest checkpoint of the lane's own. They differ where somebody pushed a
/// commit of theirs onto it, which git takes for a fast-forward as long as the lane is among its parents:
///
///     lane    a ─── b ─── c          own: c
///                          ╲
///     theirs   x ─── y ───── M       ref: M
package struct LaneEnd: Hashable, Sendable {
    package let ref: ObjectID
    package let own: ObjectID

    package var isForeign: Bool { ref != own }
}

/// What may stand at the end of one lane or segment.
struct LaneOwner {
    let workflow: Name
    let lane: Lane
    /// The worktree of a segment of automatic checkpoints; `nil` for the lane itself.
    let worktree: String?

    init(_ workflow: Name, _ lane: Lane, worktree: String? = nil) {
        self.workflow = workflow
        self.lane = lane
        self.worktree = worktree
    }

    /// - Returns: `nil` for a ref at no place of ours.
    init?(ref: String) {
        if let segment = SegmentPlace(ref: ref) {
            self.init(segment.workflow, segment.lane, worktree: segment.worktree)
        } else if let place = LanePlace(ref: ref) {
            self.init(place.workflow, place.lane)
        } else {
            return nil
        }
    }

    /// What a checkpoint does not say of itself is not held against it.
    func owns(_ checkpoint: Checkpoint) -> Bool {
        (checkpoint.kind == .auto) == (worktree != nil)
            && checkpoint.workflow.map { $0 == workflow.text } ?? true
            && checkpoint.lane.map { $0 == lane.text } ?? true
            && (worktree == nil || checkpoint[TrailerKey.worktree] == worktree)
    }
}

extension Repository {
    /// How many commits are looked at for the lane behind those of others.
    private static let longestDetour = 1000

    /// The end of a lane whose ref leads to a commit.
    /// - Returns: `nil` where that is no checkpoint of the lane, and none is close behind it.
    func end(of owner: LaneOwner, at ref: ObjectID) throws -> LaneEnd? {
        var seen: Set<ObjectID> = [ref]
        var level = [ref]
        while !level.isEmpty, seen.count <= Self.longestDetour {
            var found: [Checkpoint] = []
            var next: [ObjectID] = []
            for id in level {
                guard let commit = try readable(id) else { continue }
                if let checkpoint = Checkpoint(commit), owner.owns(checkpoint) {
                    found.append(checkpoint)
                } else {
                    next += commit.parents.filter { seen.insert($0).inserted }
                }
            }
            if let newest = try newest(of: found) { return LaneEnd(ref: ref, own: newest) }
            level = next
        }
        return nil
    }

    /// Of several checkpoints of a lane the one that no other one follows: who made the commit in front of them may have
    /// named an old one beside the newest, or in its place.
    private func newest(of checkpoints: [Checkpoint]) throws -> ObjectID? {
        var left = Set(checkpoints.map(\.id))
        for checkpoint in checkpoints where left.count > 1 {
            var previous = checkpoint.previous
            for _ in 0..<Self.longestDetour {
                guard let id = previous, let commit = try readable(id) else { break }
                left.remove(id)
                previous = commit.parents.first
            }
        }
        return checkpoints.map(\.id).first(where: left.contains)
    }

    /// - Returns: `nil` for what is missing or damaged.
    func readable(_ id: ObjectID) throws -> Commit? {
        do {
            return try commit(id, .literal)
        } catch is GitError {
            return nil
        }
    }
}

extension Journal {
    /// Where a lane ends; `nil` where it does not exist.
    /// - Throws: `GitError` with code `.damaged` where its ref leads to nothing of it.
    package func end(of lane: Lane) throws -> LaneEnd? {
        switch try repository.state(ofReference: refs.lane(lane)) {
        case .missing: nil
        case .broken(let reason): throw GitError(.damaged, doing: "read \(refs.lane(lane))", reason: reason)
        case .at(let id): try end(of: lane, at: id)
        }
    }

    private func end(of lane: Lane, at id: ObjectID) throws -> LaneEnd {
        if let known = ends[lane], known.ref == id { return known }
        guard let end = try repository.end(of: LaneOwner(workflow, lane), at: id) else {
            throw GitError(
                .damaged, doing: "read \(refs.lane(lane))",
                reason: "it leads to \(id.short), which is no checkpoint of this lane")
        }
        ends[lane] = end
        return end
    }

    /// The newest checkpoint of a lane; `nil` where the lane does not exist.
    package func tip(of lane: Lane) throws -> ObjectID? { try end(of: lane)?.own }
}
