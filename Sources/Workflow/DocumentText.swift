// How the documents turn texts into lines of Markdown and back.

/// The letters and digits of a text, in lower case, split at everything else.
func words(of text: String) -> [String] {
    text.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
}

/// A text as one line, with one space where there were line breaks, and none around it.
func oneLine(_ text: String) -> String {
    let lines = text.split(whereSeparator: \.isNewline)
    return lines.map { $0.trimmingBlanks() }.filter { !$0.isEmpty }.joined(separator: " ")
}

extension StringProtocol {
    /// Without spaces and tabs at both ends. By scalars, as Markdown has it: a blank is one, whatever accent follows it.
    func trimmingBlanks() -> String {
        var rest = Substring(self).unicodeScalars.drop { $0 == " " || $0 == "\t" }
        while let last = rest.last, last == " " || last == "\t" { rest.removeLast() }
        return String(rest)
    }
}

/// A title as a heading has it: hashes at its end stay only in front of closing ones.
func headingText(_ title: String) -> String {
    let title = oneLine(title)
    return title.hasSuffix("#") ? title + " #" : title
}

/// Whether a text says that there is nothing to say.
func isNone(_ text: String) -> Bool {
    ["none", "(none)", "none.", "n/a", "--"].contains(text.lowercased())
}

/// Whether an entry is empty, or dashes only: behind a list's dash those are a thematic break, not an entry.
func saysNothing(_ entry: String) -> Bool { entry.allSatisfy { $0 == "-" || $0 == " " || $0 == "\t" } }

/// A list's lines, one an entry; entries that say nothing are left out.
func bullets(_ entries: [String]) -> [String] {
    entries.map(oneLine).filter { !saysNothing($0) }.map { "- \($0)" }
}

/// A numbered list's lines, one an entry; entries that say nothing are left out.
func numbers(_ entries: [String]) -> [String] {
    entries.map(oneLine).filter { !saysNothing($0) }.enumerated().map { "\($0.offset + 1). \($0.element)" }
}
