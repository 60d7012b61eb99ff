import Actions
import ArgumentParser

extension PhaseCommand {
    struct Fail: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "fail", abstract: "Give the phase in hand up; its onFail phase begins, where it has one.",
            discussion: "Example: git wf phase fail testing --reason \"search is too slow\"")
        @Argument(help: "The phase in hand.") var name: String?
        @Option(help: ArgumentHelp("Why.", valueName: "text")) var reason: String
        @OptionGroup var options: SharedOptions

        func run() throws {
            let session = try options.open(forWriting: true)
            try PhaseAnswer(session, state: PhaseActions(session).fail(name, reason: reason)).printDone(
                json: options.json)
        }
    }
}
