/// A path inside a repository, as git has it: bytes, separated by `/`, relative to the top, in no particular encoding.
package struct RepositoryPath: Hashable, Sendable {
    package let bytes: [UInt8]

    package init(bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }

    package init(_ text: String) { bytes = Array(text.utf8) }

    /// For people: what is not UTF-8 is replaced by U+FFFD.
    package var description: String { String(decoding: bytes, as: UTF8.self) }

    /// The parts between the slashes.
    package var components: [ArraySlice<UInt8>] {
        bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: true)
    }

    /// The last part.
    package var lastComponent: ArraySlice<UInt8> { components.last ?? [] }

    /// Everything above the last part; `nil` at the top.
    package var parent: RepositoryPath? {
        guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return nil }
        return RepositoryPath(bytes: bytes[..<slash])
    }

    /// This path with one more part.
    package func appending(_ component: some Collection<UInt8>) -> RepositoryPath {
        bytes.isEmpty
            ? RepositoryPath(bytes: component) : RepositoryPath(bytes: bytes + [UInt8(ascii: "/")] + component)
    }

    /// Whether this path is `directory` or lies below it. Everything lies below the empty path.
    package func isInside(_ directory: RepositoryPath) -> Bool {
        if directory.bytes.isEmpty { return true }
        guard bytes.starts(with: directory.bytes) else { return false }
        return bytes.count == directory.bytes.count || bytes[directory.bytes.count] == UInt8(ascii: "/")
    }
}

extension RepositoryPath: CustomStringConvertible, ExpressibleByStringLiteral {
    package init(stringLiteral value: String) { self.init(value) }
}

extension RepositoryPath: Comparable {
    /// Byte order, as in git's index.
    package static func < (left: RepositoryPath, right: RepositoryPath) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}
