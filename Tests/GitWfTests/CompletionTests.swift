import SystemPackage
import TestSupport
import Testing

@Suite("Nothing is complete without a word while something is open")
struct CompletionTests {
    /// At its last phase, with an item of it that is open, and one of the phase before.
    private func atTheEnd(gate: Bool = false) throws -> TestRepository {
        let repo = try TestRepository()
        try repo.write("TODO.md", "## Build\n- [ ] schema\n- [x] types\n\n## Ship\n- [ ] release notes\n")
        try repo.write(
            ".wfconfig",
            "[workflow]\n\tname = demo\n[phase \"build\"]\n\tthen = ship\n[phase \"ship\"]\n\tbudget = 1\n"
                + (gate ? "\tgate = human\n" : ""))
        try repo.commit("a.txt", "one\n")
        try repo.done("init", "--no-hooks")
        return repo
    }

    @Test("phase complete names the items of the phase that are open, and those alone")
    func phaseItems() throws {
        let repo = try atTheEnd()
        let text = try repo.done("phase", "complete").text
        #expect(text.contains("Open items of build:\n  1. schema"))
        #expect(!text.contains("release notes") && !text.contains("types"))
        try repo.done("phase", "start", "build", "--reason", "schema")
        try repo.done("todo", "done", "1")
        #expect(try !repo.done("phase", "complete").text.contains("Open items"))
    }

    @Test("the last phase is not complete with open items unless somebody says why, which is recorded")
    func openItems() throws {
        let repo = try atTheEnd()
        try repo.done("phase", "complete")
        for arguments in [[], ["--reason", " "]] {
            try repo.refuses(
                ["phase", "complete"] + arguments, status: 1,
                says: ["2 items are open (1. schema, 3. release notes)", "git wf phase complete --reason T"])
        }
        #expect(try repo.json("status")["status"]?.text == "in-progress")
        let text = try repo.done("phase", "complete", "--reason", "notes are written elsewhere").text
        #expect(text.contains("Open items of ship:\n  3. release notes") && text.contains("demo is complete."))
        let status = try repo.json("status")
        #expect(status["status"]?.text == "complete" && status["ended"] == nil)
        let trailers = try repo.git("log", "--first-parent", "-2", "--format=%(trailers:key=Wf-Reason)", repo.lane).text
        #expect(trailers.contains("Wf-Reason: notes are written elsewhere"))
    }

    @Test("nor with open agents; with everything done nobody is asked")
    func openAgents() throws {
        let repo = try atTheEnd()
        try repo.done("todo", "done", "1")
        try repo.done("todo", "done", "3")
        try repo.git("commit", "-qam", "done")
        let worktree = try #require(try repo.json("agent", "start", "api")["worktree"]?.text)
        try repo.done("phase", "complete")
        try repo.refuses(["phase", "complete"], status: 1, says: ["the agent api is open"])
        let agent = repo.worktree(at: FilePath(worktree))
        try agent.commit("b.txt", "b\n")
        try agent.done("agent", "report", "--status", "complete", "--summary", "b")
        try repo.refuses(["phase", "complete"], status: 1, says: ["the agent api is open"])
        #expect(try repo.wf("merge", "api").status == 0)
        #expect(try repo.done("phase", "complete").text.contains("demo is complete."))
    }

    @Test("nor where a human approves it at the last gate; a note is a word")
    func gate() throws {
        let repo = try atTheEnd(gate: true)
        try repo.done("phase", "complete")
        try repo.refuses(["phase", "complete"], status: 1, says: ["2 items are open"])
        #expect(try repo.wf("phase", "complete", "--reason", "enough").status == 1)
        try repo.git("config", "wf.claimedApproval", "true")
        try repo.refuses(
            ["approve", "--as", "human:ann"], status: 1, says: ["2 items are open", "git wf approve --reason T"])
        try repo.done("approve", "--as", "human:ann", "--note", "the rest is for next week")
        #expect(try repo.json("status")["status"]?.text == "complete")
    }

    @Test("a workflow that is ended needs a reason anyhow, and counts as ended")
    func ended() throws {
        let repo = try atTheEnd()
        try repo.done("workflows", "end", "demo", "--reason", "no longer needed")
        #expect(try repo.json("status")["ended"]?.text == "no longer needed")
    }
}
