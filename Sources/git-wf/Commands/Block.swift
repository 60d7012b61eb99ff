import Actions
import ArgumentParser
import Workflow

struct Block: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "block", abstract: "Say that the phase cannot go on without something.",
        discussion:
            "Work goes on; the phase cannot be left until unblock.\n\nExample: git wf block \"which region?\" --needs input"
    )

    @Argument(help: "What is missing.") var reason: String
    @Option(help: ArgumentHelp("input, review or external.", valueName: "what")) var needs = "input"
    @OptionGroup var options: SharedOptions

    func validate() throws {
        if reason.allSatisfy(\.isWhitespace) { throw ValidationError("what is missing? a block needs a reason") }
        guard PhaseActions.Need(rawValue: needs) != nil else {
            throw ValidationError("--needs takes input, review or external, not \(needs.quoted)")
        }
    }

    func run() throws {
        let session = try options.open(forWriting: true)
        try PhaseAnswer(
            session, state: PhaseActions(session).block(reason, needs: PhaseActions.Need(rawValue: needs) ?? .input)
        ).printDone(json: options.json)
    }
}
