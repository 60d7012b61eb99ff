import Actions
internal import Overview
import Workflow

/// What the commands about phases answer.
struct PhaseAnswer {
    private let session: Session
    private let state: WorkflowState

    /// The phase that the command completed.
    private let completed: String?

    /// - Parameter state: as it is after the command.
    init(_ session: Session, state: WorkflowState, completed: String? = nil) {
        self.session = session
        self.state = state
        self.completed = completed
    }

    /// After something was done.
    func printDone(json: Bool) { DoneAnswer.print { try print(json: json) } }

    func print(json: Bool) throws {
        if json { return try JSONDocument.print(StatusAnswer(Standing(session, state: state))) }
        var lines = Lines()
        let width = state.phases.map(\.name.columns).max() ?? 0
        for phase in state.phases {
            let mark = phase.name == state.currentName ? ">" : " "
            lines.add("\(mark) \(phase.name.padded(to: width))  \(state.status(of: phase).rawValue)")
        }
        if let completed, state.currentName != completed {
            let open = try OpenWork(session, state: state, of: completed).items
            if !open.isEmpty { lines.add("Open items of \(completed):") }
            for item in open { lines.add("  \(item.number). \(item.text.printable)") }
        }
        if let reason = state.endReason {
            lines.add("The workflow \(state.name) ended: \(reason.printable)")
        } else if state.isComplete {
            lines.add("The workflow \(state.name) is complete.")
        }
        Terminal.standard.answer(lines.text)
    }
}
