internal import Files
internal import Glibc
internal import SystemPackage

/// A finished file beside the place that it is for, until it is moved there; and the few operations on files that
/// installing hooks takes.
struct HookFile {
    private let file: TemporaryFile
    let bytes: [UInt8]

    /// Writes the file under a name of its own, executable as far as the user's umask has it.
    static func temporary(beside target: FilePath, _ bytes: [UInt8]) throws(HookError) -> HookFile {
        do {
            let folder = target.removingLastComponent()
            TemporaryFile.removeLeft(in: folder, prefix: WholeFile.prefix)
            let file = try TemporaryFile(in: folder, prefix: WholeFile.prefix, ending: ".tmp", mode: 0o777)
            try file.write(bytes)
            return HookFile(file: file, bytes: bytes)
        } catch {
            throw HookError("write", target, because: error)
        }
    }

    /// Takes the place of what is at `target`, in one step. Unless it is placed, the file goes.
    func place(at target: FilePath) throws(HookError) {
        do {
            try file.rename(to: target)
        } catch {
            throw HookError("move a hook to", target, because: error)
        }
    }

    // MARK: Files

    /// The type bits of what is there, a link's own: `S_IFREG` and so on; `nil` when nothing is.
    static func kind(of path: FilePath) -> mode_t? {
        var information = stat()
        return lstat(path.characters, &information) == 0 ? information.st_mode & S_IFMT : nil
    }

    /// A file's bytes, of which a script has no more than this: what is longer is a program.
    static func content(of path: FilePath) throws(HookError) -> [UInt8] {
        do {
            return try OrdinaryFile.front(of: path, upTo: 1 << 20, links: .followed) ?? []
        } catch {
            throw HookError("read", path, because: error)
        }
    }

    static func move(_ source: FilePath, to target: FilePath) throws(HookError) {
        guard rename(source.characters, target.characters) == 0 else {
            throw HookError("move a hook to", target, because: Errno(rawValue: errno))
        }
    }

    static func remove(_ path: FilePath) { unlink(path.characters) }

    static func link(_ path: FilePath, to target: String) throws(HookError) {
        guard symlink(target, path.characters) == 0 else {
            throw HookError("link", path, because: Errno(rawValue: errno))
        }
    }

    static func target(of link: FilePath) -> FilePath? {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = buffer.withUnsafeMutableBytes {
            guard let base = $0.assumingMemoryBound(to: CChar.self).baseAddress else { return -1 }
            return readlink(link.characters, base, $0.count)
        }
        return count < 0 ? nil : FilePath(String(decoding: buffer[..<count], as: UTF8.self))
    }

    /// Makes a folder, and those above it; one that is there is fine.
    static func makeFolder(_ path: FilePath) throws(HookError) {
        do { try Folder.make(path) } catch { throw HookError("make", path, because: error) }
    }

    /// Keeps a second installation out of a folder: what one has judged, the other must not move.
    /// - Parameter making: whether the folder is made where it is missing.
    static func lock(_ folder: FilePath, making: Bool) throws(HookError) -> FolderLock {
        if making { try makeFolder(folder) }
        do { return try FolderLock(folder) } catch { throw HookError("open", folder, because: error) }
    }
}
