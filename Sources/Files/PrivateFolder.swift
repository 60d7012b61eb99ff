internal import Glibc
package import SystemPackage

/// A folder in a folder of our own, whose files nobody but this process' user can have written.
package struct PrivateFolder: Sendable {
    package let path: FilePath

    package init(_ path: FilePath) { self.path = path }

    /// Reads a file.
    /// - Returns: `nil` where there is none.
    /// - Throws: `FileError` with code `.notOurs` where somebody else may have written it.
    package func read(_ name: String) throws(FileError) -> [UInt8]? {
        let file = path.appending(name)
        for part in [path.removingLastComponent(), path, file] {
            if try !Self.isThere(part) { return nil }
        }
        return try OrdinaryFile.read(file, upTo: 1 << 20, links: .refused)
    }

    /// Writes a file; makes the folders.
    /// - Throws: `FileError` with code `.notOurs` where others may write there.
    package func write(_ bytes: [UInt8], to name: String) throws(FileError) {
        try Folder.make(path, access: .owner)
        for part in [path.removingLastComponent(), path] { _ = try Self.isThere(part) }
        try WholeFile.write(bytes, to: path.appending(name), access: .owner)
        _ = try Self.isThere(path.appending(name))
    }

    /// Checks a folder, or a file that is no link.
    private static func isThere(_ path: FilePath) throws(FileError) -> Bool {
        var status = stat()
        guard stat(path.string, &status) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return false }
            throw FileError("look at \(path)")
        }
        guard status.st_uid == geteuid() else {
            throw FileError(.notOurs, doing: "rely on \(path)", reason: "it belongs to another user")
        }
        guard status.st_mode & 0o022 == 0 else {
            throw FileError(.notOurs, doing: "rely on \(path)", reason: "others may write to it")
        }
        return true
    }
}
