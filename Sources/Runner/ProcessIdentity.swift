internal import Files
package import Glibc
internal import SystemPackage

/// A process of this machine, told apart from a later one of the same number: by when it started, and in which run of the system.
package struct ProcessIdentity: Hashable, Sendable {
    package let pid: pid_t
    /// In clock ticks since the system started (`proc(5)`, field 22 of `stat`).
    let started: UInt64
    /// `/proc/sys/kernel/random/boot_id`.
    let boot: String

    /// A process as it is now; `nil` where there is none of that number, or it is a zombie.
    package init?(of pid: pid_t) {
        guard let status = ProcessStatus(of: pid), !status.isOver else { return nil }
        self.pid = pid
        started = status.started
        boot = Self.thisBoot
    }

    init?(parsing text: String) {
        let parts = text.split(separator: " ")
        guard parts.count == 3, let pid = pid_t(parts[0]), let started = UInt64(parts[1]) else { return nil }
        self.pid = pid
        self.started = started
        boot = String(parts[2])
    }

    var text: String { "\(pid) \(started) \(boot)" }

    package var isAlive: Bool { ProcessIdentity(of: pid) == self }

    private static let thisBoot: String = {
        let bytes = (try? OrdinaryFile.front(of: "/proc/sys/kernel/random/boot_id", upTo: 64)) ?? []
        return String(decoding: bytes.filter { $0 > UInt8(ascii: " ") }, as: UTF8.self)
    }()
}

/// What the kernel says of a process (`proc(5)`).
struct ProcessStatus {
    let parent: pid_t
    let started: UInt64
    /// Whether it ended, and only its parent has not heard of it.
    let isOver: Bool

    init?(of pid: pid_t) {
        guard let bytes = try? OrdinaryFile.front(of: FilePath("/proc/\(pid)/stat"), upTo: 4096),
            // The name stands between parentheses, and may hold any.
            let end = bytes.lastIndex(of: UInt8(ascii: ")"))
        else { return nil }
        let fields = String(decoding: bytes[(end + 1)...], as: UTF8.self).split(separator: " ")
        guard fields.count > 19, let parent = pid_t(fields[1]), let started = UInt64(fields[19]) else { return nil }
        self.parent = parent
        self.started = started
        isOver = fields[0] == "Z" || fields[0] == "X"
    }

    /// The numbers of all processes that can be seen.
    static var all: [pid_t] { ((try? Folder.names(in: "/proc")) ?? []).compactMap { pid_t($0) } }
}
