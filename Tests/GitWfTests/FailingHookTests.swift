import SystemPackage
import TestSupport
import Testing

@Suite("A hook of the user's that fails is a warning that names it, where it is one for git")
struct FailingHookTests {
    private static func fail(_ repo: TestRepository, _ names: [String]) throws {
        for name in names {
            try repo.write(
                ".git/hooks/\(name)", "#!/bin/sh\necho >&2 \"$0: some-tool was not found on your path\"\nexit 2\n",
                mode: 0o755)
        }
    }

    @Test("post-checkout at the start of an agent, with our hooks beside it and without", arguments: [false, true])
    func start(hooks: Bool) throws {
        let repo = try TestRepository()
        try repo.commit("a.txt", "one\n")
        try Self.fail(repo, ["post-checkout"])
        try repo.done(["init", "--name", "demo", "--template", "minimal"] + (hooks ? [] : ["--no-hooks"]))
        try repo.git("add", "-A")
        try repo.git("commit", "-qm", "Begin")
        let output = try repo.wf("agent", "start", "one")
        #expect(output.status == 0, "\(output.errorText)")
        #expect(output.errorText.contains("post-checkout") && output.errorText.contains("some-tool was not found"))
        let agent = repo.worktree(at: FilePath(output.lines[0]))
        #expect(try agent.text("a.txt") == "one\n")
        try agent.commit("b.txt", "b\n")
        try agent.done("agent", "report", "--status", "complete", "--summary", "s")
        // The worktree that a verification gets is one more.
        let merged = try repo.wf("merge", "one", "--verify", "test -f b.txt")
        #expect(merged.status == 0, "\(merged.errorText)")
        #expect(merged.errorText.contains("post-checkout"))
    }

    @Test("a start that git itself cannot finish leaves nothing, and says why")
    func refused() throws {
        let repo = try TestRepository.begun()
        try repo.commit("x.bad", "x\n")
        try repo.write(".gitattributes", "*.bad filter=broken\n")
        try repo.git("add", "-A")
        try repo.git("commit", "-qm", "filter")
        try repo.git("config", "filter.broken.smudge", "false")
        try repo.git("config", "filter.broken.required", "true")
        let output = try repo.wf("agent", "start", "one")
        #expect(output.status == 128 && output.errorText.contains("could not make the worktree"), "\(output.errorText)")
        #expect(!repo.exists("../repo.wf/demo/one"))
        #expect(try repo.id("refs/heads/wf/demo/one") == "")
    }

    @Test("hooks that come after the fact change nothing of what they come after")
    func after() throws {
        let repo = try TestRepository.begun()
        let agent = repo.worktree(at: FilePath(try repo.done("agent", "start", "one").lines[0]))
        try agent.commit("a.txt", "theirs\n")
        try Self.fail(
            repo, ["post-checkout", "post-commit", "post-merge", "post-rewrite", "post-index-change", "post-update"])
        try repo.write("a.txt", "ours\n")
        try repo.git("commit", "-qam", "ours")
        try repo.write("b.txt", "b\n")
        for command in [
            ["checkpoint", "--commit", "b"], ["restore", "--from", "last~1", "a.txt"], ["undo"], ["gc"], ["status"],
        ] {
            let output = try repo.wf(command)
            #expect(output.status == 0, "\(command): \(output.errorText)")
        }
        #expect(try repo.wf("merge", "one").status == 1)
        try repo.done("merge", "--abort")
        #expect(try repo.git("status", "--porcelain").text == "")
    }
}
