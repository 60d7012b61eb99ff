internal import Git
internal import GitValues
internal import Glibc
internal import Synchronization
internal import SystemPackage

/// Names for files that are being written, each used once: the process, and a number.
enum DraftName {
    private static let count = Atomic<Int>(0)

    static func next() -> String { "\(getpid()).\(count.add(1, ordering: .relaxed).newValue)" }

    /// Removes what killed processes left in `directory`.
    static func removeStale(in directory: FilePath) {
        for name in (try? directory.namesInside()) ?? [] {
            guard name.hasPrefix("index.draft."),
                let owner = name.split(separator: ".").dropFirst(2).first.flatMap({ pid_t($0) }), owner != getpid()
            else {
                continue
            }
            var status = stat()
            let path = directory.appending(name).string
            guard lstat(path, &status) == 0 else { continue }
            let age = time(nil) - status.st_mtim.tv_sec
            // A process may be alive where this one cannot see it, as in another container: then its file is young. And its
            // number may be another one's by now, which tells nothing about an old file.
            let isGone = kill(owner, 0) != 0 && errno == ESRCH
            if age > (isGone ? 60 : 24 * 3600) { unlink(path) }
        }
    }
}
