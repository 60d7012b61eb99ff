internal import Git
internal import GitValues
internal import Glibc
internal import SystemPackage

/// What a sparse checkout holds (`git-sparse-checkout(1)`).
///
/// The patterns are those of `.gitignore`, the other way round: what matches is there. Those of cone mode mean the same
/// when they are read as any others.
struct SparsePatterns {
    private struct Pattern {
        let bytes: ArraySlice<UInt8>
        let isNegative: Bool
        let isForDirectories: Bool
        let isOfName: Bool
    }

    private let patterns: [Pattern]

    /// - Returns: `nil` where all is checked out.
    init?(repository: Repository) throws {
        guard try repository.configFlag("core.sparseCheckout") == true else { return nil }
        let file = repository.gitDirectory.appending("info").appending("sparse-checkout")
        let descriptor = open(file.string, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        patterns = bytes.split(separator: Byte.newline).compactMap(Self.pattern)
    }

    private static func pattern(_ line: ArraySlice<UInt8>) -> Pattern? {
        guard line.first != Byte.hash else { return nil }
        var rest = line
        let isNegative = rest.first == Byte.bang
        if isNegative { rest = rest.dropFirst() }
        let isForDirectories = rest.last == Byte.slash
        if isForDirectories { rest = rest.dropLast() }
        let isOfName = !rest.contains(Byte.slash)
        if rest.first == Byte.slash { rest = rest.dropFirst() }
        return rest.isEmpty
            ? nil
            : Pattern(bytes: rest, isNegative: isNegative, isForDirectories: isForDirectories, isOfName: isOfName)
    }

    /// Whether a file is checked out.
    func contain(_ file: RepositoryPath) -> Bool {
        var path = file
        while !path.bytes.isEmpty {
            let isDirectory = path != file
            let last = patterns.last { pattern in
                if pattern.isForDirectories, !isDirectory { return false }
                return pattern.isOfName
                    ? Wildmatch(pattern: pattern.bytes, isPath: false).matches(path.lastComponent)
                    : Wildmatch(pattern: pattern.bytes, isPath: true).matches(path.bytes[...])
            }
            if let last { return !last.isNegative }
            path = path.directory
        }
        return false
    }
}
