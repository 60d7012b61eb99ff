extension RepositoryPath {
    /// The path as one line of text that gives the same bytes back: as it is where it can be, else as git prints it, a C
    /// string in double quotes.
    package var text: String {
        let isPlain = bytes.allSatisfy {
            $0 >= 0x20 && $0 != 0x7f && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
        }
        let isTrimmed = bytes.first != UInt8(ascii: " ") && bytes.last != UInt8(ascii: " ")
        if isPlain, isTrimmed, let text = String(validating: bytes, as: UTF8.self), !text.contains("  ") { return text }
        var text = "\""
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\""): text += "\\\""
            case UInt8(ascii: "\\"): text += "\\\\"
            case UInt8(ascii: "\n"): text += "\\n"
            case UInt8(ascii: "\t"): text += "\\t"
            case 0x21..<0x7f: text.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let octal = String(byte, radix: 8)
                text += "\\" + String(repeating: "0", count: 3 - octal.count) + octal
            }
        }
        return text + "\""
    }

    /// The path that ``text`` was made from.
    package init(text: String) {
        guard text.hasPrefix("\""), text.hasSuffix("\""), text.utf8.count >= 2 else {
            self.init(text)
            return
        }
        var bytes: [UInt8] = []
        var rest = Array(text.utf8.dropFirst().dropLast())[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\"), let escape = rest.popFirst() else {
                bytes.append(byte)
                continue
            }
            switch escape {
            case UInt8(ascii: "n"): bytes.append(UInt8(ascii: "\n"))
            case UInt8(ascii: "t"): bytes.append(UInt8(ascii: "\t"))
            case UInt8(ascii: "0")...UInt8(ascii: "7"):
                var value = Int(escape - UInt8(ascii: "0"))
                for _ in 0..<2 {
                    if let digit = rest.first, (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(digit) {
                        value = value * 8 + Int(digit - UInt8(ascii: "0"))
                        rest.removeFirst()
                    }
                }
                bytes.append(UInt8(truncatingIfNeeded: value))
            default: bytes.append(escape)
            }
        }
        self.init(bytes: bytes)
    }
}
