import Files
import Git
import Glibc
import SystemPackage
import TestSupport
import Testing

@Suite struct ChildProcessTests {
    private func child(_ arguments: String...) -> ChildProcess {
        ChildProcess(arguments, in: "/", environment: ["PATH": "/usr/local/bin:/usr/bin:/bin"])
    }

    @Test("much input and much output go both ways at once")
    func bothWays() throws {
        let input = (0..<5_000_000).map { UInt8(truncatingIfNeeded: $0) }
        let result = try child("cat").run(input: input)
        #expect(result.status == 0 && result.output == input)
        let both = try child("sh", "-c", "tee /dev/stderr").run(input: input)
        #expect(both.output == input && both.errors == input)
    }

    @Test("a child that reads nothing is no failure")
    func unread() throws {
        let result = try child("sh", "-c", "exit 3").run(input: [UInt8](repeating: 0, count: 1_000_000))
        #expect(result.status == 3)
    }

    @Test("a program that is not there is an error that names it")
    func missing() throws {
        let error = try #require(throws: GitError.self) { try child("no-such-program").run() }
        #expect(error.description.contains("no-such-program"))
    }

    @Test("a child that a signal ended has 128 and the signal's number")
    func signal() throws {
        #expect(try child("sh", "-c", "kill -9 $$").run().status == 137)
    }

    @Test("a child sees the environment and the directory that it was given")
    func surroundings() throws {
        #expect(try child("sh", "-c", "pwd; echo ${HOME-none}").run().text == "/\nnone")
    }

    @Test("what binds git to one repository is not handed on; settings that were given for a command are")
    func cleaned() throws {
        let program = GitProgram(environment: [
            "PATH": "/usr/bin:/bin", "GIT_DIR": "/x", "GIT_INDEX_FILE": "y", "A": "b", "GIT_WF_OPERATION": "/x",
        ])
        #expect(program.environment["GIT_DIR"] == nil && program.environment["GIT_INDEX_FILE"] == nil)
        #expect(program.environment["A"] == "b" && program.environment[GitProgram.operationVariable] == nil)
        let repo = try TestRepository()
        let named = Set(try repo.git("rev-parse", "--local-env-vars").lines)
        let settings = ["GIT_CONFIG_PARAMETERS", "GIT_CONFIG_COUNT"]
        #expect(named.subtracting(settings).isSubset(of: GitProgram.localVariables))
        #expect(GitProgram.localVariables.isDisjoint(with: settings))
    }

    // MARK: Children that are not waited for at once

    /// A shell that starts another process, says the number of both, and goes on for an hour.
    private static let family = "sleep 3600 & echo $$ $!; wait"

    private func pids(in file: FilePath) throws -> [Int32] {
        var numbers: [Int32] = []
        for _ in 0..<1000 where numbers.count < 2 {
            usleep(10_000)
            let bytes = try OrdinaryFile.read(file) ?? []
            guard bytes.last == UInt8(ascii: "\n") else { continue }
            numbers = String(decoding: bytes, as: UTF8.self).split { $0 == " " || $0 == "\n" }.compactMap { Int32($0) }
        }
        return numbers
    }

    /// Whether a process runs; one that ended and that its parent has not asked about does not.
    private func isRunning(_ pid: Int32) -> Bool {
        let text = (try? OrdinaryFile.read(FilePath("/proc/\(pid)/stat"))).flatMap { $0 } ?? []
        let state = String(decoding: text, as: UTF8.self).split(separator: ")").last?.dropFirst().first
        return state != nil && state != "Z"
    }

    private func hasEnded(_ pid: Int32) -> Bool {
        for _ in 0..<1000 {
            if !isRunning(pid) { return true }
            usleep(10_000)
        }
        return false
    }

    @Test(
        "a started child runs while we go on; its end, with all that it wrote, is there for the asking, as often as asked"
    )
    func started() throws {
        let folder = try TestRepository()
        try folder.run("mkfifo", ["gate"])
        let running = try child(
            "sh", "-c", "read line < \(folder.file("gate").string); echo $line; echo end >&2; exit 7"
        )
        .start()
        #expect(isRunning(running.pid))
        try folder.run("sh", ["-c", "echo go > gate"])
        let result = running.wait()
        #expect(result.status == 7 && result.text == "go" && result.errors == Array("end\n".utf8))
        #expect(running.wait().output == result.output)
    }

    @Test("the output of a child goes to the end of a file, both streams in their order; only its owner reads it")
    func toFile() throws {
        let folder = try TestRepository()
        let file = folder.file("log")
        for word in ["one", "two"] {
            let running = try child("sh", "-c", "echo \(word); echo error >&2").start(output: .file(file))
            #expect(running.wait().output.isEmpty)
        }
        #expect(try folder.text("log") == "one\nerror\ntwo\nerror\n")
        #expect((Files.mode(of: file) ?? 0) & 0o777 == 0o600)
        try folder.run("mkfifo", ["pipe"])
        #expect(throws: FileError.self) { _ = try child("true").start(output: .file(folder.file("pipe"))) }
    }

    @Test("a signal reaches what the child started too, and none is sent once the end was waited for")
    func group() throws {
        let folder = try TestRepository()
        let file = folder.file("pids")
        let running = try child("sh", "-c", Self.family).start(output: .file(file))
        let family = try pids(in: file)
        try #require(family.first == running.pid && family.count == 2)
        #expect(getpgid(running.pid) == running.pid && getpgid(family[1]) == running.pid)
        running.terminate()
        #expect(running.wait().status == 128 + SIGTERM)
        #expect(hasEnded(family[1]))
        running.terminate(SIGKILL)
    }

    @Test("a child that nobody holds any more has ended, with what it started, and leaves no zombie")
    func letGo() throws {
        let folder = try TestRepository()
        let file = folder.file("pids")
        func start() throws -> [Int32] {
            let running = try child("sh", "-c", Self.family).start(output: .file(file))
            let family = try pids(in: file)
            #expect(isRunning(running.pid) && family.count == 2)
            return family
        }
        let family = try start()
        #expect(family.allSatisfy { hasEnded($0) })
        #expect(waitpid(family[0], nil, WNOHANG) == -1 && errno == ECHILD)
    }
}
