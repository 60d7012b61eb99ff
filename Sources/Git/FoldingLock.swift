internal import Glibc
internal import SystemPackage

/// The right to put packs together: only one process does at a time.
final class FoldingLock {
    private let descriptor: Int32

    /// - Parameters:
    ///   - directory: of the locks.
    ///   - seconds: how long to wait for whoever has it.
    /// - Returns: `nil` where it is not to be had.
    init?(_ directory: FilePath, waitingAtMost seconds: Int = 0) {
        let descriptor = open(directory.appending("packs").string, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
        if descriptor < 0 { return nil }
        var waited = 0
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            if waited >= seconds * 1000 {
                close(descriptor)
                return nil
            }
            usleep(10_000)
            waited += 10
        }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }
}
