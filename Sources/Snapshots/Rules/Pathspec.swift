package import Files
internal import Git
package import GitValues
package import SystemPackage

/// Why a text is no pathspec.
package struct PathspecError: Error, CustomStringConvertible {
    /// Whether it names something that is not in the worktree.
    package let isOutside: Bool
    package let description: String
}

/// One of git's pathspecs (`pathspec` in `gitglossary(7)`): a path, a directory with all below it, or a pattern.
///
/// A text without magic may hold wildcards, whose `*` crosses slashes; it also stands for the very path that it spells. The
/// magic words are `top`, `exclude`, `icase`, `glob` and `literal`; `:/`, `:!` and `:^` are the short forms of the first two.
package struct Pathspec: Sendable {
    /// From the top of the worktree, without a slash at the end; empty for everything.
    private let pattern: [UInt8]
    private let isForDirectories: Bool
    package let isExcluding: Bool
    /// Whether `*`, `?` and brackets stop at a slash.
    private let isGlob: Bool
    private let foldsCase: Bool
    /// How many bytes of the pattern stand for themselves.
    private let literalCount: Int
    /// How many of those say where the user was, and never fold their case.
    private let prefixCount: Int

    /// - Parameters:
    ///   - typed: as it was typed.
    ///   - directory: where it was typed.
    ///   - top: the top of the worktree.
    package init(_ typed: TypedPath, from directory: FilePath, top: FilePath) throws(PathspecError) {
        let (words, path) = try Self.magic(of: typed)
        isExcluding = words.contains("exclude")
        isGlob = words.contains("glob")
        foldsCase = words.contains("icase")
        let root = top.lexicallyNormalized()
        let start = words.contains("top") ? root : directory
        let wanted = TypedPath(bytes: words.contains("top") ? path.drop { $0 == Byte.slash } : path)
        guard let place = wanted.inside(root, from: start) else {
            throw PathspecError(
                isOutside: true, description: "\"\(typed.text)\" is outside of the worktree \(root)")
        }
        pattern = place.bytes
        isForDirectories = path.last == Byte.slash && !pattern.isEmpty
        let special = [Byte.star, Byte.question, Byte.open, Byte.backslash]
        let literal = words.contains("literal") ? pattern.count : pattern.prefix { !special.contains($0) }.count
        literalCount = literal
        prefixCount = TypedPath(".").inside(root, from: start).map { min($0.bytes.count, literal) } ?? 0
    }

    /// Everything below a directory.
    package init(everythingBelow directory: FilePath, top: FilePath) throws(PathspecError) {
        try self.init(".", from: directory, top: top)
    }

    /// The magic words of a text, and what follows them.
    private static func magic(of typed: TypedPath) throws(PathspecError) -> (
        words: Set<String>, path: ArraySlice<UInt8>
    ) {
        let bytes = typed.bytes[...]
        let (colon, open, close) = (UInt8(ascii: ":"), UInt8(ascii: "("), UInt8(ascii: ")"))
        guard bytes.first == colon else { return ([], bytes) }
        if bytes.dropFirst().first == open {
            guard let end = bytes.firstIndex(of: close) else {
                throw PathspecError(isOutside: false, description: "the magic of \"\(typed.text)\" does not end in )")
            }
            let words = Set(
                bytes[2..<end].split(separator: UInt8(ascii: ",")).map { String(decoding: $0, as: UTF8.self) })
            for word in words where !["top", "exclude", "icase", "glob", "literal"].contains(word) {
                throw PathspecError(
                    isOutside: false,
                    description:
                        "\"\(word)\" is not a pathspec's word here; there are top, exclude, icase, glob and literal")
            }
            if words.isSuperset(of: ["glob", "literal"]) {
                throw PathspecError(isOutside: false, description: "\"\(typed.text)\" cannot be both glob and literal")
            }
            return (words, bytes[(end + 1)...])
        }
        if bytes.count == 1 { return (["top"], []) }
        // A colon before anything else begins a name; git would drop it silently.
        let signs = [UInt8(ascii: "/"): "top", UInt8(ascii: "!"): "exclude", UInt8(ascii: "^"): "exclude"]
        var words: Set<String> = []
        var rest = bytes.dropFirst()
        while let sign = rest.first, let word = signs[sign] {
            words.insert(word)
            rest = rest.dropFirst()
        }
        if rest.first == colon { return (words, rest.dropFirst()) }
        return words.isEmpty ? ([], bytes) : (words, rest)
    }

    // MARK: Matching

    package func contains(_ path: RepositoryPath) -> Bool {
        if isItself(path) { return !isForDirectories || path.bytes.count > pattern.count }
        guard literalCount < pattern.count, !isForDirectories, path.bytes.count >= literalCount else { return false }
        guard isSame(path.bytes[..<literalCount], pattern[..<literalCount]) else { return false }
        let (rest, text) = (pattern[literalCount...], path.bytes[literalCount...])
        return foldsCase
            ? Wildmatch(pattern: Self.folded(rest)[...], isPath: isGlob).matches(Self.folded(text)[...])
            : Wildmatch(pattern: rest, isPath: isGlob).matches(text)
    }

    /// Whether anything below `directory` can be meant.
    func mayContain(below directory: RepositoryPath) -> Bool {
        let below = directory.bytes + [Byte.slash]
        let literal =
            literalCount == pattern.count && !pattern.isEmpty ? pattern + [Byte.slash] : pattern[..<literalCount] + []
        let count = min(below.count, literal.count)
        return isSame(below[..<count], literal[..<count]) || isItself(directory)
    }

    /// Whether everything below `directory` is meant.
    func containsAll(below directory: RepositoryPath) -> Bool { isItself(directory) }

    /// Whether the path, or a directory above it, is spelled as the pattern is.
    private func isItself(_ path: RepositoryPath) -> Bool {
        let bytes = path.bytes
        guard bytes.count >= pattern.count, isSame(bytes[..<pattern.count], pattern[...]) else { return false }
        return pattern.isEmpty || bytes.count == pattern.count || bytes[pattern.count] == Byte.slash
    }

    private func isSame(_ path: ArraySlice<UInt8>, _ pattern: ArraySlice<UInt8>) -> Bool {
        guard foldsCase else { return path.elementsEqual(pattern) }
        return path.count == pattern.count
            && path.prefix(prefixCount).elementsEqual(pattern.prefix(prefixCount))
            && Self.folded(path) == Self.folded(pattern)
    }

    private static func folded(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        bytes.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
    }

    /// The one path that it stands for.
    var literal: RepositoryPath? {
        literalCount == pattern.count && !isForDirectories && !foldsCase ? RepositoryPath(bytes: pattern) : nil
    }

    /// The same, for the git program, wherever it runs.
    package var gitBytes: [UInt8] {
        var words = ["top"]
        if isExcluding { words.append("exclude") }
        if isGlob { words.append("glob") }
        if foldsCase { words.append("icase") }
        if literalCount == pattern.count, !isGlob { words.append("literal") }
        return Array(":(\(words.joined(separator: ",")))".utf8) + pattern + (isForDirectories ? [Byte.slash] : [])
    }
}

/// What one argument of a user means: a pathspec, less those that exclude.
package struct PathSelection: PathSelecting, Sendable {
    /// As it was typed.
    package let typed: TypedPath
    private let wanted: Pathspec
    private let excluded: [Pathspec]

    package init(_ typed: TypedPath, wanted: Pathspec, excluded: [Pathspec] = []) {
        self.typed = typed
        self.wanted = wanted
        self.excluded = excluded
    }

    /// The selections that a list of arguments means, one for each that does not exclude. Where all do, they exclude from
    /// everything below `directory`, as in git.
    package static func selections(
        of arguments: [TypedPath], from directory: FilePath, top: FilePath
    ) throws(PathspecError) -> [PathSelection] {
        var wanted: [(TypedPath, Pathspec)] = []
        var excluded: [Pathspec] = []
        for argument in arguments {
            let spec = try Pathspec(argument, from: directory, top: top)
            if spec.isExcluding { excluded.append(spec) } else { wanted.append((argument, spec)) }
        }
        if wanted.isEmpty, !excluded.isEmpty {
            wanted.append((".", try Pathspec(everythingBelow: directory, top: top)))
        }
        return wanted.map { PathSelection($0.0, wanted: $0.1, excluded: excluded) }
    }

    package func contains(_ path: RepositoryPath) -> Bool {
        wanted.contains(path) && !excluded.contains { $0.contains(path) }
    }

    package func mayContain(below directory: RepositoryPath) -> Bool {
        wanted.mayContain(below: directory) && !excluded.contains { $0.containsAll(below: directory) }
    }

    package var literal: RepositoryPath? { excluded.isEmpty ? wanted.literal : nil }

    /// As arguments of the git program.
    package var gitArguments: [[UInt8]] { ([wanted] + excluded).map(\.gitBytes) }

    /// As it was typed, for people.
    package var text: String { typed.text }
}
