internal import Git
package import Journal
internal import Workflow

extension Workspace {
    /// Fails for an agent: in its worktree, and in a process that was started for one.
    package func requireNoAgent(_ doing: String) throws {
        let named = surroundings.environment["GIT_WF_AGENT"].flatMap { $0.isEmpty ? nil : $0 }
        guard let name = try agent()?.text ?? named else { return }
        throw ActionError("only the leader or a human may \(doing), and this is the agent \(name)", .refused)
    }
}
