import CSpawn
import Glibc

/// A coding agent that does what a script says, for tests, the demo and benchmarks: one argument, or a file behind an @, whose steps are lines or stand between
/// semicolons; what stands behind it is for the step `arguments` to show. It runs where an agent runs, and by what an agent has: its worktree, its environment, git and git-wf on PATH.
///
///     scripted-agent 'say hello; write a.txt text; commit First; at 1 exit 3; report complete It is done'
@main
struct ScriptedAgent {
    static func main() {
        guard CommandLine.arguments.count >= 2 else {
            fail("usage: scripted-agent SCRIPT|@FILE [WORD…]")
        }
        var script = CommandLine.arguments[1]
        if script.hasPrefix("@") { script = text(of: String(script.dropFirst())) }
        for step in script.split(whereSeparator: { $0 == ";" || $0 == "\n" }) { play(step) }
    }

    /// Does one step: a word, and what it is about.
    private static func play(_ step: Substring) {
        let words = step.split(separator: " ")
        guard let word = words.first else { return }
        let rest = words.dropFirst()
        let first = rest.first.map(String.init) ?? ""
        /// All behind the first.
        let text = rest.dropFirst().joined(separator: " ")
        switch word {
        // Only at that attempt.
        case "at": if variable("GIT_WF_ATTEMPT") == first { play(Substring(text)) }
        case "arguments": say(CommandLine.arguments.dropFirst(2).joined(separator: "\n"))
        case "say": say(rest.joined(separator: " "))
        case "write": put(first, text + "\n", O_TRUNC)
        case "append": put(first, text + "\n", O_APPEND)
        // Writes down who is at it, and which attempt.
        case "note": put(first, "\(variable("GIT_WF_AGENT")) \(variable("GIT_WF_ATTEMPT"))\n", O_APPEND)
        // What only one may have at a time.
        case "lock": if mkdir(first, 0o755) != 0 { put("\(first).twice", "\(variable("GIT_WF_ATTEMPT"))\n", O_APPEND) }
        case "unlock": rmdir(first)
        case "empty": put(first, "", O_TRUNC)
        case "remove": unlink(first)
        case "commit":
            run(["git", "add", "-A"])
            run(["git", "commit", "-q", "-m", rest.joined(separator: " ")])
        case "git", "git-wf": run(words.map(String.init))
        case "checkpoint": run(["git-wf", "checkpoint", rest.joined(separator: " ")])
        case "report": run(["git-wf", "agent", "report", "--status", first, "--summary", text])
        case "ask": run(["git-wf", "agent", "ask", rest.joined(separator: " ")])
        case "stash": run(["git", "stash", "push", "-q", "-u"])
        case "switch": run(["git", "switch", "-q", "-c", first])
        case "delete-worktree": run(["rm", "-rf", directory])
        case "sleep": usleep(useconds_t((Double(first) ?? 0) * 1e6))
        case "hang": while true { sleep(1000) }
        case "crash": kill(getpid(), SIGKILL)
        case "ignore-term": signal(SIGTERM, SIG_IGN)
        case "exit": exit(Int32(first) ?? 0)
        // Megabytes of lines.
        case "print":
            // A thousand lines at a time.
            let lines = String(repeating: String(repeating: "x", count: 63) + "\n", count: 1024)
            for _ in 0..<(Int(first) ?? 0) * 16 { _ = Glibc.write(1, lines, lines.utf8.count) }
        case "close-output":
            close(1)
            close(2)
        // A child that goes on, in this group or in a session of its own.
        case "fork": start(["sleep", first], flags: 0)
        case "daemon": start(["sleep", first], flags: cspawn_session)
        case "read":
            let line = readLine()
            say(line.map { "read \($0)" } ?? "nothing to read")
        case "where": say(directory)
        case "variable": say("\(first)=\(variable(first))")
        default:
            fail("no step is called \(word)")
        }
    }

    /// At once: who reads it may wait for it.
    private static func say(_ text: String) {
        let line = text + "\n"
        _ = write(1, line, line.utf8.count)
    }

    private static func fail(_ text: String) -> Never {
        say(text)
        exit(129)
    }

    private static func variable(_ name: String) -> String { getenv(name).map { String(cString: $0) } ?? "" }

    private static func text(of file: String) -> String {
        let descriptor = open(file, O_RDONLY)
        guard descriptor >= 0 else { fail("cannot read \(file)") }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        return String(decoding: buffer[..<max(0, read(descriptor, &buffer, buffer.count))], as: UTF8.self)
    }

    private static var directory: String {
        guard let path = getcwd(nil, 0) else { return "." }
        defer { free(path) }
        return String(cString: path)
    }

    private static func put(_ path: String, _ text: String, _ flags: Int32) {
        let descriptor = open(path, O_WRONLY | O_CREAT | flags, 0o644)
        guard descriptor >= 0 else { return perror(path) }
        defer { close(descriptor) }
        if write(descriptor, text, text.utf8.count) < 0 { perror(path) }
    }

    /// - Returns: 127 where it could not be started.
    @discardableResult
    private static func run(_ words: [String]) -> Int32 {
        guard let child = start(words, flags: 0) else { return 127 }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0 && errno == EINTR {}
        if status != 0 { say("\(words.joined(separator: " ")): status \(status >> 8 & 0xff)") }
        return status
    }

    @discardableResult
    private static func start(_ words: [String], flags: Int16) -> pid_t? {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, flags)
        var arguments = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var child = pid_t()
        guard posix_spawnp(&child, words[0], nil, &attributes, &arguments, environ) == 0 else {
            perror(words[0])
            return nil
        }
        return child
    }
}
