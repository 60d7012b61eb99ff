/// Where the lines of a text begin and end, in bytes.
///
/// A line ends with LF, CR LF or a CR alone, as in CommonMark; so a line's number here is the number that cmark gives it.
/// A byte order mark belongs to no line's content.
package struct SourceLines: Hashable, Sendable {
    /// The text as it was given.
    package let bytes: [UInt8]
    /// Where the content of each line begins.
    private let starts: [Int]
    /// Where the content of each line ends; its line end, if it has one, lies between here and the next start.
    private let ends: [Int]

    /// - Parameter bytes: any bytes; they need not be UTF-8.
    package init(_ bytes: [UInt8]) {
        var starts: [Int] = []
        var ends: [Int] = []
        var start = bytes.starts(with: Self.byteOrderMark) ? Self.byteOrderMark.count : 0
        var position = start
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            guard byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") else { continue }
            starts.append(start)
            ends.append(position - 1)
            if byte == UInt8(ascii: "\r"), position < bytes.count, bytes[position] == UInt8(ascii: "\n") {
                position += 1
            }
            start = position
        }
        if start < bytes.count {
            starts.append(start)
            ends.append(bytes.count)
        }
        self.bytes = bytes
        self.starts = starts
        self.ends = ends
    }

    package static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// How many lines there are; a line end closes a line and opens none.
    package var count: Int { starts.count }

    /// Where the content of a line lies, without its line end.
    /// - Parameter line: 0-based. A line past the last one lies, empty, at the end of the text.
    package subscript(line: Int) -> Range<Int> {
        line < count ? starts[line]..<ends[line] : bytes.count..<bytes.count
    }

    /// Where a line's line end stops, which is where the next line begins.
    package func end(of line: Int) -> Int { line + 1 < count ? starts[line + 1] : bytes.count }

    /// The line end of a line: LF, CR LF or CR; empty on a last line that has none.
    package func terminator(of line: Int) -> ArraySlice<UInt8> { bytes[self[line].upperBound..<end(of: line)] }

    /// Whether a line holds nothing but spaces and tabs.
    package func isBlank(_ line: Int) -> Bool { bytes[self[line]].allSatisfy(isBlankByte) }

    /// A line's content from an offset on, without the blanks around it; what is not UTF-8 is replaced by U+FFFD.
    package func text(of line: Int, from offset: Int = 0) -> String {
        let range = self[line]
        return trimmedText(bytes[min(max(range.lowerBound, offset), range.upperBound)..<range.upperBound])
    }

    /// Several lines as one, each without the blanks around it, with one space between them; empty ones are left out.
    /// - Parameters:
    ///   - lines: the lines' numbers.
    ///   - offset: where the first line begins, when that is not its first byte.
    /// - Returns: the text; what is not UTF-8 is replaced by U+FFFD.
    package func joined(_ lines: ClosedRange<Int>, from offset: Int = 0) -> String {
        if lines.count == 1 { return text(of: lines.lowerBound, from: offset) }
        return lines.map { text(of: $0, from: offset) }.filter { !$0.isEmpty }.joined(separator: " ")
    }
}

func isBlankByte(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

func trimmedText(_ bytes: ArraySlice<UInt8>) -> String {
    var rest = bytes.drop(while: isBlankByte)
    while let last = rest.last, isBlankByte(last) { rest.removeLast() }
    return String(decoding: rest, as: UTF8.self)
}
