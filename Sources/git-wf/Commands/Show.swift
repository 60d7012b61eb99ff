import ArgumentParser
import Git
import GitValues
import Journal
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
        let previous = try checkpoint.previous.map { try session.repository.commit($0).tree } ?? Repository.emptyTree
        let format = stat ? (patch ? ["--patch-with-stat"] : ["--stat"]) : ["--patch"]
        try TreeDiff(session).show(format, from: previous, to: checkpoint.tree, paths: [])
    }
}

/// Checkpoints as documents, in the article's form.
struct CheckpointText {
    private let session: Session

    init(_ session: Session) { self.session = session }

    /// As its author wrote it, where all of it was written; else put together from what was recorded.
    func document(of checkpoint: Checkpoint) throws -> String {
        if let written = try written(checkpoint) { return String(decoding: written, as: UTF8.self) }
        var text = recorded(checkpoint).text
        if !checkpoint.message.body.isEmpty { text += "\n\(checkpoint.message.body)\n" }
        return text
    }

    /// What a document says, and what else the checkpoint's message says, paragraph by paragraph.
    func content(of checkpoint: Checkpoint) throws -> (document: CheckpointDocument, remarks: [String]) {
        if let written = try written(checkpoint) { return (CheckpointDocument(written), []) }
        var remarks: [[Substring]] = [[]]
        for line in checkpoint.message.body.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.isEmpty { remarks.append([]) } else { remarks[remarks.count - 1].append(line) }
        }
        return (recorded(checkpoint), remarks.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") })
    }

    /// The bytes that its author wrote; `nil` where no document was handed over.
    private func written(_ checkpoint: Checkpoint) throws -> [UInt8]? {
        guard let attachment = checkpoint.id(of: TrailerKey.document),
            let entry = try session.repository.entry(
                at: "checkpoint.md", in: session.repository.commit(attachment).tree)
        else { return nil }
        return try session.repository.blob(entry.id)
    }

    private func recorded(_ checkpoint: Checkpoint) -> CheckpointDocument {
        let time = checkpoint.time.at(offset: session.surroundings.now.offset)
        return CheckpointDocument(
            title: checkpoint.title, date: "\(time.date) \(time.clock)",
            resumableBy: "Any agent with access to this repository", context: checkpoint.values(of: TrailerKey.read),
            summary: checkpoint.values(of: TrailerKey.summary), decisions: checkpoint.values(of: TrailerKey.decision),
            files: checkpoint.values(of: TrailerKey.file).map { CheckpointDocument.FileState(entry: $0) },
            next: checkpoint.values(of: TrailerKey.next))
    }
}

/// Differences between two trees, printed by git itself, with the user's pager and colours.
struct TreeDiff {
    private let session: Session

    init(_ session: Session) { self.session = session }

    /// As a command that shows differences answers.
    func answer(json: Bool, stat: Bool, from old: ObjectID, to new: ObjectID, paths: [String]) throws {
        guard json else { return try show(stat ? ["--stat"] : [], from: old, to: new, paths: paths) }
        struct Change: Encodable {
            let path: String
            let status: String
        }
        struct Answer: Encodable { let changes: [Change] }
        let changes = try session.repository.changes(from: old, to: new, paths: paths)
        try JSONDocument.print(
            Answer(
                changes: changes.map {
                    Change(
                        path: $0.path.description,
                        status: $0.old == nil ? "added" : $0.new == nil ? "deleted" : "modified")
                }))
    }

    func show(_ format: [String], from old: ObjectID, to new: ObjectID, paths: [String]) throws {
        let result = try session.surroundings.git.run(
            ["diff"] + format + [old.hex, new.hex, "--"] + paths,
            in: session.repository.workTree ?? session.surroundings.directory, output: .inherited)
        // 141: the reader went away.
        if result.status != 0, result.status != 141 { throw ExitCode(result.status) }
    }
}
