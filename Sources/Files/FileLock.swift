internal import Glibc
package import SystemPackage

/// A `flock` on a file of ours, which the kernel gives back however its holder ends, and this type when it is released.
///
/// The file's first line is the holder's process. The lines behind it are notes for whoever holds it next: those that a holder
/// leaves behind were written by a process that ended in the middle of what they say.
package final class FileLock {
    private let descriptor: Int32
    /// What holders before this one left.
    package let left: [String]

    /// Runs `body` while it holds the lock.
    package static func hold<Result>(
        _ file: FilePath, access: FileAccess, _ body: (FileLock) throws -> Result
    ) throws -> Result {
        let lock = try FileLock(file, access: access)
        return try withExtendedLifetime(lock) { try body(lock) }
    }

    /// As the other, unless somebody holds the lock now.
    /// - Returns: `nil` where `body` did not run.
    package static func holdIfFree<Result>(
        _ file: FilePath, access: FileAccess, _ body: () throws -> Result?
    ) throws -> Result? {
        guard let lock = try ifFree(file, access: access) else { return nil }
        return try withExtendedLifetime(lock, body)
    }

    /// The lock, where nobody holds it now.
    package static func ifFree(_ file: FilePath, access: FileAccess) throws(FileError) -> FileLock? {
        do {
            return try FileLock(file, access: access, waitingAtMost: 0)
        } catch  where error.code == .locked {
            return nil
        }
    }

    /// Whether somebody holds the lock now. Nothing is changed by asking.
    package static func isHeld(_ file: FilePath) -> Bool {
        let descriptor = open(file.characters, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
    }

    /// Waits for the lock.
    /// - Parameter access: who may hold it beside the user: whoever may open the file.
    /// - Throws: `FileError` with code `.locked`, which names the holder, when it was not to be had in `seconds`.
    package init(_ file: FilePath, access: FileAccess, waitingAtMost seconds: Int = 30) throws(FileError) {
        let doing = "take the lock \(file)"
        func opened() -> Int32 {
            open(file.characters, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
        }
        var descriptor = opened()
        if descriptor < 0, errno == ENOENT {
            try Folder.make(file.removingLastComponent(), access: access)
            descriptor = opened()
        }
        guard descriptor >= 0 else { throw FileError(doing) }
        do throws(FileError) {
            var status = stat()
            guard fstat(descriptor, &status) == 0 else { throw FileError(doing) }
            guard status.st_mode & S_IFMT == S_IFREG else {
                throw FileError(.notOrdinary, doing: doing, reason: "it is not an ordinary file")
            }
            let mode = access.widened(0o600)
            if status.st_size == 0, status.st_mode & 0o777 != mode { _ = fchmod(descriptor, mode) }
            try Self.wait(for: descriptor, seconds, doing)
        } catch {
            close(descriptor)
            throw error
        }
        self.descriptor = descriptor
        left = Array(Self.lines(of: descriptor).dropFirst())
        note(left)
    }

    private static func wait(for descriptor: Int32, _ seconds: Int, _ doing: String) throws(FileError) {
        var waited = 0
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR else { throw FileError(doing) }
            if waited >= seconds * 1000 {
                let holder = lines(of: descriptor).first ?? "somebody"
                throw FileError(.locked, doing: doing, reason: "the process \(holder) held it for \(seconds) seconds")
            }
            usleep(2000)
            waited += 2
        }
    }

    private static func lines(of descriptor: Int32) -> [String] {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// Leaves notes for whoever holds the lock next; none are left once it is called with none.
    package func note(_ lines: [String]) {
        let bytes = Array(([String(getpid())] + lines).joined(separator: "\n").utf8)
        ftruncate(descriptor, 0)
        pwrite(descriptor, bytes, bytes.count, 0)
    }

    deinit { close(descriptor) }
}

/// A `flock` on a folder itself, where no file of ours belongs.
package struct FolderLock: ~Copyable {
    private let descriptor: Int32

    package init(_ folder: FilePath) throws(FileError) {
        descriptor = open(folder.characters, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError("open \(folder)") }
        while flock(descriptor, LOCK_EX) != 0 && errno == EINTR {}
    }

    deinit { close(descriptor) }

    /// Ends the lock here rather than at the end of the scope.
    package consuming func release() {}
}
