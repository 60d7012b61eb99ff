/// The name of an object in a SHA-1 repository: 20 bytes, 40 hexadecimal digits.
///
/// It is kept in three words, so that an array of them has no gaps of more than four bytes and comparing two is cheap.
package struct ObjectID: Hashable, Sendable {
    /// The bytes 0 to 7, 8 to 15 and 16 to 19, each word big-endian: words compare as the bytes do.
    @usableFromInline let words: (UInt64, UInt64, UInt32)

    package static let byteCount = 20

    /// - Parameter source: at least 20 bytes, at any alignment; the first 20 are taken.
    @inlinable package init(bytes source: UnsafeRawPointer) {
        words = (
            UInt64(bigEndian: source.loadUnaligned(as: UInt64.self)),
            UInt64(bigEndian: source.loadUnaligned(fromByteOffset: 8, as: UInt64.self)),
            UInt32(bigEndian: source.loadUnaligned(fromByteOffset: 16, as: UInt32.self))
        )
    }

    /// - Parameter hex: exactly 40 hexadecimal digits, in either case; anything else gives `nil`.
    package init?(hex: some StringProtocol) { self.init(hex: hex.utf8) }

    /// As ``init(hex:)`` of a text.
    package init?(hex digits: some Collection<UInt8>) {
        let whole =
            digits.withContiguousStorageIfAvailable { ObjectID(hex: $0) }
            ?? Array(digits).withUnsafeBufferPointer { ObjectID(hex: $0) }
        guard let whole else { return nil }
        self = whole
    }

    /// As ``init(hex:)`` of a text. Walks of long lanes come here: a generic one takes five times as long.
    package init?(hex digits: UnsafeBufferPointer<UInt8>) {
        guard digits.count == 2 * Self.byteCount else { return nil }
        var values: (UInt64, UInt64, UInt64) = (0, 0, 0)
        for index in 0..<digits.count {
            guard let value = Self.value(ofHexDigit: digits[index]).map(UInt64.init) else { return nil }
            switch index {
            case ..<16: values.0 = values.0 << 4 | value
            case ..<32: values.1 = values.1 << 4 | value
            default: values.2 = values.2 << 4 | value
            }
        }
        words = (values.0, values.1, UInt32(values.2))
    }

    /// The id that no object has; git uses it for "nothing" on one side of a ref's change.
    package static let zero = ObjectID(words: (0, 0, 0))

    @inlinable init(words: (UInt64, UInt64, UInt32)) { self.words = words }

    @inlinable package static func == (left: ObjectID, right: ObjectID) -> Bool { left.words == right.words }

    @inlinable package func hash(into hasher: inout Hasher) { hasher.combine(words.0) }

    /// Writes the 20 bytes.
    @inlinable package func copy(to target: UnsafeMutableRawPointer) {
        target.storeBytes(of: words.0.bigEndian, as: UInt64.self)
        target.storeBytes(of: words.1.bigEndian, toByteOffset: 8, as: UInt64.self)
        target.storeBytes(of: words.2.bigEndian, toByteOffset: 16, as: UInt32.self)
    }

    /// The 20 bytes.
    package var bytes: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Self.byteCount) { buffer, count in
            if let base = buffer.baseAddress { copy(to: base) }
            count = Self.byteCount
        }
    }

    /// The first byte, by which an index of a pack is divided.
    @inlinable package var firstByte: Int { Int(words.0 >> 56) }

    /// 40 lower-case hexadecimal digits.
    package var hex: String {
        String(unsafeUninitializedCapacity: 2 * Self.byteCount) { buffer in
            for (index, byte) in bytes.enumerated() {
                buffer[2 * index] = Self.hexDigit(byte >> 4)
                buffer[2 * index + 1] = Self.hexDigit(byte & 0xf)
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

extension ObjectID: Comparable {
    /// The order of the bytes, which packs are indexed in.
    @inlinable package static func < (left: ObjectID, right: ObjectID) -> Bool { left.words < right.words }
}

extension ObjectID: CustomStringConvertible {
    package var description: String { hex }
}
