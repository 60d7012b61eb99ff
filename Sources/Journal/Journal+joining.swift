internal import Git
package import GitValues
package import Workflow

/// Why two lanes cannot be joined.
package enum JoinError: Error, Hashable, CustomStringConvertible {
    /// One of the two is in the other's lane already.
    case contained(ObjectID, in: ObjectID)
    /// They have no checkpoint in common.
    case unrelated(ObjectID, ObjectID)
    /// Something that is no checkpoint of a leader's lane.
    case notOfLeader(ObjectID)
    /// A newer version wrote it.
    case newer(ObjectID)

    package var description: String {
        switch self {
        case .contained(let one, let other): "\(one.short) needs no join: \(other.short) follows it"
        case .unrelated(let one, let other):
            "\(one.short) and \(other.short) cannot be joined: the two lanes did not begin together"
        case .notOfLeader(let id): "\(id.short) cannot be joined: it is no checkpoint of this workflow's leader"
        case .newer(let id): "\(id.short) cannot be joined: a newer git-wf wrote it; update this one"
        }
    }
}

extension Journal {
    /// Writes the commit that joins two tips of the leader's lane, in any order. It moves no ref.
    /// - Throws: `JoinError` where there is nothing to join, and where they do not belong together.
    package func join(_ one: ObjectID, _ other: ObjectID) throws -> Checkpoint {
        let tips = try [one, other].map { try checkpoint($0) }
        for tip in tips {
            guard Checkpoint.isOfLeader(tip, workflow: workflow) else { throw JoinError.notOfLeader(tip.id) }
            guard tip.version <= Checkpoint.currentVersion else { throw JoinError.newer(tip.id) }
        }
        let join = LaneJoin(tips[0], tips[1])
        let message = join.message.encoded()
        if one == other { throw JoinError.contained(one, in: other) }
        let id = try repository.createCommit(
            tree: join.tree, parents: join.parents, author: join.signature, committer: join.signature, message: message)
        let joined = Checkpoint(
            id: id, tree: join.tree, parents: join.parents, time: join.signature.time,
            message: CheckpointMessage(parsing: message))
        guard let tangle = try tangle(below: LaneNode(joined, after: joined.followed)) else {
            throw JoinError.unrelated(one, other)
        }
        if tangle.hasOnTheWay(one, below: other) { throw JoinError.contained(one, in: other) }
        if tangle.hasOnTheWay(other, below: one) { throw JoinError.contained(other, in: one) }
        return joined
    }

    /// Whether one of the newest checkpoints of a lane joins sides; `count` says how many are asked, 0 for all.
    package func isJoined(_ lane: Lane, inNewest count: Int) throws -> Bool {
        var history = try history(of: lane, withAutomatic: false)
        var left = count
        while let checkpoint = try history.next() {
            if checkpoint.isJoin { return true }
            left -= 1
            if left == 0 { return false }
        }
        return false
    }

    /// What lies between a join of the leader's lane and where its sides parted.
    /// - Returns: `nil` where it joins nothing.
    func tangle(below join: ObjectID) throws -> Tangle? {
        let join = try checkpoint(join)
        return try join.isJoin ? tangle(below: LaneNode(join, after: join.followed)) : nil
    }

    private func tangle(below join: LaneNode) throws -> Tangle? {
        try CommitReader.trusting { Tangle(below: join, in: try sides(of: join, CommitReader(repository))) }
    }

    /// Reads the sides of a join a step at a time, each as far as the other ones, until a single way leads on: then all of
    /// them have come together, and what was read beyond that is no more than was needed.
    private func sides(of join: LaneNode, _ commits: borrowing CommitReader) throws -> [ObjectID: LaneNode] {
        var known = [join.id: join]
        var sides = join.parents
        var beginnings = 0
        while !sides.isEmpty, sides.count + beginnings > 1 {
            var older: [ObjectID] = []
            for id in sides where known[id] == nil {
                let node = try node(id, commits)
                known[id] = node
                if node.parents.isEmpty { beginnings += 1 }
                older += node.parents
            }
            sides = older
        }
        return known
    }

    private func node(_ id: ObjectID, _ commits: borrowing CommitReader) throws -> LaneNode {
        let (read, previous) = try commits.read(id) { commit in
            (Checkpoint(folding: id, tree: commit.tree, time: commit.time, message: commit.message), commit.previous)
        }
        if read.kind == .lanesJoined { return LaneNode(read, after: try checkpoint(id).followed) }
        return LaneNode(read, after: previous.map { [$0] } ?? [])
    }
}

extension Checkpoint {
    fileprivate static func isOfLeader(_ checkpoint: Checkpoint, workflow: Name) -> Bool {
        checkpoint[TrailerKey.kind] != nil && checkpoint.kind != .auto && checkpoint.workflow == workflow.text
            && checkpoint.lane == Lane.leader.text
    }
}
