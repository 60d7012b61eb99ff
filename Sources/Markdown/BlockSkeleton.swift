/// What of a document decides where its blocks are; everything else is crossed out.
///
/// The outline takes its texts from the source and asks cmark for blocks alone, but cmark always parses inline
/// text too, and in 0.29.0.gfm.6 that takes time in the square of the length for unlucky input (CVE-2023-22483,
/// -22484, -22486, -24824, -26485): a few megabytes of brackets would hang. So every byte that means something only to
/// inline text becomes an `x`. The length and the lines stay the same, so positions are the source's.
enum BlockSkeleton {
    /// No list and no quote begins further right than this. A blank line costs cmark one step for each list that is open,
    /// so the depth of lists must have a bound that the length of the document does not move.
    private static let containerOffsetLimit = 500

    private static let crossedOut = UInt8(ascii: "x")

    /// - Returns: the bytes for cmark, without the byte order mark, all of them ASCII.
    /// - Parameter blank: how many lines at the beginning say nothing.
    static func bytes(of lines: SourceLines, blank: Int) -> [UInt8] {
        var result = lines.bytes
        for line in 0..<blank { for index in lines[line] { result[index] = UInt8(ascii: " ") } }
        for line in blank..<lines.count { crossOut(lines[line], in: &result) }
        if let first = lines.count > 0 ? lines[0].lowerBound : nil { result.removeFirst(first) }
        return result
    }

    private static func crossOut(_ line: Range<Int>, in bytes: inout [UInt8]) {
        let rule = bytes[line].allSatisfy { $0 == UInt8(ascii: "_") || isBlankByte($0) }
        var isStart = true
        for index in line {
            let byte = bytes[index]
            let next = index + 1 < line.upperBound ? bytes[index + 1] : UInt8(ascii: "\n")
            let keeps: Bool
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "\t"): continue
            case 0..<UInt8(ascii: " "), 0x7F...: keeps = false
            case UInt8(ascii: "_"): keeps = rule
            case UInt8(ascii: "*"): keeps = isStart && (isBlankByte(next) || next == byte || next == UInt8(ascii: "\n"))
            case UInt8(ascii: "["): keeps = isBox(at: index, in: line, of: bytes)
            case UInt8(ascii: "<"): keeps = isStart || next == UInt8(ascii: "/")
            default: keeps = !isStart || index - line.lowerBound <= containerOffsetLimit
            }
            isStart = isStart && keeps && isStructure(byte)
            if !keeps { bytes[index] = crossedOut }
        }
    }

    /// Whether a byte may stand before the block's own text: it opens a container or is part of a number.
    private static func isStructure(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: ">"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "*"), UInt8(ascii: "."),
            UInt8(ascii: ")"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }

    private static func isBox(at index: Int, in line: Range<Int>, of bytes: [UInt8]) -> Bool {
        guard index > line.lowerBound, isBlankByte(bytes[index - 1]), index + 2 < line.upperBound,
            bytes[index + 2] == UInt8(ascii: "]")
        else { return false }
        return index + 3 == line.upperBound || isBlankByte(bytes[index + 3])
    }
}
