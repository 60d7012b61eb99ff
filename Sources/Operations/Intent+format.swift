internal import Git
internal import GitValues
internal import Journal
internal import Snapshots
internal import Workflow

/// The bytes of an intent: fields that end in a NUL, each a word and what belongs to it. `operation WORD` and `branch REF`; of
/// the record `kind`, `title`, `body`, `actor`, `trailer KEY VALUE` and `parent KEY ID`; then `before ID`, `unconverted ID`,
/// `index FROM TO`, `staged MODE ID PATH`, `move FROM TO REF`, `modes` with a line each, `fact KEY VALUE`, for each path `change MODE ID MODE ID PATH`
/// with its old and its new content, and at last `end`.
extension Intent {
    private static let heading = "git-wf intent 2"

    /// - Returns: `nil` for bytes that are no intent, or not a whole one.
    package init?(parsing bytes: [UInt8]) {
        var fields = bytes.split(separator: 0, omittingEmptySubsequences: false)[...]
        guard let heading = fields.popFirst(), heading.elementsEqual(Self.heading.utf8),
            fields.popLast()?.isEmpty == true,
            let end = fields.popLast(), end.elementsEqual("end".utf8),
            let first = fields.popFirst().map({ String(decoding: $0, as: UTF8.self) }), first.hasPrefix("operation "),
            let word = Word(rawValue: String(first.dropFirst("operation ".count))),
            let second = fields.popFirst().map({ String(decoding: $0, as: UTF8.self) }), second.hasPrefix("branch ")
        else { return nil }
        let branch = String(second.dropFirst("branch ".count))
        self.init(word, branch: branch.isEmpty ? nil : branch)
        for field in fields where !take(field) { return nil }
    }

    /// - Returns: whether the field is one of an intent.
    private mutating func take(_ field: ArraySlice<UInt8>) -> Bool {
        let space = UInt8(ascii: " ")
        let parts = field.split(separator: space, maxSplits: 1, omittingEmptySubsequences: false)
        let rest = parts.count > 1 ? parts[1] : []
        let text = String(decoding: rest, as: UTF8.self)
        let pair = text.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        func id(_ text: some StringProtocol, _ body: (ObjectID) -> Void) -> Bool {
            guard let id = ObjectID(hex: text) else { return false }
            body(id)
            return true
        }
        switch String(decoding: parts[0], as: UTF8.self) {
        case "kind": draft = Draft(CheckpointKind(rawValue: text), "")
        case "title": draft?.title = text
        case "body": draft?.body = text
        case "actor":
            guard let actor = try? Actor(parsing: text) else { return false }
            draft?.actor = actor
        case "trailer":
            guard pair.count == 2 else { return false }
            draft?.trailers.append(Trailer(key: pair[0], value: pair[1]))
        case "parent":
            guard pair.count == 2 else { return false }
            return id(pair[1]) { draft?.parents.append((pair[0].isEmpty ? nil : pair[0], $0)) }
        case "before": return id(text) { before = $0 }
        case "unconverted": return id(text) { unconverted = $0 }
        case "index":
            guard pair.count == 2, let from = ObjectID(hex: pair[0]), let to = ObjectID(hex: pair[1]) else {
                return false
            }
            index = IndexMove(from: from, to: to)
        case "staged":
            let words = rest.split(separator: space, maxSplits: 2, omittingEmptySubsequences: false)
            guard words.count == 3, case .some(.some(let entry)) = Self.entry(words[0], words[1], at: words[2]) else {
                return false
            }
            staged.append(entry)
        case "move":
            let words = text.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
            guard words.count == 3, let from = ObjectID(hex: words[0]), let to = ObjectID(hex: words[1]) else {
                return false
            }
            move = BranchMove(branch: String(words[2]), from: from, to: to)
        case "modes": modes = FileModes(lines: text.split(separator: "\n").map(String.init))
        case "fact":
            guard pair.count == 2 else { return false }
            facts[pair[0]] = pair[1]
        case "change":
            let words = rest.split(separator: space, maxSplits: 4, omittingEmptySubsequences: false)
            guard words.count == 5, let old = Self.entry(words[0], words[1], at: words[4]),
                let new = Self.entry(words[2], words[3], at: words[4])
            else { return false }
            changes.append(TreeChange(path: RepositoryPath(bytes: words[4]), old: old, new: new))
        default: return false
        }
        return true
    }

    private static func entry(
        _ mode: ArraySlice<UInt8>, _ id: ArraySlice<UInt8>, at path: ArraySlice<UInt8>
    ) -> TreeEntry?? {
        guard !path.isEmpty, let number = UInt32(String(decoding: mode, as: UTF8.self), radix: 8),
            let id = ObjectID(hex: String(decoding: id, as: UTF8.self))
        else { return nil }
        if number == 0 { return .some(nil) }
        return FileMode(rawValue: number).map { TreeEntry(path: RepositoryPath(bytes: path), mode: $0, id: id) }
    }

    package var encoded: [UInt8] {
        var bytes: [UInt8] = []
        func add(_ field: String) { bytes += Array(field.utf8) + [0] }
        func add(_ word: String, _ value: ObjectID?) { if let value { add("\(word) \(value)") } }
        add(Self.heading)
        add("operation \(word.rawValue)")
        add("branch \(branch ?? "")")
        if let draft {
            add("kind \(draft.kind.rawValue)")
            add("title \(draft.title)")
            if !draft.body.isEmpty { add("body \(draft.body)") }
            if let actor = draft.actor { add("actor \(actor)") }
            for trailer in draft.trailers { add("trailer \(trailer.key) \(trailer.value)") }
            for parent in draft.parents { add("parent \(parent.key ?? "") \(parent.id)") }
        }
        add("before", before)
        add("unconverted", unconverted)
        if let index { add("index \(index.from) \(index.to)") }
        for entry in staged { bytes += Array("staged \(Self.text(entry)) ".utf8) + entry.path.bytes + [0] }
        if let move { add("move \(move.from) \(move.to) \(move.branch)") }
        if !modes.lines.isEmpty { add("modes \(modes.lines.joined(separator: "\n"))") }
        for (key, value) in facts.sorted(by: { $0.key < $1.key }) { add("fact \(key) \(value)") }
        for change in changes {
            bytes += Array("change \(Self.text(change.old)) \(Self.text(change.new)) ".utf8) + change.path.bytes + [0]
        }
        add("end")
        return bytes
    }

    private static func text(_ entry: TreeEntry?) -> String {
        "\(String(entry?.mode.rawValue ?? 0, radix: 8)) \(entry?.id ?? .zero)"
    }
}
