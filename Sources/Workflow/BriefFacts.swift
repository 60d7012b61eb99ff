/// A file that is worth reading, with what that costs.
package struct BriefFile: Hashable, Sendable {
    package let path: String
    package let tokens: Int
    /// Why it is named.
    package let note: String

    package init(path: String, tokens: Int, note: String) {
        self.path = path
        self.tokens = tokens
        self.note = note
    }

    var line: String { "- \(BriefText.code(path)): about \(tokens) tokens, \(note)" }
}

/// What happened since a checkpoint.
package struct WorkSince: Sendable {
    /// A path whose content is another one.
    package struct Change: Hashable, Sendable {
        package enum Kind: String, Sendable { case new, changed, removed }

        package let path: String
        package let kind: Kind
        /// Lines; both `nil` where they were not counted.
        package let added: Int?
        package let removed: Int?

        package init(path: String, kind: Kind, added: Int? = nil, removed: Int? = nil) {
            self.path = path
            self.kind = kind
            self.added = added
            self.removed = removed
        }

        var line: String {
            var parts = [kind.rawValue]
            if let added, let removed, added + removed > 0 { parts.append("+\(added) -\(removed) lines") }
            return "- \(BriefText.code(path)): \(parts.joined(separator: ", "))"
        }
    }

    /// Newest first, as `abc1234 subject`.
    package var commits: [String] = []
    package var olderCommits = 0
    /// What the lane recorded, newest first.
    package var events: [Checkpoint] = []
    package var olderEvents = 0
    /// In the order of the paths.
    package var changes: [Change] = []

    package init() {}
}

extension Checkpoint {
    /// Whether a brief tells it as something that happened: decisions have a section of their own, and snapshots say nothing.
    package var isEvent: Bool {
        switch kind {
        case .auto, .checkpoint, .decision, .itemCommitted, .other: false
        default: true
        }
    }
}
