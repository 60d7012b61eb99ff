internal import Git
internal import GitValues
internal import Glibc
internal import SystemPackage

/// git's attributes for one worktree, as far as they decide how files are converted (`gitattributes(5)`, `attr.c`).
///
/// libgit2's own take negative patterns and patterns in quotes otherwise than git, and follow symlinks.
final class AttributeRules {
    enum Value: Equatable {
        case set, unset, unspecified
        case text(String)
    }

    /// One line of such a file.
    private struct Line {
        /// `nil` for the definition of a macro.
        let rule: IgnoreRules.Rule?
        let macro: String?
        let values: [(name: String, value: Value)]
    }

    /// The lines of one file, for what is below one directory.
    private struct Level {
        let lines: [Line]
        /// How many bytes the directory's path has.
        let length: Int
    }

    private let topDescriptor: Int32
    private let repository: Repository
    private let foldsCase: Bool
    /// What the user's index has of a file of attributes, where there is none on disk.
    private let index: (RepositoryPath) throws -> ObjectID?
    /// `info/attributes`, which wins over all others.
    private let info: Level
    /// The user's and the system's, which all others win over.
    private let general: [Level]
    private var directories: [RepositoryPath: Level] = [:]

    /// - Parameter index: the `.gitattributes` at a path of the user's index.
    init(repository: Repository, top: FilePath, index: @escaping (RepositoryPath) throws -> ObjectID?) throws {
        self.repository = repository
        self.index = index
        let foldsCase = try repository.configFlag("core.ignoreCase") ?? false
        self.foldsCase = foldsCase
        func level(_ file: FilePath) -> Level {
            let bytes = file.withPlatformString { IgnoreRules.read(AT_FDCWD, $0, following: true) }
            return Level(lines: Self.lines(in: bytes ?? [], definesMacros: true, foldsCase: foldsCase), length: 0)
        }
        info = level(repository.commonDirectory.appending("info").appending("attributes"))
        let own = try repository.configPath("core.attributesFile") ?? repository.defaultAttributesFile()
        let binary = Self.lines(
            in: Array("[attr]binary -diff -merge -text".utf8), definesMacros: true, foldsCase: false)
        general =
            [own, FilePath("/etc/gitattributes")].compactMap { $0 }.map(level) + [Level(lines: binary, length: 0)]
        topDescriptor = open(top.string, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard topDescriptor >= 0 else {
            throw SnapshotError("could not list the worktree \(top): \(String(cString: strerror(errno)))")
        }
    }

    deinit { close(topDescriptor) }

    /// Has the files in the worktree read anew.
    func forget() { directories = [:] }

    /// The attributes of a file.
    func values(of path: RepositoryPath) throws -> [String: Value] {
        let levels = try levels(for: path)
        var macros: [String: Line] = [:]
        for line in levels.lazy.flatMap({ $0.lines.reversed() }) {
            if let macro = line.macro, macros[macro] == nil { macros[macro] = line }
        }
        let name = foldsCase ? path.bytes.map(IgnoreRules.folded) : path.bytes
        var values: [String: Value] = [:]
        func fill(_ line: Line) {
            for (attribute, value) in line.values.reversed() where values[attribute] == nil {
                values[attribute] = value
                if value == .set, let macro = macros[attribute] { fill(macro) }
            }
        }
        for level in levels {
            for line in level.lines.reversed() {
                guard let rule = line.rule, rule.applies(to: name, below: level.length, isDirectory: false) else {
                    continue
                }
                fill(line)
            }
        }
        return values
    }

    /// Those that win first.
    private func levels(for path: RepositoryPath) throws -> [Level] {
        var levels = [info]
        var directory = path.directory
        while true {
            levels.append(try level(of: directory))
            if directory.bytes.isEmpty { break }
            directory = directory.directory
        }
        return levels + general
    }

    private func level(of directory: RepositoryPath) throws -> Level {
        if let known = directories[directory] { return known }
        let file = directory.appending(Array(".gitattributes".utf8))
        let level = Level(
            lines: Self.lines(
                in: try bytes(of: file), definesMacros: directory.bytes.isEmpty, foldsCase: foldsCase),
            length: directory.bytes.count)
        directories[directory] = level
        return level
    }

    private func bytes(of file: RepositoryPath) throws -> [UInt8] {
        let descriptor = file.openBeneath(topDescriptor, O_RDONLY | O_NONBLOCK)
        if descriptor >= 0 {
            defer { close(descriptor) }
            // A directory of that name is read as an empty file.
            return IgnoreRules.read(descriptor) ?? []
        }
        return try index(file).map { try repository.blob($0) } ?? []
    }

    // MARK: Parsing

    /// git passes over longer lines.
    private static let longestLine = 2048

    private static func lines(in bytes: [UInt8], definesMacros: Bool, foldsCase: Bool) -> [Line] {
        let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        return bytes[start...].split(separator: Byte.newline).compactMap {
            line(
                $0.last == Byte.carriageReturn ? $0.dropLast() : $0, definesMacros: definesMacros, foldsCase: foldsCase)
        }
    }

    private static func line(_ text: ArraySlice<UInt8>, definesMacros: Bool, foldsCase: Bool) -> Line? {
        guard text.count < longestLine else { return nil }
        var rest = text.drop(while: isBlank)
        guard let first = rest.first, first != Byte.hash else { return nil }
        var name: [UInt8]
        if first == UInt8(ascii: "\""), let (unquoted, count) = unquoted(rest) {
            name = unquoted
            rest = rest.dropFirst(count)
        } else {
            let word = rest.prefix { !isBlank($0) }
            name = Array(word)
            rest = rest.dropFirst(word.count)
        }
        let prefix = Array("[attr]".utf8)
        var macro: String?
        if name.count >= prefix.count, name.starts(with: prefix) {
            guard definesMacros else { return nil }
            // The name may stand behind blanks.
            var word = name.dropFirst(prefix.count)[...]
            if word.isEmpty {
                rest = rest.drop(while: isBlank)
                word = Array(rest.prefix { !isBlank($0) })[...]
                rest = rest.dropFirst(word.count)
            }
            guard isName(word) else { return nil }
            macro = String(decoding: word, as: UTF8.self)
            name = []
        }
        var values: [(name: String, value: Value)] = []
        for word in rest.split(whereSeparator: isBlank) {
            guard let value = value(word) else { return nil }
            values.append(value)
        }
        if macro != nil { return Line(rule: nil, macro: macro, values: values) }
        guard let rule = IgnoreRules.Rule(foldsCase ? name.map(IgnoreRules.folded) : name), !rule.isNegative else {
            return nil
        }
        return Line(rule: rule, macro: nil, values: values)
    }

    private static func value(_ word: ArraySlice<UInt8>) -> (name: String, value: Value)? {
        let dash = word.first == Byte.dash
        let bang = word.first == Byte.bang
        let body = dash || bang ? word.dropFirst() : word
        let name = body.prefix { $0 != UInt8(ascii: "=") }
        guard isName(name) else { return nil }
        let text = String(decoding: name, as: UTF8.self)
        if dash { return (text, .unset) }
        if bang { return (text, .unspecified) }
        if name.count == body.count { return (text, .set) }
        return (text, .text(String(decoding: body.dropFirst(name.count + 1), as: UTF8.self)))
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A }

    private static func isName(_ name: some Collection<UInt8>) -> Bool {
        guard let first = name.first, first != Byte.dash, !name.starts(with: Array("builtin_".utf8)) else {
            return false
        }
        return name.allSatisfy {
            switch $0 {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                true
            default: false
            }
        }
    }

    /// A C string in quotes (`quote.c`), and how many bytes it takes; `nil` where it is none.
    private static func unquoted(_ text: ArraySlice<UInt8>) -> (bytes: [UInt8], count: Int)? {
        var bytes: [UInt8] = []
        var index = text.startIndex + 1
        let escapes: [UInt8: UInt8] = [
            UInt8(ascii: "a"): 7, UInt8(ascii: "b"): 8, UInt8(ascii: "f"): 12, UInt8(ascii: "n"): 10,
            UInt8(ascii: "r"): 13, UInt8(ascii: "t"): 9, UInt8(ascii: "v"): 11, Byte.backslash: Byte.backslash,
            UInt8(ascii: "\""): UInt8(ascii: "\""),
        ]
        while index < text.endIndex {
            let byte = text[index]
            index += 1
            if byte == UInt8(ascii: "\"") { return (bytes, index - text.startIndex) }
            guard byte == Byte.backslash else {
                bytes.append(byte)
                continue
            }
            guard index < text.endIndex else { return nil }
            if let plain = escapes[text[index]] {
                bytes.append(plain)
                index += 1
                continue
            }
            let digits = text[index...].prefix(3)
            guard digits.count == 3, digits.allSatisfy({ (0x30...0x37).contains($0) }), digits.first ?? 0x37 <= 0x33
            else {
                return nil
            }
            bytes.append(digits.reduce(0) { $0 &* 8 &+ ($1 - 0x30) })
            index += 3
        }
        return nil
    }
}
