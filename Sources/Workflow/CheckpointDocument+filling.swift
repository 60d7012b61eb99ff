import Markdown

extension CheckpointDocument {
    /// The document with the two sections that its author left out, where `context` and `files` say something for them: all
    /// that was written stays as it is, to the byte. A section with nothing in it is one that was not left out.
    ///
    /// What to read goes before the other sections; the files go before what to do next.
    /// - Returns: this document itself where nothing is missing, or where it was made here and has no source.
    package func filled(context: [String], files: [FileState]) -> CheckpointDocument {
        guard let source else { return self }
        let outline = MarkdownOutline(source)
        let document = SectionedDocument(outline, label: "Checkpoint")
        func has(_ section: Section) -> Bool { !document.sections(named: section.rawValue).isEmpty }
        let end = outline.lines.count
        let first = document.sections.first?.headingLine ?? end
        let next = document.sections(named: Section.next.rawValue).first?.headingLine ?? end
        var insertions: [(line: Int, text: [String])] = []
        if !has(.context), !context.isEmpty {
            insertions.append((first, ["## \(Section.context.rawValue)"] + numbers(context)))
        }
        if !has(.files), !files.isEmpty {
            insertions.append((next, ["## \(Section.files.rawValue)"] + bullets(files.map(\.text))))
        }
        if insertions.isEmpty { return self }
        let filled = CheckpointDocument(Self.inserting(insertions, into: outline.lines))
        if has(.files) || filled.files.count >= files.count { return filled }
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
        for insertion in insertions {
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
