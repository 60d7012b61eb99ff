import Actions
import Agents
import ArgumentParser
import GitValues
import SystemPackage
import Workflow

extension AgentCommand {
    struct Start: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "start", abstract: "Make an agent's worktree, branch and lane.",
            discussion: """
                The spec specs/NAME.md is taken where --spec does not say. Prints the worktree's path and a prompt to paste.

                Example: git wf agent start search --item 3
                """)
        @Argument(help: "The agent's name.") var name: String
        @Option(help: ArgumentHelp("A spec's file, or its name below specs/.", valueName: "spec")) var spec: String?
        @Option(help: ArgumentHelp("The commit to begin at; the branch's by default.", valueName: "rev")) var base:
            String?
        @Option(help: ArgumentHelp("The item of TODO.md that it works on.", valueName: "number")) var item: Int?
        @Flag(help: "Also where an agent at work may change the same; that is recorded.") var overlap = false
        @OptionGroup var options: SharedOptions

        func run() throws {
            let session = try options.open(forWriting: true)
            try session.requireLeader("start agents")
            let started = try AgentStart(session.journal).start(
                AgentStart.Request(name: name, spec: spec, base: base, item: item, allowsOverlap: overlap))
            session.protectAgents(beside: "the start of \(started.name)")
            for warning in started.warnings { Terminal.standard.narrate("warning: \(warning.printable)") }
            if options.json {
                struct Answer: Encodable {
                    let name: String
                    let worktree: String
                    let branch: String
                    let base: String
                    let spec: String?
                    let item: String?
                    let attempt: Int
                    let prompt: String
                    let warnings: [String]
                }
                return try JSONDocument.print(
                    Answer(
                        name: started.name.text, worktree: started.worktree.string, branch: started.branch,
                        base: started.base.hex, spec: started.spec?.string, item: started.item,
                        attempt: started.attempt,
                        prompt: started.prompt, warnings: started.warnings))
            }
            Terminal.standard.answer("\(started.worktree.string.printable)\n\n\(started.prompt.printableLines)")
        }
    }
}
