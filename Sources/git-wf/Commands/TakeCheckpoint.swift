import Actions
import Agents
import ArgumentParser
import Files
import GitValues
import Journal
import Snapshots
import SystemPackage
import Workflow

struct TakeCheckpoint: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "checkpoint",
        abstract: "Take a checkpoint: the whole working tree, and what a successor must know.",
        discussion: """
            Untracked files are in, ignored ones are not, nor large ones and those that look like secrets, which are named. \
            Neither the index nor the branch changes. Without -F, and where \
            the document of -F has no section for it, what to read first, which files changed, the decisions in force and the \
            open next actions are filled in. A section that a document has twice counts as one.

            Example: git wf checkpoint "API 60% done" --summary "3 of 5 routes" --next "feedback route"
            """)

    @Argument(help: "What was reached.")
    var title: String?
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "The title, where none is given; then more text, in Markdown, a paragraph each. As git commit has it.",
            valueName: "text"))
    var message: [String] = []
    @Option(
        name: .customShort("F"), help: ArgumentHelp("A checkpoint document; - for standard input.", valueName: "file"))
    var file: String?
    @Option(help: ArgumentHelp("A line of the state summary; may be repeated.", valueName: "text"))
    var summary: [String] = []
    @Option(help: ArgumentHelp("A decision that is not to be made again.", valueName: "text"))
    var decision: [String] = []
    @Option(help: ArgumentHelp("A next action; in order.", valueName: "text"))
    var next: [String] = []
    @Option(help: ArgumentHelp("A file that a successor must read.", valueName: "path"))
    var read: [String] = []
    @Option(
        name: .customLong("file"), help: ArgumentHelp("The state of a file: 'PATH: STATE'.", valueName: "path: state"))
    var fileState: [String] = []
    @Option(
        help: ArgumentHelp(
            "What was done that git cannot take back, such as 'prod: schema 0001 applied'; may be repeated.",
            valueName: "text"))
    var outside: [String] = []
    @Option(
        help: ArgumentHelp(
            "Let untracked files in that are large or look like secrets, as .gitignore names files; may be repeated.",
            valueName: "pattern"))
    var allow: [String] = []
    @Flag(help: "Also commit to the branch, through your hooks and identity, without what was left out.")
    var commit = false
    @Flag(help: "Record nothing when nothing changed since the newest checkpoint.")
    var ifChanged = false
    @Option(help: ArgumentHelp("Take an automatic one, for this reason: time, break, risky, …", valueName: "word"))
    var trigger: String?
    @OptionGroup var options: SharedOptions

    func validate() throws {
        if let trigger, !Trigger(rawValue: trigger).isKnown {
            let known = Trigger.known.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("there is no trigger \(trigger.quoted); the triggers are \(known)")
        }
        if commit, trigger != nil {
            throw ValidationError("--commit goes with a checkpoint that is asked for")
        }
        if trigger != nil, !outside.isEmpty {
            throw ValidationError("--outside goes with a checkpoint that is asked for")
        }
        if file != nil, title != nil || !message.isEmpty {
            throw ValidationError("-F gives title and text; use it alone")
        }
    }

    func run() throws {
        var paragraphs = message
        if title == nil, let first = message.first {
            // The rest of a first text of several lines is the body's, as git has it.
            paragraphs[0] = String(first.drop { !$0.isNewline }.drop(while: \.isNewline))
        }
        let heading = title ?? message.first.map { String($0.prefix { !$0.isNewline }) }
        let body = paragraphs.filter { !$0.isEmpty }.joined(separator: "\n\n")
        let left = AgentOutbox.Message.checkpoint(
            title: heading ?? "Checkpoint", body: body, summary: summary, decisions: decision, next: next)
        guard let session = try options.openAsAgent(leaving: left, isForWriting: trigger == nil) else { return }
        var request = CheckpointRequest(
            title: heading, body: body,
            document: try file.map { try document($0, session) }, summary: summary,
            decisions: decision, next: next, reads: read, files: fileState, allow: allow.map(Invocation.current.typed),
            commits: commit,
            isOnlyIfChanged: ifChanged, trigger: trigger.map { Trigger(rawValue: $0) })
        request.outside = outside
        guard let taken = try Checkpointing(session).take(request) else { return }
        try answer(taken)
        if let refusal = taken.refusal { throw refusal }
    }

    /// Reads the document of `-F`.
    private func document(_ file: String, _ session: Session) throws -> CheckpointDocument {
        let bytes = try Document.read(file, session)
        func bad(_ reason: String) -> Failure {
            Failure("\(file.quoted) is not a checkpoint document: \(reason)", status: .impossible)
        }
        if bytes.isEmpty { throw bad("it is empty") }
        let document = CheckpointDocument(bytes)
        if document.title.isEmpty { throw bad("it has no line \"# Checkpoint: TITLE\"") }
        return document
    }

    private func answer(_ taken: TakenCheckpoint) throws {
        let (checkpoint, snapshot, changed) = (taken.checkpoint, taken.snapshot, taken.changed)
        let (unchanged, dirty) = (taken.isUnchanged, taken.dirty)
        struct Skipped: Encodable {
            let path: String
            let reason: String
        }
        struct Answer: Encodable {
            let id: String
            let tree: String
            let lane: String
            let kind: String
            let phase: String?
            let title: String
            let time: JSONTime
            let changed: Int?
            let skipped: [Skipped]
            let unchanged: Bool
            let dirty: [String]?
        }
        if options.json {
            return try JSONDocument.print(
                Answer(
                    id: checkpoint.id.hex, tree: checkpoint.tree.hex, lane: checkpoint.lane ?? "",
                    kind: checkpoint.kind.rawValue, phase: checkpoint.phase, title: checkpoint.title,
                    time: JSONTime(checkpoint.time), changed: changed,
                    skipped: snapshot.skipped.map { Skipped(path: $0.path.description, reason: $0.reason) },
                    unchanged: unchanged, dirty: dirty.isEmpty ? nil : dirty.map(\.description)))
        }
        if unchanged {
            Terminal.standard.answer("Nothing changed since \(checkpoint.id.short).")
        } else {
            let paths = changed.map { " (\($0) path\($0 == 1 ? "" : "s") changed)" } ?? ""
            Terminal.standard.answer("Checkpoint \(checkpoint.id.short): \(checkpoint.title.printable)\(paths)")
        }
        for skipped in snapshot.skipped {
            Terminal.standard.narrate("left out: \(skipped.path.text.printable) (\(skipped.reason))")
        }
        for path in dirty {
            Terminal.standard.narrate(
                "\(path.text.printable) is a repository of its own with changes; the checkpoint has the commit it is at"
            )
        }
        if snapshot.skipped.contains(where: \.isAllowable) {
            Terminal.standard.narrate(
                "to let one in: git wf checkpoint --allow PATH; always: git config --add wf.allow PATH; "
                    + "to hear no more of it, ignore it")
        }
    }
}
