internal import CLinux
internal import Glibc
package import SystemPackage

/// Files that are replaced in one step.
package enum WholeFile {
    /// Writes a temporary file beside the file and renames it over the file; makes the folders above. Which file that is, is for
    /// ``RootedFile`` to say.
    static func write(
        _ bytes: [UInt8], to file: FilePath, access: FileAccess, isDurable: Bool = false
    ) throws(FileError) {
        let folder = file.removingLastComponent()
        try Folder.make(folder, access: access)
        TemporaryFile.removeLeft(in: folder, prefix: prefix)
        let temporary = try TemporaryFile(in: folder, prefix: prefix, ending: ".tmp", mode: 0o666)
        var status = stat()
        let isThere = lstat(file.characters, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        try temporary.setMode { isThere ? status.st_mode & 0o7777 : access.widened($0) }
        try temporary.write(bytes)
        if isDurable { try temporary.flush() }
        try temporary.rename(to: file)
        if isDurable { try TemporaryFile.flush(at: folder) }
    }

    /// How the names of temporary files begin. What is written in a worktree is never taken into a snapshot by that name.
    package static let prefix = ".git-wf-"

    /// Renames a file where nothing has that name.
    /// - Returns: `false` where something has it.
    static func renameToNew(_ file: FilePath, _ name: FilePath) throws(FileError) -> Bool {
        if clinux_rename_new(AT_FDCWD, file.characters, AT_FDCWD, name.characters) == 0 { return true }
        // A file system that does not know how links one.
        if [EINVAL, ENOSYS, ENOTSUP].contains(errno), link(file.characters, name.characters) == 0 {
            try remove(file)
            return true
        }
        guard errno == EEXIST else { throw FileError("write \(name)") }
        return false
    }

    /// Has two files take each other's place in one step.
    package static func exchange(_ one: FilePath, _ other: FilePath) throws(FileError) {
        if clinux_exchange(AT_FDCWD, one.characters, AT_FDCWD, other.characters) == 0 { return }
        guard [EINVAL, ENOSYS, ENOTSUP].contains(errno) else { throw FileError("write \(other)") }
        // A file system that does not know how keeps a copy of the second one under the first one's name.
        let bytes = try OrdinaryFile.read(other, upTo: .max - 1) ?? []
        guard rename(one.characters, other.characters) == 0 else { throw FileError("write \(other)") }
        try write(bytes, to: one, access: .ordinary)
    }

    /// Removes a file; one that is not there is no error.
    package static func remove(_ file: FilePath) throws(FileError) {
        if unlink(file.characters) != 0, errno != ENOENT { throw FileError("remove \(file)") }
    }
}
