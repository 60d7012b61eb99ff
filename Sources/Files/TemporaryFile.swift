package import Glibc
package import SystemPackage

/// A file that is being written under a name that nobody reads.
///
/// Its writer holds a `flock` on it, which ends with the writer: a file like it that can be locked was left behind, by
/// whichever process on this machine, and is removed by the next one.
package final class TemporaryFile {
    package let descriptor: Int32
    package private(set) var path: FilePath?
    private let shown: FilePath

    /// Creates a file whose name begins with `prefix`, and is otherwise random.
    package convenience init(
        in directory: FilePath, prefix: String, ending: String = "", mode: mode_t = 0o444
    ) throws(FileError) {
        try self.init(mode: mode) { directory.appending(Self.randomName(prefix) + ending) }
    }

    static func randomName(_ prefix: String) -> String {
        prefix + String(UInt64.random(in: .min ... .max), radix: 36)
    }

    /// Creates a file with a name that others look for; what is left of it goes when its writer ends.
    package convenience init(in directory: FilePath, named name: String) throws(FileError) {
        try self.init(mode: 0o600) { directory.appending(name) }
    }

    private init(mode: mode_t, _ name: () -> FilePath) throws(FileError) {
        // Somebody who cleans up may come between any two of these calls, but not each time.
        for _ in 0..<100 {
            let path = name()
            let descriptor = open(path.characters, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode)
            if descriptor < 0, errno == EEXIST {
                Self.removeLeft(path)
                continue
            }
            guard descriptor >= 0 else { throw FileError("create \(path)") }
            do throws(Errno) {
                if try Self.lock(descriptor) {
                    self.descriptor = descriptor
                    self.path = path
                    shown = path
                    return
                }
            } catch {
                unlink(path.characters)
                close(descriptor)
                throw FileError("create \(path)", error)
            }
            close(descriptor)
        }
        throw FileError("create \(name())", .fileExists)
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

    /// Takes over a file of this kind that its writer left; it goes when this one ends.
    private init(left descriptor: Int32, path: FilePath) {
        self.descriptor = descriptor
        self.path = path
        shown = path
    }

    /// A file of this kind whose writer has ended; `nil` where that is at work, or nothing is there.
    package static func left(at path: FilePath) -> TemporaryFile? {
        let descriptor = open(path.characters, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        // Where that cannot be told it stays, for the next one who looks.
        if (try? lock(descriptor)) == true { return TemporaryFile(left: descriptor, path: path) }
        close(descriptor)
        return nil
    }

    /// Lets the file stay where it is when this one ends.
    package func keep() { path = nil }

    /// Removes the files of this kind whose names begin with `prefix`, where their writers have ended.
    package static func removeLeft(in directory: FilePath, prefix: String) {
        for name in (try? directory.namesInside()) ?? [] where name.hasPrefix(prefix) {
            removeLeft(directory.appending(name))
        }
    }

    /// Removes a file of this kind where its writer has ended.
    package static func removeLeft(_ path: FilePath) {
        let descriptor = open(path.characters, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        // Where that cannot be told it stays, for the next one who looks.
        if (try? lock(descriptor)) == true { unlink(path.characters) }
    }

    /// Gives the file a mode.
    /// - Parameter mode: from the one that it was made with.
    package func setMode(_ mode: (mode_t) -> mode_t) throws(FileError) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileError("write \(shown)") }
        let old = status.st_mode & 0o7777
        let new = mode(old)
        guard old == new || fchmod(descriptor, new) == 0 else { throw FileError("write \(shown)") }
    }

    package func write(_ bytes: [UInt8]) throws(FileError) {
        do {
            try FileDescriptor(rawValue: descriptor).writeWhole(bytes)
        } catch {
            throw FileError("write \(shown)", error)
        }
    }

    package func overwrite(_ bytes: [UInt8], at offset: Int) throws(FileError) {
        guard pwrite(descriptor, bytes, bytes.count, off_t(offset)) == bytes.count else {
            throw FileError("write \(shown)")
        }
    }

    package func truncate(to size: Int) throws(FileError) {
        guard ftruncate(descriptor, off_t(size)) == 0, lseek(descriptor, off_t(size), SEEK_SET) >= 0 else {
            throw FileError("write \(shown)")
        }
    }

    package func read(at offset: Int, count: Int) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let got = pread(
                    descriptor, buffer.baseAddress.map { $0 + filled }, count - filled, off_t(offset + filled))
                if got < 0, errno == EINTR { continue }
                guard got > 0 else { throw FileError("read \(shown)") }
                filled += got
            }
        }
    }

    package func readAll(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        var offset = 0
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
        defer { piece.deallocate() }
        while true {
            let got = pread(descriptor, piece.baseAddress, piece.count, off_t(offset))
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw FileError("read \(shown)") }
            if got == 0 { return }
            try body(UnsafeRawBufferPointer(rebasing: piece[..<got]))
            offset += got
        }
    }

    /// Has the disk hold all that was written.
    package func flush() throws(FileError) { try Self.flush(descriptor, shown) }

    /// - Throws: `FileError`, but not for a file system that knows no flushing.
    private static func flush(_ descriptor: Int32, _ shown: FilePath) throws(FileError) {
        guard fsync(descriptor) == 0 || errno == EINVAL || errno == ENOTSUP else { throw FileError("write \(shown)") }
    }

    /// As ``flush()``, of a file or a directory that somebody else wrote.
    package static func flush(at path: FilePath) throws(FileError) {
        let descriptor = open(path.characters, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError("write \(path)") }
        defer { close(descriptor) }
        try flush(descriptor, path)
    }

    /// Gives the file its name; one that has it is replaced.
    package func rename(to target: FilePath) throws(FileError) {
        guard let path, Glibc.rename(path.characters, target.characters) == 0 else {
            throw FileError("write \(target)")
        }
        self.path = nil
    }

    /// Gives the file a name that nothing has.
    /// - Returns: `false` where something has it.
    package func claim(_ target: FilePath) throws(FileError) -> Bool {
        guard let path else { throw FileError("write \(target)", .noSuchFileOrDirectory) }
        guard try WholeFile.renameToNew(path, target) else { return false }
        self.path = nil
        return true
    }

    deinit {
        if let path { unlink(path.characters) }
        close(descriptor)
    }
}
