/// What an agent that knows nothing reads first: the sections that it gets, fitted into a budget.
///
/// Entries are taken whole, round by round and, within a round, section by section, as long as they fit; one that does not
/// fit is passed over, so a single long one never costs the others their place. What was left out is counted and named
/// with the command that shows it. Nothing is ever cut.
package struct Brief: Sendable {
    /// How much room a brief has.
    package struct Limits: Hashable, Sendable {
        package var tokens: Int
        package var characters: Int?

        /// Less than this holds neither the first line nor the names of what is left out.
        package static let fewestTokens = 100
        package static let fewestCharacters = 400

        package init(tokens: Int, characters: Int? = nil) {
            self.tokens = tokens
            self.characters = characters
        }
    }

    /// What became of a section.
    package struct Part: Hashable, Sendable {
        package let name: String
        /// The estimate of its text.
        package let tokens: Int
        package let isTruncated: Bool
    }

    package let text: String
    /// The estimate of ``text``.
    package let tokens: Int
    package let parts: [Part]

    /// - Parameters:
    ///   - title: the heading, which is always there.
    ///   - sections: in the order in which they are shown.
    ///   - priorities: the names of sections, the most useful first; those that are not named come last.
    ///   - limits: an estimate is at most a tenth too low, so the text is made to be estimated at nine tenths of the
    ///     tokens: then a tokenizer does not count more than all of them.
    package init(title: String, sections: [BriefSection], priorities: [String], limits: Limits) {
        var packing = Packing(title: "# \(BriefText.line(title))", sections: sections, limits: limits)
        packing.fill(by: priorities)
        text = packing.text
        tokens = TokenEstimate.tokens(in: text)
        parts = packing.parts
    }
}

/// A brief while it is put together.
private struct Packing {
    private let title: String
    private let sections: [BriefSection]
    /// In tokens.
    private let budget: Int
    private let characters: Int
    private var isTaken: [[Bool]]
    /// Whether what is left out is only named, not counted, for want of room.
    private let isTerse: Bool

    init(title: String, sections: [BriefSection], limits: Brief.Limits) {
        self.title = title
        self.sections = sections
        budget = limits.tokens * 9 / 10
        characters = limits.characters ?? .max
        isTaken = sections.map { Array(repeating: false, count: $0.entries.count) }
        let note = Self.note(sections.map { ($0, $0.entries.count + $0.unlisted) }, isTerse: false)
        isTerse = TokenEstimate.tokens(in: note) > budget / 6 || note.count > characters / 6
    }

    /// Takes what fits. The room for the note of what is left out is kept free from the start; it is the note as it would be
    /// if nothing was taken, which is the longest.
    mutating func fill(by priorities: [String]) {
        let note = Self.note(sections.map { ($0, $0.entries.count + $0.unlisted) }, isTerse: isTerse)
        var used = TokenEstimate.tokens(in: title + "\n\n" + note) + 2
        var length = title.count + note.count + 4
        let order = sections.indices.sorted {
            let (one, other) = (
                priorities.firstIndex(of: sections[$0].name), priorities.firstIndex(of: sections[$1].name)
            )
            return (one ?? .max, $0) < (other ?? .max, $1)
        }
        var hasHeading = sections.map { $0.heading.isEmpty }
        let last = sections.flatMap(\.entries).map(\.round).max() ?? 0
        for round in 0...last {
            for index in order {
                let section = sections[index]
                for entry in section.ranked where section.entries[entry].round == round {
                    var text = section.entries[entry].text + "\n"
                    if !hasHeading[index] { text = "\n## \(section.heading)\n" + text }
                    // Rounded up, so that the sum is never too low.
                    let (cost, count) = (TokenEstimate.tokens(in: text), text.count)
                    guard used + cost <= budget, length + count <= characters else { continue }
                    used += cost
                    length += count
                    hasHeading[index] = true
                    isTaken[index][entry] = true
                }
            }
        }
    }

    var text: String {
        var blocks = [title]
        for index in sections.indices {
            if let text = text(of: index) { blocks.append(text) }
        }
        let left = sections.indices.map { (sections[$0], leftOut(of: $0)) }.filter { $0.1 > 0 }
        if !left.isEmpty { blocks.append(Self.note(left, isTerse: isTerse)) }
        return blocks.joined(separator: "\n\n") + "\n"
    }

    var parts: [Brief.Part] {
        sections.indices.filter { !sections[$0].entries.isEmpty }.map { index in
            Brief.Part(
                name: sections[index].name, tokens: text(of: index).map { TokenEstimate.tokens(in: $0) } ?? 0,
                isTruncated: leftOut(of: index) > 0)
        }
    }

    private func leftOut(of index: Int) -> Int { isTaken[index].count { !$0 } + sections[index].unlisted }

    private func text(of index: Int) -> String? {
        let lines = zip(sections[index].entries, isTaken[index]).filter(\.1).map(\.0.text)
        if lines.isEmpty { return nil }
        let heading = sections[index].heading.isEmpty ? "" : "## \(sections[index].heading)\n"
        return heading + lines.joined(separator: "\n")
    }

    private static func note(_ left: [(section: BriefSection, count: Int)], isTerse: Bool) -> String {
        let left = left.filter { $0.count > 0 }
        if left.isEmpty { return "" }
        if isTerse {
            return
                "Left out: \(left.map(\.section.name).joined(separator: ", ")); `git wf resume --budget 4000` has more."
        }
        let entries = left.map { section, count in
            "\(count) \(section.noun)\(count == 1 ? "" : "s") (`\(section.command)`)"
        }
        return "Left out for want of room: \(entries.joined(separator: ", "))."
    }
}

/// How a brief takes over the words of a repository.
enum BriefText {
    /// One line without anything that could act on a terminal, or that nobody would see.
    static func line(_ text: String) -> String { PlainText.line(text).visible }

    /// A path as code, however many backticks are in it.
    static func code(_ text: String) -> String {
        CheckpointDocument.FileState(path: line(text), state: "").text
    }
}
