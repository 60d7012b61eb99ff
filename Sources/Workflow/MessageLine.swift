/// The lines of a subject or a body that would keep a reader from the trailers, and how they are written instead.
///
/// - From a line that begins with `---`, `git interpret-trailers` (when white space follows) and libgit2 (always) take
///   the rest for a patch.
/// - At a scissors line, behind whatever `core.commentChar` is, every command of git ends the message.
///
/// Such a line gets one space more at its start, which Markdown does not mind, and loses one when it is read. Everything
/// else, `#` and paragraphs that look like trailers included, is harmless above a last paragraph of trailers only.
/// Tried with git 2.39.5 and libgit2 1.5.1.
enum MessageLine {
    private static let dashes = Array("---".utf8)
    private static let scissors = Array(" ------------------------ >8 ------------------------".utf8)

    /// Appends each line of a text, escaped and ended.
    static func appendEscaped(_ text: String, to bytes: inout [UInt8]) {
        for line in Array(text.utf8).split(separator: PlainText.newline, omittingEmptySubsequences: false) {
            if endsMessage(line) { bytes.append(PlainText.space) }
            bytes.append(contentsOf: line)
            bytes.append(PlainText.newline)
        }
    }

    /// The text that `appendEscaped` wrote these lines for.
    static func unescaped(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var start = bytes.startIndex
        while start < bytes.endIndex {
            let end = bytes[start...].firstIndex(of: PlainText.newline) ?? bytes.endIndex
            let line = bytes[start..<end]
            let isEscaped = line.first == PlainText.space && endsMessage(line)
            result.append(contentsOf: isEscaped ? line.dropFirst() : line)
            if end < bytes.endIndex { result.append(PlainText.newline) }
            start = min(end + 1, bytes.endIndex)
        }
        return result
    }

    /// Whether this line, without the spaces that it begins with, ends the message for a reader. Those spaces do not
    /// count, so that escaping and its reverse see the same.
    private static func endsMessage<Line: BidirectionalCollection<UInt8>>(_ line: Line) -> Bool
    where Line.SubSequence: BidirectionalCollection<UInt8> {
        // Nearly every line is settled by its two ends.
        let text = line.drop { $0 == PlainText.space }
        if text.first == dashes[0], text.starts(with: dashes) { return true }
        return text.last == dashes[0] && text.reversed().starts(with: scissors.reversed())
    }
}
