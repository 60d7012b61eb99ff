package import GitValues

/// A path, a directory (with a `/` at its end) or a glob, as a spec lists them.
///
/// Globs are gitignore's: `*` and `?` stay within a part of the path, `**` as a whole part stands for any number of
/// parts, `[a-z]` and `[!a-z]` for one byte, `\` takes the next byte as it is. One without a `/` inside matches in
/// every directory; a `/` at its front ties it to the top. Unlike in gitignore it matches whole paths only: `src/*` is not
/// `src/a/b`.
package struct PathPattern: Hashable, Sendable {
    /// As written, without `./` at its front.
    package let text: String

    package init(_ text: String) {
        self.text = text.hasPrefix("./") && text.utf8.count > 2 ? String(text.dropFirst(2)) : text
    }

    /// Whether there is a wildcard in it.
    package var isGlob: Bool { text.utf8.contains { Self.wildcards.contains($0) } }

    private static let wildcards = Array("*?[".utf8)
    private static let slash = UInt8(ascii: "/")

    /// Whether a path is this one, is inside this directory, or is one of the glob's.
    package func matches(_ path: RepositoryPath) -> Bool {
        var pattern = Array(text.utf8)[...]
        if pattern.elementsEqual(path.bytes) { return true }
        let isTied = pattern.first == Self.slash
        if isTied { pattern.removeFirst() }
        if pattern.elementsEqual(path.bytes) { return true }
        let isDirectory = pattern.last == Self.slash
        if isDirectory { pattern.removeLast() }
        guard isGlob else {
            guard isDirectory else { return false }
            return path.bytes.count > pattern.count && path.isInside(RepositoryPath(bytes: pattern))
        }
        var parts = pattern.split(separator: Self.slash)
        if !isTied, parts.count == 1 { parts.insert(Self.anyParts, at: 0) }
        if isDirectory { parts += [Self.anyParts, Self.anyPart] }
        // gitignore: a `**` at the end is everything inside, not the directory itself.
        if parts.last == Self.anyParts { parts.append(Self.anyPart) }
        return Self.match(parts, path.components)
    }

    /// Whether it is no glob, and written as a directory, or without an extension.
    var mayBeDirectory: Bool {
        !isGlob && (text.hasSuffix("/") || !(text.split(separator: "/").last ?? ".").contains("."))
    }

    /// Whether a path is meant where a list says what may be changed: what ``matches(_:)``, and everything below what may be a
    /// directory that was written without a slash at its end. `.` is everything.
    package func covers(_ path: RepositoryPath) -> Bool {
        if matches(path) || text == "." || text == "./" { return true }
        let bytes = Array(text.utf8)
        let name = (bytes.first == Self.slash ? bytes.dropFirst() : bytes[...])
        let directory = name.last == Self.slash ? name.dropLast() : name
        return !directory.isEmpty && path.bytes.count > directory.count
            && path.isInside(RepositoryPath(bytes: directory))
    }

    private static let anyParts = Array("**".utf8)[...]
    private static let anyPart = Array("*".utf8)[...]

    /// The usual walk with one step back to the last `**`, which is enough: an earlier one need not give way again.
    private static func match(_ pattern: [ArraySlice<UInt8>], _ parts: [ArraySlice<UInt8>]) -> Bool {
        var (patternIndex, index) = (0, 0)
        var back: (pattern: Int, part: Int)?
        while index < parts.count {
            if patternIndex < pattern.count, pattern[patternIndex] == anyParts {
                back = (patternIndex, index)
                patternIndex += 1
            } else if patternIndex < pattern.count, match(part: pattern[patternIndex], parts[index]) {
                patternIndex += 1
                index += 1
            } else if let last = back {
                back = (last.pattern, last.part + 1)
                (patternIndex, index) = (last.pattern + 1, last.part + 1)
            } else {
                return false
            }
        }
        return pattern[patternIndex...].allSatisfy { $0 == anyParts }
    }

    private static func match(part pattern: ArraySlice<UInt8>, _ part: ArraySlice<UInt8>) -> Bool {
        var (patternIndex, index) = (pattern.startIndex, part.startIndex)
        var back: (pattern: Int, byte: Int)?
        while index < part.endIndex {
            if patternIndex < pattern.endIndex, pattern[patternIndex] == UInt8(ascii: "*") {
                back = (patternIndex, index)
                patternIndex += 1
            } else if let end = matchOne(pattern[patternIndex...], part[index]) {
                patternIndex = end
                index += 1
            } else if let last = back {
                back = (last.pattern, last.byte + 1)
                (patternIndex, index) = (last.pattern + 1, last.byte + 1)
            } else {
                return false
            }
        }
        return pattern[patternIndex...].allSatisfy { $0 == UInt8(ascii: "*") }
    }

    /// Matches one byte with the front of a pattern, which is no `*`.
    /// - Returns: where the pattern goes on; `nil` when the byte does not match.
    private static func matchOne(_ pattern: ArraySlice<UInt8>, _ byte: UInt8) -> Int? {
        guard let first = pattern.first else { return nil }
        let next = pattern.startIndex + 1
        switch first {
        case UInt8(ascii: "?"):
            return next
        case UInt8(ascii: "\\") where next < pattern.endIndex:
            return pattern[next] == byte ? next + 1 : nil
        case UInt8(ascii: "["):
            // A bracket that nothing closes is a bracket.
            guard let set = byteSet(pattern[next...], contains: byte) else { return byte == first ? next : nil }
            return set.isMember ? set.end : nil
        default:
            return first == byte ? next : nil
        }
    }

    /// Reads the inside of `[...]`.
    private static func byteSet(_ set: ArraySlice<UInt8>, contains byte: UInt8) -> (isMember: Bool, end: Int)? {
        var position = set.startIndex
        let isNegated = set.first == UInt8(ascii: "!") || set.first == UInt8(ascii: "^")
        if isNegated { position += 1 }
        let start = position
        var isMember = false
        while position < set.endIndex {
            if set[position] == UInt8(ascii: "]"), position > start { return (isMember != isNegated, position + 1) }
            if set[position] == UInt8(ascii: "\\"), position + 1 < set.endIndex { position += 1 }
            let low = set[position]
            var high = low
            if position + 2 < set.endIndex, set[position + 1] == UInt8(ascii: "-"),
                set[position + 2] != UInt8(ascii: "]")
            {
                position += 2
                high = set[position]
            }
            if low <= byte, byte <= high { isMember = true }
            position += 1
        }
        return nil
    }

    /// Whether a byte is one of a set, from behind its `[` on; `nil` where nothing closes it.
    static func member(_ byte: UInt8, of set: ArraySlice<UInt8>) -> Bool? { byteSet(set, contains: byte)?.isMember }

    /// Where a set ends, from behind its `[` on; `nil` where nothing closes it.
    static func end(ofSet set: ArraySlice<UInt8>) -> Int? { byteSet(set, contains: 0)?.end }
}
