import Git
import Journal
import Workflow

/// An agent, in `status` and `agent list`.
struct AgentAnswer: Encodable {
    let name: String
    let state: String

    static func all(_ session: Session, state: WorkflowState) throws -> [AgentAnswer] { [] }
}
