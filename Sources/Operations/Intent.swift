internal import Git
package import GitValues
internal import Journal
internal import Workflow

/// A restore or an undo that was begun: `<commondir>/wf/intents/<workflow>.<worktree>`.
///
/// It is written, and flushed, before anything of the user's changes, and removed once the operation is recorded. Whoever
/// finds it while nobody is at work knows from it what is left to do, and what the record of it says.
///
/// The file is fields that end in a NUL, each a word and what belongs to it: the draft's `kind`, `title`, `body`, `actor`,
/// `trailer KEY VALUE` and `parent KEY ID`, then `before ID`, `unconverted ID`, `move FROM TO REF`, for each path
/// `change MODE ID MODE ID PATH` with its old and its new content, and at last `end`.
struct Intent {
    /// How the operation is recorded.
    var draft: Draft
    /// The checkpoint of what was there before.
    var before: ObjectID
    /// The tree of files that git's conversions would not give back.
    var unconverted: ObjectID?
    /// The branch that moves with the files, and its index.
    var move: BranchMove?
    var changes: [TreeChange]

    private static let heading = "git-wf intent 1"

    /// - Returns: `nil` for bytes that are no intent, or not a whole one.
    init?(parsing bytes: [UInt8]) {
        var fields = bytes.split(separator: 0, omittingEmptySubsequences: false)[...]
        guard let heading = fields.popFirst(), heading.elementsEqual(Self.heading.utf8),
            fields.popLast()?.isEmpty == true,
            let end = fields.popLast(), end.elementsEqual("end".utf8)
        else { return nil }
        var draft: Draft?
        var before: ObjectID?
        changes = []
        for field in fields {
            let parts = field.split(separator: UInt8(ascii: " "), maxSplits: 1, omittingEmptySubsequences: false)
            let rest = parts.count > 1 ? parts[1] : []
            let text = String(decoding: rest, as: UTF8.self)
            let words = text.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
            switch String(decoding: parts[0], as: UTF8.self) {
            case "kind": draft = Draft(CheckpointKind(rawValue: text), "")
            case "title": draft?.title = text
            case "body": draft?.body = text
            case "actor":
                guard let actor = try? Actor(parsing: text) else { return nil }
                draft?.actor = actor
            case "trailer":
                let pair = text.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
                guard pair.count == 2 else { return nil }
                draft?.trailers.append(Trailer(key: pair[0], value: pair[1]))
            case "parent":
                guard words.count == 2, let id = ObjectID(hex: words[1]) else { return nil }
                draft?.parents.append((words[0].isEmpty ? nil : String(words[0]), id))
            case "before": before = ObjectID(hex: text)
            case "unconverted":
                guard let id = ObjectID(hex: text) else { return nil }
                unconverted = id
            case "move":
                guard words.count == 3, let from = ObjectID(hex: words[0]), let to = ObjectID(hex: words[1]) else {
                    return nil
                }
                move = BranchMove(branch: String(words[2]), from: from, to: to)
            case "change":
                guard let change = Self.change(Array(rest)) else { return nil }
                changes.append(change)
            default: return nil
            }
        }
        guard let draft, let before else { return nil }
        self.draft = draft
        self.before = before
    }

    init(_ draft: Draft, before: ObjectID, unconverted: ObjectID?, move: BranchMove?, changes: [TreeChange]) {
        self.draft = draft
        self.before = before
        self.unconverted = unconverted
        self.move = move
        self.changes = changes
    }

    var encoded: [UInt8] {
        var bytes: [UInt8] = []
        func add(_ field: String) { bytes += Array(field.utf8) + [0] }
        add(Self.heading)
        add("kind \(draft.kind.rawValue)")
        add("title \(draft.title)")
        if !draft.body.isEmpty { add("body \(draft.body)") }
        if let actor = draft.actor { add("actor \(actor)") }
        for trailer in draft.trailers { add("trailer \(trailer.key) \(trailer.value)") }
        for parent in draft.parents { add("parent \(parent.key ?? "") \(parent.id)") }
        add("before \(before)")
        if let unconverted { add("unconverted \(unconverted)") }
        if let move { add("move \(move.from) \(move.to) \(move.branch)") }
        for change in changes {
            bytes += Array("change \(Self.text(change.old)) \(Self.text(change.new)) ".utf8) + change.path.bytes + [0]
        }
        add("end")
        return bytes
    }

    private static func text(_ entry: TreeEntry?) -> String {
        "\(String(entry?.mode.rawValue ?? 0, radix: 8)) \(entry?.id ?? .zero)"
    }

    private static func change(_ bytes: [UInt8]) -> TreeChange? {
        let parts = bytes.split(separator: UInt8(ascii: " "), maxSplits: 4, omittingEmptySubsequences: false)
        guard parts.count == 5, !parts[4].isEmpty else { return nil }
        let path = RepositoryPath(bytes: parts[4])
        func entry(_ mode: ArraySlice<UInt8>, _ id: ArraySlice<UInt8>) -> TreeEntry?? {
            guard let number = UInt32(String(decoding: mode, as: UTF8.self), radix: 8),
                let id = ObjectID(hex: String(decoding: id, as: UTF8.self))
            else { return nil }
            if number == 0 { return .some(nil) }
            return FileMode(rawValue: number).map { TreeEntry(path: path, mode: $0, id: id) }
        }
        guard let old = entry(parts[0], parts[1]), let new = entry(parts[2], parts[3]) else { return nil }
        return TreeChange(path: path, old: old, new: new)
    }
}

/// A branch that goes from one commit to another with an operation.
package struct BranchMove: Equatable, Sendable {
    package let branch: String
    package let from: ObjectID
    package let to: ObjectID
}
