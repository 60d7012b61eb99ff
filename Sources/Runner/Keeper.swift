internal import Agents
internal import CLinux
internal import Files
internal import Git
internal import GitValues
internal import Glibc
package import SystemPackage

/// Keeps one attempt of an agent: starts its command, writes down what it prints, ends it where it goes too far, and records how it ended.
///
/// It is a process of its own, so that nothing of this depends on whoever asked for it, and the one that the kernel gives all
/// descendants of the command to whose parents ended: none outlives the attempt. While it runs it holds the lock of the
/// agent's processes. It decides nothing about what follows; that is for a supervisor.
package final class Keeper {
    /// What the keeper looks at with every look.
    package typealias Look = () -> Bool

    private let folder: RunFolder
    private let attempt: Int
    private let environment: [String: String]
    private let worktree: FilePath
    private let look: Look
    private var record: RunRecord
    private var log: TurningLog
    private var meter = TokenMeter()
    private var clock = AwakeClock()
    private var seen = RunSeen()
    private var lastSign = 0.0
    private var lastLook = 0.0

    /// - Parameters:
    ///   - environment: what the command's has beside what the attempt was recorded with.
    ///   - look: takes a checkpoint of the agent's worktree where something changed there, and says whether it did.
    /// - Returns: `nil` where there is nothing to keep: the attempt is over, or another keeper has it.
    package static func keep(
        _ folder: RunFolder, attempt: Int, worktree: FilePath, environment: [String: String], look: @escaping Look
    ) throws -> RunEnd? {
        try folder.make()
        guard let lock = try folder.keep() else { return nil }
        defer { withExtendedLifetime(lock) {} }
        guard var record = try folder.record(attempt), record.keeper == nil, try folder.end(attempt) == nil else {
            return nil
        }
        record.keeper = ProcessIdentity(of: getpid())
        try folder.write(record)
        let keeper = try Keeper(folder, record, worktree: worktree, environment: environment, look: look)
        let end = try keeper.run()
        try folder.write(end, of: attempt)
        return end
    }

    private init(
        _ folder: RunFolder, _ record: RunRecord, worktree: FilePath, environment: [String: String],
        look: @escaping Look
    ) throws {
        self.folder = folder
        self.record = record
        attempt = record.attempt
        self.worktree = worktree
        self.environment = environment
        self.look = look
        log = try TurningLog(
            folder.log(record.attempt), old: folder.oldLog(record.attempt), limit: record.limits.logSize)
    }

    // MARK: The attempt

    private func run() throws -> RunEnd {
        // What asks a keeper to end is answered in its loop.
        var signals = sigset_t()
        sigemptyset(&signals)
        for signal in [SIGTERM, SIGINT, SIGHUP] { sigaddset(&signals, signal) }
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        guard clinux_become_subreaper() == 0 else { throw FileError("keep the processes of \(folder.agent)") }

        var ends: [Int32] = [-1, -1]
        guard clinux_pipe(&ends) == 0 else { throw FileError("keep the processes of \(folder.agent)") }
        let output = ends[0]
        defer { close(output) }
        let child = start(into: ends[1])
        close(ends[1])
        guard child > 0 else {
            let detail = "\(record.arguments.first ?? ""): \(String(cString: strerror(-child)))"
            return end(.unstartable, detail: detail)
        }
        record.process = ProcessIdentity(of: child)
        try folder.write(record)
        _ = fcntl(output, F_SETFL, O_NONBLOCK)

        let (reason, status, detail) = watch(child, output, signals)
        // Before anything of it is killed: what it had is what it had now.
        _ = look()
        Descendants(id: record.id, isKeeper: true).end(grace: reason == .ended ? 2 : 0)
        drain(output)
        log.close()
        return end(reason, exit: status, detail: detail)
    }

    private func start(into output: Int32) -> pid_t {
        // What the keeper has itself was let through by whoever started it.
        let environment = environment.merging(record.variables) { $1 }.merging(["GIT_WF_RUN": record.id]) { $1 }
        return record.arguments.withCStrings { arguments in
            environment.map { "\($0.key)=\($0.value)" }.withCStrings { variables in
                clinux_spawn_bound(arguments, variables, worktree.characters, output)
            }
        }
    }

    /// Waits for the end of the command, or brings it about.
    private func watch(
        _ child: pid_t, _ output: Int32, _ signals: sigset_t
    ) -> (RunEnd.Reason, exit: Int?, detail: String?) {
        var isOpen = true
        while true {
            var polled = pollfd(fd: isOpen ? output : -1, events: Int16(POLLIN), revents: 0)
            poll(&polled, 1, Self.turn)
            clock.tick()
            if polled.revents != 0 { isOpen = read(output) }
            if let status = reap(child) { return (.ended, status, nil) }
            if let (reason, detail) = whyToEnd(signals) {
                // What it has now is kept before it is asked to end.
                _ = look()
                return (reason, stop(child, output), detail)
            }
            lookAround()
        }
    }

    /// The longest wait for output, in milliseconds.
    private static let turn: Int32 = 200

    /// - Returns: the exit status of the command, once it ended; everybody else's end is of no interest.
    private func reap(_ child: pid_t) -> Int? {
        var result: Int?
        var status: Int32 = 0
        while case let pid = waitpid(-1, &status, WNOHANG), pid > 0 {
            if pid == child { result = Self.exitStatus(status) }
        }
        return result
    }

    private static func exitStatus(_ status: Int32) -> Int {
        let signal = Int(status & 0x7f)
        return signal == 0 ? Int(status >> 8 & 0xff) : 128 + signal
    }

    private func whyToEnd(_ signals: sigset_t) -> (RunEnd.Reason, String?)? {
        var signals = signals
        var now = timespec()
        if sigtimedwait(&signals, nil, &now) > 0 { return (.stopped, "its keeper was asked to end") }
        let limits = record.limits
        // One that cannot be read is a request all the same.
        if let reason = (try? folder.stopReason(attempt)) ?? nil { return (.stopped, reason.isEmpty ? nil : reason) }
        if Int(clock.seconds) >= limits.timeout { return (.timeout, nil) }
        if let most = limits.tokens, let used = meter.tokens, used > most { return (.tokens, "\(used) of \(most)") }
        if limits.onStall != .say, let stalled = seen.stalled { return (.stalled, "\(stalled) s") }
        return nil
    }

    /// Asks the command, and what belongs to it, to end, and kills what does not.
    private func stop(_ child: pid_t, _ output: Int32) -> Int? {
        kill(-child, SIGTERM)
        kill(-child, SIGCONT)
        let deadline = clock.seconds + Double(record.limits.grace)
        while clock.seconds < deadline {
            var polled = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
            poll(&polled, 1, 50)
            clock.tick()
            if polled.revents != 0, !read(output) { usleep(20_000) }
            if let status = reap(child) { return status }
        }
        kill(-child, SIGKILL)
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0 && errno == EINTR {}
        return Self.exitStatus(status)
    }

    // MARK: What comes from it

    /// - Returns: whether more may come.
    private func read(_ output: Int32) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = Glibc.read(output, &buffer, buffer.count)
        if count < 0 { return errno == EAGAIN || errno == EINTR }
        if count == 0 { return false }
        let bytes = Array(buffer[..<count])
        log.add(bytes)
        meter.add(bytes)
        lastSign = clock.seconds
        return true
    }

    /// What is left in the pipe. Nobody writes to it any more.
    private func drain(_ output: Int32) {
        var polled = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
        while poll(&polled, 1, 0) > 0, polled.revents & Int16(POLLIN) != 0, read(output) {}
    }

    private func lookAround() {
        let limits = record.limits
        let now = clock.seconds
        // A stall is looked at before it is said.
        let mayStall = now - lastSign >= Double(limits.stall)
        if now - lastLook >= Double(limits.look) || mayStall && now - lastLook >= Double(min(limits.look, limits.stall))
        {
            lastLook = now
            if look() { lastSign = now }
        }
        var new = RunSeen()
        new.tokens = meter.tokens
        if now - lastSign >= Double(limits.stall) { new.stalled = Int(now - lastSign) }
        // Written once it begins and once it is over, not with every second of it.
        if (new.stalled == nil) != (seen.stalled == nil) || new.tokens != seen.tokens {
            // What could not be written is seen again.
            guard (try? folder.write(new, of: attempt)) != nil else { return }
            seen = new
        }
    }

    private func end(_ reason: RunEnd.Reason, exit: Int? = nil, detail: String? = nil) -> RunEnd {
        return RunEnd(
            reason, exit: exit, detail: detail,
            time: Timestamp.now(offset: record.started.offset), seconds: Int(clock.seconds))
    }
}

extension [String] {
    /// As `exec` wants a list.
    fileprivate func withCStrings<Result>(
        _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        let list = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: count + 1)
        defer {
            for index in indices { free(list[index]) }
            list.deallocate()
        }
        for (index, text) in enumerated() { list[index] = strdup(text) }
        list[count] = nil
        return body(list)
    }
}
