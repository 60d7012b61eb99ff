import Markdown

/// A document of the article's kind: a title, and sections under headings.
///
/// What a spec, a report and a checkpoint document have in common. Headings are Markdown's, so a `##` in a fenced code
/// block is text.
struct SectionedDocument {
    struct Section {
        /// The heading's text.
        let name: String
        /// The heading's.
        let level: Int
        let headingLine: Int
        /// The lines below the heading, up to the next section.
        let body: Range<Int>
    }

    let outline: MarkdownOutline
    /// The text of the title's heading without its label; `nil` when there is neither a heading with the label nor one of
    /// level 1.
    let title: String?
    /// The lines between the title and the first section.
    let preamble: Range<Int>
    let sections: [Section]

    /// - Parameters:
    ///   - outline: the document's.
    ///   - label: what a title begins with, before its colon: `Spec`, `Checkpoint`, `Result`.
    init(_ outline: MarkdownOutline, label: String) {
        let headings = outline.headings
        let labelled = headings.firstIndex { Self.title($0.text, label: label) != nil }
        let titleIndex = labelled ?? headings.firstIndex { $0.level == 1 }
        let start = titleIndex.map { $0 + 1 } ?? 0
        // Deeper headings divide a section, not the document.
        let level = max(2, headings[start...].map(\.level).min() ?? 2)
        let openers = headings[start...].filter { $0.level <= level }
        var sections: [Section] = []
        for (index, heading) in openers.enumerated() {
            let end = index + 1 < openers.count ? openers[index + 1].line : outline.lines.count
            sections.append(
                Section(
                    name: heading.text, level: heading.level, headingLine: heading.line,
                    body: (heading.lastLine + 1)..<end))
        }
        self.outline = outline
        self.sections = sections
        title = titleIndex.map { Self.title(headings[$0].text, label: label) ?? headings[$0].text }
        let first = titleIndex.map { headings[$0].lastLine + 1 } ?? outline.frontMatter
        preamble = first..<max(first, openers.first?.line ?? outline.lines.count)
    }

    /// What follows `label:` in a heading, in any case; `nil` when the heading does not begin so.
    private static func title(_ heading: String, label: String) -> String? {
        guard let colon = heading.firstIndex(of: ":") else { return nil }
        guard heading[..<colon].trimmingBlanks().lowercased() == label.lowercased() else { return nil }
        return heading[heading.index(after: colon)...].trimmingBlanks()
    }

    /// The sections of a name, compared without case and without what stands in parentheses at its end.
    func sections(named name: String) -> [Section] {
        let wanted = Self.plainName(name)
        return sections.filter { Self.plainName($0.name) == wanted }
    }

    static func plainName(_ name: String) -> String {
        var name = name[...]
        if name.hasSuffix(")"), let open = name.firstIndex(of: "(") { name = name[..<open] }
        while name.hasSuffix(":") { name.removeLast() }
        return name.trimmingBlanks().lowercased()
    }

    /// The source of some lines, without blank lines around them; lines end with LF.
    func text(of range: Range<Int>) -> String {
        let lines = outline.lines
        var range = range.clamped(to: 0..<lines.count)
        while let first = range.first, lines.isBlank(first) { range.removeFirst() }
        while let last = range.last, lines.isBlank(last) { range.removeLast() }
        return range.map { String(decoding: lines.bytes[lines[$0]], as: UTF8.self) }.joined(separator: "\n")
    }

    /// What some lines list: each outermost item, and each paragraph outside the items, as one line.
    ///
    /// An item keeps everything below it, its markers included, so that nothing a writer nested is lost. A lone "None"
    /// or "(none)" lists nothing.
    func entries(in range: Range<Int>) -> [String] {
        var found: [(line: Int, text: String)] = []
        for item in outline.items(in: range) where item.depth == 0 {
            let last = min(item.lastLine, range.upperBound - 1)
            found.append((item.line, outline.lines.joined(item.line...last, from: item.marker.upperBound)))
        }
        for prose in outline.prose(in: range) {
            let last = min(prose.lines.upperBound, range.upperBound - 1)
            found.append((prose.lines.lowerBound, outline.lines.joined(prose.lines.lowerBound...last)))
        }
        found.sort { $0.line < $1.line }
        let texts = found.map { oneLine($0.text) }.filter { !saysNothing($0) }
        return texts.count == 1 && isNone(texts[0]) ? [] : texts
    }

    func entries(ofSection name: String) -> [String] { sections(named: name).flatMap { entries(in: $0.body) } }

    /// Whether a line is inside a code block that is in no list.
    func isCode(_ line: Int) -> Bool {
        guard let last = outline.prose(in: 0..<(line + 1)).last else { return false }
        return last.isCode && last.lines.contains(line)
    }

    /// The name and the value of a line such as `**Date**: 2026-02-22`; also with the colon inside the stars, and as a
    /// list item.
    func field(at line: Int) -> (name: String, value: String)? {
        var text = outline.lines.text(of: line)[...]
        if text.hasPrefix("- ") || text.hasPrefix("* ") { text = text.dropFirst(2).drop { $0 == " " } }
        guard text.hasPrefix("**") else { return nil }
        text = text.dropFirst(2)
        guard let close = text.firstIndex(of: "*"), text[close...].hasPrefix("**") else { return nil }
        var name = text[..<close]
        var value = text[close...].dropFirst(2)
        if name.hasSuffix(":") {
            name.removeLast()
        } else {
            guard value.hasPrefix(":") else { return nil }
            value.removeFirst()
        }
        return (name.trimmingBlanks(), value.trimmingBlanks())
    }
}
