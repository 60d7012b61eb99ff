extension TodoList {
    /// The item in hand.
    package func current(in state: WorkflowState) -> TodoItem? {
        current(
            started: state.items.started, phase: state.currentName, phases: state.phases.map(\.name),
            taken: Set(state.agents.filter(\.isOpen).compactMap { $0.item?.id }))
    }
}

extension WorkflowState {
    /// The open agent that works on an item.
    package func agent(on item: TodoItem) -> String? {
        guard let id = item.id, !item.done else { return nil }
        return agents.last { $0.isOpen && $0.item?.id == id }?.name
    }
}
