import Actions
import Agents
import ArgumentParser
import GitValues
import SystemPackage
import Workflow

extension AgentCommand {
    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "remove", abstract: "Remove an agent's worktree and branch; its history stays.",
            discussion: """
                A checkpoint keeps what it has first. Stops while there are ignored or skipped files that nobody else holds.

                Example: git wf agent remove search
                """)
        @Argument(help: "The agent.") var name: String
        @Flag(help: "Even with files that no checkpoint holds.") var force = false
        @OptionGroup var options: SharedOptions

        func run() throws {
            let session = try options.open(forWriting: true)
            try session.requireLeader("remove agents")
            let removed = try AgentRemove(session.journal).remove(name, isForced: force)
            for warning in removed.warnings { Terminal.standard.narrate("warning: \(warning.printable)") }
            if options.json {
                struct Answer: Encodable {
                    let name: String
                    let checkpoint: String?
                    let worktree: String?
                    let branchDeleted: Bool
                    let dropped: Bool
                }
                return try JSONDocument.print(
                    Answer(
                        name: removed.name.text, checkpoint: removed.checkpoint?.hex,
                        worktree: removed.worktree?.string,
                        branchDeleted: removed.isBranchDeleted, dropped: removed.isDropped))
            }
            var text = "Removed \(removed.name)"
            if let worktree = removed.worktree { text += " and its worktree \(worktree.string.printable)" }
            if let checkpoint = removed.checkpoint { text += "; \(checkpoint.short) holds what was there" }
            Terminal.standard.answer(text)
        }
    }
}
