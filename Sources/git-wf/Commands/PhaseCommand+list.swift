import Actions
import ArgumentParser

extension PhaseCommand {
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List the phases.", discussion: "Example: git wf phase list")
        @OptionGroup var options: SharedOptions

        func run() throws {
            let session = try options.open()
            try PhaseAnswer(session, state: session.state()).print(json: options.json)
        }
    }
}
