/// What git counts in a file to tell text from other content (`convert.c`).
struct TextStatistics {
    private(set) var zeros = 0
    private(set) var loneReturns = 0
    private(set) var loneFeeds = 0
    private(set) var pairs = 0
    private var printable = 0
    private var others = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            switch byte {
            case Byte.carriageReturn:
                if index < bytes.count, bytes[index] == Byte.newline {
                    pairs += 1
                    index += 1
                } else {
                    loneReturns += 1
                }
            case Byte.newline: loneFeeds += 1
            case 0:
                zeros += 1
                others += 1
            case 8, 9, 12, 27: printable += 1
            case ..<32, 127: others += 1
            default: printable += 1
            }
        }
        // The mark of an end of file of old, where it is the last byte.
        if bytes.last == 26 { others -= 1 }
    }

    var isBinary: Bool { loneReturns > 0 || zeros > 0 || printable >> 7 < others }
}
