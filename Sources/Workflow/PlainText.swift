/// Text made safe to stand in a message: every function here works on bytes, because a `Character` may span a space or
/// a line break and what combines with it, which git does not know.
enum PlainText {
    static let space = UInt8(ascii: " ")
    static let newline = UInt8(ascii: "\n")

    /// What git's own `isspace` takes for white space.
    static func isSpace(_ byte: UInt8) -> Bool {
        byte == space || byte == UInt8(ascii: "\t") || byte == newline || byte == UInt8(ascii: "\r")
    }

    /// One line without control characters; see `Trailer.normalised` for the rules.
    static func line(_ text: String) -> String {
        var text = text
        return text.withUTF8 { line($0[...]) }
    }

    /// As `line(_:)` of a string. What is not UTF-8 becomes U+FFFD.
    static func line(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> String {
        if isPlain(bytes) { return String(decoding: trimmed(bytes), as: UTF8.self) }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let byte = bytes[index]
            let following = index + 1 < bytes.endIndex ? bytes[index + 1] : 0
            index += 1
            switch byte {
            case 0x0a...0x0d:
                endLine(&result)
            case 0xc2 where following == 0x85:
                index += 1
                endLine(&result)
            case 0x09, space:
                // Leading white space goes, and so does what follows a line break.
                if !result.isEmpty, result.last != Self.breakMark { result.append(space) }
            default:
                index += appendVisible(byte, following, to: &result)
            }
        }
        for index in result.indices where result[index] == breakMark { result[index] = space }
        return String(decoding: trimmed(result[...]), as: UTF8.self)
    }

    /// Stands for a line break while a line is put together; as a control character it cannot come from the text.
    private static let breakMark: UInt8 = 0x0a

    private static func endLine(_ result: inout [UInt8]) {
        while result.last == space { result.removeLast() }
        if !result.isEmpty, result.last != breakMark { result.append(breakMark) }
    }

    /// Text of several lines: line breaks become `\n`, blank lines at both ends go, and control characters other than
    /// tabs become pictures.
    static func lines(_ text: String) -> String {
        var result: [UInt8] = []
        result.reserveCapacity(text.utf8.count)
        let bytes = Array(text.utf8)
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            let following = index + 1 < bytes.count ? bytes[index + 1] : 0
            index += 1
            switch byte {
            case 0x0d:
                if following != newline { result.append(newline) }
            case newline, 0x09:
                result.append(byte)
            default:
                index += appendVisible(byte, following, to: &result)
            }
        }
        return String(decoding: withoutBlankEnds(result), as: UTF8.self)
    }

    /// The lines without those at both ends that hold only white space, and without the last line break.
    private static func withoutBlankEnds(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
        guard let first = bytes.firstIndex(where: { !isSpace($0) }),
            let last = bytes.lastIndex(where: { !isSpace($0) })
        else { return [] }
        let start = bytes[..<first].lastIndex(of: newline).map { $0 + 1 } ?? 0
        let end = bytes[last...].firstIndex(of: newline) ?? bytes.count
        return bytes[start..<end]
    }

    /// Appends a byte, or the picture of the control character that it begins.
    ///
    /// - Returns: how many bytes more than this one were used.
    private static func appendVisible(_ byte: UInt8, _ following: UInt8, to result: inout [UInt8]) -> Int {
        switch byte {
        case 0..<0x20:
            result.append(contentsOf: [0xe2, 0x90, 0x80 + byte])
        case 0x7f:
            result.append(contentsOf: [0xe2, 0x90, 0xa1])
        case 0xc2 where (0x80...0x9f).contains(following):
            result.append(contentsOf: [0xef, 0xbf, 0xbd])
            return 1
        default:
            result.append(byte)
        }
        return 0
    }

    /// Whether there is nothing to change but white space at the ends: true of nearly every value, and cheap to see.
    private static func isPlain(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        !bytes.contains { $0 < 0x20 || $0 == 0x7f || $0 == 0xc2 }
    }

    private static func trimmed<Bytes: BidirectionalCollection<UInt8>>(_ bytes: Bytes) -> Bytes.SubSequence
    where Bytes.SubSequence: BidirectionalCollection<UInt8> {
        let start = bytes.drop { $0 == space }
        guard let last = start.lastIndex(where: { $0 != space }) else { return start.prefix(0) }
        return start[...last]
    }

    /// How many Unicode scalars there are, which is near enough to columns where only the looks depend on it.
    static func scalarCount(_ bytes: ArraySlice<UInt8>) -> Int {
        var count = 0
        for byte in bytes where byte & 0xc0 != 0x80 { count += 1 }
        return count
    }
}
