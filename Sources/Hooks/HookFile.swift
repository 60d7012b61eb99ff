import Glibc
import SystemPackage

/// A finished file beside the place that it is for, until it is moved there; and the few operations on files that
/// installing hooks takes.
struct HookFile {
    let path: FilePath
    let bytes: [UInt8]

    /// Writes the file under a name of its own, executable as far as the user's umask has it.
    static func temporary(beside target: FilePath, _ bytes: [UInt8]) throws(HookError) -> HookFile {
        let path = FilePath("\(target.string).git-wf-\(getpid())")
        unlink(path.string)
        do {
            let file = try FileDescriptor.open(
                path, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec],
                permissions: FilePermissions(rawValue: 0o777))
            try file.closeAfter { _ = try file.writeAll(bytes) }
        } catch {
            unlink(path.string)
            throw HookError("write", target, because: error as? Errno ?? .ioError)
        }
        return HookFile(path: path, bytes: bytes)
    }

    /// Takes the place of what is at `target`, in one step.
    func place(at target: FilePath) throws(HookError) { try Self.move(path, to: target) }

    /// Removes the file, unless it was placed.
    func discard() { Self.remove(path) }

    // MARK: Files

    /// The type bits of what is there, a link's own: `S_IFREG` and so on; `nil` when nothing is.
    static func kind(of path: FilePath) -> mode_t? {
        var information = stat()
        return lstat(path.string, &information) == 0 ? information.st_mode & S_IFMT : nil
    }

    /// A file's first bytes. The usual limit is far more than a script of ours has, and far less than a hook that is a
    /// program.
    static func beginning(of path: FilePath, limit: Int = 65_536) throws(HookError) -> [UInt8] {
        do {
            let file = try FileDescriptor.open(path, .readOnly, options: .closeOnExec)
            return try file.closeAfter {
                var bytes: [UInt8] = []
                var chunk = [UInt8](repeating: 0, count: 65_536)
                while bytes.count < limit {
                    let count = try chunk.withUnsafeMutableBytes { try file.read(into: $0) }
                    if count == 0 { break }
                    bytes += chunk[..<count]
                }
                return bytes
            }
        } catch {
            throw HookError("read", path, because: error as? Errno ?? .ioError)
        }
    }

    static func move(_ source: FilePath, to target: FilePath) throws(HookError) {
        guard rename(source.string, target.string) == 0 else {
            throw HookError("move a hook to", target, because: Errno(rawValue: errno))
        }
    }

    static func remove(_ path: FilePath) { unlink(path.string) }

    static func link(_ path: FilePath, to target: String) throws(HookError) {
        guard symlink(target, path.string) == 0 else {
            throw HookError("link", path, because: Errno(rawValue: errno))
        }
    }

    static func target(of link: FilePath) -> FilePath? {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = buffer.withUnsafeMutableBytes {
            guard let base = $0.assumingMemoryBound(to: CChar.self).baseAddress else { return -1 }
            return readlink(link.string, base, $0.count)
        }
        return count < 0 ? nil : FilePath(String(decoding: buffer[..<count], as: UTF8.self))
    }

    /// Makes a folder, and those above it; one that is there is fine.
    static func makeFolder(_ path: FilePath) throws(HookError) {
        if path.isEmpty || mkdir(path.string, 0o777) == 0 || errno == EEXIST { return }
        guard errno == ENOENT else { throw HookError("make", path, because: Errno(rawValue: errno)) }
        try makeFolder(path.removingLastComponent())
        guard mkdir(path.string, 0o777) == 0 || errno == EEXIST else {
            throw HookError("make", path, because: Errno(rawValue: errno))
        }
    }
}

/// Keeps a second installation out of a folder while it lives: what one has judged, the other must not move.
struct FolderLock: ~Copyable {
    private let descriptor: Int32

    init(_ folder: FilePath) throws(HookError) {
        descriptor = open(folder.string, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw HookError("open", folder, because: Errno(rawValue: errno)) }
        while flock(descriptor, LOCK_EX) != 0 && errno == EINTR {}
    }

    deinit { close(descriptor) }

    /// Ends the lock here rather than at the end of the scope.
    consuming func release() {}
}
