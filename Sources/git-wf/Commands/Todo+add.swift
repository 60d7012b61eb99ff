import Actions
import ArgumentParser

extension Todo {
    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "add", abstract: "Add an item to the section of the phase in hand.",
            discussion: "Example: git wf todo add \"Rate limiting\"")
        @Argument(help: "The item.") var text: String
        @OptionGroup var options: SharedOptions

        func run() throws {
            let session = try options.open(forWriting: true)
            let number = try ItemActions(session).add(text)
            DoneAnswer.print {
                try TodoFile(session, state: session.state()).answer(item: number, json: options.json)
            }
        }
    }
}
