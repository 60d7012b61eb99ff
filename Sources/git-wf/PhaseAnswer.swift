import Actions
internal import Overview
import Workflow

/// What the commands about phases answer.
struct PhaseAnswer {
    private let session: Session
    private let state: WorkflowState

    /// - Parameter state: as it is after the command.
    init(_ session: Session, state: WorkflowState) {
        self.session = session
        self.state = state
    }

    func print(json: Bool) throws {
        if json { return try JSONDocument.print(StatusAnswer(Standing(session, state: state))) }
        var lines = Lines()
        let width = state.phases.map(\.name.columns).max() ?? 0
        for phase in state.phases {
            let mark = phase.name == state.currentName ? ">" : " "
            lines.add("\(mark) \(phase.name.padded(to: width))  \(state.status(of: phase).rawValue)")
        }
        if let reason = state.endReason {
            lines.add("The workflow \(state.name) ended: \(reason.printable)")
        } else if state.isComplete {
            lines.add("The workflow \(state.name) is complete.")
        }
        Terminal.standard.answer(lines.text)
    }
}
