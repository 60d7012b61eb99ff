import CGit
import Testing
import Workflow

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// git and libgit2 say what our messages hold.
@Suite("The trailers that we write")
struct TrailerOracleTests {
    /// Each comes with what a reader must find in it.
    private let messages = (0..<UInt64(testCount)).map { seed in
        var random = MessageGenerator(seed: seed)
        let message = random.message()
        return (seed: seed, bytes: message.encoded(), expected: message.normalised)
    }

    @Test("are those that git interpret-trailers reads")
    func interpretTrailers() throws {
        let git = try HermeticGit()
        // One process for all: it prints the files one after the other, so a known one goes behind each.
        try git.write(Array("s\n\nEnd-Of-Message: yes\n".utf8), to: "end")
        var arguments = ["interpret-trailers", "--parse"]
        for (seed, bytes, _) in messages {
            try git.write(bytes, to: "m\(seed)")
            arguments += ["m\(seed)", "end"]
        }
        let answers = split(try git.run(arguments), by: Array("End-Of-Message: yes\n".utf8))
        try #require(answers.count == messages.count)
        for ((seed, _, expected), answer) in zip(messages, answers) {
            #expect(answer == lines(expected), "seed \(seed)")
        }
    }

    @Test("are those that git log reads from a commit, and the body is whole", arguments: ["#", ";", "auto"])
    func log(commentChar: String) throws {
        let git = try HermeticGit()
        try git.run(["init", "-q"])
        try git.run(["hash-object", "-w", "-t", "tree", "--stdin"])
        var names: [UInt8] = []
        for (seed, bytes, _) in messages {
            // The time keeps two commits with one message apart.
            let head = """
                tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904
                author A <a@example.com> \(seed) +0000
                committer A <a@example.com> \(seed) +0000


                """
            try git.write(Array(head.utf8) + bytes, to: "m\(seed)")
            names += Array("m\(seed)\n".utf8)
        }
        let commits = try git.run(["hash-object", "-w", "-t", "commit", "--stdin-paths"], input: names)
        let format = "%(trailers:only,unfold)%x00%(trailers:unfold)%x00%s%x00%B%x01"
        let answers = split(
            try git.run(
                [
                    "-c", "core.commentChar=\(commentChar)", "log", "--no-walk=unsorted", "--stdin", "--encoding=UTF-8",
                    "--format=tformat:\(format)",
                ],
                input: commits), by: [1, 0x0a])
        try #require(answers.count == messages.count)
        for ((seed, bytes, expected), answer) in zip(messages, answers) {
            let parts = answer.split(separator: 0, omittingEmptySubsequences: false).map(Array.init)
            try #require(parts.count == 4)
            #expect(parts[0] == lines(expected), "seed \(seed)")
            #expect(parts[1] == lines(expected), "seed \(seed)")
            #expect(parts[2].drop { $0 == 0x20 } == Array(expected.subject.utf8)[...], "seed \(seed)")
            #expect(parts[3] == bytes || parts[3] + [0x0a] == bytes, "seed \(seed)")
        }
    }

    @Test("are those that libgit2 reads")
    func libgit2() throws {
        git_libgit2_init()
        defer { git_libgit2_shutdown() }
        for (seed, bytes, expected) in messages {
            var array = git_message_trailer_array()
            let status = (bytes + [0]).withUnsafeBufferPointer { buffer in
                buffer.withMemoryRebound(to: CChar.self) { git_message_trailers(&array, $0.baseAddress) }
            }
            try #require(status == 0)
            defer { git_message_trailer_array_free(&array) }
            let found = (0..<array.count).map { index -> [UInt8] in
                let trailer = array.trailers[index]
                // libgit2 leaves the folds in: a line break and one space.
                let value = String(cString: trailer.value).utf8.filter { $0 != 0x0a }
                return Array(String(cString: trailer.key).utf8) + Array(": ".utf8) + value + [0x0a]
            }
            #expect(Array(found.joined()) == lines(expected), "seed \(seed)")
        }
    }

    private func lines(_ message: CheckpointMessage) -> [UInt8] {
        message.trailers.flatMap { Array("\($0.key): \($0.value)\n".utf8) }
    }

    /// The parts that end in a separator.
    private func split(_ bytes: [UInt8], by separator: [UInt8]) -> [[UInt8]] {
        var parts: [[UInt8]] = []
        var start = 0
        var index = 0
        while index + separator.count <= bytes.count {
            if bytes[index..<(index + separator.count)].elementsEqual(separator) {
                parts.append(Array(bytes[start..<index]))
                index += separator.count
                start = index
            } else {
                index += 1
            }
        }
        return parts
    }
}

/// git in a folder of its own, with nothing of the user's configuration.
private final class HermeticGit {
    private let folder: String

    struct Failure: Error {
        let step: String
        let code: Int32
    }

    init() throws {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(parent)/git-wf-trailers-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw Failure(step: "mkdtemp", code: errno) }
        folder = String(cString: made)
    }

    deinit {
        _ = try? spawn(["rm", "-rf", folder], input: "/dev/null", output: "/dev/null")
    }

    func write(_ bytes: [UInt8], to name: String) throws {
        guard let file = fopen("\(folder)/\(name)", "w") else { throw Failure(step: "open \(name)", code: errno) }
        defer { fclose(file) }
        guard fwrite(bytes, 1, bytes.count, file) == bytes.count else { throw Failure(step: "write", code: errno) }
    }

    private func read(_ name: String) throws -> [UInt8] {
        guard let file = fopen("\(folder)/\(name)", "r") else { throw Failure(step: "open \(name)", code: errno) }
        defer { fclose(file) }
        var result: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            if count == 0 { return result }
            result += buffer[..<count]
        }
    }

    /// What git prints. Input and output are files, so that neither side waits for the other.
    @discardableResult
    func run(_ arguments: [String], input: [UInt8] = []) throws -> [UInt8] {
        try write(input, to: "stdin")
        let status = try spawn(
            ["git", "-C", folder] + arguments, input: "\(folder)/stdin", output: "\(folder)/stdout")
        guard status == 0 else { throw Failure(step: "git \(arguments.first ?? "")", code: status) }
        return try read("stdout")
    }

    private func spawn(_ command: [String], input: String, output: String) throws -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        let environment = [
            "PATH=\(getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin")", "HOME=\(folder)",
            "XDG_CONFIG_HOME=\(folder)", "GIT_CONFIG_NOSYSTEM=1", "LC_ALL=C",
        ]
        var process: pid_t = 0
        let code = withCStrings(command) { arguments in
            withCStrings(environment) { environment in
                posix_spawnp(&process, command.first ?? "", &actions, nil, arguments, environment)
            }
        }
        if code != 0 { throw Failure(step: "spawn \(command.first ?? "")", code: code) }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 {
            if errno != EINTR { throw Failure(step: "wait", code: errno) }
        }
        return status
    }

    private func withCStrings<Result>(
        _ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        var pointers: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) }
        pointers.append(nil)
        defer { for pointer in pointers { free(pointer) } }
        return body(&pointers)
    }
}
