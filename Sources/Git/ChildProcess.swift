internal import CLinux
internal import Files
internal import Glibc
package import SystemPackage

/// The one place that starts processes.
///
/// A plain `posix_spawn` with pipes: an asynchronous library would bring the concurrency runtime into the binary that hooks
/// start.
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
    package enum Output: Hashable, Sendable {
        /// Collected, and returned.
        case collected
        /// To our own descriptors, as it comes.
        case inherited
        /// Both streams to our standard error: a child's words are narration, not the answer.
        case narrated
        /// Both streams to the end of a file, which is made where it is missing.
        case file(FilePath)
    }

    package var arguments: [String]
    /// Arguments behind the others that need not be UTF-8.
    package var paths: [[UInt8]] = []
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
        try start(input: input, output: output, leadsGroup: false).wait()
    }

    /// Starts the child and returns while it runs.
    /// - Parameters:
    ///   - input: is written while somebody waits for the child.
    ///   - leadsGroup: whether the child leads a process group of its own. Then a signal to it reaches what it starts, and
    ///     one that a terminal sends to us does not reach it.
    /// - Throws: `GitError` where it cannot be started, `FileError` where its output cannot be written.
    package func start(
        input: [UInt8] = [], output: Output = .collected, leadsGroup: Bool = true
    ) throws -> RunningChild {
        let doing = "run \(arguments.first ?? "nothing")"
        let stdin = try Pipe(doing)
        let stdout = try output == .collected ? Pipe(doing) : nil
        let stderr = try output == .collected ? Pipe(doing) : nil
        var log: FileDescriptor?
        if case .file(let file) = output { log = try OrdinaryFile.openForAppending(file) }
        defer { try? log?.close() }

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        clinux_spawn_in(&actions, directory.characters)
        posix_spawn_file_actions_adddup2(&actions, stdin.reader, 0)
        switch output {
        case .inherited: break
        case .narrated: posix_spawn_file_actions_adddup2(&actions, 2, 1)
        case .collected, .file:
            for (stream, source) in [(1, stdout?.writer ?? log?.rawValue), (2, stderr?.writer ?? log?.rawValue)] {
                if let source { posix_spawn_file_actions_adddup2(&actions, source, Int32(stream)) }
            }
        }

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var defaults = sigset_t()
        sigemptyset(&defaults)
        sigaddset(&defaults, SIGPIPE)
        sigaddset(&defaults, SIGXFSZ)
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        var flags = POSIX_SPAWN_SETSIGDEF
        if leadsGroup {
            // The group that a child joins is its own where none is named. What the starting thread keeps from itself
            // (libdispatch's workers every signal) must reach a child that is ended by one.
            flags |= POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK
            var none = sigset_t()
            sigemptyset(&none)
            posix_spawnattr_setsigmask(&attributes, &none)
        }
        posix_spawnattr_setflags(&attributes, Int16(flags))

        let child = try spawn(&actions, &attributes)
        stdin.closeReader()
        stdout?.closeWriter()
        stderr?.closeWriter()
        if input.isEmpty { stdin.closeWriter() }
        return RunningChild(
            pid: child, leadsGroup: leadsGroup, input: input, stdin: stdin, stdout: stdout, stderr: stderr)
    }

    /// Starts the child in a session of its own, with no input and no output, and lets it go: it outlives us, and nothing that a terminal
    /// does reaches it.
    /// - Returns: its id, for whoever wants to know of its end.
    /// - Throws: `GitError` where it cannot be started.
    package func startDetached() throws -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        clinux_spawn_in(&actions, directory.characters)
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        for stream: Int32 in [1, 2] { posix_spawn_file_actions_addopen(&actions, stream, "/dev/null", O_WRONLY, 0) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        for signal in [SIGPIPE, SIGXFSZ, SIGHUP, SIGINT] { sigaddset(&signals, signal) }
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK) | Int16(clinux_spawn_session))
        return try spawn(&actions, &attributes)
    }

    private func spawn(
        _ actions: inout posix_spawn_file_actions_t, _ attributes: inout posix_spawnattr_t
    ) throws -> pid_t {
        let argumentList = CStrings(arguments.map { Array($0.utf8) } + paths)
        let variables = CStrings(environment.map { Array("\($0.key)=\($0.value)".utf8) })
        var child = pid_t()
        let status = posix_spawnp(
            &child, arguments.first ?? "", &actions, &attributes, argumentList.list, variables.list)
        guard status == 0 else {
            throw GitError(
                .other(status), doing: "run \(arguments.first ?? "nothing")", reason: String(cString: strerror(status)))
        }
        return child
    }
}

/// A list of C strings that ends with a null pointer, as `exec` wants it.
private final class CStrings {
    let list: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private let count: Int

    init(_ strings: [[UInt8]]) {
        count = strings.count
        list = .allocate(capacity: count + 1)
        for (index, string) in strings.enumerated() {
            list[index] = (string + [0]).withUnsafeBytes { bytes in
                bytes.assumingMemoryBound(to: CChar.self).baseAddress.flatMap { strdup($0) }
            }
        }
        list[count] = nil
    }

    deinit {
        for index in 0..<count { free(list[index]) }
        list.deallocate()
    }
}
