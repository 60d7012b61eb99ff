import Markdown

extension TodoList {
    /// The file with one box ticked or cleared: one byte differs, or none when it was so before.
    /// - Throws: `noItem`.
    package func settingDone(_ number: Int, _ done: Bool) throws(TodoListError) -> [UInt8] {
        guard tasks.indices.contains(number - 1), let box = tasks[number - 1].box else {
            throw .noItem(number: number, count: items.count)
        }
        guard box.isChecked != done else { return bytes }
        var result = bytes
        result[box.offset] = UInt8(ascii: done ? "x" : " ")
        return result
    }

    /// Adds an open item: behind the last item of its section, in the bullet, the indentation and the line
    /// end that are there. A section without items gets its first one at its end.
    /// - Parameters:
    ///   - text: taken as one line.
    ///   - section: the text of a heading, in any case; without one the item goes behind the last item of the file.
    /// - Returns: the bytes of the file with the item in it.
    /// - Throws: `emptyText`, `noSection`, `noPlace`.
    package func adding(_ text: String, section: String? = nil) throws(TodoListError) -> [UInt8] {
        let text = oneLine(text)
        guard !text.isEmpty else { throw .emptyText }
        var heading: Int?
        if let section {
            heading = index(ofSection: section)
            if heading == nil { throw .noSection(section, sections: outline.headings.map(\.text)) }
        }
        let siblings = heading.map { heading in tasks.filter { $0.heading == heading } } ?? lastSiblings
        let insertion =
            siblings.isEmpty
            ? first(text, in: heading) : next(text, after: siblings, in: heading ?? siblings[0].heading)
        var result = bytes
        result.insert(contentsOf: insertion.bytes, at: insertion.offset)
        guard TodoList(result).items.count == items.count + 1 else {
            throw .noPlace(line: insertion.line + 1)
        }
        return result
    }

    private struct Insertion {
        /// The 0-based line that the item will be on.
        var line: Int
        var offset: Int
        var bytes: [UInt8]
    }

    private var lines: SourceLines { outline.lines }

    /// The items that share the section of the file's last item.
    private var lastSiblings: [MarkdownOutline.Item] {
        guard let last = tasks.last else { return [] }
        return tasks.filter { $0.heading == last.heading }
    }

    private func index(ofSection section: String) -> Int? {
        outline.headings.firstIndex { $0.text == section }
            ?? outline.headings.firstIndex { $0.text.lowercased() == section.lowercased() }
    }

    /// The item after the last outermost one of its section, and after everything that is inside that one.
    private func next(_ text: String, after siblings: [MarkdownOutline.Item], in heading: Int?) -> Insertion {
        let depth = siblings.map(\.depth).min() ?? 0
        let outermost = siblings.filter { $0.depth == depth }
        guard let last = outermost.last else { return first(text, in: heading) }
        let start = lines[last.line].lowerBound
        let indentation = bytes[start..<last.marker.lowerBound].prefix {
            $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t")
        }
        let gap = bytes[last.marker.upperBound..<((last.box?.offset ?? last.marker.upperBound + 2) - 1)]
        let item = Array(indentation) + marker(after: last) + Array(gap) + Array("[ ] \(text)".utf8)
        // A list whose items have blank lines between them keeps them.
        let isLoose = outermost.count > 1 && lines.isBlank(last.line - 1)
        return insertion(of: item, after: last.lastLine, isApart: isLoose)
    }

    /// The bullet of an item, or the number that follows its number.
    private func marker(after item: MarkdownOutline.Item) -> [UInt8] {
        let marker = bytes[item.marker]
        guard let delimiter = marker.last, let number = Int(String(decoding: marker.dropLast(), as: UTF8.self)) else {
            return Array(marker)
        }
        return Array("\(number + 1)".utf8) + [delimiter]
    }

    /// The first item of a section, or of the file.
    private func first(_ text: String, in heading: Int?) -> Insertion {
        let item = Array("- [ ] \(text)".utf8)
        var end = lines.count
        if let heading, heading + 1 < outline.headings.count { end = outline.headings[heading + 1].line }
        let start = heading.map { outline.headings[$0].lastLine } ?? -1
        var last = end - 1
        while last > start, lines.isBlank(last) { last -= 1 }
        return insertion(of: item, after: last, isApart: true)
    }

    /// The line end of a line, or, when it has none, of the file.
    private func lineEnd(near line: Int) -> [UInt8] {
        let candidates = [max(line, 0), 0].map { lines.terminator(of: $0) }
        return Array(candidates.first { !$0.isEmpty } ?? [UInt8(ascii: "\n")])
    }

    private func insertion(of item: [UInt8], after line: Int, isApart: Bool) -> Insertion {
        let lineEnd = lineEnd(near: line)
        guard line >= 0 else {
            let offset = lines[0].lowerBound
            return Insertion(line: 0, offset: offset, bytes: item + lineEnd)
        }
        let apart = isApart ? lineEnd : []
        let itemLine = line + (isApart ? 2 : 1)
        if lines.terminator(of: line).isEmpty {
            return Insertion(line: itemLine, offset: bytes.count, bytes: lineEnd + apart + item)
        }
        // A text line right behind would become part of the item.
        let isFollowed = line + 1 < lines.count && !lines.isBlank(line + 1) && isApart
        return Insertion(
            line: itemLine, offset: lines.end(of: line), bytes: apart + item + lineEnd + (isFollowed ? lineEnd : []))
    }
}
