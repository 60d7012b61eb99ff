import Files
import Glibc
import Journal
import SystemPackage
import Workflow

/// What this process was started with: read once, and handed down from here.
struct Invocation: Sendable {
    /// The command and its arguments, without the program and what stands before the command.
    let arguments: [String]
    /// What stands behind `--`, for the commands that take something else before it: paths, or the words of a command.
    let paths: [TypedPath]
    let directory: FilePath
    let environment: [String: String]
    /// Where the binary is found, for the hooks that start it.
    let program: ProgramPlace
    /// `--workflow` before the command.
    let workflow: String?
    /// `--color=WHEN`, wherever it stands: whether to colour; `nil` to do so on a terminal only.
    let color: Bool?
    private let typing: Typing

    /// Those whose words behind `--` are not theirs to read: paths, or a command.
    private static let commandsWithPaths: Set<String> = ["log", "diff"]

    private static func isSplit(_ words: [String]) -> Bool {
        words.first.map { commandsWithPaths.contains($0) } == true || words.starts(with: ["agent", "run"])
    }

    /// This process' own.
    static let current = Invocation(processArguments())

    private init(_ words: [[UInt8]]) {
        let typing = Typing(words)
        var rest = Array(typing.texts.dropFirst())
        var directory = Invocation.workingDirectory()
        var workflow: String?
        // As git has it: `-C DIR`, several times, each from where the one before led.
        while rest.count >= 2 {
            if rest[0] == "-C" {
                directory.push(typing.path(rest[1]).file)
                directory = OrdinaryFile.resolved(directory) ?? directory.lexicallyNormalized()
            } else if rest[0] == "--workflow" {
                workflow = rest[1]
            } else {
                break
            }
            rest.removeFirst(2)
        }
        let split = rest.firstIndex(of: "--")
        var color: ColorChoice?
        for word in rest[..<(split ?? rest.endIndex)] { color = ColorChoice(word: word) ?? color }
        self.color = color?.isColoured
        if let split, Self.isSplit(rest) {
            self.arguments = Array(rest[..<split])
            paths = rest[(split + 1)...].map(typing.path)
        } else {
            self.arguments = rest
            paths = []
        }
        self.typing = typing
        self.directory = directory
        self.workflow = workflow
        environment = Invocation.processEnvironment()
        program = ProgramPlace(
            searchPath: environment["PATH"], word: words.first.map { FilePath(bytes: $0) }, directory: directory)
    }

    /// The path that an argument is, byte for byte.
    func typed(_ argument: String) -> TypedPath { typing.path(argument) }

    /// The clock is read when a command needs it, not when its help is asked for.
    func surroundings() throws -> Surroundings {
        var status = stat()
        guard stat(directory.characters, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw Failure("cannot change to \(directory.string.quoted): no such directory", status: .impossible)
        }
        return Surroundings(
            environment: environment, directory: directory,
            now: try Surroundings.currentTime(environment: environment, directory: directory), program: program,
            session: HarnessSession(environment: environment))
    }

    private static func workingDirectory() -> FilePath {
        guard let path = getcwd(nil, 0) else { return "." }
        defer { free(path) }
        return FilePath(platformString: path)
    }

    private static func processArguments() -> [[UInt8]] {
        (0..<Int(CommandLine.argc)).compactMap { index in
            CommandLine.unsafeArgv[index].map { Array(UnsafeRawBufferPointer(start: $0, count: strlen($0))) }
        }
    }

    private static func processEnvironment() -> [String: String] {
        var variables: [String: String] = [:]
        var next = environ
        while let entry = next.pointee {
            let text = String(cString: entry)
            if let equals = text.firstIndex(of: "=") {
                variables[String(text[..<equals])] = String(text[text.index(after: equals)...])
            }
            next += 1
        }
        return variables
    }
}
