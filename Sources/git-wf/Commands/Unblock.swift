import Actions
import ArgumentParser

struct Unblock: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unblock", abstract: "Lift the newest block.",
        discussion: "Example: git wf unblock --answer \"eu-west-1\"")

    @Option(help: ArgumentHelp("The answer.", valueName: "text")) var answer: String?
    @OptionGroup var options: SharedOptions

    func run() throws {
        let session = try options.open(forWriting: true)
        try PhaseAnswer(session, state: PhaseActions(session).unblock(answer: answer)).printDone(json: options.json)
    }
}
