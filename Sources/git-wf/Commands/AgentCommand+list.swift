import Actions
import Agents
import ArgumentParser
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
            let agents = try AgentList(options.open().journal).agents()
            if options.json {
                struct Answer: Encodable { let agents: [AgentAnswer] }
                return try JSONDocument.print(Answer(agents: agents.map { AgentAnswer($0) }))
            }
            var lines = Lines()
            for agent in agents {
                lines.add(agent.line.printable)
                if let worktree = agent.worktree, agent.state != .merged {
                    lines.add("    \(worktree.string.printable)")
                }
            }
            if agents.isEmpty { lines.add("no agent was started; git wf agent start NAME starts one") }
            Terminal.standard.answer(lines.text)
        }
    }
}
