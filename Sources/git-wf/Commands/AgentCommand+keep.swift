import Actions
import ArgumentParser
import GitValues
import Workflow

extension AgentCommand {
    /// Started by `agent run`, never by a person.
    struct Keep: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "keep", abstract: "Keep one attempt of an agent; agent run starts this.",
            discussion: "Example: git wf agent keep feedback-api search 1", shouldDisplay: false)
        @Argument(help: "The workflow.") var workflow: String
        @Argument(help: "The agent.") var name: String
        @Argument(help: "Which attempt.") var attempt: Int

        func run() throws {
            let agent = try Name(name)
            let session = try SharedOptions.plain.open(workflow: workflow)
            try RunningAgents(session) { try SharedOptions.plain.open(workflow: workflow) }.keep(
                agent, attempt: attempt)
        }
    }
}
