internal import Journal
package import Workflow

/// What is not done yet: items, and agents from which something is still to come.
package struct OpenWork: Sendable {
    package let items: [TodoItem]
    package let agents: [String]

    /// - Parameter phase: the one whose items are meant; `nil` for all.
    package init(_ session: Session, state: WorkflowState, of phase: String? = nil) throws {
        let phases = state.phases.map(\.name)
        items = try (session.journal.todo(state)?.items ?? []).filter { item in
            !item.done && (phase == nil || item.phase(among: phases) == phase)
        }
        agents = state.agents.filter(\.isOpen).map(\.name)
    }

    package var isEmpty: Bool { items.isEmpty && agents.isEmpty }

    /// "2 items are open (4. Schema, 5. The main path) and so is the agent api"
    var text: String {
        var parts: [String] = []
        if !items.isEmpty {
            let names = items.prefix(3).map { "\($0.number). \($0.text)" } + (items.count > 3 ? ["…"] : [])
            parts.append(
                "\(items.count) item\(items.count == 1 ? " is" : "s are") open (\(names.joined(separator: ", ")))")
        }
        if !agents.isEmpty {
            let names = agents.joined(separator: ", ")
            parts.append("\(agents.count == 1 ? "the agent \(names) is" : "the agents \(names) are") open")
        }
        return parts.joined(separator: ", and ")
    }
}
