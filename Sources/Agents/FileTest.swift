internal import Glibc
internal import SystemPackage

/// Questions about files that need no reading.
enum FileTest {
    /// Whether there is anything of that name, a symlink to nowhere included.
    static func exists(_ path: FilePath) -> Bool {
        var status = stat()
        return lstat(path.string, &status) == 0
    }

    /// The size of a file; `nil` for anything else.
    static func size(_ path: FilePath) -> Int64? {
        var status = stat()
        guard lstat(path.string, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return Int64(status.st_size)
    }

    /// Removes a directory that is empty; any other stays.
    static func removeIfEmpty(_ directory: FilePath) { rmdir(directory.string) }
}
