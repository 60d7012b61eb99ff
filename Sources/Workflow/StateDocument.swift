internal import GitValues

/// `workflow-state.md`: where the work stands, in the article's form, for whoever opens the folder. It is rendered from the
/// state and never read.
package struct StateDocument: Sendable {
    package static let name = "workflow-state.md"
    /// The first line, by which one of ours is known.
    package static let beginning = "# Workflow State\n"

    private let state: WorkflowState
    private let todo: TodoList?
    private let zone: Int

    /// - Parameter zone: minutes east of UTC, in which times are shown.
    package init(_ state: WorkflowState, todo: TodoList?, zone: Int) {
        self.state = state
        self.todo = todo
        self.zone = zone
    }

    package var text: String {
        let current =
            state.endReason.map { "ENDED: \(line($0))" } ?? (state.isComplete ? "COMPLETE" : word(state.shownPhase))
        var lines = [
            "# Workflow State", "",
            "**Current phase**: \(current)",
            "**Started**: \(dateAndTime(state.started))",
            "**Last checkpoint**: \(dateAndTime(state.lastCheckpoint.time))", "",
            "## Phase Status",
            "| Phase | Status | Entered | Completed |",
            "|---|---|---|---|",
        ]
        for phase in state.phases {
            let visit = phase.visits.last
            let cells = [
                capitalised(phase.name), word(state.status(of: phase).rawValue), visit.map { time($0.entered) } ?? "--",
                visit?.completed.map { time($0) } ?? "--",
            ]
            lines.append("| \(cells.map(cell).joined(separator: " | ")) |")
        }
        lines += ["", "## Implementation Progress"] + items
        lines += ["", "## Blocking Issues"] + (state.blocks.isEmpty ? ["(none)"] : state.blocks.map(block))
        let decisions = state.decisions.decisions
        lines += ["", "## Decisions Log"] + (decisions.isEmpty ? ["(none)"] : decisions.map(decision))
        return lines.joined(separator: "\n").visible + "\n"
    }

    private var items: [String] {
        guard let todo, !todo.items.isEmpty else { return ["(none)"] }
        let current = todo.current(in: state)
        return todo.items.map { item in
            let indent = String(repeating: "  ", count: item.depth)
            let commit = item.done ? state.commit(of: item).map { " (committed: \(line($0).prefix(7)))" } ?? "" : ""
            return
                "\(indent)- [\(item.done ? "x" : " ")] \(line(item.text))\(commit)\(item == current ? "  <-- CURRENT" : "")"
        }
    }

    private func block(_ block: WorkflowState.Block) -> String {
        "- \(time(block.since)): \(capitalised(line(block.phase))) needs \(line(block.needs)): \(line(block.reason))"
    }

    private func decision(_ decision: Decision) -> String {
        let reason = decision.because.map { " (\(line($0)))" } ?? ""
        return "- \(time(decision.time)): \(line(decision.text))\(reason)"
    }

    private func dateAndTime(_ time: Timestamp) -> String { time.dateAndTime(in: zone) }

    /// The clock, with the date when it is not the day of the last checkpoint, whose date stands above.
    private func time(_ time: Timestamp) -> String {
        time.shown(at: state.lastCheckpoint.time.at(offset: zone))
    }

    private func word(_ text: String) -> String { String(text.uppercased().map { $0 == "-" ? "_" : $0 }) }

    private func capitalised(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }

    private func line(_ text: String) -> String { PlainText.line(text) }

    /// A `|` would end the cell.
    private func cell(_ text: String) -> String {
        var cell = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { cell += scalar == "|" ? ["\\", "|"] : [scalar] }
        return String(cell)
    }
}

extension WorkflowState {
    /// The commit that did an item; `nil` where it is not known.
    package func commit(of item: TodoItem) -> String? {
        items.record(of: item)?.commit
    }
}
