/// The name of a workflow, a phase or an agent. It becomes part of a ref and of a path, so the set is small.
package struct Name: Hashable, Sendable {
    package let text: String

    /// - Parameter text: 1 to 64 of `a-z`, `0-9`, `.`, `_` and `-`; the first a letter or digit; no `..`; not ending in
    ///   `.` or `.lock`.
    /// - Throws: `NameError`, which says the part of the rule that does not hold.
    package init(_ text: String) throws(NameError) {
        if let flaw = Self.flaw(of: text) { throw NameError(text: text, flaw: flaw) }
        self.text = text
    }

    /// For names that this module writes down itself.
    init(known text: StaticString) { self.text = text.description }

    private static func flaw(of text: String) -> NameError.Flaw? {
        let bytes = text.utf8
        guard let first = bytes.first else { return .empty }
        if let other = text.unicodeScalars.first(where: { !isAllowed($0) }) { return .character(other) }
        if bytes.count > 64 { return .tooLong(bytes.count) }
        switch first {
        case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"): return .start
        default: break
        }
        var previous = first
        for byte in bytes.dropFirst() {
            if byte == UInt8(ascii: "."), previous == byte { return .dots }
            previous = byte
        }
        return text.hasSuffix(".") || text.hasSuffix(".lock") ? .end : nil
    }

    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "0"..."9", ".", "_", "-": true
        default: false
        }
    }
}

extension Name: Comparable, CustomStringConvertible {
    package static func < (left: Name, right: Name) -> Bool { left.text < right.text }

    package var description: String { text }
}

extension Name: Stored {
    package init(from store: inout StoredBytes) throws(StoredBytes.Damaged) {
        guard let name = try? Name(try store.read()) else { throw StoredBytes.Damaged() }
        self = name
    }

    package func write(to store: inout StoredBytes) { store.add(text) }
}

/// A text that cannot be a `Name`, and why.
package struct NameError: Error, Hashable, Sendable, CustomStringConvertible {
    package let text: String
    package let flaw: Flaw

    package enum Flaw: Hashable, Sendable {
        case empty, start, dots, end
        case tooLong(Int)
        case character(Unicode.Scalar)
    }

    package var description: String {
        let reason =
            switch flaw {
            case .empty: "it is empty"
            case .start: "it must begin with a letter or a digit"
            case .dots: "it must not hold \"..\""
            case .end: "it must not end in \".\" or \".lock\""
            case .tooLong(let count): "it has \(count) characters, and 64 are allowed"
            case .character(let scalar):
                "\(String(Character(scalar)).quoted) is not allowed, only a-z, 0-9, \".\", \"_\" and \"-\""
            }
        return "\(text.quoted) cannot be a name: \(reason)"
    }
}
