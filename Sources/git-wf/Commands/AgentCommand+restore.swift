import Actions
import Agents
import ArgumentParser
import Files
import GitValues
import SystemPackage
import Workflow

extension AgentCommand {
    struct Restore: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "restore",
            abstract: "Bring back an agent's worktree that was removed or lost, or paths of one.",
            discussion: """
                A worktree that is still kept comes back as it was: files, index, HEAD, stages, repositories inside. Any other \
                is made anew from the agent's branch and its newest checkpoint. A path comes back as it was before its last \
                change; git wf undo, run in the agent's worktree, takes that back.

                Example: git wf agent restore search src/index.ts
                """)
        @Argument(help: "The agent.") var name: String
        @Argument(help: "Paths in its worktree, where only these are to come back.") var paths: [String] = []
        @Option(help: ArgumentHelp("The checkpoint to take paths from.", valueName: "checkpoint")) var from: String?
        @OptionGroup var options: SharedOptions

        func validate() throws {
            if from != nil, paths.isEmpty { throw ValidationError("--from goes with paths") }
        }

        func run() throws {
            let session = try options.open(forWriting: true)
            try session.requireLeader("bring agents back")
            if !paths.isEmpty {
                let there = try session.inWorktree(of: Name(name))
                let request = RestoreRequest(
                    from: from, isAll: false, isExact: false, paths: paths.map { TypedPath($0) })
                let restored = try BringingBack(there).restore(request, isDryRun: false)
                return try RestoreAnswer(restored, in: there).give(json: options.json)
            }
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
