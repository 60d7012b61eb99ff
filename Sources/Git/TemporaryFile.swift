internal import Glibc
internal import SystemPackage

/// A file that is being written under a name that nobody reads.
///
/// Its writer holds a `flock` on it, which ends with the writer: a file like it that can be locked was left behind, by
/// whichever process on this machine, and is removed by the next one.
final class TemporaryFile {
    let descriptor: Int32
    private(set) var path: FilePath?
    private let shown: FilePath

    /// Creates a file whose name begins with `prefix`.
    convenience init(in directory: FilePath, prefix: String, mode: mode_t = 0o444) throws {
        try self.init(mode: mode) {
            directory.appending("\(prefix)\(String(UInt64.random(in: .min ... .max), radix: 36))")
        }
    }

    /// Creates a file with a name that others look for; what is left of it goes when its writer ends.
    convenience init(in directory: FilePath, named name: String) throws {
        try self.init(mode: 0o600) { directory.appending(name) }
    }

    private init(mode: mode_t, _ name: () -> FilePath) throws {
        // Somebody who cleans up may come between any two of these calls, but not each time.
        for _ in 0..<100 {
            let path = name()
            let descriptor = open(path.string, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode)
            if descriptor < 0, errno == EEXIST {
                Self.removeLeft(path)
                continue
            }
            guard descriptor >= 0 else { throw Self.failure("create \(path)") }
            do {
                if try Self.lock(descriptor) {
                    self.descriptor = descriptor
                    self.path = path
                    shown = path
                    return
                }
            } catch {
                unlink(path.string)
                close(descriptor)
                throw Self.failure("create \(path)", error.rawValue)
            }
            close(descriptor)
        }
        throw Self.failure("create \(name())", EEXIST)
    }

    /// Takes the lock of a file.
    /// - Returns: `false` where it is another's, or the file has been removed meanwhile.
    /// - Throws: `Errno` where neither can be told.
    private static func lock(_ descriptor: Int32) throws(Errno) -> Bool {
        if flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            if errno == EWOULDBLOCK { return false }
            throw Errno(rawValue: errno)
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Errno(rawValue: errno) }
        return status.st_nlink > 0
    }

    /// Removes a file of this kind where its writer has ended.
    static func removeLeft(_ path: FilePath) {
        let descriptor = open(path.string, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        // Where that cannot be told it stays, for the next one who looks.
        if (try? lock(descriptor)) == true { unlink(path.string) }
    }

    func write(_ bytes: [UInt8]) throws {
        do {
            _ = try FileDescriptor(rawValue: descriptor).writeAll(bytes)
        } catch let error as Errno {
            throw Self.failure("write \(shown)", error.rawValue)
        }
    }

    func overwrite(_ bytes: [UInt8], at offset: Int) throws {
        guard pwrite(descriptor, bytes, bytes.count, off_t(offset)) == bytes.count else {
            throw Self.failure("write \(shown)")
        }
    }

    func truncate(to size: Int) throws {
        guard ftruncate(descriptor, off_t(size)) == 0, lseek(descriptor, off_t(size), SEEK_SET) >= 0 else {
            throw Self.failure("write \(shown)")
        }
    }

    func read(at offset: Int, count: Int) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let got = pread(
                    descriptor, buffer.baseAddress.map { $0 + filled }, count - filled, off_t(offset + filled))
                if got < 0, errno == EINTR { continue }
                guard got > 0 else { throw Self.failure("read \(shown)") }
                filled += got
            }
        }
    }

    func readAll(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        var offset = 0
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
        defer { piece.deallocate() }
        while true {
            let got = pread(descriptor, piece.baseAddress, piece.count, off_t(offset))
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw Self.failure("read \(shown)") }
            if got == 0 { return }
            try body(UnsafeRawBufferPointer(rebasing: piece[..<got]))
            offset += got
        }
    }

    /// Has the disk hold all that was written.
    func flush() throws { try Self.flush(descriptor, shown) }

    /// - Throws: `GitError`, but not for a file system that knows no flushing.
    static func flush(_ descriptor: Int32, _ shown: FilePath) throws {
        guard fsync(descriptor) == 0 || errno == EINVAL || errno == ENOTSUP else { throw failure("write \(shown)") }
    }

    /// As ``flush()``, of a file or a directory that somebody else wrote.
    static func flush(at path: FilePath) throws {
        let descriptor = open(path.string, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("write \(path)") }
        defer { close(descriptor) }
        try flush(descriptor, path)
    }

    /// Gives the file its name; one that has it is replaced.
    func rename(to target: FilePath) throws {
        guard let path, Glibc.rename(path.string, target.string) == 0 else { throw Self.failure("write \(target)") }
        self.path = nil
    }

    deinit {
        if let path { unlink(path.string) }
        close(descriptor)
    }

    static func failure(_ doing: String, _ number: Int32 = errno) -> GitError {
        GitError(.other(number), doing: doing, reason: String(cString: strerror(number)))
    }
}
