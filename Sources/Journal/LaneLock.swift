internal import Git
internal import GitValues
internal import Glibc
package import SystemPackage

/// The right to append to one lane: a `flock`, which the kernel gives back however its holder ends, and this type when
/// it is released.
///
/// The file's first line is the holder's process. The lines behind it say which ref is being moved, and to what: one that
/// a holder leaves behind was written by a process that ended in the middle of that.
package final class LaneLock {
    private let descriptor: Int32
    /// The moves that holders before this one did not finish.
    private let left: [Substring]

    /// Runs `body` while it holds the lock.
    package static func hold<Result>(_ file: FilePath, _ body: () throws -> Result) throws -> Result {
        let lock = try LaneLock(file)
        return try withExtendedLifetime(lock, body)
    }

    /// As the other, unless somebody holds the lock now.
    /// - Returns: `nil` where `body` did not run.
    package static func holdIfFree<Result>(_ file: FilePath, _ body: () throws -> Result?) throws -> Result? {
        let lock: LaneLock
        do {
            lock = try LaneLock(file, waitingAtMost: 0)
        } catch let error as GitError where error.code == .locked {
            return nil
        }
        return try withExtendedLifetime(lock, body)
    }

    /// As the other, for a body that moves refs.
    static func hold<Result>(_ file: FilePath, _ body: (LaneLock) throws -> Result) throws -> Result {
        try body(LaneLock(file))
    }

    /// Notes that a ref is about to be moved.
    func begin(_ ref: String, to target: ObjectID) { write(left + ["\(ref) \(target)"]) }

    /// Notes that it was moved; nothing is left behind.
    func end() { write([]) }

    /// Removes the lock of a ref that one of our own processes left when it was killed while it moved the ref: a holder
    /// before this one noted the move.
    func removeLeftLock(of ref: String, in directory: FilePath) throws {
        let targets = left.filter { $0.hasPrefix("\(ref) ") }.map { $0.dropFirst(ref.count + 1) }
        let lock = RefLock(of: ref, in: directory)
        if try targets.contains(where: { try lock.isOfMove(to: $0) }) { try lock.remove() }
    }

    private func write(_ moves: [Substring]) {
        let bytes = Array(([Substring(String(getpid()))] + moves).joined(separator: "\n").utf8)
        ftruncate(descriptor, 0)
        pwrite(descriptor, bytes, bytes.count, 0)
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
                let holder = name.prefix(max(0, count)).prefix { $0 != UInt8(ascii: "\n") }.map { UnicodeScalar($0) }
                    .map(String.init).joined()
                throw GitError(.locked, doing: doing, reason: "the process \(holder) held it for \(seconds) seconds")
            }
            usleep(2000)
            waited += 2
        }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        self.descriptor = descriptor
        left = Array(String(decoding: bytes.prefix(max(0, count)), as: UTF8.self).split(separator: "\n").dropFirst())
        write(left)
    }

    deinit { close(descriptor) }
}

/// The lock of a ref, as git and libgit2 have it: a file beside the ref's, into which they write what the ref will be.
struct RefLock {
    private let file: FilePath

    init(of ref: String, in directory: FilePath) { file = directory.pushing(FilePath(ref + ".lock")) }

    /// Whether it is there and holds what a move to `target` would have written, or the beginning of that. Anyone else's is
    /// not touched.
    func isOfMove(to target: some StringProtocol) throws -> Bool {
        try StateFile.read(file).map { Array("\(target)\n".utf8).starts(with: $0) } ?? false
    }

    func remove() throws { try StateFile.remove(file) }
}
