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
    @Option(
        help: ArgumentHelp("With external: after how long it is worth another try, such as 30m.", valueName: "time"))
    var retryAfter: String?
    @OptionGroup var options: SharedOptions

    func validate() throws {
        if reason.allSatisfy(\.isWhitespace) { throw ValidationError("what is missing? a block needs a reason") }
        if let retryAfter, WorkflowDuration(parsing: retryAfter).map({ $0.seconds > 0 }) != true {
            throw ValidationError("--retry-after takes a time, such as 30m, not \(retryAfter.quoted)")
        }
        if retryAfter != nil, needs != PhaseActions.Need.external.rawValue {
            throw ValidationError("--retry-after goes with --needs external")
        }
        guard PhaseActions.Need(rawValue: needs) != nil else {
            throw ValidationError("--needs takes input, review or external, not \(needs.quoted)")
        }
    }

    func run() throws {
        let session = try options.open(forWriting: true)
        try PhaseAnswer(
            session,
            state: PhaseActions(session).block(
                reason, needs: PhaseActions.Need(rawValue: needs) ?? .input,
                retry: retryAfter.flatMap { WorkflowDuration(parsing: $0) })
        ).printDone(json: options.json)
    }
}
