import Actions
import ArgumentParser

extension PhaseCommand {
    struct Complete: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "complete", abstract: "Complete the phase in hand, and start the one that follows.",
            discussion: """
                Runs the phase's check first, and waits at its gate for a human's approval (exit 1).

                Example: git wf phase complete
                """)
        @Argument(help: "The phase in hand.") var name: String?
        @OptionGroup var options: SharedOptions

        func run() throws {
            let session = try options.open(forWriting: true)
            try PhaseAnswer(session, state: PhaseActions(session).complete(name)).print(json: options.json)
        }
    }
}
