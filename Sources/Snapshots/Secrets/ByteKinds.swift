/// Kinds of ASCII characters.
struct ByteKinds: OptionSet, Sendable {
    let rawValue: UInt16

    static let digit = ByteKinds(rawValue: 1)
    /// The lower-case letters that are hexadecimal digits.
    static let hexLetter = ByteKinds(rawValue: 2)
    static let otherLower = ByteKinds(rawValue: 4)
    static let upper = ByteKinds(rawValue: 8)
    static let underscore = ByteKinds(rawValue: 16)
    static let dash = ByteKinds(rawValue: 32)
    static let plus = ByteKinds(rawValue: 64)
    static let slash = ByteKinds(rawValue: 128)
    static let equals = ByteKinds(rawValue: 256)
    static let dot = ByteKinds(rawValue: 512)
    static let tilde = ByteKinds(rawValue: 1024)
    /// Space and tab.
    static let blank = ByteKinds(rawValue: 2048)
    static let quote = ByteKinds(rawValue: 4096)

    static let lowerHex: ByteKinds = [.digit, .hexLetter]
    static let lower: ByteKinds = [.hexLetter, .otherLower]
    static let alphanumeric: ByteKinds = [.digit, .lower, .upper]
    static let word: ByteKinds = [.alphanumeric, .underscore]
    /// The alphabet of base64 for URLs.
    static let urlSafe: ByteKinds = [.word, .dash]
    /// The alphabet of base64.
    static let base64: ByteKinds = [.alphanumeric, .plus, .slash]

    /// Whether a byte is of one of these kinds.
    func has(_ byte: UInt8) -> Bool { !isDisjoint(with: ByteKinds(of: byte)) }

    init(rawValue: UInt16) { self.rawValue = rawValue }

    /// The kind of a byte; empty for any other.
    init(of byte: UInt8) {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self = .digit
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self = .hexLetter
        case UInt8(ascii: "g")...UInt8(ascii: "z"): self = .otherLower
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): self = .upper
        case UInt8(ascii: "_"): self = .underscore
        case UInt8(ascii: "-"): self = .dash
        case UInt8(ascii: "+"): self = .plus
        case UInt8(ascii: "/"): self = .slash
        case UInt8(ascii: "="): self = .equals
        case UInt8(ascii: "."): self = .dot
        case UInt8(ascii: "~"): self = .tilde
        case UInt8(ascii: " "), UInt8(ascii: "\t"): self = .blank
        case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "`"): self = .quote
        default: self = []
        }
    }
}

extension Byte {
    static let equals = UInt8(ascii: "=")
    static let comma = UInt8(ascii: ",")
    static let dot = UInt8(ascii: ".")
    static let at = UInt8(ascii: "@")
    static let underscore = UInt8(ascii: "_")
}
