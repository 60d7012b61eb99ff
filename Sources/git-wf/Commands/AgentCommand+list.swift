import Actions
import Agents
import ArgumentParser
import Journal
import Overview
import SystemPackage
import Workflow

extension AgentCommand {
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List the agents and how far they are.",
            discussion: "Example: git wf agent list")
        @OptionGroup var options: SharedOptions

        func run() throws {
            let session = try options.open()
            let journal = session.journal
            let agents = try session.agents()
            let removed = try RemovedWorktree.kept(of: journal).map(\.agent.text)
            if options.json {
                struct Answer: Encodable {
                    let agents: [AgentAnswer]
                    /// Those whose worktrees can come back as they were.
                    let removed: [String]
                }
                return try JSONDocument.print(Answer(agents: agents.map { AgentAnswer($0) }, removed: removed))
            }
            var lines = Lines()
            for agent in agents {
                lines.add(agent.line(at: session.surroundings.now).printable)
                if let worktree = agent.worktree, agent.state != .merged {
                    lines.add("    \(worktree.string.printable)")
                }
            }
            if !removed.isEmpty {
                lines.add(
                    "\(removed.count) removed, and kept: \(removed.listed()); git wf agent restore NAME brings one back"
                )
            }
            if agents.isEmpty { lines.add("no agent was started; git wf agent start NAME starts one") }
            Terminal.standard.answer(lines.text)
        }
    }
}
