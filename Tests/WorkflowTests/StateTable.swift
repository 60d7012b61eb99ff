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
        let isGated: Bool
    }

    enum Status: String { case pending, inProgress = "in-progress", failed, complete }
    enum Hold: Equatable { case gate, other }
    enum AgentStage { case open, over }

    var rules: [Rules]
    var statuses: [String: Status] = [:]
    var visits: [String: Int] = [:]
    var inHand: String?
    var left: String?
    var holds: [Hold] = []
    var isApproved = false
    var isComplete = false
    var agents: [String: (stage: AgentStage, attempt: Int)] = [:]
    var branch: String?

    init(rules: [Rules]) { self.rules = rules }

    func rule(_ name: String?) -> Rules? { rules.first { $0.name == name } }

    /// The phases that may begin without a reason.
    var openPhases: [String] {
        guard inHand == nil else { return [] }
        guard let left else { return [rules[0].name] }
        if statuses[left] == .failed { return [left, rule(left)?.onFail].compactMap { $0 } }
        return [rule(left)?.then].compactMap { $0 }
    }

    /// What a refusal names as allowed.
    var allowed: [String] {
        if isComplete { return ["phase start NAME --reason T", "init --name NEW"] }
        if inHand == nil { return openPhases.map { "phase start \($0)" } }
        switch holds.last {
        case .gate: return ["approve", "reject --reason T"]
        case .other: return ["unblock --answer T"]
        case nil: return ["phase complete", "phase fail --reason T", "block REASON"]
        }
    }

    /// The row of an event: whether the table has it. Where it has, the table moves on.
    mutating func take(_ event: StateEvent, definitions: [[Rules]]) -> Bool {
        switch event.kind {
        case .workflowStarted: return false
        case .phaseStarted:
            guard let name = event.phase, rule(name) != nil, inHand != name else { return false }
            if !openPhases.contains(name) {
                let isAgain = (visits[name] ?? 0) > 0
                guard isAgain, event.hasReason, holds.isEmpty else { return false }
            }
            if let inHand { statuses[inHand] = .pending }
            statuses[name] = .inProgress
            visits[name, default: 0] += 1
            (inHand, left, isComplete, isApproved) = (name, nil, false, false)
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
        case .workflowCompleted:
            guard inHand == nil, let left, statuses[left] == .complete, rule(left)?.then == nil, !isComplete else {
                return false
            }
            isComplete = true
            return true
        case .blocked:
            guard let inHand, event.phase == nil || event.phase == inHand else { return false }
            if event.isGate, holds.contains(.gate) { return false }
            holds.append(event.isGate ? .gate : .other)
            return true
        case .unblocked:
            guard let index = holds.lastIndex(of: .other) else { return false }
            holds.remove(at: index)
            return true
        case .approved, .rejected:
            guard holds.contains(.gate), event.phase == nil || event.phase == inHand else { return false }
            if event.kind == .rejected, !event.hasReason { return false }
            if event.kind == .approved { isApproved = true }
            holds.removeAll { $0 == .gate }
            return true
        case .definitionChanged:
            guard let number = event.definition else { return false }
            let new = definitions[number]
            if let inHand, !new.contains(where: { $0.name == inHand }) { return false }
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
            if event.kind == .agentMerged || event.kind == .agentDropped { agents[name]?.stage = .over }
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
        case .branchRenamed:
            guard let new = event.branch else { return false }
            branch = new
            return true
        default: return true
        }
    }

    private func leaving(_ event: StateEvent) -> String? {
        guard let inHand, event.phase == nil || event.phase == inHand, holds.isEmpty else { return nil }
        return inHand
    }
}

/// One step of a random history.
struct StateEvent: CustomStringConvertible {
    var kind: CheckpointKind
    var phase: String?
    var hasReason = false
    var isGate = false
    /// Which definition a `definition-changed` brings; `nil` for one that cannot be read.
    var definition: Int?
    var agent: String?
    var attempt = 1
    var branch: String?

    var description: String {
        "\(kind)" + (phase.map { " \($0)" } ?? "") + (hasReason ? " with a reason" : "")
            + (isGate ? " at the gate" : "")
            + (agent.map { " of \($0) \(attempt)" } ?? "") + (branch.map { " to \($0)" } ?? "")
            + (definition.map { " definition \($0)" } ?? "")
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
        case .definitionChanged: event.definition = isLikely ? Int.random(in: 0..<3, using: &random) : nil
        case .branchRenamed: event.branch = isLikely ? "refs/heads/b\(Int.random(in: 0..<3, using: &random))" : nil
        default: event.phase = isLikely ? table.inHand : names.randomElement(using: &random)
        }
        return event
    }
}
