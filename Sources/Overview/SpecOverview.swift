package import Actions
internal import Agents
internal import Journal
package import Workflow

/// The specs and how they stand: what is wrong with each, what they share, and which can start.
package struct SpecOverview {
    /// Whether an agent can begin with a spec now.
    package enum Standing: Hashable, Sendable {
        case ready
        /// What is wrong with it comes first.
        case faulty
        case waits(for: [String])
        /// An agent at work may change the same.
        case overlaps([String])
        /// An agent has it.
        case taken(AgentProgress)

        package var text: String {
            switch self {
            case .ready: "can start"
            case .faulty: "has faults"
            case .waits(let names): "waits for \(names.joined(separator: ", "))"
            case .overlaps(let names): "overlaps \(names.joined(separator: ", "))"
            case .taken(let progress): progress.rawValue
            }
        }
    }

    package let checks: [SpecCheck]
    /// Between any two of them, and between them and the specs of agents at work.
    package let overlaps: [SpecOverlap]
    private let agents: [String: AgentProgress]
    private let complete: Set<String>

    package init(_ session: Session) throws {
        let folder = SpecFolder(session.journal)
        checks = try folder.checks()
        let state = try session.journal.leaderState()
        var agents: [String: AgentProgress] = [:]
        var complete: Set<String> = []
        for record in state.agents {
            guard let name = try? Name(record.name) else { continue }
            let lane = try? session.journal.agentState(name)
            agents[record.name] = AgentProgress(record: record, lane: lane)
            if record.stage == .merged || lane?.result(for: record)?.status == "complete" {
                complete.insert(record.name)
            }
        }
        self.agents = agents
        self.complete = complete
        let atWork = try folder.open(state)
        let mine = checks.map { (name: $0.name, spec: $0.spec) }.filter { spec in
            !atWork.contains { $0.name == spec.name }
        }
        let all = mine.filter { agents[$0.name]?.isOpen != false } + atWork
        overlaps = all.indices.flatMap { one in
            all.indices.dropFirst(one + 1).flatMap { SpecOverlap.between(all[one], all[$0]) }
        }
    }

    package func standing(of check: SpecCheck) -> Standing {
        if let progress = agents[check.name] { return .taken(progress) }
        if !check.errors.isEmpty { return .faulty }
        let open = check.spec.dependsOn.filter { !complete.contains($0) }
        if !open.isEmpty { return .waits(for: open) }
        let others = overlaps.filter { !$0.isDisjoint && $0.names.contains(check.name) }
            .flatMap(\.names).filter { $0 != check.name && agents[$0]?.isOpen == true }
        return others.isEmpty ? .ready : .overlaps(Set(others).sorted())
    }
}
