import Actions
import Files
import ArgumentParser
import GitValues
import Journal
import Overview
import Workflow

struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show a checkpoint's document, or a file as it was.",
        usage: "git wf show [OPTION…] [CHECKPOINT | CHECKPOINT:PATH]",
        discussion: """
            With a path, which is from the top of the worktree as for git show, the file's bytes as they are; a directory is \
            listed.

            Example: git wf show last~1:src/api.ts
            """)

    @Argument(help: "last, tip, either with ~N, phase/NAME, agent/NAME, or an id; behind a colon a path.")
    var checkpoint = "last"
    @Flag(help: "With the paths that changed since the one before.")
    var stat = false
    @Flag(name: [.customShort("p"), .long], help: "With the differences since the one before.")
    var patch = false
    @OptionGroup var options: SharedOptions

    func validate() throws {
        guard pathColon != nil else { return }
        if stat || patch { throw ValidationError("--stat and -p go with a checkpoint, not with a path") }
        if checkpoint.hasPrefix(":") { throw ValidationError("a checkpoint stands before the colon, as in last:PATH") }
    }

    /// Where a path begins, as git sees it: at the first colon that is not in braces.
    private var pathColon: String.Index? {
        var depth = 0
        for index in checkpoint.indices {
            switch checkpoint[index] {
            case "{": depth += 1
            case "}": depth -= 1
            case ":" where depth == 0: return index
            default: break
            }
        }
        return nil
    }

    func run() throws {
        let session = try options.open()
        if let colon = pathColon {
            let name = String(checkpoint[..<colon])
            let path = Invocation.current.typed(checkpoint).bytes.dropFirst(name.utf8.count + 1)
            return try RecordedFile(
                session, at: session.journal.resolve(name), name: name, path: TypedPath(bytes: path)
            )
            .answer(json: options.json)
        }
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
        let previous = checkpoint.isJoin ? checkpoint.tree : try session.journal.treeBefore(checkpoint)
        let format = stat ? (patch ? ["--patch-with-stat"] : ["--stat"]) : ["--patch"]
        try TreeDiff(session).show(format, from: previous, to: checkpoint.tree, paths: [])
    }
}
