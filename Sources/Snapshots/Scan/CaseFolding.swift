internal import Git
internal import GitValues
internal import Glibc
internal import SystemPackage

/// Whether names that differ only in case are one file here.
///
/// The file system decides, and on Linux each directory of it may decide otherwise, so a directory is asked through a name
/// that it has. `core.ignoreCase` decides where there is none: git asked the file system once, when the repository was made.
struct CaseFolding {
    private let top: FilePath
    private let isAssumed: Bool
    /// What tests say instead.
    private let forced: Bool?

    init(repository: Repository, top: FilePath, forced: Bool? = nil) throws {
        self.top = top
        self.forced = forced
        isAssumed = try repository.configFlag("core.ignoreCase") ?? false
    }

    /// Whether two names of a directory that differ in case would be one; of the nearest one above, where it is not there.
    func folds(in directory: RepositoryPath) throws -> Bool {
        if let forced { return forced }
        var place: RepositoryPath? = directory
        while let next = place {
            if let open = try OpenDirectory(next, below: top) {
                for name in try open.names() {
                    guard let other = Self.otherCase(of: name) else { continue }
                    let (here, there) = try (
                        open.status(of: Self.terminated(name)), open.status(of: Self.terminated(other))
                    )
                    guard let here else { continue }
                    return there.map { $0.st_ino == here.st_ino && $0.st_dev == here.st_dev } ?? false
                }
            }
            place = next.bytes.isEmpty ? nil : next.directory
        }
        return isAssumed
    }

    /// The name that is on disk where `path` was asked for; `nil` where it is `path` itself, or nothing.
    func otherSpelling(of path: RepositoryPath) throws -> RepositoryPath? {
        guard let open = try OpenDirectory(path.directory, below: top),
            let status = try open.status(of: path.lastTerminated)
        else { return nil }
        let names = try open.names()
        let name = Array(path.lastComponent)
        if names.contains(name) { return nil }
        for other in names where Self.folded(other) == Self.folded(name) {
            guard try open.status(of: Self.terminated(other))?.st_ino == status.st_ino else { continue }
            return path.directory.appending(other)
        }
        return nil
    }

    /// Equal for two paths that a file system which folds case cannot tell apart: in case, or in how accents are composed.
    static func folded(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self).lowercased() }

    private static func otherCase(of name: [UInt8]) -> [UInt8]? {
        guard let index = name.firstIndex(where: { (0x41...0x5A).contains($0 & 0xDF) }) else { return nil }
        var other = name
        other[index] ^= 0x20
        return other
    }

    private static func terminated(_ name: [UInt8]) -> [CChar] { name.map { CChar(bitPattern: $0) } + [0] }
}
