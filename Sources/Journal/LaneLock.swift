internal import Git
internal import Glibc
package import SystemPackage

/// The right to append to one lane: a `flock`, which the kernel gives back however its holder ends, and this type when
/// it is released.
package final class LaneLock {
    private let descriptor: Int32

    /// Runs `body` while it holds the lock.
    package static func hold<Result>(_ file: FilePath, _ body: () throws -> Result) throws -> Result {
        let lock = try LaneLock(file)
        return try withExtendedLifetime(lock, body)
    }

    /// Waits for the lock.
    /// - Throws: `GitError` with code `.locked`, which names the holder, when it was not to be had in `seconds`.
    init(_ file: FilePath, waitingAtMost seconds: Int = 30) throws {
        try StateFile.makeDirectories(file.removingLastComponent())
        let doing = "take the lock \(file)"
        let descriptor = open(file.string, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw StateFile.failure(doing, Errno(rawValue: errno)) }
        var waited = 0
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR else {
                let error = Errno(rawValue: errno)
                close(descriptor)
                throw StateFile.failure(doing, error)
            }
            if waited >= seconds * 1000 {
                var name = [UInt8](repeating: 0, count: 20)
                let count = pread(descriptor, &name, name.count, 0)
                close(descriptor)
                let holder = String(decoding: name.prefix(max(0, count)), as: UTF8.self)
                throw GitError(.locked, doing: doing, reason: "the process \(holder) held it for \(seconds) seconds")
            }
            usleep(2000)
            waited += 2
        }
        let holder = Array(String(getpid()).utf8)
        ftruncate(descriptor, 0)
        pwrite(descriptor, holder, holder.count, 0)
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }
}
