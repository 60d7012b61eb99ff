import Actions
import ArgumentParser

extension PhaseCommand {
    struct Start: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "start", abstract: "Start a phase.",
            discussion: "Example: git wf phase start implementing --reason \"a bug in search\"")
        @Argument(help: "The phase.") var name: String
        @Option(help: ArgumentHelp("Why a phase that was visited starts again.", valueName: "text")) var reason: String?
        @OptionGroup var options: SharedOptions

        func run() throws {
            let session = try options.open(forWriting: true)
            try PhaseAnswer(session, state: PhaseActions(session).start(name, reason: reason)).printDone(
                json: options.json)
        }
    }
}
