internal import Files
internal import Git
internal import GitValues
internal import Glibc
internal import SystemPackage

/// git's ignore rules for one worktree, each file of them read once (`gitignore(5)`, `dir.c`).
///
/// libgit2's own let `core.excludesFile` win over `info/exclude`, and apply rules for directories to symlinks.
struct IgnoreRules: Sendable {
    /// One line of such a file.
    struct Rule: Sendable {
        let pattern: [UInt8]
        let isNegative: Bool
        let isForDirectories: Bool
        /// Whether it is about the name alone, at any depth.
        let isOfName: Bool
        /// How many bytes of the pattern stand for themselves.
        let literalCount: Int
    }

    /// The rules that hold in one directory: its own, then those of the directories above it.
    final class Level: Sendable {
        fileprivate let rules: [Rule]
        /// How many bytes the directory's path has.
        fileprivate let length: Int
        fileprivate let above: Level?
        /// Whether the directory itself is ignored; what is tracked in it counts all the same.
        let isIgnored: Bool

        fileprivate init(rules: [Rule], length: Int, above: Level?, isIgnored: Bool) {
            self.rules = rules
            self.length = length
            self.above = above
            self.isIgnored = isIgnored
        }
    }

    private let foldsCase: Bool
    /// For the whole worktree: `info/exclude`, then `core.excludesFile`.
    private let general: [[Rule]]
    /// Files of ours that `info/exclude` names: out, whatever a `.gitignore` lets in again.
    private let own: [[UInt8]]
    /// Two that are equal come from the same files outside of the worktree and the same configuration.
    let fingerprint: ObjectID

    /// - Parameters:
    ///   - own: the names of files of ours at the top of the worktree.
    ///   - context: what else the fingerprint shall depend on.
    init(repository: Repository, own: [String] = [], context: String) throws {
        let foldsCase = try repository.configFlag("core.ignoreCase") ?? false
        self.foldsCase = foldsCase
        let info = repository.commonDirectory.appending("info").appending("exclude")
        var places = [info]
        if let file = try repository.configPath("core.excludesFile") {
            places.append(file)
        } else if let file = try repository.defaultExcludesFile() {
            places.append(file)
        }
        let texts = places.map { Self.read(AT_FDCWD, $0.characters, following: true) ?? [] }
        general = texts.map { Self.rules(in: $0, foldsCase: foldsCase) }
        let lines = Set(texts[0].split(separator: Byte.newline))
        self.own = own.map { Array($0.utf8) }.filter { lines.contains([Byte.slash] + $0[...]) }
        fingerprint = try Repository.blobID(
            of: texts.reduce(Array("\(foldsCase) \(context)\n".utf8)) { $0 + Array("\($1.count)\n".utf8) + $1 })
    }

    /// The rules of a directory that is at `path`.
    /// - Parameters:
    ///   - bytes: its `.gitignore`.
    ///   - above: of the directory that it is in; `nil` for the top.
    func level(_ bytes: [UInt8], at path: RepositoryPath, above: Level?) -> Level {
        let isIgnored = above.map { $0.isIgnored || ignores(path, in: $0, isDirectory: true) } ?? false
        return Level(
            rules: Self.rules(in: bytes, foldsCase: foldsCase), length: path.bytes.count, above: above,
            isIgnored: isIgnored)
    }

    /// Whether an untracked path in the directory of `level` is ignored, by itself or because its directory is.
    func ignores(_ path: RepositoryPath, in level: Level, isDirectory: Bool) -> Bool {
        if level.isIgnored || own.contains(path.bytes) { return true }
        let name = foldsCase ? path.bytes.map(Self.folded) : path.bytes
        var next: Level? = level
        while let level = next {
            if let rule = Self.last(in: level.rules, name, below: level.length, isDirectory) { return !rule.isNegative }
            next = level.above
        }
        for rules in general {
            if let rule = Self.last(in: rules, name, below: 0, isDirectory) { return !rule.isNegative }
        }
        return false
    }

    /// The last rule that is about `path`; rules that stand further down win.
    fileprivate static func last(in rules: [Rule], _ path: [UInt8], below base: Int, _ isDirectory: Bool) -> Rule? {
        guard !rules.isEmpty else { return nil }
        let name = path[((path.lastIndex(of: Byte.slash) ?? -1) + 1)...]
        let relative = path[(base == 0 ? 0 : base + 1)...]
        return rules.last { $0.applies(to: relative, name: name, isDirectory: isDirectory) }
    }

    private static func rules(in bytes: [UInt8], foldsCase: Bool) -> [Rule] {
        let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        return bytes[start...].split(separator: Byte.newline).compactMap { line in
            guard line.first != Byte.hash else { return nil }
            let end = line.last == Byte.carriageReturn ? line.dropLast() : line
            return Rule(trimmed(end).map { foldsCase ? folded($0) : $0 })
        }
    }

    /// Without the spaces at its end that no backslash protects.
    private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var firstSpace: Int?
        var index = line.startIndex
        while index < line.endIndex {
            if line[index] == Byte.space {
                firstSpace = firstSpace ?? index
            } else {
                firstSpace = nil
                if line[index] == Byte.backslash { index += 1 }
            }
            index += 1
        }
        return line[..<(firstSpace ?? line.endIndex)]
    }

    static func folded(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }

    /// - Returns: `nil` where there is no file that can be read. git does not follow a symlink that is called `.gitignore`.
    static func read(_ directory: Int32, _ name: UnsafePointer<CChar>, following: Bool = false) -> [UInt8]? {
        let flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | (following ? 0 : O_NOFOLLOW)
        let descriptor = openat(directory, name, flags)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        // A device may have no end.
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return read(descriptor)
    }

    /// All that is in an open file; `nil` for one that cannot be read.
    static func read(_ descriptor: Int32) -> [UInt8]? {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return count == 0 ? bytes : nil }
            bytes += chunk[..<count]
        }
    }
}

/// Patterns in the form of ignore rules, relative to the top of the worktree, for what is let in.
struct AllowedPaths {
    private let rules: [IgnoreRules.Rule]
    private let foldsCase: Bool

    /// - Parameter patterns: a later one wins over an earlier one; one with `!` in front takes back what others let in.
    init(_ patterns: [TypedPath], foldsCase: Bool) {
        self.foldsCase = foldsCase
        rules = patterns.compactMap { pattern in
            // As paths are typed.
            let bytes = Array(pattern.bytes.starts(with: "./".utf8) ? pattern.bytes.dropFirst() : pattern.bytes[...])
            return IgnoreRules.Rule(foldsCase ? bytes.map(IgnoreRules.folded) : bytes)
        }
    }

    /// Whether a file is let in, or a directory that it is in.
    func allows(_ path: RepositoryPath) -> Bool {
        if rules.isEmpty { return false }
        let name = foldsCase ? path.bytes.map(IgnoreRules.folded) : path.bytes
        let directories = name.indices.filter { name[$0] == Byte.slash }.map { Array(name[..<$0]) }
        func allows(_ path: [UInt8], isDirectory: Bool) -> Bool {
            IgnoreRules.last(in: rules, path, below: 0, isDirectory).map { !$0.isNegative } ?? false
        }
        return directories.contains { allows($0, isDirectory: true) } || allows(name, isDirectory: false)
    }
}

extension IgnoreRules.Rule {
    /// - Returns: `nil` for a line without a pattern.
    init?(_ line: [UInt8]) {
        var pattern = line[...]
        isNegative = pattern.first == Byte.bang
        if isNegative { pattern = pattern.dropFirst() }
        isForDirectories = pattern.last == Byte.slash
        if isForDirectories { pattern = pattern.dropLast() }
        isOfName = !pattern.contains(Byte.slash)
        // The pattern of a path begins at the directory of its file, with a slash in front or without.
        if !isOfName, pattern.first == Byte.slash { pattern = pattern.dropFirst() }
        guard !pattern.isEmpty else { return nil }
        let special = [Byte.star, Byte.question, Byte.open, Byte.backslash]
        literalCount = pattern.prefix { !special.contains($0) }.count
        self.pattern = Array(pattern)
    }

    /// Whether it is about a path.
    /// - Parameter base: how many bytes the path of the rule's directory has.
    func applies(to path: [UInt8], below base: Int, isDirectory: Bool) -> Bool {
        let name = path[((path.lastIndex(of: Byte.slash) ?? -1) + 1)...]
        return applies(to: path[(base == 0 ? 0 : base + 1)...], name: name, isDirectory: isDirectory)
    }

    fileprivate func applies(to relative: ArraySlice<UInt8>, name: ArraySlice<UInt8>, isDirectory: Bool) -> Bool {
        if isForDirectories, !isDirectory { return false }
        return isOfName ? matches(name: name) : matches(path: relative)
    }

    fileprivate func matches(name: ArraySlice<UInt8>) -> Bool {
        if literalCount == pattern.count { return name.elementsEqual(pattern) }
        return name.starts(with: pattern[..<literalCount])
            && Wildmatch(pattern: pattern[...], isPath: false).matches(name)
    }

    fileprivate func matches(path: ArraySlice<UInt8>) -> Bool {
        guard path.starts(with: pattern[..<literalCount]) else { return false }
        if literalCount == pattern.count { return path.count == literalCount }
        return Wildmatch(pattern: pattern[literalCount...], isPath: true).matches(path.dropFirst(literalCount))
    }
}
