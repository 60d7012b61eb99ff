extension TodoList {
    /// The item in hand.
    package func current(in state: WorkflowState) -> TodoItem? {
        current(startedText: state.startedItem, phase: state.currentName, phases: state.phases.map(\.name))
    }
}
