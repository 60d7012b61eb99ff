/// The name of an object in a SHA-1 repository: 20 bytes, 40 hexadecimal digits.
package struct ObjectID: Hashable, Sendable {
    /// The 20 bytes, most significant first.
    package let bytes: InlineBytes

    package typealias InlineBytes = SIMD32<UInt8>

    static let byteCount = 20

    /// - Parameter source: at least 20 bytes; the first 20 are taken.
    init(bytes source: UnsafePointer<UInt8>) {
        var bytes = InlineBytes(repeating: 0)
        for index in 0..<Self.byteCount { bytes[index] = source[index] }
        self.bytes = bytes
    }

    /// - Parameter hex: exactly 40 hexadecimal digits, in either case; anything else gives `nil`.
    package init?(hex: some StringProtocol) {
        let digits = hex.utf8
        guard digits.count == 2 * Self.byteCount else { return nil }
        var bytes = InlineBytes(repeating: 0)
        var position = digits.startIndex
        for index in 0..<(2 * Self.byteCount) {
            guard let value = Self.value(ofHexDigit: digits[position]) else { return nil }
            bytes[index / 2] = bytes[index / 2] << 4 | value
            position = digits.index(after: position)
        }
        self.bytes = bytes
    }

    /// The id that no object has; git uses it for "nothing" on one side of a ref's change.
    package static let zero = ObjectID(raw: InlineBytes(repeating: 0))

    private init(raw: InlineBytes) { bytes = raw }

    /// 40 lower-case hexadecimal digits.
    package var hex: String {
        String(unsafeUninitializedCapacity: 2 * Self.byteCount) { buffer in
            for index in 0..<Self.byteCount {
                buffer[2 * index] = Self.hexDigit(bytes[index] >> 4)
                buffer[2 * index + 1] = Self.hexDigit(bytes[index] & 0xf)
            }
            return 2 * Self.byteCount
        }
    }

    /// The first seven digits, for text that a person reads.
    package var short: String { String(hex.prefix(7)) }

    private static func value(ofHexDigit digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}

extension ObjectID: CustomStringConvertible {
    package var description: String { hex }
}

extension ObjectID: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let hex = try container.decode(String.self)
        guard let id = ObjectID(hex: hex) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an object id: \(hex)")
        }
        self = id
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(hex)
    }
}
