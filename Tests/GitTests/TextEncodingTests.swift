import Files
import Testing

@Suite("A text is UTF-8, or is named as what it is")
struct TextEncodingTests {
    static let texts = [
        "# Work\r\n\r\n- [ ] one\r\n", "a", "- [ ] größer\n", "# 仕事\n\n- [ ] 一つ\n- [ ] 二つ\n", "# 🎉 done\n- [x] ok\n",
    ]

    static func units(_ text: String, _ encoding: TextEncoding) -> [UInt8] {
        switch encoding {
        case .utf16(let isBigEndian):
            text.utf16.flatMap { isBigEndian ? [UInt8($0 >> 8), UInt8($0 & 255)] : [UInt8($0 & 255), UInt8($0 >> 8)] }
        case .utf32(let isBigEndian):
            text.unicodeScalars.flatMap { scalar in
                let bytes = (0..<4).map { UInt8(scalar.value >> (8 * $0) & 255) }
                return isBigEndian ? bytes.reversed() : bytes
            }
        case .utf8, .other: Array(text.utf8)
        }
    }

    @Test("with a byte order mark and without", arguments: texts)
    func recognised(text: String) {
        for encoding in [
            TextEncoding.utf8, .utf16(isBigEndian: false), .utf16(isBigEndian: true), .utf32(isBigEndian: false),
            .utf32(isBigEndian: true),
        ] {
            #expect(TextEncoding(of: Self.units("\u{FEFF}" + text, encoding)) == encoding)
            // A single character of two zeros and a letter could be anything.
            if text.count > 1 { #expect(TextEncoding(of: Self.units(text, encoding)) == encoding, "\(encoding)") }
        }
    }

    @Test(
        "what is UTF-8 with zeros, form feeds or lines of any kind is UTF-8",
        arguments: [
            "", "\0", "\0\0\0\0", "- [ ] one\0\n", "a\n\u{0C}b\r\nc\rd", "a\0b\n c d e f g\n\n", "\0a\0b\n c d e f",
        ])
    func utf8(text: String) {
        #expect(TextEncoding(of: Array(text.utf8)) == .utf8)
    }

    @Test("Latin-1 is not taken for UTF-8")
    func other() {
        let bytes: [UInt8] = Array("- [ ] gr".utf8) + [0xFC] + Array("n\n".utf8)
        #expect(TextEncoding(of: bytes) == .other)
        #expect(throws: FileError.self) { try TextEncoding.requireUTF8(bytes, doing: "read it") }
        #expect(throws: Never.self) { try TextEncoding.requireUTF8([], doing: "read it") }
    }
}
