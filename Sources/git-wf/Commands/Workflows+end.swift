import Actions
import ArgumentParser
import GitValues
import Workflow

extension Workflows {
    struct End: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "end", abstract: "End a workflow before its last phase; its history stays.",
            discussion: "Example: git wf workflows end demo --reason \"no longer needed\"")

        @Argument(help: "The workflow.") var name: String
        @Option(help: ArgumentHelp("Why.", valueName: "text")) var reason: String
        @OptionGroup var options: SharedOptions

        func run() throws {
            let session = try options.open(forWriting: true, workflow: name)
            let checkpoint = try WorkflowActions(session).end(reason: reason)
            try WorkflowAnswer(checkpoint, state: session.state()).print(json: options.json)
        }
    }
}
