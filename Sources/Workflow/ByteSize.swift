/// A number of bytes, as git's configuration has it: `10k`, `10m`, `1g`, in powers of 1,024.
package struct ByteSize: Hashable, Sendable {
    package let bytes: Int64

    package init(bytes: Int64) { self.bytes = bytes }

    /// Reads a whole number that is not negative, with `k`, `m`, `g` or nothing behind it, in either case.
    ///
    /// - Returns: `nil` for anything else, and for more than `Int64` holds.
    package init?(parsing text: String) {
        var digits = text.utf8[...]
        let unit: Int64
        switch digits.last {
        case UInt8(ascii: "k"), UInt8(ascii: "K"): unit = 1 << 10
        case UInt8(ascii: "m"), UInt8(ascii: "M"): unit = 1 << 20
        case UInt8(ascii: "g"), UInt8(ascii: "G"): unit = 1 << 30
        default: unit = 1
        }
        if unit > 1 { digits.removeLast() }
        guard let number = wholeNumber(digits) else { return nil }
        let (bytes, isTooLarge) = number.multipliedReportingOverflow(by: unit)
        if isTooLarge { return nil }
        self.bytes = bytes
    }

    /// For people: `512 bytes`, `1.5 KiB`, `10 MiB`.
    package var text: String {
        for (unit, name) in [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")] as [(Int64, String)]
        where bytes >= unit {
            let tenths = bytes % unit * 10 / unit
            return tenths == 0 || bytes / unit >= 100 ? "\(bytes / unit) \(name)" : "\(bytes / unit).\(tenths) \(name)"
        }
        return bytes == 1 ? "1 byte" : "\(bytes) bytes"
    }
}

extension ByteSize: Comparable, CustomStringConvertible {
    package static func < (left: ByteSize, right: ByteSize) -> Bool { left.bytes < right.bytes }

    /// Exact, in the largest unit that divides it, as `init(parsing:)` takes it.
    package var description: String {
        for (unit, letter) in [(1 << 30, "g"), (1 << 20, "m"), (1 << 10, "k")] as [(Int64, String)]
        where bytes != 0 && bytes % unit == 0 { return "\(bytes / unit)\(letter)" }
        return String(bytes)
    }
}

extension ByteSize: Stored {
    package init(from store: inout StoredBytes) throws(StoredBytes.Damaged) {
        self.init(bytes: try store.read())
    }

    package func write(to store: inout StoredBytes) {
        store.add(bytes)
    }
}

/// A number of decimal digits only; `Int64.init` would also take a sign.
func wholeNumber(_ digits: Substring.UTF8View) -> Int64? {
    guard digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
    return Int64(Substring(digits))
}
