internal import Git
internal import Glibc
internal import SystemPackage

/// What is on disk below the top of a worktree: one walk, directory by directory, through open descriptors, so that
/// no symlink is ever followed and no path is too long.
struct WorktreeScan {
    enum Kind: Equatable {
        case file(isExecutable: Bool)
        case symlink
        case directory
        /// A FIFO, a socket or a device.
        case special
    }

    struct Entry {
        let path: RepositoryPath
        let kind: Kind
        let status: FileStatus
        let size: Int64
    }

    /// What the walk asks of its user.
    protocol Visitor {
        /// - Returns: whether to go down into the directory.
        mutating func enter(_ directory: Entry) throws -> Bool
        mutating func visit(_ entry: Entry) throws
        /// The directory could not be listed.
        mutating func fail(_ directory: RepositoryPath, errno: Int32) throws
    }

    /// Walks the worktree. `.git` is passed over at every level, as git does.
    static func walk(_ top: FilePath, visitor: inout some Visitor) throws {
        let descriptor = open(top.string, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw SnapshotError("could not list the worktree \(top): \(String(cString: strerror(errno)))")
        }
        try walk(descriptor, path: RepositoryPath(""), visitor: &visitor)
    }

    /// - Parameter descriptor: of the directory; closed by this function.
    private static func walk(_ descriptor: Int32, path: RepositoryPath, visitor: inout some Visitor) throws {
        guard let stream = fdopendir(descriptor) else {
            let reason = errno
            close(descriptor)
            return try visitor.fail(path, errno: reason)
        }
        defer { closedir(stream) }
        var names: [[UInt8]] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                // Half a directory must not look like the files of the other half were deleted.
                if errno != 0 { return try visitor.fail(path, errno: errno) }
                break
            }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: UInt8.self, capacity: 256) { pointer in
                    Array(UnsafeBufferPointer(start: pointer, count: strlen(UnsafePointer(OpaquePointer(pointer)))))
                }
            }
            if name == [UInt8(ascii: ".")] || name == Array("..".utf8) || name == Array(".git".utf8) { continue }
            names.append(name)
        }
        names.sort { $0.lexicographicallyPrecedes($1) }
        for name in names {
            var status = stat()
            let terminated = name.map { CChar(bitPattern: $0) } + [0]
            // What vanished since it was listed is not there.
            guard fstatat(descriptor, terminated, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
                if errno == ENOENT { continue }
                return try visitor.fail(path, errno: errno)
            }
            let entry = Entry(path: path.appending(name), status: status)
            guard entry.kind == .directory else {
                try visitor.visit(entry)
                continue
            }
            guard try visitor.enter(entry) else { continue }
            let child = openat(descriptor, terminated, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
            if child >= 0 {
                try walk(child, path: entry.path, visitor: &visitor)
            } else if errno != ENOENT {
                try visitor.fail(entry.path, errno: errno)
            }
        }
    }

    /// git refuses these names in any case, so that a file system that folds case cannot be tricked.
    static func isGitDirectory(_ name: ArraySlice<UInt8>) -> Bool {
        name.count == 4 && name.first == UInt8(ascii: ".") && name.dropFirst().map { $0 | 0x20 } == Array("git".utf8)
    }
}

extension WorktreeScan.Entry {
    /// `nil` where there is nothing at the path.
    init?(at path: RepositoryPath, below top: FilePath) {
        var status = stat()
        guard lstat(top.appending(path), &status) == 0 else { return nil }
        self.init(path: path, status: status)
    }

    init(path: RepositoryPath, status: stat) {
        self.path = path
        kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .file(isExecutable: status.st_mode & S_IXUSR != 0)
            case S_IFLNK: .symlink
            case S_IFDIR: .directory
            default: .special
            }
        size = Int64(status.st_size)
        self.status = FileStatus(
            modified: FileStatus.Time(status.st_mtim), changed: FileStatus.Time(status.st_ctim),
            device: UInt32(truncatingIfNeeded: status.st_dev), inode: UInt32(truncatingIfNeeded: status.st_ino),
            user: status.st_uid, group: status.st_gid, size: UInt32(truncatingIfNeeded: status.st_size))
    }
}

extension FileStatus.Time {
    init(_ time: timespec) {
        // An index has 32 bits for each.
        self.init(seconds: Int64(Int32(truncatingIfNeeded: time.tv_sec)), nanoseconds: Int64(time.tv_nsec))
    }
}

extension FilePath {
    /// The path of a file of the worktree, as a C string.
    func appending(_ path: RepositoryPath) -> [CChar] {
        var bytes = Array(string.utf8)
        if bytes.last != UInt8(ascii: "/") { bytes.append(UInt8(ascii: "/")) }
        return (bytes + path.bytes).map { CChar(bitPattern: $0) } + [0]
    }
}
