import HookFolder
import SystemPackage
import TestSupport

/// A repository with our hooks, whose git-wf is a script that writes down how it was called.
struct HookedRepository {
    var repo: TestRepository
    let binary: FilePath

    /// Makes both, with a commit and without hooks. The script lies in `binaryFolder`, beside the repository, and goes on
    /// with `body` after it wrote down its call.
    init(binaryFolder: String = "bin-fake", body: String = "exit 0") throws {
        repo = try TestRepository()
        binary = repo.folder.path.appending("\(binaryFolder)/git-wf")
        let script = """
            #!/bin/sh
            case $2 in post-rewrite) input=$(cat) ;; esac
            echo "$*|$input" >>"$CALLS"
            echo noise; echo noise >&2
            \(body)

            """
        try Files.write(Array(script.utf8), to: binary, mode: 0o755)
        repo.environment["CALLS"] = callsFile.string
        try repo.commit("a.txt", "one\n", message: "first")
    }

    var hooksDirectory: FilePath { repo.path.appending(".git/hooks") }
    private var callsFile: FilePath { repo.folder.path.appending("calls") }

    func hook(_ name: String) -> FilePath { hooksDirectory.appending(name) }

    @discardableResult
    func install() throws -> [HookState] { try GitHooks.install(into: hooksDirectory, binary: binary) }

    /// Writes a hook of the user's own.
    func writeHook(_ name: String, _ body: String, mode: UInt32 = 0o755) throws {
        try Files.write(Array("#!/bin/sh\n\(body)\n".utf8), to: hook(name), mode: mode)
    }

    /// How git-wf was called until now, one line a call: its arguments, a bar, and its input.
    func calls() throws -> [String] { try lines(of: callsFile) }

    /// The lines of a file that a hook wrote into the worktree's `.git`; none when there is no such file.
    func lines(_ name: String) throws -> [String] { try lines(of: repo.path.appending(".git").appending(name)) }

    private func lines(of file: FilePath) throws -> [String] {
        guard Files.mode(of: file) != nil else { return [] }
        return String(decoding: try Files.read(file), as: UTF8.self).split(separator: "\n").map(String.init)
    }

    func misses() -> [HookMiss] { HookMiss.misses(in: repo.path.appending(".git")) }

    /// A change of `a.txt`, committed.
    func commit(_ text: String = "two\n") throws -> Output {
        try repo.write("a.txt", text)
        return try repo.run("git", ["commit", "-qam", "x"])
    }
}
