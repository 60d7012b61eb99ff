import Actions
import Agents
import ArgumentParser
import GitValues
import Journal
import SystemPackage
import Workflow

extension AgentCommand {
    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "remove", abstract: "Remove an agent's worktree and branch; its history stays.",
            discussion: """
                The worktree is moved aside first, then looked at, and a checkpoint and refs below refs/wf-kept hold what it has. \
                One that is clean goes at once. Any other is kept as it is, for git config wf.keepRemoved (14d where it is not \
                set), and git wf agent restore brings it back.

                Example: git wf agent remove search
                """)
        @Argument(help: "The agent.") var name: String
        @Flag(help: "Keep no files that no checkpoint holds. Commits that nobody else has are kept in any case.")
        var force = false
        @OptionGroup var options: SharedOptions

        func run() throws {
            let session = try options.open(forWriting: true)
            try session.requireLeader("remove agents")
            let removed = try AgentRemove(session.journal).remove(name, isForced: force)
            for warning in removed.warnings { Terminal.standard.narrate("warning: \(warning.printable)") }
            if options.json { return try JSONDocument.print(Answer(removed)) }
            var lines = Lines()
            var text = "Removed \(removed.name)"
            if removed.kept == nil, let worktree = removed.worktree {
                text += " and its worktree \(worktree.string.printable)"
            }
            if let checkpoint = removed.checkpoint { text += "; \(checkpoint.short) holds what was there" }
            lines.add(text)
            if let kept = removed.kept, let until = removed.keptUntil {
                let zone = session.surroundings.now.offset
                lines.add("Kept until \(until.dateAndTime(in: zone)): \(kept.folder.string.printable)")
                for reason in kept.reasons { lines.add("  \(reason.printable)") }
                lines.add("git wf agent restore \(removed.name) brings it back")
            }
            Terminal.standard.answer(lines.text)
        }

        private struct Answer: Encodable {
            struct Kept: Encodable {
                let worktree: String
                let until: JSONTime?
                let reasons: [String]
            }

            let name: String
            let checkpoint: String?
            let worktree: String?
            let branchDeleted: Bool
            let dropped: Bool
            /// Where the worktree waits to be brought back.
            let kept: Kept?

            init(_ removed: AgentRemove.Removed) {
                name = removed.name.text
                checkpoint = removed.checkpoint?.hex
                worktree = removed.worktree?.string
                branchDeleted = removed.isBranchDeleted
                dropped = removed.isDropped
                kept = removed.kept.map {
                    Kept(worktree: $0.folder.string, until: removed.keptUntil.map { JSONTime($0) }, reasons: $0.reasons)
                }
            }
        }
    }
}
