extension TodoList {
    /// The item in hand.
    package func current(in state: WorkflowState) -> TodoItem? {
        current(
            startedText: state.startedItem, phase: state.currentName, phases: state.phases.map(\.name),
            taken: Set(state.agents.filter(\.isOpen).compactMap(\.item)))
    }
}

extension WorkflowState {
    /// The open agent that works on an item.
    package func agent(on item: TodoItem) -> String? {
        item.done ? nil : agents.last { $0.isOpen && $0.item == item.text }?.name
    }
}
