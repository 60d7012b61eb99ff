import Actions
import ArgumentParser

extension Todo {
    struct Done: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "done", abstract: "Tick an item, and take a checkpoint.",
            discussion: "Example: git wf todo done 4")
        @Argument(help: "Its number.") var number: Int
        @OptionGroup var options: SharedOptions

        func run() throws {
            let session = try options.open(forWriting: true)
            try ItemActions(session).set(number, done: true)
            DoneAnswer.print {
                try TodoFile(session, state: session.state()).answer(item: number, json: options.json)
            }
        }
    }
}
