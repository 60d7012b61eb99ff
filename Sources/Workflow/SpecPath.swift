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

    /// The first path of a list's entry, as ``PathList`` reads it. Empty text and "None" give `nil`.
    package init?(entry: String) {
        guard let first = PathList(entry).paths.first else { return nil }
        self = first
    }

    /// Whether its note says that it is to be made.
    package var isNew: Bool { note.map { Self.saysNew($0) } ?? false }

    private static func saysNew(_ note: String) -> Bool {
        let word = note.lowercased().prefix { $0.isLetter }
        return word == "new" || word == "create" || word == "add"
    }

    /// Whether it leads out of the repository.
    package var leadsOutside: Bool {
        pattern.text.hasPrefix("~") || pattern.text.split(separator: "/").contains("..")
    }

    /// The line as the article has it, without its bullet.
    package var text: String {
        var path = pattern.text
        if let lines { path += ":\(lines.lowerBound)-\(lines.upperBound)" }
        let text = note.map { " (\($0))" } ?? ""
        // Where it would be read as something else, backticks say where it ends.
        return PathList(path + text).paths == [self] ? path + text : "`\(path)`\(text)"
    }

    /// Takes `:FROM-TO` or `:LINE` off the end of a path.
    static func splitLines(_ path: String) -> (path: String, lines: ClosedRange<Int>?) {
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
