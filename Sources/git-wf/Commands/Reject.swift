import Actions
import ArgumentParser

struct Reject: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reject", abstract: "Send a phase that waits at its gate back to work.",
        discussion: "Example: git wf reject --reason \"no rollback plan\"")

    @Option(help: ArgumentHelp("Why.", valueName: "text")) var reason: String
    @OptionGroup var options: SharedOptions

    func run() throws {
        let session = try options.open(forWriting: true)
        try PhaseAnswer(session, state: PhaseActions(session).reject(reason: reason)).printDone(json: options.json)
    }
}
