internal import Files
internal import Glibc
internal import SystemPackage

/// The processes that come from one attempt.
struct Descendants {
    /// Their mark: the value of `GIT_WF_RUN` in their environment.
    let id: String

    /// Whether this process is the one that all of them come back to whose parents ended.
    let isKeeper: Bool

    /// All that run now: whoever carries the mark, whoever this process has for a child where it keeps them, and their descendants.
    func running() -> [pid_t] {
        let own = getpid()
        let mark = Array("GIT_WF_RUN=\(id)".utf8)
        var children: [pid_t: [pid_t]] = [:]
        var open: [pid_t] = []
        for pid in ProcessStatus.all where pid != own {
            guard let status = ProcessStatus(of: pid), !status.isOver else { continue }
            children[status.parent, default: []].append(pid)
            if isKeeper && status.parent == own || isMarked(pid, mark) { open.append(pid) }
        }
        var found: Set<pid_t> = []
        while let pid = open.popLast() {
            if found.insert(pid).inserted { open += children[pid] ?? [] }
        }
        return found.sorted()
    }

    private func isMarked(_ pid: pid_t, _ mark: [UInt8]) -> Bool {
        // Another user's cannot be read, and is not ours.
        guard let environment = try? OrdinaryFile.front(of: FilePath("/proc/\(pid)/environ"), upTo: 1 << 17) else {
            return false
        }
        return environment.split(separator: 0).contains { $0.elementsEqual(mark) }
    }

    /// Ends all of them: they are asked first, and killed after `grace` seconds. Those that are this process' children are reaped.
    /// - Returns: how many there were.
    @discardableResult
    func end(grace: Double) -> Int {
        var seen: Set<pid_t> = []
        var clock = AwakeClock()
        while true {
            reap()
            let left = running()
            if left.isEmpty { return seen.count }
            let isOver = clock.seconds >= grace
            for pid in left {
                // One that is stopped takes no note of a request to end.
                if isOver {
                    kill(pid, SIGKILL)
                } else if seen.insert(pid).inserted {
                    kill(pid, SIGTERM)
                    kill(pid, SIGCONT)
                }
            }
            usleep(20_000)
            clock.tick()
        }
    }

    private func reap() { while isKeeper, waitpid(-1, nil, WNOHANG) > 0 {} }
}
