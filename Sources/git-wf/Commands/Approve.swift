import Actions
import ArgumentParser
import Workflow

struct Approve: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve",
        abstract: "Approve the phase that waits at its gate, and complete it. Only a human may.",
        discussion: "Example: git wf approve deploying --note \"checked on staging\"")

    @Argument(help: "The phase that waits.") var phase: String?
    @Option(help: ArgumentHelp("A note for the record.", valueName: "text")) var note: String?
    @Option(help: ArgumentHelp("Why the workflow is complete with something open.", valueName: "text"))
    var reason: String?
    @OptionGroup var options: SharedOptions

    func run() throws {
        let session = try options.open(forWriting: true)
        let held = try session.state().blocks.last(where: \.isGate)?.phase
        let state = try PhaseActions(session).approve(phase, note: note, reason: reason)
        PhaseAnswer(session, state: state, completed: held).printDone(json: options.json)
    }
}
