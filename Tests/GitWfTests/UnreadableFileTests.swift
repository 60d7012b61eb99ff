import Glibc
import SystemPackage
import TestSupport
import Testing

@Suite("What a user may not read is named, and nothing tracked in it is taken for deleted")
struct UnreadableFileTests {
    /// Root reads everything, so as root git-wf is run as nobody. Elsewhere it is run as it is.
    private static let nobody = ["--reuid=65534", "--regid=65534", "--clear-groups"]

    /// Whether that can be done here: nobody must be able to start the binary with all that it loads.
    static let canBeRefused: Bool = {
        guard geteuid() == 0 else { return true }
        guard let repo = try? TestRepository(), (try? prepare(repo)) != nil else { return false }
        return (try? wf(repo, ["--version"]))?.status == 0
    }()

    private static func wf(_ repo: TestRepository, _ arguments: [String]) throws -> Output {
        geteuid() == 0
            ? try repo.run("setpriv", nobody + ["git-wf"] + arguments) : try repo.run("git-wf", arguments)
    }

    /// Gives the repository to nobody.
    private static func prepare(_ repo: TestRepository) throws {
        guard geteuid() == 0 else { return }
        chmod(repo.folder.path.string, 0o755)
        let home = repo.folder.path.appending("home").string
        guard try repo.run("chown", ["-R", "65534:65534", repo.path.string, home]).status == 0 else {
            throw TestFailure("cannot give the repository to nobody")
        }
    }

    /// What git makes of it as the user who runs the tests, whom the repository need not belong to.
    private func oracle(_ repo: TestRepository, leavingOut names: [String] = []) throws -> String {
        var trusting = repo
        trusting.environment["GIT_CONFIG_COUNT"] = "1"
        trusting.environment["GIT_CONFIG_KEY_0"] = "safe.directory"
        trusting.environment["GIT_CONFIG_VALUE_0"] = "*"
        return try trusting.oracleTree(names.isEmpty ? [] : ["--", "."] + names.map { ":(exclude)\($0)" })
    }

    private func checkpoint(_ repo: TestRepository) throws -> (tree: String, skipped: [String]) {
        let output = try Self.wf(repo, ["checkpoint", "x", "--json"])
        guard output.status == 0 else { throw TestFailure("checkpoint gave \(output.status): \(output.errorText)") }
        let answer = try JSONValue(output)
        return (answer["tree"]?.text ?? "", answer["skipped"]?.texts("path") ?? [])
    }

    @Test("files and directories", .enabled(if: canBeRefused, "nobody cannot run git-wf here"))
    func unreadable() throws {
        let repo = try TestRepository.begun("minimal")
        for name in [
            "edited", "same", "closed/a", "closed/deep/b", "listed/b", "searched/c", "open/c", "replaced", "gone/x",
        ] { try repo.write(name, name + "\n") }
        try repo.commit("z", "one\n")
        try repo.write("open/c", "edited\n")
        try repo.write("untracked", "new\n")
        try Self.prepare(repo)
        let readable = try oracle(repo)
        let first = try checkpoint(repo)
        #expect(first.tree == readable && first.skipped == [])

        // All of these had been read before.
        try repo.write("seen", "new, and seen\n")
        try Self.prepare(repo)
        #expect(try checkpoint(repo).skipped == [])
        try repo.write("edited", "edited, and unreadable\n", mode: 0o000)
        chmod(repo.file("same").string, 0o000)
        chmod(repo.file("seen").string, 0o000)
        try repo.write("new", "new\n", mode: 0o000)
        try repo.write("open/new", "new\n", mode: 0o200)
        try repo.remove("replaced")
        try repo.write("replaced/inner", "hidden\n")
        try repo.write("hidden/inner", "hidden\n")
        try Self.prepare(repo)
        for (name, mode) in [
            ("closed", 0o000), ("listed", 0o444), ("searched", 0o111), ("replaced", 0o000), ("hidden", 0o000),
        ] as [(String, mode_t)] { chmod(repo.file(name).string, mode) }
        // What is tracked stays as the index has it.
        let expected = try oracle(
            repo, leavingOut: ["edited", "same", "seen", "new", "open/new", "hidden", "replaced"])
        let names = [
            "closed", "edited", "hidden", "listed", "new", "open/new", "replaced", "same", "searched", "seen",
        ]
        for round in ["warm", "warm again", "without a memory"] {
            if round == "without a memory" { Files.removeTree(repo.file(".git/wf/index")) }
            let taken = try checkpoint(repo)
            let files = try repo.run("git", ["-c", "safe.directory=*", "ls-tree", "-r", "--abbrev", taken.tree]).text
            #expect(taken.tree == expected, "\(round):\n\(files)")
            #expect(taken.skipped == names, "\(round)")
        }

        for name in names + ["open/new"] where name != "replaced" {
            chmod(
                repo.file(name).string, Files.mode(of: repo.file(name)).map { $0 & S_IFMT } == S_IFDIR ? 0o755 : 0o644)
        }
        chmod(repo.file("replaced").string, 0o755)
        let again = try checkpoint(repo)
        #expect(try again.tree == oracle(repo) && again.skipped == [])
    }

    @Test(
        "a .gitignore and a .gitattributes that cannot be read are no obstacle",
        .enabled(if: canBeRefused, "nobody cannot run git-wf here"))
    func rules() throws {
        let repo = try TestRepository.begun("minimal")
        try repo.write("d/.gitignore", "*.o\n")
        try repo.write("d/.gitattributes", "* text\n")
        try repo.commit("d/a", "one\n")
        try repo.write("d/b", "two\n")
        try Self.prepare(repo)
        for name in ["d/.gitignore", "d/.gitattributes"] { chmod(repo.file(name).string, 0o000) }
        let expected = try oracle(repo, leavingOut: ["d/.git*"])
        let taken = try checkpoint(repo)
        #expect(taken.tree == expected)
        #expect(taken.skipped == ["d/.gitattributes", "d/.gitignore"])
    }
}
