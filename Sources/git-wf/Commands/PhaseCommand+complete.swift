import Actions
import ArgumentParser
import Workflow

extension PhaseCommand {
    struct Complete: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "complete", abstract: "Complete the phase in hand, and start the one that follows.",
            discussion: """
                Runs the phase's check first, and waits at its gate for a human's approval (exit 1). Items of the phase that are \
                open are named. The last phase completes the workflow; where items or agents are open it takes --reason. Next \
                actions that name the phase are over; --next says what comes first in the following one.

                Example: git wf phase complete --next "Write the schema"
                """)
        @Argument(help: "The phase in hand.") var name: String?
        @Option(help: ArgumentHelp("Why the workflow is complete with something open.", valueName: "text"))
        var reason: String?
        @Option(help: ArgumentHelp("A next action of the phase that follows; in order.", valueName: "text"))
        var next: [String] = []
        @OptionGroup var options: SharedOptions

        func run() throws {
            let session = try options.open(forWriting: true)
            let phase = try session.state().shownPhase
            let state = try PhaseActions(session).complete(name, reason: reason, next: next)
            PhaseAnswer(session, state: state, completed: phase).printDone(json: options.json)
        }
    }
}
