import ArgumentParser
import Operations

struct Redo: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "redo", abstract: "Do again what the last undo took back.",
        discussion: """
            Run it again to go one further forward.

            Example: git wf redo
            """)

    @Flag(name: [.customShort("n"), .long], help: "Only say what would be done.")
    var dryRun = false
    @OptionGroup var options: SharedOptions

    func run() throws { try UndoAnswer(.redo, isDryRun: dryRun, options: options).run() }
}
