internal import Glibc
package import SystemPackage

/// Files that are replaced in one step.
package enum WholeFile {
    /// Writes a temporary file beside the file and renames it over the file; makes the folders above.
    ///
    /// A file that is there keeps its mode.
    /// - Parameters:
    ///   - access: who may read a new one.
    ///   - isDurable: whether it is on the disk when this returns.
    ///   - followsLink: whether a link under the name stays one, and what it leads to is replaced.
    package static func write(
        _ bytes: [UInt8], to file: FilePath, access: FileAccess = .ordinary, isDurable: Bool = false,
        followsLink: Bool = false
    ) throws(FileError) {
        let target = followsLink ? OrdinaryFile.resolved(file) ?? file : file
        let folder = target.removingLastComponent()
        try Folder.make(folder, access: access)
        TemporaryFile.removeLeft(in: folder, prefix: prefix)
        let temporary = try TemporaryFile(in: folder, prefix: prefix, ending: ".tmp", mode: 0o666)
        var status = stat()
        let isThere = lstat(target.string, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        try temporary.setMode { isThere ? status.st_mode & 0o7777 : access.widened($0) }
        try temporary.write(bytes)
        if isDurable { try temporary.flush() }
        try temporary.rename(to: target)
        if isDurable { try TemporaryFile.flush(at: folder) }
    }

    /// How the names of temporary files begin. What is written in a worktree is never taken into a snapshot by that name.
    package static let prefix = ".git-wf-"

    /// Removes a file; one that is not there is no error.
    package static func remove(_ file: FilePath) throws(FileError) {
        if unlink(file.string) != 0, errno != ENOENT { throw FileError("remove \(file)") }
    }
}
