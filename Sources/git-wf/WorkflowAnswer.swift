import GitValues
import Workflow

/// What a command answers that did something with a whole workflow.
struct WorkflowAnswer: Encodable {
    /// The checkpoint that records it.
    let id: String
    let workflow: String
    let branch: String?
    let status: String
    let ended: String?
    private let title: String

    private enum CodingKeys: String, CodingKey { case id, workflow, branch, status, ended }

    init(_ checkpoint: Checkpoint, state: WorkflowState) {
        id = checkpoint.id.hex
        title = checkpoint.title
        workflow = state.name
        branch = state.branch
        status = state.status.rawValue
        ended = state.endReason
    }

    func print(json: Bool) throws {
        if json { return try JSONDocument.print(self) }
        Terminal.standard.answer("\(workflow): \(title.printable)\n")
    }
}
