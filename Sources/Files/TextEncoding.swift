/// How a text file is encoded. Documents that people write are read and written in UTF-8, with or without a byte order mark;
/// anything else has a name, so that it can be said, and is left alone.
package enum TextEncoding: Hashable, Sendable {
    case utf8
    case utf16(isBigEndian: Bool)
    case utf32(isBigEndian: Bool)
    /// An encoding in single bytes, such as Latin-1, or one of the older ones of Asia.
    case other

    /// A byte order mark decides; without one, whether the text is UTF-8, and where the zeros are that the wide encodings have
    /// beside each ASCII character.
    package init(of bytes: [UInt8]) {
        if bytes.starts(with: [0xFF, 0xFE, 0, 0]) { self = .utf32(isBigEndian: false); return }
        if bytes.starts(with: [0, 0, 0xFE, 0xFF]) { self = .utf32(isBigEndian: true); return }
        if bytes.starts(with: [0xFF, 0xFE]) { self = .utf16(isBigEndian: false); return }
        if bytes.starts(with: [0xFE, 0xFF]) { self = .utf16(isBigEndian: true); return }
        let isValid = String(validating: bytes, as: UTF8.self) != nil
        if bytes.contains(0) {
            // Zeros may stand in UTF-8 too, but not beside every second character.
            let share = isValid ? 2 : 8
            for isBigEndian in [false, true] {
                if Self.isWide(bytes, width: 4, isBigEndian, share) { self = .utf32(isBigEndian: isBigEndian); return }
            }
            for isBigEndian in [false, true] {
                if Self.isWide(bytes, width: 2, isBigEndian, share) { self = .utf16(isBigEndian: isBigEndian); return }
            }
        }
        self = isValid ? .utf8 : .other
    }

    /// Whether one in `share` characters of such a width is ASCII, and none is zero.
    private static func isWide(_ bytes: [UInt8], width: Int, _ isBigEndian: Bool, _ share: Int) -> Bool {
        guard bytes.count.isMultiple(of: width) else { return false }
        var ascii = 0
        for start in stride(from: 0, to: bytes.count, by: width) {
            let character = bytes[start..<(start + width)]
            guard let low = isBigEndian ? character.last : character.first else { return false }
            let rest = isBigEndian ? character.dropLast() : character.dropFirst()
            guard rest.allSatisfy({ $0 == 0 }) else { continue }
            if low == 0 { return false }
            if low < 0x80 { ascii += 1 }
        }
        return ascii * share * width >= bytes.count
    }

    /// As `iconv` knows it; `nil` where it cannot be told.
    package var name: String? {
        switch self {
        case .utf8: "UTF-8"
        case .utf16(let isBigEndian): "UTF-16\(isBigEndian ? "BE" : "LE")"
        case .utf32(let isBigEndian): "UTF-32\(isBigEndian ? "BE" : "LE")"
        case .other: nil
        }
    }

    /// - Throws: `FileError` with code `.encoding` unless a text is in UTF-8.
    package static func requireUTF8(_ bytes: [UInt8], doing: String) throws(FileError) {
        let encoding = TextEncoding(of: bytes)
        if encoding == .utf8 { return }
        throw FileError(
            .encoding, doing: doing,
            reason: encoding.name.map {
                "it is in \($0), and must be in UTF-8: iconv -f \($0) -t UTF-8 FILE -o NEW converts it"
            }
                ?? "it is neither in UTF-8 nor in UTF-16 (in Latin-1, perhaps), and must be in UTF-8: "
                + "iconv -f LATIN1 -t UTF-8 FILE -o NEW converts it, where it is in Latin-1")
    }
}
