import Actions
import ArgumentParser

struct Approve: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve",
        abstract: "Approve the phase that waits at its gate, and complete it. Only a human may.",
        discussion: "Example: git wf approve deploying --note \"checked on staging\"")

    @Argument(help: "The phase that waits.") var phase: String?
    @Option(help: ArgumentHelp("A note for the record.", valueName: "text")) var note: String?
    @OptionGroup var options: SharedOptions

    func run() throws {
        let session = try options.open(forWriting: true)
        try PhaseAnswer(session, state: PhaseActions(session).approve(phase, note: note)).print(json: options.json)
    }
}
