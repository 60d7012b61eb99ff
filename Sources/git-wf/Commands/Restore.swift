import Actions
import ArgumentParser
import Git
import GitValues
import Journal
import Operations
import Snapshots
import Workflow

struct Restore: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Bring files back.",
        discussion: """
            Without --from each path goes to the nearest earlier content that differs from what is there now; asked again, one \
            further back. Paths are git's pathspecs: files, folders, patterns, ':(exclude)…'. What is there is checkpointed \
            first, and git wf undo brings it back. The index and the branch stay. What no checkpoint holds (ignored files, for \
            one) is never written over and never removed.

            Example: git wf restore src/index.ts
            """)

    @Option(help: ArgumentHelp("The checkpoint to take them from.", valueName: "checkpoint"))
    var from: String?
    @Flag(name: [.customShort("n"), .long], help: "Only say what would be done, and list the contents to choose from.")
    var dryRun = false
    @Flag(help: "Every path that the checkpoint has.")
    var all = false
    @Flag(help: "With --all: also remove what the checkpoint does not have, but nothing that is ignored, or was then.")
    var exact = false
    @Argument(help: ArgumentHelp("Files, folders or patterns.", valueName: "path"))
    var paths: [String] = []
    @OptionGroup var options: SharedOptions

    func validate() throws {
        if all, !paths.isEmpty { throw ValidationError("--all takes no paths") }
        if !all, paths.isEmpty { throw ValidationError("which files? name them, or give --all with --from") }
        if all, from == nil { throw ValidationError("--all needs --from CHECKPOINT") }
        if exact, !all { throw ValidationError("--exact goes with --all") }
    }

    func run() throws {
        let session = try options.open(forWriting: !dryRun)
        let restored = try BringingBack(session).restore(
            RestoreRequest(from: from, isAll: all, isExact: exact, paths: paths.map(Invocation.current.typed)),
            isDryRun: dryRun)
        try RestoreAnswer(restored, in: session, isDryRun: dryRun).give(json: options.json)
        // As without -n.
        if let refusal = restored.refusal { throw ExitCode(Failure(refusal).status.rawValue) }
    }
}
