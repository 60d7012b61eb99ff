import Agents
import Glibc
import Git
import GitValues
import Journal
import SystemPackage
import TestSupport
import Testing
import WorkflowFixture

/// Something that a worktree can hold and that git's own `worktree remove` would lose, or refuse to remove.
struct WorktreeHolding: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// Whether the worktree is kept; else it goes, and what it had is held by refs.
    let isKept: Bool
    let make: @Sendable (TestRepository, WorkflowFixture) throws -> Void

    init(
        _ name: String, isKept: Bool = true,
        _ make: @escaping @Sendable (TestRepository, WorkflowFixture) throws -> Void
    ) {
        testDescription = name
        self.isKept = isKept
        self.make = make
    }

    private static func nested(_ worktree: TestRepository, _ folder: String, _ arguments: String...) throws {
        let inner = worktree.worktree(at: FilePath(folder))
        try Files.makeFolders(inner.path)
        try inner.git(["init", "-q"] + arguments)
        try inner.write("idea", "only here\n")
        try inner.git("add", "-A")
        try inner.git("commit", "-qm", "idea")
    }

    /// A submodule `lib` of the leader, checked out by the agent.
    private static func submodule(_ worktree: TestRepository, _ fixture: WorkflowFixture) throws -> TestRepository {
        let allow = ["-c", "protocol.file.allow=always"]
        let library = fixture.repo.worktree(at: "../library")
        try Files.makeFolders(library.path)
        try library.git("init", "-q")
        try library.commit("l", "1\n")
        try worktree.git(allow + ["submodule", "--quiet", "add", library.path.string, "lib"])
        try worktree.git("commit", "-qm", "lib")
        return worktree.worktree(at: "lib")
    }

    static let all: [WorktreeHolding] = [
        WorktreeHolding("nothing", isKept: false) { _, _ in },
        WorktreeHolding("an ignored file") { worktree, _ in try worktree.write("run.log", "precious\n") },
        WorktreeHolding("an untracked file") { worktree, _ in try worktree.write("new.txt", "new\n") },
        WorktreeHolding("an untracked file whose name is not UTF-8") { worktree, _ in
            try worktree.run("sh", ["-c", "echo x > \"$(printf 'caf\\351')\""])
        },
        WorktreeHolding("an edit") { worktree, _ in try worktree.write("a.txt", "edited\r\n", mode: 0o600) },
        WorktreeHolding("a file of the leader's that is ignored", isKept: false) { worktree, fixture in
            for place in [worktree, fixture.repo] { try place.write("same.log", "same\n") }
        },
        WorktreeHolding("a deletion") { worktree, _ in try worktree.remove("b.txt") },
        WorktreeHolding("staged content that is in no file") { worktree, _ in
            try worktree.write("a.txt", "staged\n")
            try worktree.git("add", "a.txt")
            try worktree.write("a.txt", "1\n2\n3\n4\n5\n")
        },
        WorktreeHolding("a file that is staged for removal and there") { worktree, _ in
            try worktree.git("rm", "-q", "--cached", "a.txt")
        },
        WorktreeHolding("unmerged stages") { worktree, fixture in
            try worktree.commit("a.txt", "agent\n")
            try fixture.repo.commit("a.txt", "leader\n")
            #expect(try worktree.gitStatus("merge", "-q", "main") != 0)
        },
        WorktreeHolding("a stash", isKept: false) { worktree, _ in
            try worktree.write("a.txt", "stashed\n")
            try worktree.git("stash")
        },
        WorktreeHolding("a repository that is not tracked") { worktree, _ in try nested(worktree, "pkg") },
        WorktreeHolding("a repository below a tracked folder") { worktree, _ in
            try worktree.commit("pkg/README", "1\n")
            try nested(worktree, "pkg")
            try worktree.git("add", "-A")
            try worktree.git("commit", "-q", "--allow-empty", "-m", "pkg")
        },
        WorktreeHolding("a repository in an ignored folder with an odd name") { worktree, _ in
            try nested(worktree, "deep/Wéird name.log")
        },
        WorktreeHolding("a repository whose git directory has another name") { worktree, _ in
            try Files.makeFolders(worktree.file("pkg"))
            try worktree.git("init", "-q", "--separate-git-dir=store", "pkg")
            let inner = worktree.worktree(at: "pkg")
            try inner.commit("idea", "only here\n")
        },
        WorktreeHolding("a bare repository that is committed as files") { worktree, _ in
            try worktree.git("init", "-q", "--bare", "store")
            let tree = try worktree.git("--git-dir=store", "hash-object", "-t", "tree", "-w", "/dev/null").text
            let commit = try worktree.git("--git-dir=store", "commit-tree", "-m", "idea", tree).text
            try worktree.git("--git-dir=store", "update-ref", "refs/heads/main", commit)
            try worktree.git("add", "-A")
            try worktree.git("commit", "-qm", "store")
        },
        WorktreeHolding("a submodule that is clean and pushed", isKept: false) { worktree, fixture in
            _ = try submodule(worktree, fixture)
        },
        WorktreeHolding("a submodule with a commit of its own") { worktree, fixture in
            let lib = try submodule(worktree, fixture)
            try lib.commit("l", "only here\n")
            try worktree.git("commit", "-qam", "bump")
        },
        WorktreeHolding("a submodule with an edit") { worktree, fixture in
            try submodule(worktree, fixture).write("l", "edited\n")
        },
        WorktreeHolding("a submodule that was taken out again") { worktree, fixture in
            let lib = try submodule(worktree, fixture)
            try lib.commit("l", "only here\n")
            try worktree.git("commit", "-qam", "bump")
            try worktree.git("rm", "-qf", "lib")
            try worktree.git("commit", "-qm", "no lib")
        },
        WorktreeHolding("commits on no branch") { worktree, _ in
            try worktree.git("switch", "-q", "--detach")
            try worktree.commit("d.txt", "detached\n")
        },
        WorktreeHolding("a commit that only a reflog has", isKept: false) { worktree, _ in
            try worktree.commit("w.txt", "reset away\n")
            try worktree.git("reset", "-q", "--hard", "HEAD~1")
        },
        WorktreeHolding("refs of its own") { worktree, _ in
            let blob = try worktree.git("hash-object", "-w", "--stdin", stdin: "a blob\n").text
            try worktree.git("update-ref", "refs/worktree/blob", blob)
            try worktree.git("update-ref", "refs/worktree/here", "HEAD")
        },
        WorktreeHolding("a bisection") { worktree, _ in
            try worktree.commit("w.txt", "1\n")
            try worktree.commit("w.txt", "2\n")
            try worktree.git("bisect", "start", "HEAD", "HEAD~2")
        },
        WorktreeHolding("a rebase that stopped") { worktree, fixture in
            try worktree.commit("a.txt", "agent\n")
            try fixture.repo.commit("a.txt", "leader\n")
            #expect(try worktree.gitStatus("rebase", "-q", "main") != 0)
        },
        WorktreeHolding("a file that git was told not to look at") { worktree, _ in
            try worktree.git("update-index", "--skip-worktree", "a.txt")
            try worktree.write("a.txt", "mine alone\n")
        },
        WorktreeHolding("a sparse checkout") { worktree, _ in
            try worktree.commit("one/x", "1\n")
            try worktree.git("sparse-checkout", "set", "one")
        },
        WorktreeHolding("a pipe") { worktree, _ in
            #expect(mkfifo(worktree.file("pipe").string, 0o600) == 0)
        },
    ]
}
