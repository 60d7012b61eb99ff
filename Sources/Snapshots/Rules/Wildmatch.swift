/// git's pattern matching for ignore rules, byte for byte (`wildmatch.c`).
struct Wildmatch {
    private enum Outcome {
        case match, noMatch
        /// No longer text can match either.
        case abort
        /// Only a `**` further left could still match.
        case abortToStars
    }

    let pattern: ArraySlice<UInt8>
    /// Whether `*`, `?` and brackets stop at a slash.
    let isPath: Bool

    /// Whether the whole of `text` matches.
    func matches(_ text: ArraySlice<UInt8>) -> Bool { match(pattern.startIndex, text, text.startIndex) == .match }

    private func byte(_ index: Int) -> UInt8 { index < pattern.endIndex ? pattern[index] : 0 }

    private func match(_ start: Int, _ text: ArraySlice<UInt8>, _ textStart: Int) -> Outcome {
        var at = start
        var position = textStart
        while at < pattern.endIndex {
            guard position < text.endIndex || byte(at) == Byte.star else { return .abort }
            switch byte(at) {
            case Byte.star:
                if let outcome = matchStars(&at, start, text, &position) { return outcome }
            case Byte.question:
                if isPath, text[position] == Byte.slash { return .noMatch }
            case Byte.open:
                guard let isIn = matchBrackets(&at, text[position]) else { return .abort }
                if !isIn || isPath && text[position] == Byte.slash { return .noMatch }
            case Byte.backslash:
                at += 1
                if text[position] != byte(at) { return .noMatch }
            default:
                if text[position] != byte(at) { return .noMatch }
            }
            at += 1
            position += 1
        }
        return position < text.endIndex ? .noMatch : .match
    }

    /// - Returns: `nil` where the pattern goes on behind a slash, to which `at` and `position` are moved.
    private func matchStars(
        _ at: inout Int, _ start: Int, _ text: ArraySlice<UInt8>, _ position: inout Int
    ) -> Outcome? {
        var crossesSlashes = !isPath
        let before = at - 1
        at += 1
        if byte(at) == Byte.star {
            while byte(at) == Byte.star { at += 1 }
            let ends =
                at >= pattern.endIndex || byte(at) == Byte.slash
                || byte(at) == Byte.backslash && byte(at + 1) == Byte.slash
            if isPath, before < start || byte(before) == Byte.slash, ends {
                // `**/` may also stand for nothing.
                if byte(at) == Byte.slash, match(at + 1, text, position) == .match { return .match }
                crossesSlashes = true
            }
        }
        if at >= pattern.endIndex {
            return crossesSlashes || !text[position...].contains(Byte.slash) ? .match : .noMatch
        }
        if !crossesSlashes, byte(at) == Byte.slash {
            guard let slash = text[position...].firstIndex(of: Byte.slash) else { return .noMatch }
            position = slash
            return nil
        }
        while position < text.endIndex {
            let outcome = match(at, text, position)
            if outcome != .noMatch {
                if !crossesSlashes || outcome != .abortToStars { return outcome }
            } else if !crossesSlashes, text[position] == Byte.slash {
                return .abortToStars
            }
            position += 1
        }
        return .abort
    }

    /// Whether a set in brackets holds `character`; `nil` where the set is not closed. Leaves `at` on its last bracket.
    private func matchBrackets(_ at: inout Int, _ character: UInt8) -> Bool? {
        at += 1
        let isNegated = byte(at) == Byte.bang || byte(at) == Byte.caret
        if isNegated { at += 1 }
        var isIn = false
        var previous: UInt8 = 0
        repeat {
            var current = byte(at)
            if at >= pattern.endIndex { return nil }
            if current == Byte.backslash {
                at += 1
                if at >= pattern.endIndex { return nil }
                current = byte(at)
                if character == current { isIn = true }
            } else if current == Byte.dash, previous != 0, at + 1 < pattern.endIndex, byte(at + 1) != Byte.close {
                at += 1
                if byte(at) == Byte.backslash { at += 1 }
                if at >= pattern.endIndex { return nil }
                if previous <= character, character <= byte(at) { isIn = true }
                current = 0
            } else if current == Byte.open, byte(at + 1) == Byte.colon {
                guard let end = pattern[at...].firstIndex(of: Byte.close) else { return nil }
                let name = pattern[(at + 2)..<max(at + 2, end - 1)]
                if end - 1 < at + 2 || byte(end - 1) != Byte.colon {
                    if character == current { isIn = true }
                } else {
                    guard let holds = Self.holds(String(decoding: name, as: UTF8.self), character) else { return nil }
                    if holds { isIn = true }
                    at = end
                    current = 0
                }
            } else if character == current {
                isIn = true
            }
            previous = current
            at += 1
        } while byte(at) != Byte.close
        return isIn != isNegated
    }

    /// Whether a class such as `[:alpha:]` holds a byte, in ASCII; `nil` for a name that is none.
    private static func holds(_ name: String, _ byte: UInt8) -> Bool? {
        let isUpper = (0x41...0x5A).contains(byte)
        let isLower = (0x61...0x7A).contains(byte)
        let isDigit = (0x30...0x39).contains(byte)
        let isGraphic = (0x21...0x7E).contains(byte)
        return switch name {
        case "alnum": isUpper || isLower || isDigit
        case "alpha": isUpper || isLower
        case "blank": byte == 0x20 || byte == 0x09
        case "cntrl": byte < 0x20 || byte == 0x7F
        case "digit": isDigit
        case "graph": isGraphic
        case "lower": isLower
        case "print": isGraphic || byte == 0x20
        case "punct": isGraphic && !isUpper && !isLower && !isDigit
        case "space": byte == 0x20 || (0x09...0x0D).contains(byte)
        case "upper": isUpper
        case "xdigit": isDigit || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
        default: nil
        }
    }
}

enum Byte {
    static let star = UInt8(ascii: "*")
    static let question = UInt8(ascii: "?")
    static let open = UInt8(ascii: "[")
    static let close = UInt8(ascii: "]")
    static let backslash = UInt8(ascii: "\\")
    static let slash = UInt8(ascii: "/")
    static let bang = UInt8(ascii: "!")
    static let caret = UInt8(ascii: "^")
    static let dash = UInt8(ascii: "-")
    static let colon = UInt8(ascii: ":")
    static let hash = UInt8(ascii: "#")
    static let space = UInt8(ascii: " ")
    static let newline = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")
}
