internal import Glibc
package import SystemPackage

/// Ordinary files, read whole. Anything else that stands under the name (a directory, a pipe, a device) is an error: reading
/// it could wait for ever.
package enum OrdinaryFile {
    /// What a link under the name means. A file that a repository may have made is a ``RootedFile``.
    package enum Links: Sendable {
        /// It is followed, wherever it leads: the path is the user's own, or git's.
        case followed
        /// It is no file.
        case refused
    }

    /// What is larger than this is none of the files that are read by name.
    package static let limit = 64 << 20

    /// Reads a file.
    /// - Parameter limit: the most bytes that one of its kind has.
    /// - Returns: `nil` where there is no such file.
    /// - Throws: `FileError` with code `.notOrdinary`, `.tooLarge` or `.outside`, or the system's.
    package static func read(
        _ file: FilePath, upTo limit: Int = limit, links: Links = .followed
    ) throws(FileError) -> [UInt8]? {
        guard let descriptor = try open(file, links) else { return nil }
        defer { close(descriptor) }
        return try whole(descriptor, file, upTo: limit)
    }

    /// Reads all of an open file.
    static func whole(_ descriptor: Int32, _ file: FilePath, upTo limit: Int) throws(FileError) -> [UInt8] {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileError("read \(file)") }
        guard status.st_size <= limit else { throw tooLarge(file, limit) }
        let bytes = try read(descriptor, file, expecting: Int(status.st_size), upTo: limit + 1)
        guard bytes.count <= limit else { throw tooLarge(file, limit) }
        return bytes
    }

    /// Reads the front of a file.
    /// - Returns: `nil` where there is no such file, or it may not be read.
    package static func front(
        of file: FilePath, upTo count: Int, links: Links = .refused
    ) throws(FileError) -> [UInt8]? {
        do {
            guard let descriptor = try open(file, links) else { return nil }
            defer { close(descriptor) }
            return try read(descriptor, file, expecting: count, upTo: count)
        } catch  where error.code == .system(.permissionDenied) || error.code == .notOrdinary {
            return nil
        }
    }

    /// Opens a file that lines are added to; it is made, for its owner alone, where it is missing.
    /// - Throws: `FileError` where something else than an ordinary file stands there.
    package static func openForAppending(_ file: FilePath) throws(FileError) -> FileDescriptor {
        let descriptor = Glibc.open(
            file.characters, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0o600)
        guard descriptor >= 0 else { throw FileError("write \(file)") }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw FileError(.notOrdinary, doing: "write \(file)", reason: "it is not an ordinary file")
        }
        return FileDescriptor(rawValue: descriptor)
    }

    /// The size of an ordinary file; `nil` for anything else, a link included.
    package static func size(of file: FilePath) -> Int? {
        var status = stat()
        guard lstat(file.characters, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return Int(status.st_size)
    }

    /// Whether there is anything of that name, a link to nowhere included.
    package static func isThere(_ path: FilePath) -> Bool {
        var status = stat()
        return lstat(path.characters, &status) == 0
    }

    /// Where a path leads, links followed; `nil` where nothing is there.
    package static func resolved(_ path: FilePath) -> FilePath? {
        guard let real = realpath(path.characters, nil) else { return nil }
        defer { free(real) }
        return FilePath(platformString: real)
    }

    // MARK: Opening and reading

    private static func open(_ file: FilePath, _ links: Links) throws(FileError) -> Int32? {
        let doing = "read \(file)"
        var flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY
        switch links {
        case .followed: break
        case .refused: flags |= O_NOFOLLOW
        }
        let descriptor = Glibc.open(file.characters, flags)
        guard descriptor >= 0 else {
            switch errno {
            case ENOENT, ENOTDIR: return nil
            case ELOOP: throw FileError(.notOrdinary, doing: doing, reason: "it is a link")
            case ENXIO: throw FileError(.notOrdinary, doing: doing, reason: "it is not an ordinary file")
            default: throw FileError(doing)
            }
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let error = FileError(doing)
            close(descriptor)
            throw error
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw notOrdinary(status.st_mode, doing)
        }
        return descriptor
    }

    static func notOrdinary(_ mode: mode_t, _ doing: String) -> FileError {
        let kind =
            switch mode & S_IFMT {
            case S_IFDIR: "a folder"
            case S_IFIFO: "a pipe"
            case S_IFLNK: "a link"
            case S_IFSOCK: "a socket"
            default: "a device"
            }
        return FileError(.notOrdinary, doing: doing, reason: "it is \(kind)")
    }

    static func read(
        _ descriptor: Int32, _ file: FilePath, expecting size: Int, upTo limit: Int
    ) throws(FileError) -> [UInt8] {
        var bytes: [UInt8] = []
        var room = max(min(size, limit), 1)
        while true {
            var failure: FileError?
            var got = 0
            let piece = [UInt8](unsafeUninitializedCapacity: room) { buffer, filled in
                repeat {
                    got = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
                } while got < 0 && errno == EINTR
                if got < 0 { failure = FileError("read \(file)") }
                filled = max(0, got)
            }
            if let failure { throw failure }
            if bytes.isEmpty { bytes = piece } else { bytes += piece }
            if got == 0 || bytes.count >= limit { return bytes }
            room = min(65_536, limit - bytes.count)
        }
    }

    private static func tooLarge(_ file: FilePath, _ limit: Int) -> FileError {
        FileError(.tooLarge, doing: "read \(file)", reason: "it is larger than \(limit >> 20) MiB")
    }
}
