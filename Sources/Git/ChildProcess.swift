internal import CLinux
internal import Glibc
package import SystemPackage

/// The one place that starts processes.
///
/// Callers wait for the end of a short-lived child, so this is a plain `posix_spawn` with two pipes. (An asynchronous
/// library would bring the concurrency runtime into the binary that hooks start.)
package struct ChildProcess {
    /// How a child ended.
    package struct Result: Sendable {
        /// The exit status; 128 and the signal's number for one that a signal ended, as a shell says it.
        package let status: Int32
        package let output: [UInt8]
        package let errors: [UInt8]

        /// Output without its last line end, what is not UTF-8 repaired.
        package var text: String {
            var text = String(decoding: output, as: UTF8.self)
            while text.hasSuffix("\n") { text.removeLast() }
            return text
        }
    }

    /// Where a child's output goes.
    package enum Output: Sendable {
        /// Collected, and returned.
        case collected
        /// To our own descriptors, as it comes.
        case inherited
        /// Both streams to our standard error: a child's words are narration, not the answer.
        case narrated
    }

    package var arguments: [String]
    package var directory: FilePath
    package var environment: [String: String]

    /// - Parameters:
    ///   - arguments: the program, found on PATH, and its arguments.
    ///   - environment: all that the child sees.
    package init(_ arguments: [String], in directory: FilePath, environment: [String: String]) {
        self.arguments = arguments
        self.directory = directory
        self.environment = environment
    }

    /// Starts the child, feeds it `input`, and waits for its end.
    /// - Throws: `GitError` where it cannot be started. An exit status is an answer, not an error.
    package func run(input: [UInt8] = [], output: Output = .collected) throws -> Result {
        let doing = "run \(arguments.first ?? "nothing")"
        let stdin = try Pipe(doing)
        let stdout = try output == .collected ? Pipe(doing) : nil
        let stderr = try output == .collected ? Pipe(doing) : nil

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        clinux_spawn_in(&actions, directory.string)
        posix_spawn_file_actions_adddup2(&actions, stdin.reader, 0)
        if let stdout { posix_spawn_file_actions_adddup2(&actions, stdout.writer, 1) }
        if let stderr { posix_spawn_file_actions_adddup2(&actions, stderr.writer, 2) }
        if case .narrated = output { posix_spawn_file_actions_adddup2(&actions, 2, 1) }

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var defaults = sigset_t()
        sigemptyset(&defaults)
        sigaddset(&defaults, SIGPIPE)
        sigaddset(&defaults, SIGXFSZ)
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))

        let argumentList = CStrings(arguments)
        let variables = CStrings(environment.map { "\($0.key)=\($0.value)" })
        var child = pid_t()
        let status = posix_spawnp(
            &child, arguments.first ?? "", &actions, &attributes, argumentList.list, variables.list)
        guard status == 0 else {
            throw GitError(.other(status), doing: doing, reason: String(cString: strerror(status)))
        }
        stdin.closeReader()
        stdout?.closeWriter()
        stderr?.closeWriter()
        // A child that ends without reading its input must not end us.
        let pipeSignal = BlockedSignal(SIGPIPE)
        defer { pipeSignal.restore() }
        let (collected, errors) = exchange(input: input, stdin: stdin, stdout: stdout, stderr: stderr)

        var waited: Int32 = 0
        while waitpid(child, &waited, 0) < 0 && errno == EINTR {}
        let signal = waited & 0x7f
        return Result(status: signal == 0 ? waited >> 8 & 0xff : 128 + signal, output: collected, errors: errors)
    }

    /// Writes and reads as the child is ready for it, so that neither side waits for the other.
    private func exchange(input: [UInt8], stdin: Pipe, stdout: Pipe?, stderr: Pipe?) -> ([UInt8], [UInt8]) {
        var rest = input[...]
        // A write that waits for room would keep us from reading what the child waits to be rid of.
        _ = fcntl(stdin.writer, F_SETFL, O_NONBLOCK)
        var collected: [UInt8] = []
        var errors: [UInt8] = []
        if rest.isEmpty { stdin.closeWriter() }
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
private final class Pipe {
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

/// A list of C strings that ends with a null pointer, as `exec` wants it.
private final class CStrings {
    let list: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private let count: Int

    init(_ strings: [String]) {
        count = strings.count
        list = .allocate(capacity: count + 1)
        for (index, string) in strings.enumerated() { list[index] = strdup(string) }
        list[count] = nil
    }

    deinit {
        for index in 0..<count { free(list[index]) }
        list.deallocate()
    }
}
