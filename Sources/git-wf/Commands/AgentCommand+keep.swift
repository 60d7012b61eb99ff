import Actions
import Agents
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

    /// Started by each command of the leader's that protects agents, for several of them beside each other.
    struct Look: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "look",
            abstract: "Take a checkpoint of an agent's worktree; the leader's commands start this.",
            discussion: "Example: git wf agent look search \"Beside a merge\"", shouldDisplay: false)
        @Argument(help: "The agent.") var name: String
        @Argument(help: "What the checkpoint is called.") var title: String
        @OptionGroup var options: SharedOptions

        func run() throws {
            let session = try options.open()
            try session.requireLeader("look after agents")
            if let problem = AgentProtection(session.journal).problem(try Name(name), title) {
                Terminal.standard.answer(problem)
            }
        }
    }
}
