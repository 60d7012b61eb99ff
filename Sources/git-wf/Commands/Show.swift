import Actions
import ArgumentParser
import Git
import GitValues
import Journal
import Overview
import Workflow

struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show a checkpoint's document.",
        discussion: "Example: git wf show last~1 --stat")

    @Argument(help: "last, tip, either with ~N, phase/NAME, agent/NAME, or an id.")
    var checkpoint = "last"
    @Flag(help: "With the paths that changed since the one before.")
    var stat = false
    @Flag(name: [.customShort("p"), .long], help: "With the differences since the one before.")
    var patch = false
    @OptionGroup var options: SharedOptions

    func run() throws {
        let session = try options.open()
        let checkpoint = try session.journal.resolve(checkpoint)
        let document = try CheckpointText(session).document(of: checkpoint)
        if options.json {
            struct Answer: Encodable {
                let checkpoint: CheckpointAnswer
                let document: String
            }
            return try JSONDocument.print(Answer(checkpoint: CheckpointAnswer(checkpoint), document: document))
        }
        Terminal.standard.answer(document: document)
        guard stat || patch else { return }
        let previous =
            checkpoint.isJoin
            ? checkpoint.tree
            : try checkpoint.previous.map { try session.repository.commit($0).tree } ?? Repository.emptyTree
        let format = stat ? (patch ? ["--patch-with-stat"] : ["--stat"]) : ["--patch"]
        try TreeDiff(session).show(format, from: previous, to: checkpoint.tree, paths: [])
    }
}
