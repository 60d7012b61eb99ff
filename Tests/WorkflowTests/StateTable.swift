import Git
import GitValues
import Workflow

/// The state machine a second time, as the documentation has it and without a line of the first one's: what each event may
/// follow, and what it leads to.
struct StateTable {
    struct Rules {
        let name: String
        let then: String?
        let onFail: String?
        var isGated: Bool
    }

    enum Status: String { case pending, inProgress = "in-progress", failed, complete }
    struct Hold: Equatable {
        enum Kind { case gate, other, dispute }
        let kind: Kind
        let id: ObjectID

        init(_ kind: Kind, _ id: ObjectID) {
            self.kind = kind
            self.id = id
        }

        init(_ block: WorkflowState.Block) {
            self.init(block.isGate ? .gate : block.isDispute ? .dispute : .other, block.id)
        }
    }
    enum AgentStage { case open, over, merged }

    var rules: [Rules]
    var statuses: [String: Status] = [:]
    var visits: [String: Int] = [:]
    var inHand: String?
    var left: String?
    var holds: [Hold] = []
    /// What holds once the lanes are joined.
    var disputes: [Hold] = []
    var isApproved = false
    var isComplete = false
    var isEnded = false
    var agents: [String: (stage: AgentStage, attempt: Int)] = [:]
    var branch: String?

    init(rules: [Rules]) { self.rules = rules }

    func rule(_ name: String?) -> Rules? { rules.first { $0.name == name } }

    /// The phases that may begin without a reason.
    var openPhases: [String] {
        guard inHand == nil, !isEnded else { return [] }
        guard let left else { return [rules[0].name] }
        if statuses[left] == .failed { return [left, rule(left)?.onFail].compactMap { $0 } }
        return [rule(left)?.then].compactMap { $0 }
    }

    /// What a refusal names as allowed.
    var allowed: [String] {
        if let hold = holds.last {
            return hold.kind == .gate ? ["approve", "reject --reason T"] : ["unblock --answer T"]
        }
        if isComplete { return ["phase start NAME --reason T", "init --name NEW"] }
        if inHand == nil { return openPhases.map { "phase start \($0)" } }
        return ["phase complete", "phase fail --reason T", "block REASON"]
    }

    /// The row of an event: whether the table has it. Where it has, the table moves on.
    mutating func take(_ event: StateEvent, definitions: [[Rules]]) -> Bool {
        switch event.kind {
        case .workflowStarted: return false
        case .phaseStarted:
            guard let name = event.phase, rule(name) != nil, inHand != name, holds.isEmpty else { return false }
            if !openPhases.contains(name) {
                let isAgain = (visits[name] ?? 0) > 0
                guard isAgain, event.hasReason else { return false }
            }
            if let inHand { statuses[inHand] = .pending }
            statuses[name] = .inProgress
            visits[name, default: 0] += 1
            (inHand, left, isComplete, isEnded, isApproved) = (name, nil, false, false, false)
            return true
        case .phaseCompleted:
            guard let name = leaving(event), !(rule(name)?.isGated == true && !isApproved) else { return false }
            statuses[name] = .complete
            (inHand, left) = (nil, name)
            return true
        case .phaseFailed:
            guard let name = leaving(event), event.hasReason else { return false }
            statuses[name] = .failed
            (inHand, left) = (nil, name)
            return true
        case .workflowCompleted where event.hasReason:
            if isComplete { return false }
            if let inHand { statuses[inHand] = .pending }
            (inHand, left, holds) = (nil, inHand ?? left, [])
            (isComplete, isEnded) = (true, true)
            return true
        case .workflowCompleted:
            guard holds.isEmpty, inHand == nil, let left, statuses[left] == .complete, rule(left)?.then == nil,
                !isComplete
            else {
                return false
            }
            isComplete = true
            return true
        case .blocked:
            guard let inHand, event.phase == nil || event.phase == inHand else { return false }
            if event.isGate, isAtGate { return false }
            holds.append(Hold(event.isGate ? .gate : .other, event.id))
            return true
        case .unblocked:
            var lifted = (holds + disputes).filter { $0.kind != .gate && event.lifts.contains($0.id) }
            if event.lifts.isEmpty, let last = holds.last(where: { $0.kind != .gate }) {
                lifted = last.kind == .dispute ? holds.filter { $0.kind == .dispute } : [last]
            }
            holds.removeAll { lifted.contains($0) }
            disputes.removeAll { lifted.contains($0) }
            return !lifted.isEmpty
        case .approved, .rejected:
            guard isAtGate, event.phase == nil || event.phase == inHand else { return false }
            if event.kind == .rejected, !event.hasReason { return false }
            if event.kind == .approved { isApproved = true }
            holds.removeAll { $0.kind == .gate }
            return true
        case .definitionChanged:
            guard let number = event.definition else { return false }
            let new = definitions[number]
            if let inHand, !new.contains(where: { $0.name == inHand }) { return false }
            guard event.isConsented else {
                // Only gates that are added come in force by themselves.
                for index in rules.indices where new.contains(where: { $0.name == rules[index].name && $0.isGated }) {
                    rules[index].isGated = true
                }
                return true
            }
            rules = new
            for name in statuses.keys where rule(name) == nil {
                statuses[name] = nil
                visits[name] = nil
            }
            if let left, rule(left) == nil { self.left = nil }
            return true
        case .agentStarted:
            guard let name = event.agent, event.attempt > agents[name]?.attempt ?? 0 else { return false }
            agents[name] = (.open, event.attempt)
            return true
        case .agentReported, .agentFailed, .agentConflicted, .agentMerged, .agentDropped:
            guard let name = event.agent, let agent = agents[name], agent.stage == .open else { return false }
            if event.kind == .agentMerged { agents[name]?.stage = .merged }
            if event.kind == .agentDropped { agents[name]?.stage = .over }
            return true
        case .agentReopened:
            guard let name = event.agent, let agent = agents[name], event.attempt >= agent.attempt else { return false }
            agents[name] = (.open, event.attempt)
            return true
        case .agentRefused:
            guard let name = event.agent, agents[name]?.stage == .open, event.hasReason else { return false }
            agents[name]?.stage = .over
            return true
        case .agentAsked, .scopeGranted: return event.agent.map { agents[$0]?.stage == .open } ?? false
        case .agentStopped, .agentRemoved, .agentAnswered: return event.agent.map { agents[$0] != nil } ?? false
        case .undone:
            if let name = event.agent, agents[name] != nil { agents[name]?.stage = event.hasCommit ? .merged : .open }
            return true
        case .branchRenamed:
            guard let new = event.branch else { return false }
            branch = new
            return true
        // Only behind two that began together, which a fold sees to.
        case .lanesJoined: return false
        default: return true
        }
    }

    private var isAtGate: Bool { holds.contains { $0.kind == .gate } }

    private func leaving(_ event: StateEvent) -> String? {
        guard let inHand, event.phase == nil || event.phase == inHand, holds.isEmpty else { return nil }
        return inHand
    }
}

/// One step of a random history.
struct StateEvent: CustomStringConvertible {
    var kind: CheckpointKind
    var id = ObjectID.zero
    /// The checkpoints of the blocks that it lifts by name.
    var lifts: [ObjectID] = []
    var phase: String?
    var hasReason = false
    var isGate = false
    /// Which definition a `definition-changed` brings; `nil` for one that cannot be read.
    var definition: Int?
    /// Whether a human wants all of it.
    var isConsented = false
    var agent: String?
    var attempt = 1
    var branch: String?
    /// On an undo: whether the merge stands again.
    var hasCommit = false

    var description: String {
        "\(kind)" + (phase.map { " \($0)" } ?? "") + (hasReason ? " with a reason" : "")
            + (isGate ? " at the gate" : "")
            + (agent.map { " of \($0) \(attempt)" } ?? "") + (branch.map { " to \($0)" } ?? "")
            + (definition.map { " definition \($0)" } ?? "") + (isConsented ? " by consent" : "")
    }

    /// A step that is possible from here more often than not: sequences that are refused throughout show nothing.
    static func random(from table: StateTable, names: [String], using random: inout DocumentGenerator) -> StateEvent {
        let kinds = CheckpointKind.known + [.phaseStarted, .phaseCompleted, .blocked, .approved, .unblocked]
        var event = StateEvent(kind: kinds.randomElement(using: &random) ?? .checkpoint)
        if Int.random(in: 0..<30, using: &random) == 0 { event.kind = CheckpointKind(rawValue: "phase-teleported") }
        event.hasReason = Bool.random(using: &random)
        event.isGate = event.kind == .blocked && Bool.random(using: &random)
        let isLikely = Int.random(in: 0..<4, using: &random) > 0
        switch event.kind {
        case .phaseStarted:
            event.phase = isLikely ? table.openPhases.randomElement(using: &random) : nil
            event.phase = event.phase ?? names.randomElement(using: &random)
        case .agentStarted, .agentReported, .agentFailed, .agentMerged, .agentConflicted, .agentDropped,
            .agentStopped, .agentReopened, .agentRefused, .agentRemoved, .agentAsked, .agentAnswered, .scopeGranted:
            event.agent = isLikely ? ["ann", "bob"].randomElement(using: &random) : nil
            event.attempt = Int.random(in: 1...4, using: &random)
        case .definitionChanged:
            event.definition = isLikely ? Int.random(in: 0..<3, using: &random) : nil
            event.isConsented = Bool.random(using: &random)
        case .branchRenamed: event.branch = isLikely ? "refs/heads/b\(Int.random(in: 0..<3, using: &random))" : nil
        case .unblocked:
            if !isLikely { event.lifts = table.holds.map(\.id).filter { _ in Bool.random(using: &random) } }
        default: event.phase = isLikely ? table.inHand : names.randomElement(using: &random)
        }
        return event
    }
}
