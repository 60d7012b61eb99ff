package import GitValues
package import SystemPackage

/// The user's own `git`, for what libgit2 does not do as git does: filters, hooks, signing, worktrees, the network.
///
/// As it is made it is bound to no repository: git looks for one from the directory that it runs in. The one of a
/// ``Repository`` is bound to that.
package struct GitProgram: Sendable {
    /// The environment that a child sees.
    package var environment: [String: String]

    /// The variables that bind a git process to one repository; a child for another directory must not inherit them.
    /// (`git rev-parse --local-env-vars` also lists those that hand on settings, which the user gave for all that a command
    /// does.)
    package static let localVariables: Set<String> = [
        "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_CONFIG", "GIT_OBJECT_DIRECTORY", "GIT_DIR", "GIT_WORK_TREE",
        "GIT_IMPLICIT_WORK_TREE", "GIT_GRAFT_FILE", "GIT_INDEX_FILE", "GIT_NO_REPLACE_OBJECTS", "GIT_REPLACE_REF_BASE",
        "GIT_PREFIX", "GIT_SHALLOW_FILE", "GIT_COMMON_DIR", "GIT_INTERNAL_SUPER_PREFIX", "GIT_QUARANTINE_PATH",
        "GIT_NAMESPACE",
    ]

    /// Those of them that say how the objects of a repository are read; they hold for a child in the same one.
    private static let readingVariables = [
        "GIT_NO_REPLACE_OBJECTS", "GIT_REPLACE_REF_BASE", "GIT_GRAFT_FILE", "GIT_SHALLOW_FILE",
    ]

    /// Variables that would give another meaning to what we ask, or another form to the answer.
    private static let misleadingVariables: Set<String> = [
        "GIT_LITERAL_PATHSPECS", "GIT_GLOB_PATHSPECS", "GIT_NOGLOB_PATHSPECS", "GIT_ICASE_PATHSPECS",
        "GIT_EXTERNAL_DIFF", "GIT_DIFF_OPTS", "GIT_ATTR_SOURCE",
    ]

    /// For a child that reads lanes: they say what was written, whatever `git replace` shows instead.
    package static let literally = ["GIT_NO_REPLACE_OBJECTS": "1"]

    /// The repository whose operation a child belongs to, by its common directory: our hooks in that one do nothing. In any other
    /// one that a hook of the user's works in, they do their work.
    package static let operationVariable = "GIT_WF_OPERATION"

    /// - Parameter environment: this process' own; what binds it to a repository is taken out.
    package init(environment: [String: String]) {
        self.environment = environment.filter {
            !Self.localVariables.contains($0.key) && !Self.misleadingVariables.contains($0.key)
                && $0.key != Self.operationVariable
        }
    }

    /// git for another worktree than the one that a repository was opened in, or for a repository inside.
    /// - Parameter commonDirectory: of the repository.
    init(environment: [String: String], beside commonDirectory: FilePath) {
        self.init(environment: environment)
        self.environment[Self.operationVariable] = commonDirectory.string
    }

    /// git for one repository.
    /// - Parameters:
    ///   - environment: this process' own.
    ///   - repository: where it is told to work. A worktree with its `.git` in it needs no word: git finds it, and the user's
    ///     hooks see what they see without us.
    init(
        environment: [String: String], in repository: (gitDirectory: FilePath, workTree: FilePath?),
        of commonDirectory: FilePath
    ) {
        self.init(environment: environment, beside: commonDirectory)
        for name in Self.readingVariables { self.environment[name] = environment[name] }
        let gitDirectory = repository.gitDirectory.removingEndingSlash
        if let top = repository.workTree?.removingEndingSlash {
            if gitDirectory == top.appending(".git") { return }
            self.environment["GIT_WORK_TREE"] = top.string
        }
        self.environment["GIT_DIR"] = gitDirectory.string
    }

    /// Runs `git` and waits.
    /// - Parameters:
    ///   - paths: arguments behind the others that need not be UTF-8.
    ///   - variables: added to the environment.
    /// - Returns: whatever its exit status is.
    package func run(
        _ arguments: [String], paths: [[UInt8]] = [], in directory: FilePath, variables: [String: String] = [:],
        input: [UInt8] = [], output: ChildProcess.Output = .collected
    ) throws -> ChildProcess.Result {
        var child = child(arguments, in: directory, variables, isRead: output == .collected)
        child.paths = paths
        return try child.run(input: input, output: output)
    }

    /// Runs a command line of the user's and waits. It is nobody's operation: hooks that it sets off do their work.
    /// - Returns: whatever its exit status is.
    package func runUserCommand(
        _ command: String, in directory: FilePath, output: ChildProcess.Output
    ) throws -> ChildProcess.Result {
        var environment = environment
        environment[Self.operationVariable] = nil
        return try ChildProcess(["sh", "-c", command], in: directory, environment: environment).run(output: output)
    }

    /// Starts `git` and returns while it runs; its output is collected.
    package func start(
        _ arguments: [String], in directory: FilePath, variables: [String: String] = [:]
    ) throws -> RunningChild {
        try child(arguments, in: directory, variables, isRead: true).start(leadsGroup: false)
    }

    private func child(
        _ arguments: [String], in directory: FilePath, _ variables: [String: String], isRead: Bool
    ) -> ChildProcess {
        let form = isRead ? AnswerForm(of: arguments) : nil
        var environment = environment
        if let form { environment.merge(form.variables) { $1 } }
        environment.merge(variables) { $1 }
        return ChildProcess(["git"] + (form?.options ?? []) + arguments, in: directory, environment: environment)
    }

    /// As ``run(_:paths:in:variables:input:output:)``, where anything but success is an error.
    /// - Parameter doing: as in "could not …".
    @discardableResult
    package func succeed(
        _ doing: String, _ arguments: [String], paths: [[UInt8]] = [], in directory: FilePath,
        variables: [String: String] = [:], input: [UInt8] = []
    ) throws -> ChildProcess.Result {
        let result = try run(arguments, paths: paths, in: directory, variables: variables, input: input)
        guard result.status == 0 else {
            throw GitError(.program(status: result.status), doing: doing, reason: Self.reason(of: result))
        }
        return result
    }

    /// The paths of a worktree's index that wait for a conflict to be resolved, in order.
    package func unmergedPaths(in worktree: FilePath, variables: [String: String] = [:]) throws -> [RepositoryPath] {
        let listed = try succeed(
            "list what is not resolved", ["ls-files", "--unmerged", "-z", "--full-name", "--", ":/"], in: worktree,
            variables: variables)
        let paths = listed.output.split(separator: 0).compactMap { entry in
            entry.firstIndex(of: UInt8(ascii: "\t")).map { RepositoryPath(bytes: entry[($0 + 1)...]) }
        }
        return Set(paths).sorted()
    }

    /// git's own words for a failure, as one line.
    package static func reason(of result: ChildProcess.Result) -> String {
        let lines = String(decoding: result.errors, as: UTF8.self).split(separator: "\n")
        let prefixes = ["fatal: ", "error: "]
        for line in lines.reversed() {
            for prefix in prefixes where line.hasPrefix(prefix) { return String(line.dropFirst(prefix.count)) }
        }
        return lines.last.map(String.init) ?? "git ended with status \(result.status)"
    }
}

extension FilePath {
    /// libgit2 ends directories in a slash.
    var removingEndingSlash: FilePath { FilePath(root: root, components) }
}
