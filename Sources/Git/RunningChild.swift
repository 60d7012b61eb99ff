internal import CLinux
internal import Glibc

/// A child that was started and whose end nobody waited for yet. Letting go of it ends it, so that no error on the way leaves
/// a process or a zombie behind.
package final class RunningChild {
    package let pid: Int32
    private let leadsGroup: Bool
    private let input: [UInt8]
    private let stdin: Pipe
    private let stdout: Pipe?
    private let stderr: Pipe?
    private var result: ChildProcess.Result?

    init(pid: Int32, leadsGroup: Bool, input: [UInt8], stdin: Pipe, stdout: Pipe?, stderr: Pipe?) {
        self.pid = pid
        self.leadsGroup = leadsGroup
        self.input = input
        self.stdin = stdin
        self.stdout = stdout
        self.stderr = stderr
    }

    deinit {
        if result != nil { return }
        send(SIGKILL)
        _ = Self.reap(pid)
    }

    /// Feeds the child its input, collects its output, and waits for its end.
    /// - Returns: the same again, where it ended already.
    package func wait() -> ChildProcess.Result {
        if let result { return result }
        // A child that ends without reading its input must not end us.
        let pipeSignal = BlockedSignal(SIGPIPE)
        defer { pipeSignal.restore() }
        let (collected, errors) = exchange()
        let ended = ChildProcess.Result(status: Self.reap(pid), output: collected, errors: errors)
        result = ended
        return ended
    }

    /// Asks the child to end, and what it started with it where it leads a group. Does nothing once its end was waited for:
    /// another process may have its number then.
    package func terminate(_ signal: Int32 = SIGTERM) {
        if result == nil { send(signal) }
    }

    private func send(_ signal: Int32) { kill(leadsGroup ? -pid : pid, signal) }

    /// Waits for the end of a process.
    /// - Returns: its exit status; 128 and the signal's number for one that a signal ended.
    private static func reap(_ pid: Int32) -> Int32 {
        var waited: Int32 = 0
        while waitpid(pid, &waited, 0) < 0 && errno == EINTR {}
        let signal = waited & 0x7f
        return signal == 0 ? waited >> 8 & 0xff : 128 + signal
    }

    /// Writes and reads as the child is ready for it, so that neither side waits for the other.
    private func exchange() -> ([UInt8], [UInt8]) {
        var rest = input[...]
        // A write that waits for room would keep us from reading what the child waits to be rid of.
        if !rest.isEmpty { _ = fcntl(stdin.writer, F_SETFL, O_NONBLOCK) }
        var collected: [UInt8] = []
        var errors: [UInt8] = []
        while stdin.writer >= 0 || stdout.map({ $0.reader >= 0 }) == true || stderr.map({ $0.reader >= 0 }) == true {
            var polled = [
                pollfd(fd: stdin.writer, events: Int16(POLLOUT), revents: 0),
                pollfd(fd: stdout?.reader ?? -1, events: Int16(POLLIN), revents: 0),
                pollfd(fd: stderr?.reader ?? -1, events: Int16(POLLIN), revents: 0),
            ]
            if poll(&polled, 3, -1) < 0 && errno != EINTR { break }
            if polled[0].revents != 0 {
                let count = rest.prefix(65_536).withUnsafeBytes { write(stdin.writer, $0.baseAddress, $0.count) }
                // A child that does not want all of its input is no failure.
                if count > 0 { rest = rest.dropFirst(count) } else if errno != EINTR && errno != EAGAIN { rest = [] }
                if rest.isEmpty { stdin.closeWriter() }
            }
            if polled[1].revents != 0, let stdout { stdout.read(into: &collected) }
            if polled[2].revents != 0, let stderr { stderr.read(into: &errors) }
        }
        return (collected, errors)
    }
}

/// A signal that this thread does not get until `restore()`; one that came meanwhile is taken back.
private struct BlockedSignal {
    private var signals = sigset_t()
    private var before = sigset_t()
    private let wasPending: Bool

    init(_ signal: Int32) {
        sigemptyset(&signals)
        sigaddset(&signals, signal)
        var pending = sigset_t()
        sigpending(&pending)
        wasPending = sigismember(&pending, signal) == 1
        pthread_sigmask(SIG_BLOCK, &signals, &before)
    }

    func restore() {
        var (signals, before, now) = (signals, before, timespec())
        if !wasPending { while sigtimedwait(&signals, nil, &now) < 0 && errno == EINTR {} }
        pthread_sigmask(SIG_SETMASK, &before, nil)
    }
}

/// Both ends of a pipe, closed when they are no longer needed.
final class Pipe {
    private(set) var reader: Int32 = -1
    private(set) var writer: Int32 = -1

    init(_ doing: String) throws {
        var ends: [Int32] = [-1, -1]
        guard clinux_pipe(&ends) == 0 else {
            throw GitError(.other(errno), doing: doing, reason: String(cString: strerror(errno)))
        }
        reader = ends[0]
        writer = ends[1]
    }

    func closeReader() {
        if reader >= 0 { close(reader) }
        reader = -1
    }

    func closeWriter() {
        if writer >= 0 { close(writer) }
        writer = -1
    }

    /// Reads what is there; closes the pipe at its end.
    func read(into bytes: inout [UInt8]) {
        withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 1) { buffer in
            let count = Glibc.read(reader, buffer.baseAddress, buffer.count)
            if count > 0 {
                bytes.append(contentsOf: buffer[..<count])
            } else if count == 0 || errno != EINTR {
                closeReader()
            }
        }
    }

    deinit {
        closeReader()
        closeWriter()
    }
}
