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

    /// Removes a file; one that is not there is no error.
    package static func remove(_ file: FilePath) throws(FileError) {
        if unlink(file.characters) != 0, errno != ENOENT { throw FileError("remove \(file)") }
    }
}
