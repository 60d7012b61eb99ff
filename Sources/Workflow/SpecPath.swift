/// One line of a spec's list of files: `- path`, `- path (note)`, `- path:FROM-TO (note)` or a glob.
package struct SpecPath: Hashable, Sendable {
    package let pattern: PathPattern
    package let note: String?
    /// The lines meant, counted from 1; `nil` for the whole file.
    package let lines: ClosedRange<Int>?

    package init(_ pattern: PathPattern, note: String? = nil, lines: ClosedRange<Int>? = nil) {
        self.pattern = pattern
        self.note = note
        self.lines = lines
    }

    /// - Parameter entry: a list item's text. A path in backticks ends at the closing one; else a note in parentheses or
    ///   behind a dash ends it. Empty text and "None" give `nil`.
    package init?(entry: String) {
        guard !entry.isEmpty, !isNone(entry) else { return nil }
        var path: String
        var rest: String
        if entry.hasPrefix("`"), let close = entry.dropFirst().firstIndex(of: "`") {
            path = entry[entry.index(after: entry.startIndex)..<close].trimmingBlanks()
            rest = String(entry[entry.index(after: close)...])
            // Lines may be given behind the backtick.
            if rest.hasPrefix(":") {
                let range = rest.prefix { $0 == ":" || $0 == "-" || $0.isWholeNumber }
                if Self.splitLines("x" + range).lines != nil {
                    path += range
                    rest = String(rest.dropFirst(range.count))
                }
            }
        } else {
            let end = Self.noteStart(in: entry)
            path = entry[..<end].trimmingBlanks()
            rest = String(entry[end...])
        }
        let split = Self.splitLines(path)
        guard !split.path.isEmpty else { return nil }
        self.init(PathPattern(split.path), note: Self.note(rest), lines: split.lines)
    }

    /// The line as the article has it, without its bullet.
    package var text: String {
        var text = pattern.text
        if let lines { text += ":\(lines.lowerBound)-\(lines.upperBound)" }
        if let note { text += " (\(note))" }
        return text
    }

    private static let noteSeparators = [" (", " - ", " – ", " — "]

    private static func noteStart(in entry: String) -> String.Index {
        var index = entry.startIndex
        while index < entry.endIndex {
            if noteSeparators.contains(where: { entry[index...].hasPrefix($0) }) { return index }
            index = entry.index(after: index)
        }
        return index
    }

    private static func note(_ text: String) -> String? {
        var note = text.trimmingBlanks()
        if note.hasPrefix("("), note.hasSuffix(")"), note.count > 1 {
            note = note.dropFirst().dropLast().trimmingBlanks()
        } else {
            note = note.drop { "-–—: ".contains($0) }.trimmingBlanks()
        }
        return note.isEmpty ? nil : note
    }

    /// Takes `:FROM-TO` or `:LINE` off the end of a path.
    private static func splitLines(_ path: String) -> (path: String, lines: ClosedRange<Int>?) {
        guard let colon = path.lastIndex(of: ":"), colon != path.startIndex else { return (path, nil) }
        let parts = path[path.index(after: colon)...].split(separator: "-", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { part in part.utf8.first.map(isDigit) == true ? Int(part) : nil }
        guard numbers.count == parts.count, (1...2).contains(numbers.count), let first = numbers.first,
            let last = numbers.last, first > 0, first <= last
        else { return (path, nil) }
        return (String(path[..<colon]), first...last)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
