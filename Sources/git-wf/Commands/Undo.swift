import ArgumentParser
import Operations

struct Undo: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "undo", abstract: "Take back the last restore or merge of this worktree.",
        discussion: """
            Files, index and branch are as they were before it. Run it again to go one further back; git wf redo goes forward. \
            A new restore or merge ends that: what was undone before it stays undone. Other worktrees' operations do not count.

            Example: git wf undo
            """)

    @Flag(name: [.customShort("n"), .long], help: "Only say what would be done.")
    var dryRun = false
    @OptionGroup var options: SharedOptions

    func run() throws { try UndoAnswer(.undo, isDryRun: dryRun, options: options).run() }
}
