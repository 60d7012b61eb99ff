import Actions
import ArgumentParser

extension Todo {
    struct Start: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "start", abstract: "Say that an item is in hand.", discussion: "Example: git wf todo start 4")
        @Argument(help: "Its number.") var number: Int
        @OptionGroup var options: SharedOptions

        func run() throws {
            let session = try options.open(forWriting: true)
            try ItemActions(session).start(number)
            DoneAnswer.print {
                try TodoFile(session, state: session.state()).answer(item: number, json: options.json)
            }
        }
    }
}
