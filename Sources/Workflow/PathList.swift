/// The paths that one entry of a spec's list names, read as people write them:
///
///     src/a.ts                     `src/a.ts`, `src/b.ts` and `src/c.ts`
///     src/a.ts: why                **src/a.ts** - why
///     src/{a,b}.ts (why)           [src/a.ts](src/a.ts), which …
///     New file: src/a.ts           Add a route to `src/a.ts`
///
/// A name in backticks, bold, quotes, angle brackets or a link ends where those do. Any other ends at a comma, a semicolon, an
/// arrow or an "and" that another path follows, or where a note begins.
struct PathList {
    private(set) var paths: [SpecPath] = []

    /// Of an entry that is longer than any that somebody wrote the rest is not read.
    private static let longest = 16_384

    init(_ entry: String) {
        let entry = entry.trimmingBlanks().prefix(Self.longest).trimmingBlanks()
        guard !entry.isEmpty, !isNone(entry) else { return }
        var rest = Self.withoutBox(entry)
        // "New file: src/a.ts", "Modify `src/a.ts`": a word for what is done with it.
        let verb = Self.withoutVerb(rest)
        if let verb, let name = Self.name(in: verb), name.isPath { rest = verb }
        guard let first = Self.name(in: rest) else { return }
        var others: [Name] = []
        if !first.isDelimited, first.text.contains(" ") {
            // A sentence: the names in it are what it means; where there are none, it is all taken as it stands. What may be a
            // name with blanks in it, or a sentence that ends in one, is taken as both.
            let names = Self.names(inSentence: entry)
            if !first.looksLikeFile, !names.isEmpty {
                paths = names.flatMap { Self.expanded($0, note: nil) }
                return
            }
            others = names.filter { $0.text.contains("/") && !entry.hasPrefix($0.text) }
        }
        var names = [first]
        while let next = Self.next(in: names[names.count - 1].rest) { names.append(next) }
        let note = Self.note(names[names.count - 1].rest)
        paths = names.flatMap { Self.expanded($0, note: note) } + others.flatMap { Self.expanded($0, note: nil) }
    }

    /// The paths of a line that is in no list: none, unless it is plain that it names some.
    init(line: String) {
        var line = line.trimmingBlanks()
        if line.hasPrefix("|") {
            let cells = line.split(separator: "|").map { $0.trimmingBlanks() }
            line = cells.first { Self.name(in: $0)?.isPath == true } ?? ""
        }
        let isPath = Self.name(in: Self.withoutBox(line))?.isPath == true
        self.init(isPath ? line : "")
        if isPath { return }
        paths = Self.names(inSentence: line).filter(\.isDelimited).flatMap { Self.expanded($0, note: nil) }
    }

    // MARK: Names

    /// What an entry names, or might.
    fileprivate struct Name {
        var text: String
        /// Whether quotes of some kind say where it ends.
        var isDelimited: Bool
        /// What follows it.
        var rest: Substring

        /// Whether it is a path, whatever stands around it.
        var isPath: Bool { isDelimited ? !text.isEmpty && !text.contains("://") : !text.contains(" ") && looksLikeFile }

        /// Whether it has a slash, an extension, a wildcard or a dot in front.
        var looksLikeFile: Bool {
            if text.contains("://") || text.contains("`") { return false }
            let last = text.split(separator: "/").last ?? ""
            let parts = last.split(separator: ".")
            let hasExtension =
                parts.count > 1 && !last.hasSuffix(".") && parts.contains { $0.contains(where: \.isLetter) }
            return hasExtension || text.hasPrefix(".") && text.count > 1 || text.contains { "*?[".contains($0) }
                || text.contains("/") && !text.contains(" ")
        }
    }

    private static let quotes: [(open: String, close: String)] = [
        ("``", "``"), ("`", "`"), ("**", "**"), ("~~", "~~"), ("\"", "\""), ("'", "'"), ("<", ">"),
    ]

    /// The name that a text begins with; `nil` where there is nothing.
    private static func name(in text: some StringProtocol) -> Name? {
        let text = Substring(text).drop { $0 == " " || $0 == "\t" }
        return text.isEmpty ? nil : delimited(in: text) ?? bare(in: text)
    }

    /// - Parameter depth: how many quotes of another kind may be inside of each other.
    private static func delimited(in text: Substring, depth: Int = 3) -> Name? {
        guard depth > 0 else { return nil }
        if let link = link(in: text, depth: depth) { return link }
        for (open, close) in quotes where text.hasPrefix(open) {
            let inside = text.dropFirst(open.count)
            guard let end = inside.firstRange(of: close), end.lowerBound > inside.startIndex else { continue }
            // `**/x` is a pattern, and so is what stands behind it.
            if open == "**", inside.hasPrefix("/") || inside.hasPrefix("*") { continue }
            let content = inside[..<end.lowerBound]
            let inner = delimited(in: content, depth: depth - 1).flatMap { $0.rest.isEmpty ? $0.text : nil }
            return Name(
                text: (inner ?? content.trimmingBlanks()), isDelimited: true, rest: inside[end.upperBound...]
            ).withLines()
        }
        return nil
    }

    /// A link's target, where it is a path of the repository, else its text.
    private static func link(in text: Substring, depth: Int) -> Name? {
        guard text.hasPrefix("["), let middle = text.firstRange(of: "]("),
            let end = text[middle.upperBound...].firstIndex(of: ")")
        else { return nil }
        let shown = text[text.index(after: text.startIndex)..<middle.lowerBound]
        if shown.contains("]") || shown.contains(" (") { return nil }
        let target = text[middle.upperBound..<end].split(separator: " ").first.map(String.init) ?? ""
        let label = delimited(in: shown, depth: depth - 1).flatMap { $0.rest.isEmpty ? $0.text : nil } ?? String(shown)
        let isElsewhere = target.isEmpty || target.contains("://") || target.hasPrefix("#") || target.hasPrefix("..")
        return Name(
            text: isElsewhere ? label : target, isDelimited: true, rest: text[text.index(after: end)...]
        ).withLines()
    }

    private static let noteBeginnings = [" (", " - ", " – ", " — ", " -- ", ": ", " # ", " // ", "\t"]

    private static func bare(in text: Substring) -> Name? {
        var index = text.startIndex
        var depth = 0
        while index < text.endIndex {
            let rest = text[index...]
            if text[index] == "{" { depth += 1 }
            if text[index] == "}" { depth -= 1 }
            if depth <= 0 {
                if noteBeginnings.contains(where: { rest.hasPrefix($0) }) { break }
                let left = Name(text: String(text[..<index]), isDelimited: false, rest: rest)
                if let separator = separator(in: rest), separator.first == " " || separator.last == " " || left.isPath,
                    !left.text.contains(" "), word(in: rest.dropFirst(separator.count))?.isPath == true
                {
                    break
                }
                // "src/a.ts, which holds the routes"
                if rest.hasPrefix(", "), left.isPath { break }
            }
            index = text.index(after: index)
        }
        var name = text[..<index].trimmingBlanks()
        // What ends a sentence or a heading ends no name.
        while name.count > 1, let last = name.last, ",;:".contains(last) || last == "." && !name.hasSuffix("..") {
            if last == ".", name.dropLast().hasSuffix("/") { break }
            name.removeLast()
        }
        return name.allSatisfy({ $0 == "`" })
            ? nil : Name(text: name, isDelimited: false, rest: text[index...]).withLines()
    }

    private static let separators = [
        ", and ", ", ", "; ", " and ", " & ", " + ", " or ", " -> ", " => ", " → ", ",", ";",
    ]

    /// What separates two names at the beginning of a text.
    private static func separator(in text: Substring) -> String? { separators.first { text.hasPrefix($0) } }

    /// The name that a text begins with, up to the first blank or comma, unless quotes say where it ends.
    private static func word(in text: Substring) -> Name? {
        let text = text.drop { $0 == " " }
        if let name = delimited(in: text) { return name }
        let word = text.prefix { !" \t,;".contains($0) }
        return Name(text: String(word), isDelimited: false, rest: text[word.endIndex...])
    }

    /// The name that follows another one, with what separates them.
    private static func next(in rest: Substring) -> Name? {
        if let separator = separator(in: rest) {
            return name(in: rest.dropFirst(separator.count)).flatMap { $0.isPath ? $0 : nil }
        }
        // Several in quotes need nothing between them.
        guard rest.first == " ", let next = name(in: rest), next.isDelimited, next.looksLikeFile else { return nil }
        return next
    }

    /// The names in quotes that a sentence holds, else the words that can only be paths.
    private static func names(inSentence text: String) -> [Name] {
        var quoted: [Name] = []
        let parts = text.split(separator: "`", omittingEmptySubsequences: false)
        for number in stride(from: 1, to: parts.count - 1, by: 2) {
            let name = Name(text: parts[number].trimmingBlanks(), isDelimited: true, rest: "").withLines()
            if name.looksLikeFile { quoted.append(name) }
        }
        if !quoted.isEmpty { return quoted }
        return text.split(separator: " ").compactMap { bare(in: $0) }.filter(\.looksLikeFile)
    }

    // MARK: Around the names

    private static func withoutBox(_ entry: String) -> String {
        ["[ ] ", "[x] ", "[X] "].contains { entry.hasPrefix($0) } ? String(entry.dropFirst(4)) : entry
    }

    private static let verbs: Set<String> = [
        "add", "adds", "change", "changed", "create", "delete", "deleted", "edit", "extend", "file", "files", "fix",
        "modified",
        "modify", "move", "new", "path", "paths", "refactor", "remove", "rename", "rewrite", "touch", "update",
    ]

    /// What follows words for what is done with a file; `nil` where an entry does not begin with one.
    private static func withoutVerb(_ entry: String) -> String? {
        var rest = Substring(entry)
        var isFound = false
        while let word = rest.split(separator: " ", maxSplits: 1).first {
            let plain = word.filter { !"():*".contains($0) }.lowercased()
            guard verbs.contains(plain), word.count < rest.count else { break }
            rest = rest.dropFirst(word.count).drop { $0 == " " }
            isFound = true
        }
        return isFound ? String(rest) : nil
    }

    private static func note(_ text: Substring) -> String? {
        var note = text.trimmingBlanks()
        if note.hasPrefix("("), note.hasSuffix(")"), note.count > 1 {
            note = note.dropFirst().dropLast().trimmingBlanks()
        } else {
            note = note.drop { "-–—:#/,; ".contains($0) }.trimmingBlanks()
        }
        return note.isEmpty ? nil : note
    }

    // MARK: Paths

    private static func expanded(_ name: Name, note: String?) -> [SpecPath] {
        let split = SpecPath.splitLines(name.text)
        return braces(in: split.path).filter { !$0.isEmpty }.map {
            SpecPath(PathPattern($0), note: note, lines: split.lines)
        }
    }

    /// More than anybody writes.
    private static let mostExpansions = 256

    /// `{a,b}` as a shell has it: one path for each.
    private static func braces(in path: String) -> [String] {
        var done: [String] = []
        var open = [path]
        while let next = open.popLast() {
            guard let set = alternatives(in: next), done.count + open.count + set.inside.count <= mostExpansions else {
                done.append(next)
                continue
            }
            open += set.inside.reversed().map { set.before + $0 + set.after }
        }
        return done
    }

    /// The first set of braces with a comma in it.
    private static func alternatives(in path: String) -> (before: String, inside: [String], after: String)? {
        var start = path.startIndex
        while let open = path[start...].firstIndex(of: "{") {
            var depth = 0
            var parts: [String] = [""]
            for index in path[open...].indices {
                let character = path[index]
                if character == "{" { depth += 1 }
                if character == "}" { depth -= 1 }
                if depth == 0 {
                    guard parts.count > 1 else { break }
                    return (String(path[..<open]), parts, String(path[path.index(after: index)...]))
                }
                if character == ",", depth == 1 {
                    parts.append("")
                } else if depth > 1 || character != "{" {
                    parts[parts.count - 1].append(character)
                }
            }
            start = path.index(after: open)
        }
        return nil
    }
}

extension PathList.Name {
    /// With the lines that stand behind the quotes, `:3-7`, and in the form of other tools, `#L3-L7`.
    fileprivate func withLines() -> Self {
        var name = self
        if isDelimited, rest.hasPrefix(":") {
            let range = rest.prefix { $0 == ":" || $0 == "-" || $0.isWholeNumber }
            if SpecPath.splitLines("x" + range).lines != nil {
                name.text += range
                name.rest = rest.dropFirst(range.count)
            }
        }
        if let hash = name.text.firstRange(of: "#L") {
            let range = name.text[hash.upperBound...].filter { $0 != "L" }
            if SpecPath.splitLines("x:\(range)").lines != nil {
                name.text = "\(name.text[..<hash.lowerBound]):\(range)"
            }
        }
        return name
    }
}
