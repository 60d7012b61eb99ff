import Glibc
package import SystemPackage

/// A real repository in a temporary folder of its own, and the programs to work on it with.
///
/// Nothing of the machine's configuration reaches it: each program gets an environment that is made here, with a home
/// folder of its own and fixed dates. The test process itself stays where it is, so tests may run beside each other.
/// The temporary folder goes with the last value that shares it; it stays when `GIT_WF_KEEP=1` is set.
///
///     let repo = try TestRepository()
///     try repo.write("a.txt", "one\n")
///     try repo.git("add", "-A")
///     try repo.git("commit", "-m", "first")
package struct TestRepository: Sendable {
    /// The top of the worktree.
    package let path: FilePath
    /// The temporary folder: `home`, `bin`, the repository, and whatever a test puts beside it.
    package let folder: TestFolder
    /// All that a program gets of an environment. Change it for what a whole test needs.
    package var environment: [String: String]

    /// Makes the temporary folder and, in it, a repository on branch `main` without a commit.
    ///
    /// - Parameters:
    ///   - name: the repository's folder, inside the temporary one.
    ///   - bare: whether it has no worktree.
    /// - Throws: `TestFailure`.
    package init(name: String = "repo", bare: Bool = false) throws {
        folder = try TestFolder()
        path = folder.path.appending(name)
        environment = folder.environment
        try Files.makeFolders(path)
        try git(["init", "--quiet", "--initial-branch=main"] + (bare ? ["--bare"] : []))
    }

    private init(path: FilePath, sharing other: TestRepository) {
        self.path = path
        folder = other.folder
        environment = other.environment
    }

    /// The same hermetic surroundings for another folder: a linked worktree, a clone, a plain folder. The path is absolute
    /// or relative to this worktree, and need not exist yet.
    package func worktree(at path: FilePath) -> TestRepository {
        TestRepository(path: self.path.pushing(path).lexicallyNormalized(), sharing: self)
    }

    /// The moment that commits are given from now on, in seconds since 1970, in UTC.
    package var time: Int64 {
        get { environment["GIT_COMMITTER_DATE"].flatMap { Int64($0.prefix { $0 != " " }.drop { $0 == "@" }) } ?? 0 }
        set {
            environment["GIT_AUTHOR_DATE"] = "@\(newValue) +0000"
            environment["GIT_COMMITTER_DATE"] = "@\(newValue) +0000"
        }
    }

    // MARK: Programs

    /// Runs git in the worktree.
    ///
    /// - Returns: what it printed.
    /// - Throws: `TestFailure` when its status is not 0, with what it said.
    @discardableResult
    package func git(
        _ arguments: String..., stdin: String = "", environment: [String: String] = [:]
    ) throws -> Output {
        try git(arguments, stdin: Array(stdin.utf8), environment: environment)
    }

    /// The same with a list of arguments and with bytes on standard input.
    @discardableResult
    package func git(
        _ arguments: [String], stdin: [UInt8] = [], environment: [String: String] = [:]
    ) throws -> Output {
        let output = try run("git", arguments, stdin: stdin, environment: environment)
        guard output.status == 0 else {
            let command = (["git"] + arguments).joined(separator: " ")
            throw TestFailure("\(command) gave \(output.status): \(output.errorText) \(output.text)")
        }
        return output
    }

    /// Runs git where failing is an answer too.
    ///
    /// - Returns: its exit status.
    @discardableResult
    package func gitStatus(_ arguments: String..., environment: [String: String] = [:]) throws -> Int {
        try run("git", arguments, environment: environment).status
    }

    /// Runs the git-wf binary that was built beside the tests (or the one that `GIT_WF_BINARY` names) in the worktree.
    ///
    /// - Returns: what it printed, whatever its status.
    @discardableResult
    package func wf(
        _ arguments: String..., stdin: String = "", environment: [String: String] = [:]
    ) throws -> Output {
        try wf(arguments, stdin: Array(stdin.utf8), environment: environment)
    }

    /// The same with a list of arguments and with bytes on standard input.
    @discardableResult
    package func wf(
        _ arguments: [String], stdin: [UInt8] = [], environment: [String: String] = [:]
    ) throws -> Output {
        guard folder.binary != nil else {
            throw TestFailure("git-wf is not beside the tests: run `swift build`, or set GIT_WF_BINARY")
        }
        return try run("git-wf", arguments, stdin: stdin, environment: environment)
    }

    /// Runs any program in the worktree; a name without a slash is looked up on the hermetic PATH.
    ///
    /// - Returns: what it printed, whatever its status.
    /// - Throws: `TestFailure` when it cannot be started or takes longer than 120 s.
    @discardableResult
    package func run(
        _ executable: String, _ arguments: [String] = [], stdin: [UInt8] = [], environment: [String: String] = [:],
        timeout: Int = 120
    ) throws -> Output {
        let merged = self.environment.merging(environment) { _, new in new }
        return try Child(executable, arguments, environment: merged, directory: path, stdin: stdin, timeout: timeout)
            .run(scratch: folder.scratch)
    }

    // MARK: Files

    /// Where a path of the worktree is; an absolute one stays as it is.
    package func file(_ name: String) -> FilePath { path.pushing(FilePath(name)) }

    /// Writes a file with the folders above it.
    package func write(_ name: String, _ text: String, mode: UInt32 = 0o644) throws {
        try Files.write(Array(text.utf8), to: file(name), mode: mode)
    }

    /// Writes a file with the folders above it.
    package func write(_ name: String, _ bytes: [UInt8], mode: UInt32 = 0o644) throws {
        try Files.write(bytes, to: file(name), mode: mode)
    }

    /// Makes a symbolic link.
    package func link(_ name: String, to target: String) throws {
        try Files.makeFolders(file(name).removingLastComponent())
        guard symlink(target, file(name).string) == 0 else {
            throw TestFailure("cannot link \(name): \(Errno(rawValue: errno))")
        }
    }

    /// The bytes of a file.
    package func read(_ name: String) throws -> [UInt8] { try Files.read(file(name)) }

    /// A file as text.
    package func text(_ name: String) throws -> String { String(decoding: try read(name), as: UTF8.self) }

    /// Whether there is a file, a folder or a link of that name.
    package func exists(_ name: String) -> Bool { Files.mode(of: file(name)) != nil }

    /// Removes a file, a link, or a folder with all that it holds.
    package func remove(_ name: String) throws {
        guard exists(name) else { throw TestFailure("cannot remove \(name): there is none") }
        Files.removeTree(file(name))
    }

    /// Writes the file, adds everything and commits it.
    ///
    /// - Returns: the commit's id, 40 digits.
    @discardableResult
    package func commit(_ name: String, _ text: String, message: String = "x") throws -> String {
        try write(name, text)
        try git("add", "-A")
        try git("commit", "--quiet", "-m", message)
        return try git("rev-parse", "HEAD").text
    }

    // MARK: Oracles

    /// The bytes of the worktree's own index; `nil` when it has none yet.
    package func indexBytes() throws -> [UInt8]? {
        let index = try gitPath("index")
        return Files.mode(of: index) == nil ? nil : try Files.read(index)
    }

    /// What git itself makes of the worktree: the tree of `git add -A` on a copy of the index.
    ///
    /// The index keeps its bytes and the object database gets nothing, so that an object which a test's subject forgot to
    /// write stays missing.
    ///
    /// - Parameters:
    ///   - paths: what `git add -A` is given further: options, or `--` and patterns.
    ///   - trustsTimes: git compares whole seconds, so it misses an edit of the same size in the same second whose
    ///     modification time was set back. Without trust it reads every file.
    /// - Returns: the tree's id, 40 digits.
    package func oracleTree(_ paths: [String] = [], trustsTimes: Bool = true) throws -> String {
        let scratch = try Files.makeTemporary(in: folder.scratch)
        defer { Files.removeTree(scratch) }
        let copy = scratch.appending("index")
        try copyIndex(to: copy, trustsTimes: trustsTimes)
        let objects = scratch.appending("objects")
        try Files.makeFolders(objects)
        let quoted = try gitPath("objects").string.map { "\"\\".contains($0) ? "\\\($0)" : String($0) }.joined()
        let apart = [
            "GIT_INDEX_FILE": copy.string,
            "GIT_OBJECT_DIRECTORY": objects.string,
            // In quotes, since a colon divides them.
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": "\"\(quoted)\"",
        ]
        let quiet = ["--no-optional-locks", "-c", "core.fsmonitor=false"]
        try git(quiet + ["add", "-A"] + paths, environment: apart)
        return try git(quiet + ["write-tree"], environment: apart).text
    }

    /// Copies the index, where there is one, as `cp -p` does.
    ///
    /// - Parameter trustsTimes: whether git may believe what the copy says of a file. Where the copy is older than every
    ///   file, git takes each of them for one that may have changed since.
    package func copyIndex(to copy: FilePath, trustsTimes: Bool = true) throws {
        let index = try gitPath("index")
        guard Files.mode(of: index) != nil else { return }
        try Files.copy(index, to: copy)
        if !trustsTimes { try Files.setTimes(of: copy, to: 1) }
    }

    /// Where git keeps something of this worktree, as an absolute path: `index`, `hooks`, `objects`, `wf`.
    package func gitPath(_ name: String) throws -> FilePath {
        // No process for what neither a variable nor the configuration moves.
        let plain = path.appending(".git")
        if ["index", "objects", "wf"].contains(name), let mode = Files.mode(of: plain), mode & S_IFMT == S_IFDIR,
            !environment.keys.contains(where: { Self.moving.contains($0) })
        {
            return plain.appending(name)
        }
        return path.pushing(FilePath(try git("rev-parse", "--git-path", name).text)).lexicallyNormalized()
    }

    private static let moving = ["GIT_DIR", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY"]
}
