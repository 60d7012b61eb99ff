import Actions
import ArgumentParser
import GitValues
import Runner
import Workflow

extension AgentCommand {
    struct Stop: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "stop", abstract: "End an agent's process; what it did so far stays.",
            discussion: "Example: git wf agent stop search --reason \"another way was found\"")
        @Argument(help: "The agent.") var name: String
        @Option(help: ArgumentHelp("Why.", valueName: "text")) var reason: String?
        @OptionGroup var options: SharedOptions

        func run() throws {
            let session = try options.open(forWriting: true)
            let running = try RunningAgents(session) { try options.open() }
            guard let end = try running.stop(Name(name), reason: reason ?? "") else {
                throw Failure(
                    "\(name.quoted) is not running", status: .no, hint: "git wf agent list says how they stand")
            }
            if options.json {
                struct Answer: Encodable {
                    let name: String
                    let exit: Int?
                }
                return try JSONDocument.print(Answer(name: name, exit: end.exit))
            }
            Terminal.standard.answer("Stopped \(name); git wf agent run \(name) lets it go on")
        }
    }
}
