import Actions
import Agents
import ArgumentParser

extension AgentCommand {
    struct Diff: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "diff", abstract: "Show what an agent changed, what it did not commit included.",
            discussion: "Example: git wf agent diff search --stat")
        @Argument(help: "The agent.") var name: String
        @Flag(help: "The paths and how much changed in each.") var stat = false
        @OptionGroup var options: SharedOptions

        func run() throws {
            let session = try options.open()
            let range = try AgentDiff(session.journal).trees(of: name)
            try TreeDiff(session).answer(
                json: options.json, stat: stat, from: range.old, to: range.new, paths: [])
        }
    }
}
