import CSpawn
import Glibc
package import SystemPackage

/// A program to run to its end, with exactly the environment and the working directory that are given.
///
/// Its standard streams are files in a scratch folder: nothing has to be drained while it runs, so it cannot block on a
/// full pipe, and a process that it leaves behind does not keep the test waiting.
package struct Child {
    package var executable: String
    package var arguments: [String]
    package var environment: [String: String]
    package var directory: FilePath
    package var stdin: [UInt8]
    /// Seconds after which it and its process group are killed.
    package var timeout: Int

    package init(
        _ executable: String, _ arguments: [String], environment: [String: String], directory: FilePath,
        stdin: [UInt8] = [], timeout: Int = 120
    ) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.directory = directory
        self.stdin = stdin
        self.timeout = timeout
    }

    /// Starts the program and waits for its end.
    ///
    /// - Parameter scratch: a folder for the three streams; it is removed at the end.
    /// - Returns: what it printed, and its status.
    /// - Throws: `TestFailure` when it cannot be started or does not end in time.
    package func run(scratch: FilePath) throws -> Output {
        let streams = try Files.makeTemporary(in: scratch)
        defer { Files.removeTree(streams) }
        let (input, output, errors) = (streams.appending("in"), streams.appending("out"), streams.appending("err"))
        try Files.write(stdin, to: input, mode: 0o600)
        let process = try spawn(input: input, output: output, errors: errors)
        let status = try wait(for: process)
        return Output(status: status, stdout: try Files.read(output), stderr: try Files.read(errors))
    }

    private func spawn(input: FilePath, output: FilePath, errors: FilePath) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        let writing = O_WRONLY | O_CREAT | O_APPEND
        posix_spawn_file_actions_addopen(&actions, 0, input.string, O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output.string, writing, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, errors.string, writing, 0o600)
        _ = cspawn_add_closefrom(&actions, 3)
        _ = cspawn_add_chdir(&actions, directory.string)

        // A process group of its own, so that a time-out ends what it started as well; and the signals that a test
        // runner may ignore or block at their defaults.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigaddset(&signals, SIGPIPE)
        sigaddset(&signals, SIGINT)
        sigaddset(&signals, SIGQUIT)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        var process = pid_t()
        let result = withCStrings([executable] + arguments) { arguments in
            withCStrings(environment.map { "\($0.key)=\($0.value)" }) { environment in
                posix_spawn(&process, path, &actions, &attributes, arguments, environment)
            }
        }
        guard result == 0 else {
            throw TestFailure("cannot start \(executable) in \(directory): \(Errno(rawValue: result))")
        }
        return process
    }

    /// The program's file, looked up on its own PATH when the name has no slash.
    private var path: String {
        if executable.contains("/") { return executable }
        for folder in (environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":") {
            let candidate = "\(folder)/\(executable)"
            if access(candidate, X_OK) == 0 { return candidate }
        }
        return executable
    }

    private func wait(for process: pid_t) throws -> Int {
        var status: Int32 = 0
        var slept = 0
        var pause = 200
        while true {
            let result = waitpid(process, &status, WNOHANG)
            if result == process { break }
            guard result == 0 || errno == EINTR else {
                throw TestFailure("cannot wait for \(executable): \(Errno(rawValue: errno))")
            }
            guard slept < timeout * 1_000_000 else {
                kill(-process, SIGKILL)
                waitpid(process, &status, 0)
                let command = ([executable] + arguments).joined(separator: " ")
                throw TestFailure("\(command) did not end within \(timeout) s")
            }
            usleep(UInt32(pause))
            slept += pause
            pause = min(pause * 5 / 4, 5_000)
        }
        let signal = status & 0x7f
        return Int(signal == 0 ? status >> 8 & 0xff : 128 + signal)
    }
}

/// Calls `body` with a null-terminated list of C strings, as `execve` takes it.
private func withCStrings<Result>(
    _ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
    var pointers: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) } + [nil]
    defer { for pointer in pointers { free(pointer) } }
    return pointers.withUnsafeMutableBufferPointer { buffer in
        guard let base = buffer.baseAddress else { preconditionFailure("a list that holds at least its end") }
        return body(base)
    }
}
