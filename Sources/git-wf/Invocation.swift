import Glibc
import Journal
import SystemPackage
import Workflow

/// What this process was started with: read once, and handed down from here.
struct Invocation: Sendable {
    /// The command and its arguments, without the program and what stands before the command.
    let arguments: [String]
    /// What stands behind `--`, for the commands that take checkpoints before it and paths behind it.
    let paths: [String]
    let directory: FilePath
    let environment: [String: String]
    /// Where the binary is, for the hooks that start it.
    let binary: FilePath
    /// `--workflow` before the command.
    let workflow: String?
    /// `--color=WHEN`, wherever it stands: whether to colour; `nil` to do so on a terminal only.
    let color: Bool?

    private static let commandsWithPaths: Set<String> = ["log", "diff"]

    /// This process' own.
    static let current = Invocation(CommandLine.arguments)

    private init(_ arguments: [String]) {
        var rest = Array(arguments.dropFirst())
        var directory = Invocation.workingDirectory()
        var workflow: String?
        // As git has it: `-C DIR`, several times, each from where the one before led.
        while rest.count >= 2 {
            if rest[0] == "-C" {
                directory.push(FilePath(rest[1]))
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
        if let split, Self.commandsWithPaths.contains(rest[0]) {
            self.arguments = Array(rest[..<split])
            paths = Array(rest[(split + 1)...])
        } else {
            self.arguments = rest
            paths = []
        }
        self.directory = directory.lexicallyNormalized()
        self.workflow = workflow
        environment = Invocation.processEnvironment()
        binary = Invocation.executable() ?? FilePath(arguments.first ?? "git-wf")
    }

    /// The clock is read when a command needs it, not when its help is asked for.
    func surroundings() throws -> Surroundings {
        var status = stat()
        guard stat(directory.string, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw Failure("cannot change to \(directory.string.quoted): no such directory", status: .impossible)
        }
        return Surroundings(
            environment: environment, directory: directory,
            now: try Surroundings.currentTime(environment: environment, directory: directory), program: binary,
            session: HarnessSession(environment: environment))
    }

    private static func workingDirectory() -> FilePath {
        guard let path = getcwd(nil, 0) else { return "." }
        defer { free(path) }
        return FilePath(String(cString: path))
    }

    private static func executable() -> FilePath? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX) + 1) { buffer in
            guard let base = buffer.baseAddress else { return nil }
            let count = readlink("/proc/self/exe", base, Int(PATH_MAX))
            guard count > 0 else { return nil }
            base[count] = 0
            return FilePath(String(cString: base))
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
