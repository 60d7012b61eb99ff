import SystemPackage
import TestSupport
import Testing

extension TestRepository {
    /// A repository with a workflow named `demo`, whose two files are committed.
    static func begun(_ template: String = "feature", hooks: Bool = false, name: String = "repo") throws
        -> TestRepository
    {
        let repo = try TestRepository(name: name)
        try repo.commit("a.txt", "one\n", message: "first")
        try repo.done(["init", "--template", template, "--name", "demo"] + (hooks ? [] : ["--no-hooks"]))
        try repo.git("add", "-A")
        try repo.git("commit", "-qm", "Begin demo")
        return repo
    }

    /// A repository with a workflow named `demo` and a TODO.md of that text, committed.
    static func begun(todo: String) throws -> TestRepository {
        let repo = try TestRepository()
        try repo.commit("TODO.md", todo)
        try repo.done("init", "--name", "demo", "--template", "minimal", "--no-hooks")
        try repo.git("add", "-A")
        try repo.git("commit", "-qm", "Begin")
        return repo
    }

    /// Runs git-wf and expects status 0 and silence on standard error.
    @discardableResult
    func done(_ arguments: String..., environment: [String: String] = [:]) throws -> Output {
        try done(arguments, environment: environment)
    }

    @discardableResult
    func done(_ arguments: [String], environment: [String: String] = [:]) throws -> Output {
        let output = try wf(arguments, environment: environment)
        guard output.status == 0 else {
            throw TestFailure("git wf \(arguments.joined(separator: " ")) gave \(output.status): \(output.errorText)")
        }
        return output
    }

    /// Runs git-wf at a terminal of its own, where a human types `answers`.
    @discardableResult
    func typed(_ arguments: String..., answers: String = "", environment: [String: String] = [:]) throws -> Output {
        let quoted = (["git-wf"] + arguments).map { "'" + $0.replacing("'", with: "'\\''") + "'" }
        return try run(
            "script", ["-qec", quoted.joined(separator: " "), "/dev/null"], stdin: Array(answers.utf8),
            environment: ["SHELL": "/bin/sh"].merging(environment) { $1 })
    }

    /// Has a human at a terminal trust `.wfconfig`, and consent to what of it waits.
    func trust() throws {
        let output = try typed("trust", answers: "y\n")
        guard output.status == 0, output.text.contains("Trusted.") else {
            throw TestFailure("git wf trust gave \(output.status): \(output.text)")
        }
    }

    /// The document of a command with `--json`.
    func json(_ arguments: String..., environment: [String: String] = [:]) throws -> JSONValue {
        let document = try JSONValue(done(arguments + ["--json"], environment: environment))
        #expect(document["schema"] == .number(1))
        return document
    }

    /// Expects that git-wf says no: the status, one sentence on standard error, and nothing changed.
    func refuses(
        _ arguments: [String], status: Int, says words: [String], environment: [String: String] = [:],
        mayRecord: Bool = false, lines count: Int = 1, at location: SourceLocation = #_sourceLocation
    ) throws {
        let before = try picture()
        let output = try wf(arguments, environment: environment)
        let command = Comment(rawValue: "git wf \(arguments.joined(separator: " ")): \(output.errorText)")
        #expect(output.status == status, command, sourceLocation: location)
        if !arguments.contains("--json") { #expect(output.stdout == [], command, sourceLocation: location) }
        let lines = output.errorText.split(separator: "\n").filter { !$0.hasPrefix("hint: ") }
        if status != 129 {
            #expect(lines.count == count && output.errorText.hasPrefix("git wf: "), command, sourceLocation: location)
        }
        for word in words { #expect(output.errorText.contains(word), command, sourceLocation: location) }
        #expect(output.isHarmless, command, sourceLocation: location)
        if !mayRecord { #expect(try picture() == before, command, sourceLocation: location) }
    }

    /// All that a command that refuses must leave alone.
    func picture() throws -> Picture {
        Picture(
            refs: try run("git", ["for-each-ref"]).text,
            gitFiles: try ["HEAD", "index", "config"].map {
                Files.mode(of: file(".git/\($0)")) == nil ? [] : try read(".git/\($0)")
            },
            files: try contents(of: ""))
    }

    /// Each file of the worktree, with its mode and its bytes; but for the rendering of the state, which is ours.
    func contents(of folder: String) throws -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        for name in Files.names(in: file(folder)) where name != ".git" && name != "workflow-state.md" {
            let path = folder.isEmpty ? name : "\(folder)/\(name)"
            let mode = Files.mode(of: file(path)) ?? 0
            switch mode & 0o170000 {
            case 0o040000: files.merge(try contents(of: path)) { $1 }
            case 0o100000: files["\(path) \(String(mode, radix: 8))"] = try read(path)
            default: files["\(path) \(String(mode, radix: 8))"] = Files.target(of: file(path))
            }
        }
        return files
    }

    var lane: String { "refs/wf/demo/leader" }

    /// The random id of this worktree, which is in the names of its segments.
    func worktreeID() throws -> String {
        let words = String(decoding: try Files.read(gitPath("wf-worktree")), as: UTF8.self).split(separator: " ")
        return String(try #require(words.first))
    }

    /// The ref of a segment of automatic checkpoints that this worktree took.
    func segment(_ number: String = "0001", of lane: String = "leader") throws -> String {
        "refs/wf/demo/auto/\(lane)/\(try worktreeID())/\(number)"
    }

    /// The id that a ref or another revision stands for; empty where it stands for nothing.
    func id(_ revision: String) throws -> String { try run("git", ["rev-parse", "-q", "--verify", revision]).text }

    /// The kinds of the lane's checkpoints, newest first.
    func kinds() throws -> [String] { try json("log", "-n", "0")["checkpoints"]?.texts("kind") ?? [] }

    /// The same surroundings in another folder beside this one.
    func beside(_ name: String) -> TestRepository { worktree(at: FilePath("../\(name)")) }
}

extension Output {
    /// Whether no control character is alive in what was printed, of either kind: those of C0 and those of C1.
    var isHarmless: Bool {
        String(decoding: stdout + stderr, as: UTF8.self).unicodeScalars.allSatisfy { scalar in
            switch scalar.value {
            case 0x0a: true
            case 0..<0x20, 0x7f..<0xa0, 0x202a...0x202e, 0x2066...0x2069: false
            default: true
            }
        }
    }
}

/// Refs, git's own files and the worktree's, to compare before and after.
struct Picture: Equatable {
    let refs: String
    /// HEAD, the index and the configuration, to the byte.
    let gitFiles: [[UInt8]]
    let files: [String: [UInt8]]
}
