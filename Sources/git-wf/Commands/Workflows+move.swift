import Actions
import ArgumentParser
import GitValues
import Workflow

extension Workflows {
    struct Move: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "move", abstract: "Have a workflow belong to another branch.",
            discussion: "Example: git wf workflows move demo trunk")

        @Argument(help: "The workflow.") var name: String
        @Argument(help: "The branch that it belongs to from now on.") var branch: String
        @OptionGroup var options: SharedOptions

        func run() throws {
            let session = try options.open(forWriting: true, workflow: name)
            let checkpoint = try WorkflowActions(session).move(to: branch)
            try WorkflowAnswer(checkpoint, state: session.state()).print(json: options.json)
        }
    }
}
