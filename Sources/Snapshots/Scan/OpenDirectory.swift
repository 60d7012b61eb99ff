internal import Git
internal import GitValues
internal import Glibc
internal import SystemPackage

/// An open directory of a worktree that was reached from the top without following a symlink.
final class OpenDirectory {
    let descriptor: Int32
    let path: RepositoryPath
    /// The file system that it is on.
    let device: dev_t

    /// - Parameters:
    ///   - path: from the top; empty for the top itself.
    ///   - made: told of each directory that had to be made; `nil` where none may be.
    /// - Returns: `nil` where there is no such directory and none may be made.
    /// - Throws: also `UnsafePath`: whatever is written goes through here, and the path may be anybody's.
    init?(_ path: RepositoryPath, below top: FilePath, made: ((RepositoryPath) -> Void)? = nil) throws {
        if !path.bytes.isEmpty { _ = try WorktreePath(path) }
        var current = open(top.string, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard current >= 0 else { throw SnapshotError(errno: errno, "open the worktree \(top)") }
        var place = RepositoryPath("")
        for component in path.components {
            let name = component.map { CChar(bitPattern: $0) } + [0]
            place = place.appending(component)
            if let made, mkdirat(current, name, 0o777) == 0 { made(place) }
            let next = openat(current, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
            let reason = errno
            close(current)
            if next < 0, made == nil, [ENOENT, ENOTDIR, ELOOP].contains(reason) { return nil }
            guard next >= 0 else { throw SnapshotError(errno: reason, "open the directory \(place)") }
            current = next
        }
        var status = stat()
        guard fstat(current, &status) == 0 else {
            let reason = errno
            close(current)
            throw SnapshotError(errno: reason, "look at the directory \(path)")
        }
        descriptor = current
        self.path = path
        device = status.st_dev
    }

    deinit { close(descriptor) }

    /// What a name of it is; `nil` where there is nothing.
    func status(of name: [CChar]) throws -> stat? {
        var status = stat()
        if fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0 { return status }
        if errno == ENOENT { return nil }
        throw SnapshotError(errno: errno, "look at a file in \(path.bytes.isEmpty ? "the worktree" : path.description)")
    }

    /// All names in it.
    func names() throws -> [[UInt8]] {
        guard let names = Self.names(in: descriptor) else {
            throw SnapshotError(errno: errno, "list the directory \(path)")
        }
        return names
    }

    /// All names in an open directory; `nil`, with `errno`, where it cannot be listed.
    static func names(in descriptor: Int32) -> [[UInt8]]? {
        let copy = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0 else { return nil }
        guard let stream = fdopendir(copy) else {
            close(copy)
            return nil
        }
        defer { closedir(stream) }
        var names: [[UInt8]] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else { return errno == 0 ? names : nil }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: UInt8.self, capacity: 256) { pointer in
                    Array(UnsafeBufferPointer(start: pointer, count: strlen(UnsafePointer(OpaquePointer(pointer)))))
                }
            }
            if name != [UInt8(ascii: ".")], name != Array("..".utf8) { names.append(name) }
        }
    }
}

extension RepositoryPath {
    /// The last part as a C string.
    var lastTerminated: [CChar] {
        let start = bytes.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0
        return bytes[start...].map { CChar(bitPattern: $0) } + [0]
    }

    /// The directory that it is in; empty for the top.
    var directory: RepositoryPath { parent ?? RepositoryPath("") }
}

extension SnapshotError {
    /// - Parameter doing: as in "could not …".
    init(errno: Int32, _ doing: String) {
        self.init("could not \(doing): \(String(cString: strerror(errno)))")
    }
}

extension FileStatus {
    /// What an index keeps of a file's status.
    init(of status: stat) {
        func time(_ time: timespec) -> Time {
            Time(seconds: Int64(Int32(truncatingIfNeeded: time.tv_sec)), nanoseconds: Int64(time.tv_nsec))
        }
        self.init(
            modified: time(status.st_mtim), changed: time(status.st_ctim),
            device: UInt32(truncatingIfNeeded: status.st_dev), inode: UInt32(truncatingIfNeeded: status.st_ino),
            user: status.st_uid, group: status.st_gid, size: UInt32(truncatingIfNeeded: status.st_size))
    }

    /// Whether it is the same file with the same content, as far as that can be seen; a rename alone changes the time of
    /// change.
    func isSameContent(as other: FileStatus) -> Bool {
        modified == other.modified && device == other.device && inode == other.inode && size == other.size
    }
}

extension FilePath {
    /// What is at a path of a worktree whose top this is; no symlink is followed, also above it.
    /// - Returns: `nil` where nothing is there.
    /// - Throws: `Errno` where that cannot be seen.
    func status(of path: RepositoryPath) throws(Errno) -> stat? {
        var status = Glibc.stat()
        var place = appending(path)
        // The slashes behind the top, one directory after the other.
        let start = place.count - 1 - path.bytes.count
        for index in path.bytes.indices where path.bytes[index] == UInt8(ascii: "/") {
            place[start + index] = 0
            defer { place[start + index] = CChar(UInt8(ascii: "/")) }
            guard lstat(place, &status) == 0 else { return try Self.absence(errno) }
            guard status.isDirectory else { return nil }
        }
        guard lstat(place, &status) == 0 else { return try Self.absence(errno) }
        return status
    }

    private static func absence(_ reason: Int32) throws(Errno) -> stat? {
        if reason == ENOENT || reason == ENOTDIR { return nil }
        throw Errno(rawValue: reason)
    }
}

extension stat {
    var isDirectory: Bool { st_mode & S_IFMT == S_IFDIR }
    var isSymlink: Bool { st_mode & S_IFMT == S_IFLNK }
    var isFile: Bool { st_mode & S_IFMT == S_IFREG }
}
