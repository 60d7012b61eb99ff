import CMark

extension MarkdownOutline {
    /// More than any document has, and well inside the 31-bit lengths past which cmark aborts the process.
    private static let parsedByteLimit = 1 << 28

    /// Registering is not safe to do from two threads at once; a global is initialised once.
    private static let registered: Void = cmark_gfm_core_extensions_ensure_registered()

    /// Parses the source and keeps what its blocks say.
    mutating func readBlocks() {
        Self.registered
        guard let parser = cmark_parser_new(CMARK_OPT_DEFAULT) else { return }
        defer { cmark_parser_free(parser) }
        if let tasks = cmark_find_syntax_extension("tasklist") {
            cmark_parser_attach_syntax_extension(parser, tasks)
        }
        let skeleton = BlockSkeleton.bytes(of: lines, blank: frontMatter)
        skeleton.withUnsafeBytes { buffer in
            let characters = buffer.assumingMemoryBound(to: CChar.self)
            cmark_parser_feed(parser, characters.baseAddress, min(buffer.count, Self.parsedByteLimit))
        }
        guard let document = cmark_parser_finish(parser) else { return }
        defer { cmark_node_free(document) }
        walk(document)
    }

    /// Goes through the blocks without recursion: nesting may be as deep as the source likes.
    private mutating func walk(_ document: OpaquePointer) {
        var openItems: [Int] = []
        var openHeadings: [Int] = []
        var next = cmark_node_first_child(document)
        while let node = next {
            let type = cmark_node_get_type(node)
            var entered: OpaquePointer?
            switch type {
            case CMARK_NODE_HEADING where openItems.isEmpty:
                appendHeading(node, &openHeadings)
            case CMARK_NODE_LIST:
                entered = cmark_node_first_child(node)
            case CMARK_NODE_ITEM:
                openItems.append(items.count)
                items.append(item(node, depth: openItems.count - 1, heading: openHeadings.last))
                entered = cmark_node_first_child(node)
                if entered == nil { openItems.removeLast() }
            case CMARK_NODE_PARAGRAPH where openItems.isEmpty, CMARK_NODE_CODE_BLOCK where openItems.isEmpty:
                prose.append(Prose(isCode: type == CMARK_NODE_CODE_BLOCK, lines: lineRange(of: node)))
            default:
                break
            }
            if let entered {
                next = entered
                continue
            }
            let closed = close(node, in: document)
            next = closed.next
            // For a fence that nobody closed cmark names a last line that already belongs to what follows.
            let limit = next.map { firstLine(of: $0) - 1 } ?? lines.count - 1
            var last = min(lastLine(of: node), limit)
            for _ in 0..<closed.items {
                guard let item = openItems.popLast() else { break }
                items[item].lastLine = max(items[item].lastLine, last)
                last = items[item].lastLine
            }
            if let open = openItems.last { items[open].lastLine = max(items[open].lastLine, last) }
        }
    }

    /// The next block that is not inside `node`, and how many items end on the way there.
    private func close(_ node: OpaquePointer, in document: OpaquePointer) -> (next: OpaquePointer?, items: Int) {
        var node = node
        var items = 0
        while true {
            if let sibling = cmark_node_next(node) { return (sibling, items) }
            guard let parent = cmark_node_parent(node), parent != document else { return (nil, items) }
            if cmark_node_get_type(parent) == CMARK_NODE_ITEM { items += 1 }
            node = parent
        }
    }

    private mutating func appendHeading(_ node: OpaquePointer, _ open: inout [Int]) {
        let level = Int(cmark_node_get_heading_level(node))
        let range = headingLines(from: firstLine(of: node))
        while let last = open.last, headings[last].level >= level { open.removeLast() }
        headings.append(
            Heading(
                level: level, text: headingText(range), line: range.lowerBound, lastLine: range.upperBound,
                parent: open.last))
        open.append(headings.count - 1)
    }

    /// From the text to its underline, which ends the first paragraph line that it could end. cmark's own last line is one
    /// too many when no blank line follows.
    private func headingLines(from first: Int) -> ClosedRange<Int> {
        let content = lines.bytes[lines[first]].drop(while: isBlankByte)
        let hashes = content.prefix { $0 == UInt8(ascii: "#") }
        let isHashed = (1...6).contains(hashes.count) && content.dropFirst(hashes.count).first.map(isBlankByte) ?? true
        guard !isHashed else { return first...first }
        let underline = ((first + 1)..<max(first + 1, lines.count)).first { line in
            let text = lines.text(of: line).utf8
            return !text.isEmpty
                && (text.allSatisfy { $0 == UInt8(ascii: "=") } || text.allSatisfy { $0 == UInt8(ascii: "-") })
        }
        return first...(underline ?? first)
    }

    /// The text between the hashes, or above the underline.
    private func headingText(_ range: ClosedRange<Int>) -> String {
        if range.count > 1 { return lines.joined(range.lowerBound...(range.upperBound - 1)) }
        var text = lines.bytes[lines[range.lowerBound]].drop(while: isBlankByte)
        text = text.drop { $0 == UInt8(ascii: "#") }
        while let last = text.last, isBlankByte(last) { text.removeLast() }
        // Hashes at the end close the heading only after a blank.
        if let content = text.lastIndex(where: { $0 != UInt8(ascii: "#") }) {
            if isBlankByte(text[content]) { text = text[...content] }
        } else {
            text = []
        }
        return trimmedText(text)
    }

    private func item(_ node: OpaquePointer, depth: Int, heading: Int?) -> Item {
        let line = firstLine(of: node)
        let content = lines[line]
        let column = max(0, Int(cmark_node_get_start_column(node)) - 1)
        let marker = markerRange(from: min(content.lowerBound + column, content.upperBound), to: content.upperBound)
        let isTask = cmark_node_get_type_string(node).map { String(cString: $0) == "tasklist" } ?? false
        let box = isTask ? self.box(after: marker.upperBound, to: content.upperBound) : nil
        let textStart = box.map { $0.offset + 2 } ?? marker.upperBound
        var textLines = line...line
        if let first = cmark_node_first_child(node), cmark_node_get_type(first) == CMARK_NODE_PARAGRAPH {
            textLines = lineRange(of: first)
        }
        return Item(
            text: lines.joined(textLines, from: textStart), line: line, lastLine: line, depth: depth, heading: heading,
            marker: marker, box: box)
    }

    private func markerRange(from start: Int, to end: Int) -> Range<Int> {
        var position = start
        while position < end, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(lines.bytes[position]) { position += 1 }
        return start..<min(position + 1, end)
    }

    /// The box is looked up in the source. The extension's own word for "checked" is not used: it takes a `[x]` anywhere
    /// in the line, and it takes an item for a task whose second line only looks like one (cmark-gfm 0.29.0.gfm.6,
    /// extensions/tasklist.c).
    private func box(after marker: Int, to end: Int) -> Item.Box? {
        var position = marker
        while position < end, isBlankByte(lines.bytes[position]) { position += 1 }
        guard position > marker, position + 2 < end, lines.bytes[position] == UInt8(ascii: "["),
            lines.bytes[position + 2] == UInt8(ascii: "]")
        else { return nil }
        switch lines.bytes[position + 1] {
        case UInt8(ascii: " "): return Item.Box(isChecked: false, offset: position + 1)
        case UInt8(ascii: "x"), UInt8(ascii: "X"): return Item.Box(isChecked: true, offset: position + 1)
        default: return nil
        }
    }

    private func firstLine(of node: OpaquePointer) -> Int {
        min(max(0, Int(cmark_node_get_start_line(node)) - 1), max(0, lines.count - 1))
    }

    /// The last line of a block that is not blank. For a fence that nobody closed cmark names the line after it.
    private func lastLine(of node: OpaquePointer) -> Int {
        let first = firstLine(of: node)
        var last = min(max(first, Int(cmark_node_get_end_line(node)) - 1), max(0, lines.count - 1))
        while last > first, lines.isBlank(last) { last -= 1 }
        return last
    }

    private func lineRange(of node: OpaquePointer) -> ClosedRange<Int> { firstLine(of: node)...lastLine(of: node) }
}
