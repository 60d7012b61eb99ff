/// Lines of a key and a value, `key=value`. In a value a backslash stands as `\\` and a line end as `\n`; a key may come several times.
package struct FieldText {
    package private(set) var fields: [(key: String, value: String)] = []

    package init() {}

    /// Lines without a `=` say nothing.
    package init(parsing bytes: [UInt8]) {
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            guard let equals = line.firstIndex(of: UInt8(ascii: "=")) else { continue }
            var value: [UInt8] = []
            var isEscaped = false
            for byte in line[(equals + 1)...] {
                if isEscaped {
                    value.append(byte == UInt8(ascii: "n") ? UInt8(ascii: "\n") : byte)
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else {
                    value.append(byte)
                }
            }
            add(String(decoding: line[..<equals], as: UTF8.self), String(decoding: value, as: UTF8.self))
        }
    }

    package mutating func add(_ key: String, _ value: String?) {
        if let value { fields.append((key, value)) }
    }

    package mutating func add(_ key: String, _ value: Int?) { add(key, value.map(String.init)) }

    package subscript(_ key: String) -> String? { fields.first { $0.key == key }?.value }

    package func number(_ key: String) -> Int? { self[key].flatMap { Int($0) } }

    package func values(_ key: String) -> [String] { fields.filter { $0.key == key }.map(\.value) }

    package var bytes: [UInt8] {
        var bytes: [UInt8] = []
        for (key, value) in fields {
            bytes += "\(key)=".utf8
            for byte in value.utf8 {
                switch byte {
                case UInt8(ascii: "\n"): bytes += "\\n".utf8
                case UInt8(ascii: "\\"): bytes += "\\\\".utf8
                default: bytes.append(byte)
                }
            }
            bytes.append(UInt8(ascii: "\n"))
        }
        return bytes
    }
}
