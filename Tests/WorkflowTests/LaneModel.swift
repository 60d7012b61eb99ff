import GitValues
import Workflow

/// What a lane with joins says, a second time: from the definition, without a thought for speed, and without a line of the
/// first. At most 64 checkpoints, so that a set of them is a number.
///
/// - Every checkpoint that is not a join is taken once: each after all that it follows, of several the smallest id first.
/// - One that every other comes before or after is taken as in a lane without joins: what is not allowed has no effect.
/// - Any other one was written beside others. What is not allowed of a phase waits as a dispute, and all else of it counts.
/// - Where all that is left follows all that was taken, and at the end, the disputes become blocks.
/// - A decision is in force where some checkpoint made it and none replaced it; what a checkpoint makes and replaces is seen
///   from what it follows alone.
struct LaneModel {
    /// What is compared.
    struct Told: Equatable {
        var phases: [String] = []
        var inHand: String?
        var left: String?
        var isComplete = false
        var isEnded = false
        var holds: [StateTable.Hold] = []
        var agents: [String] = []
        var decisions: [String] = []
        var items: [String] = []
        var startedItem: String?
        var next: [String] = []
        var outside: [String] = []
        var branch: String?
        var count = 0
        var last: ObjectID?
        var asked: ObjectID?
        var documents: ObjectID?
        var refused: [ObjectID] = []

        /// What is not the same in both.
        func differences(from other: Told) -> [String] {
            zip(Mirror(reflecting: self).children, Mirror(reflecting: other).children).compactMap { own, other in
                let texts = ("\(own.value)", "\(other.value)")
                return texts.0 == texts.1 ? nil : "\(own.label ?? ""): \(texts.0) and not \(texts.1)"
            }
        }
    }

    private typealias Members = UInt64
    private struct View {
        /// With the number of the checkpoint that brought it.
        var inForce: [(id: String, text: String, by: Int)] = []
        var gone: Set<String> = []
    }

    private let nodes: [LaneNode]
    private let numbers: [ObjectID: Int]
    /// All that each follows, joins included.
    private let below: [Members]
    private let joins: Members
    private let agents: [String: AgentState]

    init(_ history: LaneHistory) {
        nodes = history.nodes
        agents = history.agents
        numbers = Dictionary(uniqueKeysWithValues: nodes.enumerated().map { ($1.id, $0) })
        var below: [Members] = []
        var joins: Members = 0
        for (number, node) in nodes.enumerated() {
            let parents = node.parents.compactMap { id in history.nodes.firstIndex { $0.id == id } }
            below.append(parents.reduce(0) { $0 | below[$1] | 1 << $1 })
            if parents.count > 1 { joins |= 1 << number }
        }
        self.below = below
        self.joins = joins
    }

    private func has(_ members: Members, _ number: Int) -> Bool { members >> number & 1 == 1 }
    private func list(_ members: Members) -> [Int] { nodes.indices.filter { has(members, $0) } }

    private func order(of events: Members) -> [Int] {
        var taken: Members = 0
        var order: [Int] = []
        while taken != events {
            let ready = list(events & ~taken).filter { below[$0] & events & ~taken == 0 }
            guard let first = ready.min(by: { nodes[$0].id < nodes[$1].id }) else { break }
            order.append(first)
            taken |= 1 << first
        }
        return order
    }

    func told(at tip: ObjectID) -> Told? {
        guard let tip = numbers[tip] else { return nil }
        let all = below[tip] | 1 << tip
        let events = all & ~joins
        let order = order(of: events)
        let alone = order.filter { one in
            order.allSatisfy { $0 == one || has(below[one], $0) || has(below[$0], one) }
        }

        var told = Told()
        var table = StateTable(rules: LaneHistory.tables[0])
        var items: [String: Bool] = [:]
        var silent: Set<Int> = []
        var bringing: Set<Int> = []
        /// Whether the next actions were given before the phase in hand began.
        var isNextOlder = false
        func meet(_ taken: Int) {
            let before = order[..<taken].reduce(Members(0)) { $0 | 1 << $1 }
            guard order[taken...].allSatisfy({ below[$0] & before == before }) else { return }
            table.holds += table.disputes
            table.disputes = []
            if let last = order[..<taken].last, !alone.contains(last) { told.documents = nil }
        }
        for (taken, number) in order.enumerated() {
            if taken > 0 { meet(taken) }
            let checkpoint = nodes[number].checkpoint
            let event = StateEvent(checkpoint)
            let isAlone = alone.contains(number)
            told.count += 1
            let isTaken = taken > 0 && table.take(event, definitions: LaneHistory.tables)
            if taken == 0 {
                table.branch = checkpoint[TrailerKey.branch]
            } else if !isTaken {
                if isAlone || !settle(event, &table) { told.refused.append(checkpoint.id) }
                if isAlone {
                    silent.insert(number)
                    continue
                }
            }
            if event.kind == .agentMerged, let name = event.agent, table.agents[name] != nil, let agent = agents[name] {
                bringing.insert(number)
                for (id, record) in agent.items.records where items[id.hex] != true { items[id.hex] = record.isDone }
            }
            if let id = checkpoint[TrailerKey.itemID] {
                switch event.kind {
                case .itemStarted: told.startedItem = id
                case .itemDone:
                    if told.startedItem == id { told.startedItem = nil }
                    items[id] = true
                case .itemReopened: items[id] = false
                case .itemAdded where isAlone || items[id] == nil: items[id] = false
                default: break
                }
            }
            told.last = checkpoint.id
            if event.kind == .checkpoint { told.asked = checkpoint.id }
            let actions = checkpoint.values(of: TrailerKey.next)
            // What they say names nothing here, so only their age counts.
            if isTaken, event.kind == .phaseCompleted, isNextOlder || table.rule(table.left)?.then == nil {
                told.next = []
            }
            if isTaken, event.kind == .phaseStarted { isNextOlder = true }
            if !actions.isEmpty { (told.next, isNextOlder) = (actions, false) }
            told.outside += checkpoint.values(of: TrailerKey.outside)
            if event.kind != .auto, checkpoint[TrailerKey.branch] == table.branch, table.branch != nil {
                told.documents = checkpoint.tree
            }
        }
        meet(order.count)
        told.count += (all & joins).nonzeroBitCount
        told.decisions = decisions(at: tip, all, order: order, silent: silent, bringing: bringing)
        told.items = items.map { "\($0) \($1)" }.sorted()
        told.phases = table.rules.map {
            "\($0.name) \(table.statuses[$0.name]?.rawValue ?? "pending") \(table.visits[$0.name] ?? 0)"
        }
        (told.inHand, told.left, told.isComplete) = (table.inHand, table.left, table.isComplete)
        told.isEnded = table.isEnded
        (told.holds, told.branch) = (table.holds, table.branch)
        told.agents = table.agents.map { "\($0) \($1.stage) \($1.attempt)" }.sorted()
        return told
    }

    /// What becomes of something that is not allowed beside others.
    /// - Returns: whether that is the end of it; else it is told as refused.
    private func settle(_ event: StateEvent, _ table: inout StateTable) -> Bool {
        switch event.kind {
        case .unblocked: return true
        case .workflowStarted, .workflowCompleted, .phaseStarted, .phaseCompleted, .phaseFailed, .definitionChanged,
            .blocked, .approved, .rejected:
            table.disputes.append(StateTable.Hold(.dispute, event.id))
            return true
        default:
            guard let name = event.agent, table.agents[name] != nil, event.kind != .agentStarted else { return false }
            if event.kind == .agentMerged { table.agents[name]?.stage = .merged }
            return true
        }
    }

    private func decisions(at tip: Int, _ all: Members, order: [Int], silent: Set<Int>, bringing: Set<Int>) -> [String]
    {
        let turns = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, $0) })
        var views: [Int: View] = [:]
        for number in list(all) {
            var seen = nodes[number].parents.compactMap { numbers[$0].flatMap { views[$0] } }
            var view = seen.popLast() ?? View()
            for other in seen {
                view.gone.formUnion(other.gone)
                view.inForce += other.inForce
                view.inForce.removeAll { view.gone.contains($0.id) }
            }
            defer { views[number] = view }
            if has(joins, number) || silent.contains(number) { continue }
            let checkpoint = nodes[number].checkpoint
            for made in made(at: checkpoint) {
                if let text = view.inForce.first(where: { $0.id == made.replaces })?.text {
                    for entry in view.inForce where entry.text == text { view.gone.insert(entry.id) }
                    view.inForce.removeAll { $0.text == text }
                }
                if !view.inForce.contains(where: { $0.text == made.text }) {
                    view.inForce.append((made.id, made.text, number))
                }
            }
            guard bringing.contains(number), let agent = agents[checkpoint[TrailerKey.agent] ?? ""] else { continue }
            for decision in agent.decisions.decisions where !view.inForce.contains(where: { $0.text == decision.text })
            {
                view.inForce.append((decision.id, decision.text, number))
            }
        }
        var told: [(id: String, text: String)] = []
        let found = (views[tip]?.inForce ?? []).enumerated().sorted {
            (turns[$0.element.by] ?? 0, $0.offset) < (turns[$1.element.by] ?? 0, $1.offset)
        }
        for entry in found.map(\.element) where !told.contains(where: { $0.text == entry.text }) {
            told.append((entry.id, entry.text))
        }
        return told.map { "\($0.id) \($0.text)" }
    }

    /// The decisions that a checkpoint's trailers are.
    private func made(at checkpoint: Checkpoint) -> [(id: String, text: String, replaces: String?)] {
        var made: [(id: String, text: String, replaces: String?)] = []
        for trailer in checkpoint.message.trailers {
            if trailer.key == TrailerKey.decision {
                let number = made.isEmpty ? "" : ".\(made.count + 1)"
                made.append((checkpoint.id.hex + number, trailer.value, nil))
            } else if trailer.key == TrailerKey.replaces, let last = made.popLast() {
                made.append((last.id, last.text, trailer.value))
            }
        }
        return made
    }
}

extension LaneModel.Told {
    /// As the state itself has it.
    init(_ state: WorkflowState) {
        phases = state.phases.map { "\($0.name) \($0.ownStatus.rawValue) \($0.visits.count)" }
        (inHand, left, isComplete) = (state.currentName, state.leftName, state.isComplete)
        isEnded = state.endReason != nil
        holds = state.blocks.map { StateTable.Hold($0) }
        agents = state.agents.map { agent in
            let stage = agent.stage == .merged ? "merged" : agent.isOpen ? "open" : "over"
            return "\(agent.name) \(stage) \(agent.attempt)"
        }.sorted()
        decisions = state.decisions.decisions.map { "\($0.id) \($0.text)" }
        items = state.items.records.map { "\($0.hex) \($1.isDone)" }.sorted()
        (startedItem, next, branch) = (state.items.started?.hex, state.next, state.branch)
        outside = state.outside.map(\.text)
        (count, last, asked) = (state.count, state.lastCheckpoint.id, state.lastAskedFor?.id)
        (documents, refused) = (state.documents, state.refusals.map(\.id))
    }
}

extension StateEvent {
    /// What a checkpoint's trailers say.
    init(_ checkpoint: Checkpoint) {
        self.init(kind: checkpoint.kind)
        id = checkpoint.id
        lifts = checkpoint.values(of: TrailerKey.block).compactMap { ObjectID(hex: $0) }
        phase = checkpoint[TrailerKey.phase]
        hasReason = checkpoint[TrailerKey.reason] != nil
        isGate = checkpoint[TrailerKey.gate] != nil
        definition = LaneHistory.definition(of: checkpoint)
        isConsented = checkpoint[TrailerKey.consent] != nil
        agent = checkpoint[TrailerKey.agent]
        attempt = checkpoint[TrailerKey.attempt].flatMap { Int($0) } ?? 1
        branch = checkpoint[TrailerKey.branch]
        hasCommit = checkpoint[TrailerKey.commit] != nil
    }
}
