/// How many tokens a text costs a language model, by a rule of thumb instead of a vocabulary, which would be as large as
/// the rest of the binary.
///
/// A tokenizer of the byte-pair kind gives a common word one token together with the space before it, and splits what it
/// has seen less often. So the text is walked once, and each run in it costs what such runs cost on average, in hundredths
/// of a token:
///
/// | run | costs |
/// |---|---|
/// | a word after a space | 98, and 9 for each letter beyond the sixth |
/// | a word after anything else, such as `Text` in `plainText` | 92, and 13 for each letter beyond the sixth |
/// | more for a word without a vowel (`strncpy`) | 81, and 67 for each letter beyond the third |
/// | capitals | 87, and 13 for each letter beyond the first, up to eleven |
/// | more for capitals after punctuation; without a vowel | 27; 24 |
/// | more for letters beside a digit (`3f9ab2`) | 51 |
/// | digits | 67, and 21 for each digit beyond the first |
/// | punctuation | 107, 20 for each change of the character, 5 for each repetition |
/// | line breaks | 107; 228 where a blank line follows |
/// | several spaces inside a line; each tab | 165; 71 |
/// | a letter beyond ASCII | 200 for Latin, which breaks its word in two; else 100 to 300 by its length in UTF-8 |
///
/// The numbers were fitted (least squares, then on the worst files) against the tokenizer that PyPI's `anthropic` 0.34.2
/// carries, on 1,669 files of prose, Markdown and code, and raised by 2%, because too little is worse than too much.
/// `make tokens` measures them again on the files of the machine that it runs on. Prose in other languages is not what
/// they were fitted to: estimates of translations of one text are from 30% too low (Croatian) to 60% too high (Russian).
package struct TokenEstimate {
    /// In hundredths of a token.
    private var cost = 0
    private var last = Run.none

    private enum Run { case none, letters, digits, spaces, lineBreaks, punctuation, other }

    /// The tokens that a text costs.
    package static func tokens(in text: String) -> Int {
        var text = text
        return text.withUTF8 { tokens(in: $0) }
    }

    /// The tokens of a file's content. What is not text costs as if it were.
    package static func tokens(in bytes: some RandomAccessCollection<UInt8>) -> Int {
        if let count = bytes.withContiguousStorageIfAvailable({ tokens(in: $0) }) { return count }
        return Array(bytes).withUnsafeBufferPointer { tokens(in: $0) }
    }

    private static func tokens(in bytes: UnsafeBufferPointer<UInt8>) -> Int {
        var estimate = TokenEstimate()
        var index = 0
        while index < bytes.count { index = estimate.take(bytes, from: index) }
        return (estimate.cost + 99) / 100
    }

    /// Adds the run that begins at `start`.
    /// - Returns: where it ends.
    private mutating func take(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        let first = bytes[start]
        switch first {
        case _ where first.isLetter: return takeLetters(bytes, from: start)
        case _ where first.isDigit:
            let end = bytes.end(of: start) { $0.isDigit }
            cost += 67 + 21 * (end - start - 1)
            last = .digits
            return end
        case .newline:
            let end = bytes.end(of: start) { $0 == .newline }
            cost += end - start > 1 ? 228 : 107
            last = .lineBreaks
            return end
        case _ where first.isSpace:
            let end = bytes.end(of: start) { $0.isSpace }
            if end < bytes.count, bytes[end] != .newline {
                if end - start > 1, last != .lineBreaks, last != .none { cost += 165 }
                cost += 71 * bytes[start..<end].count { $0 == .tab }
            }
            last = .spaces
            return end
        case 0x80...: return takeBeyondASCII(bytes, from: start)
        default:
            let end = bytes.end(of: start) { $0.isPunctuation }
            cost += 107
            for index in (start + 1)..<max(start + 1, end) { cost += bytes[index] == bytes[index - 1] ? 5 : 20 }
            last = .punctuation
            return max(end, start + 1)
        }
    }

    /// A word ends where a capital begins the next one, as in `plainText` and `JSONValue`.
    private mutating func takeLetters(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        let capitals = bytes.end(of: start) { $0.isCapital }
        let isFollowed = capitals < bytes.count && bytes[capitals].isSmall
        let isWord = isFollowed && capitals - start <= 1
        let end = isWord ? bytes.end(of: capitals) { $0.isSmall } : isFollowed ? capitals - 1 : capitals
        let length = end - start
        let hasNoVowel = !bytes[start..<end].contains { $0.isVowel }
        if !isWord {
            cost += 87 + 13 * min(length - 1, 11)
            if last == .punctuation { cost += 27 }
            if length > 1, hasNoVowel { cost += 24 }
        } else {
            let beyond = max(0, length - 6)
            cost += last == .spaces ? 98 + 9 * beyond : 92 + 13 * beyond
            if length > 1, hasNoVowel { cost += 81 + 67 * max(0, length - 3) }
        }
        if last == .digits || (end < bytes.count && bytes[end].isDigit) { cost += 51 }
        last = .letters
        return end
    }

    private mutating func takeBeyondASCII(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        switch bytes[start] {
        // Accents and the like, up to U+02FF.
        case 0xc2...0xcb: cost += 200
        // Greek, Cyrillic and what follows them; then dashes, arrows and quotation marks.
        case 0xcc...0xdf, 0xe2: cost += 100
        case 0xe0...0xef: cost += 125
        case 0xf0...: cost += 300
        default: cost += 100
        }
        last = .other
        return bytes.end(of: start + 1) { $0 & 0xc0 == 0x80 }
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// Where the bytes of a kind end that begin at `start`; `start` itself where there are none.
    fileprivate func end(of start: Int, _ isMember: (UInt8) -> Bool) -> Int {
        var index = start
        while index < count, isMember(self[index]) { index += 1 }
        return index
    }
}

extension UInt8 {
    fileprivate static let newline = UInt8(ascii: "\n")
    fileprivate static let tab = UInt8(ascii: "\t")

    fileprivate var isCapital: Bool { (0x41...0x5a).contains(self) }
    fileprivate var isSmall: Bool { (0x61...0x7a).contains(self) }
    fileprivate var isLetter: Bool { isCapital || isSmall }
    fileprivate var isDigit: Bool { (0x30...0x39).contains(self) }
    /// But for line breaks.
    fileprivate var isSpace: Bool { self == 0x20 || self == Self.tab || (0x0b...0x0d).contains(self) }
    fileprivate var isPunctuation: Bool { self < 0x80 && !isLetter && !isDigit && !isSpace && self != Self.newline }

    fileprivate var isVowel: Bool {
        switch self | 0x20 {
        case UInt8(ascii: "a"), UInt8(ascii: "e"), UInt8(ascii: "i"), UInt8(ascii: "o"), UInt8(ascii: "u"),
            UInt8(ascii: "y"):
            true
        default: false
        }
    }
}
