import Actions
import ArgumentParser

extension Todo {
    struct Reopen: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "reopen", abstract: "Clear an item's box.", discussion: "Example: git wf todo reopen 4")
        @Argument(help: "Its number.") var number: Int
        @OptionGroup var options: SharedOptions

        func run() throws {
            let session = try options.open(forWriting: true)
            try ItemActions(session).set(number, done: false)
            DoneAnswer.print {
                try TodoFile(session, state: session.state()).answer(item: number, json: options.json)
            }
        }
    }
}
