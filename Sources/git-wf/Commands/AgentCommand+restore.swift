import Actions
import Agents
import ArgumentParser
import GitValues
import SystemPackage
import Workflow

extension AgentCommand {
    struct Restore: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "restore", abstract: "Bring back the worktree of an agent that was removed or lost.",
            discussion: """
                A worktree that is still kept comes back as it was: files, index, HEAD, stages, repositories inside. Any other \
                is made anew from the agent's branch and its newest checkpoint.

                Example: git wf agent restore search
                """)
        @Argument(help: "The agent.") var name: String
        @OptionGroup var options: SharedOptions

        func run() throws {
            let session = try options.open(forWriting: true)
            try session.requireLeader("bring agents back")
            let restored = try AgentRestore(session.journal).restore(name)
            for warning in restored.warnings { Terminal.standard.narrate("warning: \(warning.printable)") }
            if options.json {
                struct Answer: Encodable {
                    let name: String
                    let worktree: String
                    let checkpoint: String?
                    let reopened: Bool
                }
                return try JSONDocument.print(
                    Answer(
                        name: restored.name.text, worktree: restored.worktree.string,
                        checkpoint: restored.checkpoint?.hex, reopened: restored.isReopened))
            }
            let source = restored.checkpoint.map { "its files as in \($0.short)" } ?? "as it was"
            Terminal.standard.answer(
                "Brought \(restored.name) back in \(restored.worktree.string.printable), \(source)"
                    + (restored.isReopened ? "; it is open again" : ""))
        }
    }
}
