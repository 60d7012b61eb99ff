import HookFolder
import SystemPackage
import TestSupport
import Testing

@Suite("What an installed hook does")
struct DispatchTests {
    @Test("each of the five hooks calls git-wf with git's arguments, and says nothing")
    func calls() throws {
        let hooked = try HookedRepository()
        try hooked.install()
        let repo = hooked.repo
        let commit = try hooked.commit()
        #expect(commit.stdout == [] && commit.stderr == [])
        #expect(try hooked.calls() == ["hook post-commit|"])

        let before = try repo.git("rev-parse", "HEAD").text
        try repo.git("commit", "--amend", "-qm", "y")
        let after = try repo.git("rev-parse", "HEAD").text
        #expect(try hooked.calls().dropFirst() == ["hook post-commit|", "hook post-rewrite amend|\(before) \(after)"])

        let switched = try repo.git("checkout", "-q", "-b", "side", "HEAD~")
        #expect(switched.stdout == [] && switched.stderr == [])
        let parent = try repo.git("rev-parse", "HEAD").text
        #expect(try hooked.calls().last == "hook post-checkout \(after) \(parent) 1|")

        try repo.git("merge", "-q", "--ff-only", "main")
        #expect(try hooked.calls().last == "hook post-merge 0|")

        try repo.git("rebase", "-q", "--force-rebase", "main")
        #expect(try hooked.calls().contains("hook pre-rebase main|"))
        #expect(hooked.misses() == [])
    }

    @Test("a hook that was there keeps running, before ours, with git's arguments and its output")
    func chained() throws {
        let hooked = try HookedRepository()
        try hooked.writeHook("post-checkout", #"echo "user $0 $*"; wc -l <"$CALLS" >.git/seen"#)
        try hooked.install()
        try Files.write([], to: FilePath(hooked.repo.environment["CALLS"] ?? ""))
        let output = try hooked.repo.git("checkout", "-q", "-b", "side")
        let head = try hooked.repo.git("rev-parse", "HEAD").text
        #expect((output.text + output.errorText).contains("\(head) \(head) 1"))
        #expect(try hooked.lines("seen") == ["0"])
        #expect(try hooked.calls() == ["hook post-checkout \(head) \(head) 1|"])
    }

    @Test("what a chained hook exits with is what git sees", arguments: [0, 1, 3])
    func chainedStatus(status: Int) throws {
        let hooked = try HookedRepository()
        // git checkout exits with its hook's status.
        try hooked.writeHook("post-checkout", "exit \(status)")
        let plain = try hooked.repo.gitStatus("checkout", "-q", "-b", "plain")
        try hooked.install()
        #expect(try hooked.repo.gitStatus("checkout", "-q", "-b", "side") == plain)
        #expect(try hooked.calls().count == 1)
    }

    @Test("a pre-rebase of the user's that fails still stops the rebase")
    func preRebase() throws {
        let hooked = try HookedRepository()
        try hooked.writeHook("pre-rebase", "echo no >&2; exit 1")
        try hooked.install()
        let repo = hooked.repo
        try repo.git("checkout", "-q", "-b", "side")
        try repo.commit("b.txt", "b\n")
        try repo.git("checkout", "-q", "main")
        try repo.commit("c.txt", "c\n")
        let head = try repo.git("rev-parse", "HEAD").text
        let output = try repo.run("git", ["rebase", "side"])
        #expect(output.status != 0 && output.errorText.contains("no"))
        #expect(try repo.git("rev-parse", "HEAD").text == head)
    }

    @Test("a rebase gives both post-rewrite hooks the same input")
    func rebaseInput() throws {
        let hooked = try HookedRepository()
        try hooked.writeHook("post-rewrite", "cat >.git/user-input")
        try hooked.install()
        let repo = hooked.repo
        try repo.git("checkout", "-q", "-b", "side")
        try repo.commit("b.txt", "b\n")
        try repo.commit("d.txt", "d\n")
        try repo.git("checkout", "-q", "main")
        try repo.commit("c.txt", "c\n")
        try repo.git("checkout", "-q", "side")
        try repo.git("rebase", "-q", "main")
        let input = try hooked.lines("user-input")
        #expect(input.count == 2)
        let calls = try hooked.calls()
        let ours = try #require(calls.firstIndex { $0.hasPrefix("hook post-rewrite rebase|") })
        #expect("hook post-rewrite rebase|\(input[0])" == calls[ours] && calls[ours + 1] == input[1])
    }

    @Test("a post-rewrite hook that reads nothing takes nothing from ours")
    func unreadInput() throws {
        let hooked = try HookedRepository()
        try hooked.writeHook("post-rewrite", "exit 0")
        try hooked.install()
        let output = try hooked.repo.git("commit", "--amend", "-qm", "y")
        #expect(output.stderr == [])
        let last = try #require(try hooked.calls().last)
        #expect(last.hasPrefix("hook post-rewrite amend|") && last.utf8.count == 24 + 81)
    }

    @Test("a git-wf that fails leaves git as it is, and a line behind", arguments: [1, 128])
    func failing(status: Int) throws {
        let hooked = try HookedRepository(body: "exit \(status)")
        try hooked.install()
        let commit = try hooked.commit()
        #expect(commit.status == 0 && commit.stdout == [] && commit.stderr == [])
        #expect(hooked.misses().map(\.hook) == ["post-commit"])
        #expect(hooked.misses().map(\.status) == [status])
        #expect(hooked.misses().first?.time.count == 20)
    }

    @Test("a git-wf that is gone, or is killed, leaves git as it is, and a line behind")
    func gone() throws {
        var hooked = try HookedRepository(body: "kill -9 $$")
        // Without another one to go on with.
        hooked.repo.environment["PATH"] = "/usr/bin:/bin"
        try hooked.install()
        #expect(try hooked.commit().status == 0)
        Files.removeTree(hooked.binary)
        let commit = try hooked.commit("three\n")
        #expect(commit.status == 0 && commit.stdout == [] && commit.stderr == [])
        #expect(hooked.misses().map(\.status) == [137, 127])
    }

    @Test("a repository that cannot be written to makes no noise either")
    func noPlaceForMisses() throws {
        let hooked = try HookedRepository(body: "exit 1")
        try hooked.install()
        try hooked.repo.write(".git/wf", "a file in the way")
        let commit = try hooked.commit()
        #expect(commit.status == 0 && commit.stdout == [] && commit.stderr == [])
    }

    @Test(
        "the path of git-wf may hold anything",
        arguments: ["a b", "it's", "$HOME `x` \"q\" \\", "ü*?[a]", "two\nlines"])
    func oddPath(name: String) throws {
        let hooked = try HookedRepository(binaryFolder: name)
        try hooked.install()
        #expect(try hooked.commit().status == 0)
        #expect(try hooked.calls() == ["hook post-commit|"])
        #expect(try hooked.install().allSatisfy { $0.state == .installed })
    }

    @Test("a linked worktree runs the same hooks, and leaves misses in the same place")
    func linkedWorktree() throws {
        let hooked = try HookedRepository(body: #"test "$(git rev-parse --show-toplevel)" = "$PWD" && exit 7"#)
        try hooked.writeHook("post-commit", "pwd -P >\"$(git rev-parse --git-common-dir)/user\"")
        try hooked.install()
        try hooked.repo.git("worktree", "add", "-q", "-b", "side", "../linked")
        let linked = hooked.repo.worktree(at: "../linked")
        try linked.commit("b.txt", "b\n")
        #expect(try hooked.lines("user") == [linked.path.string])
        #expect(try hooked.calls().last == "hook post-commit|")
        #expect(hooked.misses().last?.status == 7)
    }

    @Test("a hook without a #! line runs as git runs it")
    func noInterpreter() throws {
        let hooked = try HookedRepository()
        try Files.write(Array("echo ran >.git/user\n".utf8), to: hooked.hook("post-commit"), mode: 0o755)
        try hooked.install()
        #expect(try hooked.commit().status == 0)
        #expect(try hooked.lines("user") == ["ran"])
    }

    @Test("a hook that is not executable does not run, as before")
    func notExecutable() throws {
        let hooked = try HookedRepository()
        try hooked.writeHook("post-commit", "echo ran >.git/user", mode: 0o644)
        try hooked.install()
        #expect(try hooked.commit().status == 0)
        #expect(try hooked.lines("user") == [])
        #expect(try hooked.calls() == ["hook post-commit|"])
    }

    @Test("one script for all hooks, by links, still learns which one it is")
    func dispatcher() throws {
        let hooked = try HookedRepository()
        try hooked.repo.write("tools/all", "#!/bin/sh\necho \"${0##*/}\" >>.git/user\n", mode: 0o755)
        for name in ["post-commit", "post-checkout"] {
            try hooked.repo.link(".git/hooks/\(name)", to: "../../tools/all")
        }
        try hooked.install()
        #expect(try hooked.commit().status == 0)
        try hooked.repo.git("checkout", "-q", "-b", "side")
        #expect(try hooked.lines("user") == ["post-commit", "post-checkout"])
        #expect(try hooked.calls().count == 2)
        try GitHooks.uninstall(from: hooked.hooksDirectory)
        #expect(!hooked.repo.exists(".git/hooks/before-git-wf"))
    }

    @Test("hooks in a tracked folder, by a relative core.hooksPath")
    func hooksPath() throws {
        let hooked = try HookedRepository()
        try hooked.repo.git("config", "core.hooksPath", "tools/hooks")
        try hooked.repo.write("tools/hooks/post-commit", "#!/bin/sh\necho ran >.git/user\n", mode: 0o755)
        try GitHooks.install(into: hooked.repo.path.appending("tools/hooks"), binary: hooked.binary)
        #expect(try hooked.commit().status == 0)
        #expect(try hooked.lines("user") == ["ran"])
        #expect(try hooked.calls() == ["hook post-commit|"])
    }
}
