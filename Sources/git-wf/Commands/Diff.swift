import Actions
import ArgumentParser
import Git
import Journal
import Snapshots
import Workflow

struct Diff: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "Show what changed between two checkpoints, or since one.",
        usage: "git wf diff [--stat] [CHECKPOINT [CHECKPOINT]] [-- PATH…]",
        discussion:
            "With one checkpoint (last by default) against the working tree.\n\nExample: git wf diff last~2 last -- src"
    )

    @Argument(help: ArgumentHelp("At most two.", valueName: "checkpoint"))
    var checkpoints: [String] = []
    @Flag(help: "The paths and how much changed in each.")
    var stat = false
    @OptionGroup var options: SharedOptions

    func validate() throws {
        if checkpoints.count > 2 { throw ValidationError("two checkpoints at most; paths stand behind --") }
    }

    func run() throws {
        let session = try options.open()
        let old = try session.journal.resolve(checkpoints.first ?? "last")
        let new =
            checkpoints.count == 2
            ? try session.journal.resolve(checkpoints[1]).tree : try session.snapshot(for: session.state()).tree
        // git compares the trees.
        try session.repository.pending.makeVisible()
        let paths = try session.selections(Invocation.current.paths)
        try TreeDiff(session).answer(json: options.json, stat: stat, from: old.tree, to: new, paths: paths)
    }
}
