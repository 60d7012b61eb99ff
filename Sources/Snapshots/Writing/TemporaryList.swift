internal import Files
internal import Git
internal import GitValues
internal import Glibc
internal import SystemPackage

/// Where a process that writes to a worktree has its temporaries, so that they can be found when it is killed.
///
/// Temporary files stand in the directories of the files that they are for, named `.git-wf.TOKEN.NUMBER.tmp`. The list of those
/// directories is `<gitdir>/wf/writing.TOKEN`, locked by its writer for as long as it lives.
final class TemporaryList {
    private let file: TemporaryFile
    private let list: FilePath?
    private let prefix: String
    private var count = 0

    /// - Parameter directories: all that may get a temporary.
    init(of directories: Set<RepositoryPath>, in repository: Repository) throws {
        let folder = repository.gitDirectory.appending("wf")
        try Folder.make(folder, access: repository.access)
        file = try TemporaryFile(in: folder, prefix: Self.name, mode: 0o600)
        if repository.access.isShared { try file.setMode(repository.access.widened) }
        let token = file.path?.lastComponent?.string.dropFirst(Self.name.count) ?? ""
        prefix = Self.prefix(of: String(token))
        try file.write(directories.flatMap { $0.bytes + [0] })
        // What is not removed when this one ends must be found by the next.
        list = file.path
        file.keep()
    }

    /// The next name for a temporary.
    func nextName() -> [CChar] {
        count += 1
        return Array("\(prefix)\(count).tmp".utf8CString)
    }

    /// Nothing of it is left.
    func end() { if let list { unlink(list.string) } }

    private static let name = "writing."
    private static func prefix(of token: String) -> String { ".git-wf.\(token)." }

    /// Removes the temporaries that killed processes left in a worktree. What cannot be removed is tried again by the next one.
    static func removeLeft(in gitDirectory: FilePath, below top: FilePath) {
        let folder = gitDirectory.appending("wf")
        let descriptor = open(folder.string, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        for name in OpenDirectory.names(in: descriptor) ?? [] where name.starts(with: Self.name.utf8) {
            let name = String(decoding: name, as: UTF8.self)
            removeLeft(String(name.dropFirst(Self.name.count)), file: folder.appending(name), below: top)
        }
    }

    private static func removeLeft(_ token: String, file: FilePath, below top: FilePath) {
        // Else its writer is alive.
        guard let left = TemporaryFile.left(at: file) else { return }
        left.keep()
        guard let bytes = try? OrdinaryFile.read(file, links: .refused) else { return }
        let prefix = Array(Self.prefix(of: token).utf8)
        var isClean = true
        for path in bytes.split(separator: 0, omittingEmptySubsequences: false).dropLast() {
            do {
                guard let directory = try OpenDirectory(RepositoryPath(bytes: path), below: top) else { continue }
                for name in try directory.names() where name.starts(with: prefix) {
                    if !remove(name, in: directory.descriptor, prefix: prefix) { isClean = false }
                }
            } catch {
                isClean = false
            }
        }
        if isClean { unlink(file.string) }
        withExtendedLifetime(left) {}
    }

    // MARK: What stepped aside

    /// Removes a temporary, or a directory that stepped aside for one, with the temporaries in it.
    /// - Returns: whether it is gone; a directory that holds anything else stays.
    @discardableResult
    func remove(_ name: [CChar], in directory: Int32) -> Bool {
        Self.remove(name.dropLast().map { UInt8(bitPattern: $0) }, in: directory, prefix: Array(prefix.utf8))
    }

    @discardableResult
    private static func remove(_ name: [UInt8], in directory: Int32, prefix: [UInt8]) -> Bool {
        let terminated = name.map { CChar(bitPattern: $0) } + [0]
        if unlinkat(directory, terminated, 0) == 0 || errno == ENOENT { return true }
        guard errno == EISDIR, let child = Self.openFolder(terminated, in: directory) else { return false }
        empty(child, prefix: prefix)
        return unlinkat(directory, terminated, AT_REMOVEDIR) == 0
    }

    /// Takes temporaries, and directories that hold nothing else, out of a directory.
    /// - Parameter directory: closed by this function.
    private static func empty(_ directory: Int32, prefix: [UInt8]) {
        defer { close(directory) }
        for name in OpenDirectory.names(in: directory) ?? [] {
            if name.starts(with: prefix) {
                remove(name, in: directory, prefix: prefix)
            } else {
                let terminated = name.map { CChar(bitPattern: $0) } + [0]
                guard let child = Self.openFolder(terminated, in: directory) else { continue }
                empty(child, prefix: prefix)
                unlinkat(directory, terminated, AT_REMOVEDIR)
            }
        }
    }

    /// Whether a directory holds temporaries and directories of such alone.
    func holdsTemporariesOnly(_ name: [CChar], in directory: Int32) -> Bool {
        guard let child = Self.openFolder(name, in: directory) else { return false }
        defer { close(child) }
        guard let names = OpenDirectory.names(in: child) else { return false }
        return names.allSatisfy { name in
            name.starts(with: prefix.utf8) || holdsTemporariesOnly(name.map { CChar(bitPattern: $0) } + [0], in: child)
        }
    }

    private static func openFolder(_ name: [CChar], in directory: Int32) -> Int32? {
        let descriptor = openat(directory, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
        return descriptor >= 0 ? descriptor : nil
    }
}
