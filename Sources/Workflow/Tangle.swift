package import GitValues

/// A checkpoint in a lane, with those of the lane that it follows: none where it is the first, two where it joins.
package struct LaneNode: Sendable {
    package let checkpoint: Checkpoint
    package let parents: [ObjectID]

    package init(_ checkpoint: Checkpoint, after parents: [ObjectID]) {
        self.checkpoint = checkpoint
        self.parents = parents
    }

    package var id: ObjectID { checkpoint.id }
    package var isJoin: Bool { parents.count > 1 }
}

/// What lies between a join and the newest checkpoint that every way down from it leads through: the sides of a lane that
/// was written to in several places at once.
///
///              ┌─ b ── d ─┐
///     … ── a ──┤          ├─ join      base: a      steps: b c d join, or c b d join, …
///              └─ c ──────┘
///
/// The order is one in which each comes after all that it follows, and of those whose turn it could be the one with the
/// smallest id comes first. Joins take no turn, so neither the order nor what it says depends on how the sides came together.
package struct Tangle: Sendable {
    package struct Step: Sendable {
        package let node: LaneNode
        /// Whether it and all after it follow all before it: whoever wrote that knew of everything.
        let isMeeting: Bool
        /// Whether everything else comes before it or after it.
        fileprivate(set) var isAlone = false
    }

    package let base: ObjectID
    /// Oldest first; the join is the last.
    package let steps: [Step]

    /// - Parameter known: what was read of the lane: all of the tangle at least, and it need not go on to the first.
    /// - Returns: `nil` where the sides do not come together.
    package init?(below join: LaneNode, in known: [ObjectID: LaneNode]) {
        guard let (base, members) = Self.members(below: join, in: known) else { return nil }
        self.base = base
        steps = Self.ordered(members, from: base)
    }

    /// Whether one of two checkpoints, each in the tangle or its base, follows the other.
    package func hasOnTheWay(_ one: ObjectID, below other: ObjectID) -> Bool {
        var below: Set<ObjectID> = [other]
        for node in steps.reversed().map(\.node) where below.contains(node.id) { below.formUnion(node.parents) }
        return one != other && below.contains(one)
    }

    /// Goes down from the join, to each only after all that follow it: where nothing else is open, all ways come together.
    private static func members(
        below join: LaneNode, in known: [ObjectID: LaneNode]
    ) -> (base: ObjectID, members: [ObjectID: LaneNode])? {
        var followers: [ObjectID: Int] = [:]
        var reached: Set<ObjectID> = [join.id]
        var waiting = [join]
        while let node = waiting.popLast() {
            for parent in node.parents {
                followers[parent, default: 0] += 1
                if reached.insert(parent).inserted, let next = known[parent] { waiting.append(next) }
            }
        }
        var members: [ObjectID: LaneNode] = [:]
        var open: Set<ObjectID> = [join.id]
        var ready = [join.id]
        while let id = ready.popLast() {
            if open.count == 1, id != join.id { return (id, members) }
            // Below what was read, or the first of a lane beside another one.
            guard let node = known[id], !node.parents.isEmpty else { return nil }
            members[id] = node
            open.remove(id)
            for parent in node.parents {
                open.insert(parent)
                followers[parent, default: 1] -= 1
                if followers[parent] == 0 { ready.append(parent) }
            }
        }
        return nil
    }

    private static func ordered(_ members: [ObjectID: LaneNode], from base: ObjectID) -> [Step] {
        var followers: [ObjectID: [LaneNode]] = [:]
        var missing: [ObjectID: Int] = [:]
        for node in members.values {
            for parent in node.parents { followers[parent, default: []].append(node) }
            missing[node.id] = node.parents.count
        }
        var seen = HandedOn<Seen>(members.values)
        var ready: [(node: LaneNode, seen: Seen)] = []
        func pass(_ id: ObjectID, _ value: Seen) {
            seen.keep(value, of: id)
            for follower in followers[id] ?? [] {
                missing[follower.id, default: 1] -= 1
                guard missing[follower.id] == 0 else { continue }
                let parts = follower.parents.compactMap { seen.take(from: $0) }
                ready.append((follower, parts.dropFirst().reduce(parts.first ?? Seen()) { $0.united(with: $1) }))
            }
        }
        var steps: [Step] = []
        steps.reserveCapacity(members.count)
        var taken = Seen()
        pass(base, taken)
        func turn(_ index: Int) -> (Int, ObjectID) { (ready[index].node.isJoin ? 0 : 1, ready[index].node.id) }
        while let index = ready.indices.min(by: { turn($0) < turn($1) }) {
            let isMeeting = !ready[index].node.isJoin && ready.allSatisfy { $0.seen.count == taken.count }
            let node = ready[index].node
            var seen = ready.remove(at: index).seen
            steps.append(Step(node: node, isMeeting: isMeeting))
            if !node.isJoin { seen.add(to: &taken) }
            pass(node.id, seen)
        }
        markAlone(&steps)
        return steps
    }

    private static func markAlone(_ steps: inout [Step]) {
        var isNextMeeting = true
        for index in steps.indices.reversed() where !steps[index].node.isJoin {
            steps[index].isAlone = steps[index].isMeeting && isNextMeeting
            isNextMeeting = steps[index].isMeeting
        }
    }
}

/// How much of a tangle was known where a checkpoint was written. Checkpoints stand in rows, in each of which every one follows
/// the one before it; there are hardly more rows than writers, and of each a first part is known.
private struct Seen {
    private var rows: [Int] = []
    private(set) var count = 0

    private func length(of row: Int) -> Int { row < rows.count ? rows[row] : 0 }

    /// Adds one more checkpoint, which follows all of this, to this and to all that there is.
    mutating func add(to all: inout Seen) {
        let row = all.rows.indices.first { length(of: $0) == all.rows[$0] } ?? all.rows.count
        all.extend(row)
        extend(row)
    }

    private mutating func extend(_ row: Int) {
        rows += Array(repeating: 0, count: max(0, row + 1 - rows.count))
        rows[row] += 1
        count += 1
    }

    func united(with other: Seen) -> Seen {
        var union = Seen()
        union.rows = (0..<max(rows.count, other.rows.count)).map { max(length(of: $0), other.length(of: $0)) }
        union.count = union.rows.reduce(0, +)
        return union
    }
}

/// What each checkpoint hands on to those that follow it. The last of them takes it away, so that it changes in place.
struct HandedOn<Value> {
    private var kept: [ObjectID: (value: Value, uses: Int)] = [:]
    private var uses: [ObjectID: Int] = [:]

    init(_ nodes: some Sequence<LaneNode>) {
        for node in nodes { for parent in node.parents { uses[parent, default: 0] += 1 } }
    }

    mutating func keep(_ value: Value, of id: ObjectID) { kept[id] = (value, uses[id] ?? 1) }

    mutating func take(from id: ObjectID) -> Value? {
        guard var entry = kept.removeValue(forKey: id) else { return nil }
        entry.uses -= 1
        if entry.uses > 0 { kept[id] = entry }
        return entry.value
    }
}
