import Actions
import ArgumentParser

extension Todo {
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List the items.", discussion: "Example: git wf todo list")
        @OptionGroup var options: SharedOptions

        func run() throws {
            let session = try options.open()
            try TodoFile(session, state: session.state()).answer(json: options.json)
        }
    }
}
