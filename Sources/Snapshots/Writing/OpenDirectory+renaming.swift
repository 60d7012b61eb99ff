internal import CLinux
internal import Glibc

extension OpenDirectory {
    /// Renames where nothing is.
    /// - Returns: whether it did; else `errno` says why, `EEXIST` where something is there.
    func rename(_ name: [CChar], to new: [CChar], in target: OpenDirectory) -> Bool {
        if clinux_rename_new(descriptor, name, target.descriptor, new) == 0 { return true }
        guard Self.cannotRename(errno) else { return false }
        if linkat(descriptor, name, target.descriptor, new, 0) == 0 { return unlinkat(descriptor, name, 0) == 0 }
        if errno == EEXIST { return false }
        var status = stat()
        if fstatat(target.descriptor, new, &status, AT_SYMLINK_NOFOLLOW) == 0 {
            errno = EEXIST
            return false
        }
        return renameat(descriptor, name, target.descriptor, new) == 0
    }

    /// Has two entries take each other's place in one step.
    /// - Returns: whether it did; else `errno` says why.
    func exchange(_ name: [CChar], with other: [CChar], in target: OpenDirectory) -> Bool {
        clinux_exchange(descriptor, name, target.descriptor, other) == 0
    }

    /// Whether a reason is that a file system does not know how to exchange, or to rename only where nothing is.
    static func cannotRename(_ reason: Int32) -> Bool { [EINVAL, ENOSYS, ENOTSUP, EXDEV].contains(reason) }

    /// Flushes the names in it.
    func flush() throws {
        // Some file systems know no such thing of a directory.
        if fsync(descriptor) == 0 || errno == EINVAL || errno == ENOTSUP { return }
        throw SnapshotError(errno: errno, "flush the directory \(path)")
    }

    /// Flushes all of the file system that it is on.
    func flushFileSystem() throws {
        if clinux_sync_file_system(descriptor) != 0 {
            throw SnapshotError(errno: errno, "flush the file system of the worktree")
        }
    }
}
