import Markdown

extension CheckpointDocument {
    /// The document with the sections that its author left out, where something is given for them: all that was written stays
    /// as it is, to the byte. A section with nothing in it is one that was not left out.
    ///
    /// What to read goes before the other sections; decisions go before the files, those before what to do next.
    /// - Returns: this document itself where nothing is missing, or where it was made here and has no source.
    package func filled(
        context: [String], decisions: [String] = [], files: [FileState], next: [String] = []
    ) -> CheckpointDocument {
        guard let source else { return self }
        let outline = MarkdownOutline(source)
        let document = SectionedDocument(outline, label: "Checkpoint")
        func place(_ section: Section) -> Int? { document.sections(named: section.rawValue).first?.headingLine }
        let end = outline.lines.count
        let first = document.sections.first?.headingLine ?? end
        let nextPlace = place(.next) ?? end
        var insertions: [(line: Int, text: [String])] = []
        func insert(_ section: Section, at line: Int, _ lines: [String]) {
            guard place(section) == nil, !lines.isEmpty else { return }
            insertions.append((line, ["## \(section.rawValue)"] + lines))
        }
        insert(.context, at: first, numbers(context))
        insert(.decisions, at: place(.files) ?? nextPlace, bullets(decisions))
        insert(.files, at: nextPlace, bullets(files.map(\.text)))
        insert(.next, at: end, numbers(next))
        if insertions.isEmpty { return self }
        // Sections may stand in any order; of one place, that of the form counts.
        insertions = insertions.enumerated()
            .sorted { ($0.element.line, $0.offset) < ($1.element.line, $1.offset) }.map(\.element)
        let filled = CheckpointDocument(Self.inserting(insertions, into: outline.lines))
        let isRead =
            (place(.files) != nil || filled.files.count >= files.count)
            && (place(.decisions) != nil || filled.decisions.count >= decisions.count)
            && (place(.next) != nil || filled.next.count >= next.count)
        if isRead { return filled }
        // The document ends inside a code block or a comment, where a heading is text; before the sections it is none.
        return CheckpointDocument(Self.inserting(insertions.map { (first, $0.text) }, into: outline.lines))
    }

    /// Puts paragraphs before lines, with one blank line around each, in the document's own line ends.
    private static func inserting(_ insertions: [(line: Int, text: [String])], into lines: SourceLines) -> [UInt8] {
        let newline = UInt8(ascii: "\n")
        let source = lines.bytes
        let hasReturns = source.firstIndex(of: newline).map { $0 > 0 && source[$0 - 1] == UInt8(ascii: "\r") } ?? false
        let lineEnd = Array((hasReturns ? "\r\n" : "\n").utf8)
        var result: [UInt8] = []
        var position = 0
        // Those of one place are one text.
        var texts: [(line: Int, text: [String])] = []
        for insertion in insertions {
            if let last = texts.indices.last, texts[last].line == insertion.line {
                texts[last].text += [""] + insertion.text
            } else {
                texts.append(insertion)
            }
        }
        for insertion in texts {
            let start = insertion.line < lines.count ? lines[insertion.line].lowerBound : source.count
            result += source[position..<start]
            position = start
            if let last = result.last, last != newline { result += lineEnd }
            if insertion.line > 0, !lines.isBlank(min(insertion.line, lines.count) - 1) { result += lineEnd }
            for line in insertion.text { result += Array(line.utf8) + lineEnd }
            if start < source.count { result += lineEnd }
        }
        return result + source[position...]
    }
}
