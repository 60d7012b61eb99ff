import Git
import GitValues
import TestSupport
import Testing
import Workflow

/// A lane that three writers wrote to, each in a clone, and that was joined now and then: made at random.
///
/// Each writer records what the machine allows from where it stands, as far as it knows, and now and then what it does not.
struct LaneHistory {
    /// Three definitions for one workflow: with gates and `onFail`, shorter, and one phase alone.
    static let tables: [[StateTable.Rules]] = [
        [
            .init(name: "planning", then: "building", onFail: nil, isGated: false),
            .init(name: "building", then: "shipping", onFail: "planning", isGated: true),
            .init(name: "shipping", then: nil, onFail: nil, isGated: false),
        ],
        [
            .init(name: "planning", then: "building", onFail: nil, isGated: false),
            .init(name: "building", then: nil, onFail: "planning", isGated: false),
        ],
        [.init(name: "building", then: nil, onFail: nil, isGated: false)],
    ]
    private static let definitions = tables.map { rules -> Definition in
        var definition = Definition()
        definition.phases = rules.compactMap { rule in
            guard let name = try? Name(rule.name) else { return nil }
            var phase = PhaseDefinition(name: name)
            phase.then = rule.then.flatMap { try? Name($0) }
            phase.onFail = rule.onFail.flatMap { try? Name($0) }
            phase.gate = rule.isGated ? .human : nil
            return phase
        }
        return definition
    }
    private static let branches = ["refs/heads/main", "refs/heads/other"]

    /// Each after all that it follows.
    private(set) var nodes: [LaneNode] = []
    private var known: [ObjectID: LaneNode] = [:]
    private(set) var agents: [String: AgentState] = [:]
    /// The tip of each writer, and what it knows there.
    private(set) var writers: [(tip: ObjectID, state: WorkflowState)] = []
    private var random: SeededGenerator

    init(seed: UInt64, writers count: Int = 3) throws {
        random = SeededGenerator(seed: seed)
        for name in ["a0", "a1", "a2", "shared"] { agents[name] = try agentLane(name) }
        let begin = checkpoint(
            .workflowStarted,
            [(TrailerKey.definition, Self.blob(0).hex), (TrailerKey.branch, Self.branches[0])], after: nil)
        add(LaneNode(begin, after: []))
        let state = try WorkflowState(beginning: begin, definition: definition(begin))
        writers = Array(repeating: (begin.id, state), count: count)
        // What is recorded before the first one goes a way of its own.
        for _ in 0..<random.below(4) { try write(0) }
        writers = Array(repeating: writers[0], count: count)
        for _ in 0..<(2 + random.below(34)) {
            let writer = random.below(count)
            if random.below(4) > 0 {
                try write(writer)
            } else {
                let other = random.below(count)
                let tip = try join(writers[writer].tip, writers[other].tip)
                // The other one may have made the same join, or fetches it.
                for index in Set([writer, random.pick([writer, other])]) {
                    writers[index] = (tip, try self.state(at: tip))
                }
            }
        }
    }

    // MARK: Joins

    /// The join of two tips; where one follows the other already, that one.
    mutating func join(_ one: ObjectID, _ other: ObjectID) throws -> ObjectID {
        if one == other || isBelow(other, one) { return one }
        if isBelow(one, other) { return other }
        let tips = try [one, other].map { try #require(known[$0]).checkpoint }
        let join = LaneJoin(tips[0], tips[1])
        let message = join.message.encoded()
        let header = (["\(join.tree)"] + join.parents.map(\.hex) + ["\(join.signature)"]).joined(separator: "\n")
        let id = try Repository.blobID(of: Array(header.utf8) + message)
        if known[id] != nil { return id }
        let joined = Checkpoint(
            id: id, tree: join.tree, parents: join.parents, time: join.signature.time,
            message: CheckpointMessage(parsing: message))
        add(LaneNode(joined, after: joined.followed))
        return id
    }

    /// Whether the other one follows the one.
    func isBelow(_ one: ObjectID, _ other: ObjectID) -> Bool {
        var waiting = [other]
        var seen: Set<ObjectID> = []
        while let id = waiting.popLast() {
            if id == one { return true }
            if seen.insert(id).inserted { waiting += known[id]?.parents ?? [] }
        }
        return false
    }

    /// The state as it is folded from the first checkpoint on.
    func state(at tip: ObjectID) throws -> WorkflowState {
        enum Piece {
            case checkpoint(Checkpoint)
            case tangle(Tangle)
        }
        var pieces: [Piece] = []
        var next: ObjectID? = tip
        while let node = next.flatMap({ known[$0] }) {
            if node.isJoin {
                let tangle = try #require(Tangle(below: node, in: known))
                pieces.append(.tangle(tangle))
                next = tangle.base
            } else {
                pieces.append(.checkpoint(node.checkpoint))
                next = node.parents.first
            }
        }
        guard case .checkpoint(let first) = pieces.popLast() else { throw TestFailure("it does not begin") }
        var state = try WorkflowState(beginning: first, definition: definition(first))
        for piece in pieces.reversed() {
            switch piece {
            case .checkpoint(let checkpoint): state = taking(checkpoint, state)
            case .tangle(let tangle):
                try state.join(tangle, definition: definition, agent: { agents[$0[TrailerKey.agent] ?? ""] })
            }
        }
        return state
    }

    private func taking(_ checkpoint: Checkpoint, _ state: WorkflowState) -> WorkflowState {
        do {
            let next = try state.applying(checkpoint, definition: definition(checkpoint))
            guard checkpoint.kind == .agentMerged, let agent = agents[checkpoint[TrailerKey.agent] ?? ""] else {
                return next
            }
            return next.joined(with: agent)
        } catch {
            return state.refusing(checkpoint, because: error)
        }
    }

    // MARK: Checkpoints

    private mutating func add(_ node: LaneNode) {
        nodes.append(node)
        known[node.id] = node
    }

    private mutating func write(_ writer: Int) throws {
        let (tip, state) = writers[writer]
        for _ in 0..<8 {
            let (kind, trailers) = step(from: state, writer: writer)
            let checkpoint = checkpoint(kind, trailers, after: tip)
            let next = taking(checkpoint, state)
            if next.refusals.count > state.refusals.count, random.below(12) > 0 { continue }
            add(LaneNode(checkpoint, after: [tip]))
            writers[writer] = (checkpoint.id, next)
            return
        }
    }

    private mutating func checkpoint(
        _ kind: CheckpointKind, _ trailers: [(String, String)], after parent: ObjectID?
    ) -> Checkpoint {
        let id = ObjectID(hex: (0..<5).map { _ in Self.digits(random.next()) }.joined()) ?? .zero
        let all = [(TrailerKey.kind, kind.rawValue), (TrailerKey.workflow, "demo"), (TrailerKey.lane, "leader")]
        return Checkpoint(
            id: id, tree: id, parents: parent.map { [$0] } ?? [],
            // Clocks differ, and nothing may depend on them.
            time: Timestamp(seconds: 1_771_750_800 + Int64(random.below(5)) * 60, offset: 60),
            message: CheckpointMessage(
                title: "event \(nodes.count)", trailers: (all + trailers).map { Trailer(key: $0.0, value: $0.1) }))
    }

    private static func digits(_ number: UInt64) -> String {
        let digits = String(number & 0xffff_ffff, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    /// The blob of a definition: its number, so that a checkpoint says which it means.
    private static func blob(_ number: Int) -> ObjectID {
        ObjectID(hex: String(repeating: "0", count: 39) + String(number)) ?? .zero
    }

    static func definition(of checkpoint: Checkpoint) -> Int? {
        checkpoint.id(of: TrailerKey.definition).flatMap { id in tables.indices.first { blob($0) == id } }
    }

    private func definition(_ checkpoint: Checkpoint) -> Definition? {
        Self.definition(of: checkpoint).map { Self.definitions[$0] }
    }

    private mutating func agentLane(_ name: String) throws -> AgentState {
        var state = try AgentState(beginning: checkpoint(.agentStarted, [(TrailerKey.agent, name)], after: nil))
        state.apply(checkpoint(.decision, [(TrailerKey.decision, "\(name) decided")], after: nil))
        state.apply(checkpoint(.itemDone, Self.item("item of \(name)"), after: nil))
        return state
    }

    // MARK: Steps

    private mutating func step(
        from state: WorkflowState, writer: Int
    ) -> (kind: CheckpointKind, trailers: [(String, String)]) {
        var trailers: [(String, String)] = []
        if random.below(3) > 0 { trailers.append((TrailerKey.branch, state.branch ?? Self.branches[0])) }
        func with(_ more: [(String, String)]) -> [(String, String)] { trailers + more }
        switch random.below(16) {
        case 0..<3: return (.decision, with(decisions(of: state)))
        case 3..<6:
            let kind = random.pick([CheckpointKind.itemAdded, .itemStarted, .itemDone, .itemDone, .itemReopened])
            return (kind, with(Self.item("item \(random.below(4))")))
        case 6..<10:
            let (kind, more) = phaseStep(from: state)
            return (kind, with(more + (random.below(4) == 0 ? decisions(of: state) : [])))
        case 10..<13:
            let (kind, more) = agentStep(writer: writer)
            return (kind, with(more))
        case 13: return (.checkpoint, with([(TrailerKey.next, "after \(nodes.count)")]))
        case 14: return (.outside, with([(TrailerKey.outside, "effect \(nodes.count)")]))
        default:
            return random.pick([
                (.branchRenamed, [(TrailerKey.branch, random.pick(Self.branches))]),
                (.definitionChanged, with(definitionChange())),
                (.itemReworded, with(Self.item("item 0", reworded: "item \(random.below(4))"))),
                (random.pick(CheckpointKind.known), with([(TrailerKey.phase, "building")])),
            ])
        }
    }

    private mutating func definitionChange() -> [(String, String)] {
        let named = [(TrailerKey.definition, Self.blob(random.below(4)).hex)]
        return random.below(3) == 0 ? named : named + [(TrailerKey.consent, "human:ann")]
    }

    /// An item by its first text, which makes its id.
    private static func item(_ text: String, reworded: String? = nil) -> [(String, String)] {
        [
            (TrailerKey.item, reworded ?? text), (TrailerKey.itemID, ItemID(workflow: "demo", text: text).hex),
            (TrailerKey.was, text),
        ]
    }

    private mutating func decisions(of state: WorkflowState) -> [(String, String)] {
        (0...random.below(2)).flatMap { _ in
            var trailers = [(TrailerKey.decision, "decision \(random.below(6))")]
            // Those of agents came with a merge, and stay.
            let own = state.decisions.decisions.filter { $0.text.hasPrefix("decision ") }
            if !own.isEmpty, random.below(3) == 0 { trailers.append((TrailerKey.replaces, random.pick(own).id)) }
            return trailers
        }
    }

    private mutating func phaseStep(from state: WorkflowState) -> (CheckpointKind, [(String, String)]) {
        let reason = (TrailerKey.reason, "because")
        if random.below(20) == 0 { return (.workflowCompleted, [reason]) }
        if let block = state.blocks.last {
            if block.isGate {
                let phase = random.below(2) == 0 ? [(TrailerKey.phase, block.phase)] : []
                return (random.pick([.approved, .approved, .rejected]), phase + [reason])
            }
            let named = state.liftable.map { (TrailerKey.block, $0.id.hex) }
            return (.unblocked, random.below(4) == 0 ? [] : named)
        }
        if let current = state.currentName {
            let phase = random.below(3) == 0 ? [] : [(TrailerKey.phase, current)]
            let gate = random.below(2) == 0 ? [(TrailerKey.gate, "human")] : []
            return random.pick([
                (.phaseCompleted, phase), (.phaseCompleted, phase), (.phaseFailed, phase + [reason]),
                (.blocked, phase + gate + [reason]),
            ])
        }
        if !state.isComplete, let next = state.startable.first, random.below(4) > 0 {
            return (.phaseStarted, [(TrailerKey.phase, next)])
        }
        if !state.isComplete, random.below(2) == 0 { return (.workflowCompleted, []) }
        return (.phaseStarted, [(TrailerKey.phase, random.pick(["planning", "building", "shipping"])), reason])
    }

    private mutating func agentStep(writer: Int) -> (CheckpointKind, [(String, String)]) {
        let kind = random.pick([
            CheckpointKind.agentStarted, .agentMerged, .agentMerged, .agentDropped, .agentRefused, .agentReopened,
            .agentFailed, .agentRemoved, .undone,
        ])
        let commit = random.below(2) == 0 || kind == .agentMerged
        return (
            kind,
            [
                (TrailerKey.agent, random.pick(["a\(writer)", "shared"])), (TrailerKey.reason, "because"),
                (TrailerKey.attempt, "\(1 + random.below(3))"),
            ] + (commit ? [(TrailerKey.commit, Self.blob(1).hex)] : [])
        )
    }
}
