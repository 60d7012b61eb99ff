import SystemPackage
import TestSupport
import Testing

@Suite("What is next is not what is done")
struct NextTests {
    private static let todo = "## Planning\n- [ ] Search route\n- [ ] Rate limit\n\n## Implementing\n- [ ] Logging\n"

    private func next(_ repo: TestRepository) throws -> [String] {
        try repo.json("next")["next"]?.list.compactMap(\.text) ?? []
    }

    private func begun(next actions: [String]) throws -> TestRepository {
        let repo = try TestRepository.begun(todo: Self.todo)
        try repo.done(["checkpoint", "plan"] + actions.flatMap { ["--next", $0] })
        return repo
    }

    @Test("a tick takes the actions about its item, however it was ticked")
    func tick() throws {
        let repo = try begun(next: ["Implement the search route", "search route", "Rate limit per address", "Ask ann"])
        try repo.done("todo", "done", "1")
        #expect(try next(repo) == ["Rate limit per address", "Ask ann"])
        try repo.write("TODO.md", repo.text("TODO.md").replacing("[ ] Rate", with: "[x] Rate"))
        try repo.done("decide", "x")
        #expect(try next(repo) == ["Ask ann"])
        #expect(try !repo.done("status").text.contains("Rate limit per address"))
        #expect(try !repo.done("resume").text.contains("Rate limit per address"))
        try repo.done("todo", "reopen", "1")
        try repo.done("checkpoint", "again", "--next", "search route")
        #expect(try next(repo) == ["search route"])
    }

    @Test(
        "a phase that is complete takes the actions that name it, and what was said before it; --next says what comes then"
    )
    func phase() throws {
        let repo = try begun(next: ["Write the plan", "git wf phase complete", "Write the schema", "Implement logging"])
        try repo.done("phase", "complete")
        #expect(try next(repo) == ["Write the schema", "Implement logging"])
        #expect(try repo.done("next").lines.first == "Item 3: Logging")
        // Of the phase before the last one, so nobody knows.
        try repo.done("phase", "complete")
        #expect(try next(repo) == [])
        try repo.done("checkpoint", "tried", "--next", "Test the limits", "--next", "Deploy")
        try repo.done("phase", "complete", "--next", "Ask ann", "--next", "Deploy it")
        #expect(try next(repo) == ["Ask ann", "Deploy it"])
        try repo.done("phase", "complete", "--reason", "a test")
        #expect(try next(repo) == [])
    }

    /// Agents that wrote a file each, and reported.
    private func reported(_ repo: TestRepository, _ files: [(agent: String, file: String)]) throws {
        for (name, file) in files {
            let worktree = try #require(try repo.json("agent", "start", name)["worktree"]?.text)
            let agent = repo.worktree(at: FilePath(worktree))
            try agent.commit(file, "by \(name)\n")
            try agent.done("agent", "report", "--status", "complete", "--summary", "\(name) route")
        }
    }

    @Test("a merge takes the actions that wait for its agent, and leaves those of others")
    func merge() throws {
        let repo = try begun(
            next: ["Merge alpha", "Merge beta", "Merge alpha and beta", "The alpha route", "Show alpha to ann"])
        try reported(repo, [("alpha", "x.txt"), ("beta", "y.txt")])
        #expect(try repo.done("next").text.contains("git wf merge alpha takes its work"))
        #expect(try repo.wf("merge", "alpha").status == 0)
        #expect(try next(repo) == ["Merge beta", "Merge alpha and beta", "Show alpha to ann"])
        #expect(try repo.wf("merge", "beta").status == 0)
        #expect(try next(repo) == ["Show alpha to ann"])
    }

    @Test("in a stopped merge, next, status and resume say first how it goes on")
    func stopped() throws {
        let repo = try begun(next: ["Merge alpha"])
        try reported(repo, [("alpha", "a.txt")])
        try repo.commit("a.txt", "by the leader\n")
        #expect(try repo.wf("merge", "alpha").status == 1)
        let text = try repo.done("next").lines
        #expect(text.first?.hasPrefix("First: the merge of alpha stopped at a conflict: resolve a.txt") == true)
        #expect(text.first?.contains("git wf merge --continue") == true)
        #expect(try repo.json("next")["merge"]?["agent"]?.text == "alpha")
        #expect(try repo.json("next")["merge"]?["unmerged"]?.list == [.string("a.txt")])
        for command in ["status", "resume"] {
            #expect(try repo.done(command).text.contains("git wf merge --continue"), "\(command)")
        }
        try repo.write("a.txt", "by both\n")
        try repo.git("add", "a.txt")
        #expect(try repo.wf("merge", "--continue").status == 0)
        #expect(try repo.json("next")["merge"] == nil)
        #expect(try next(repo) == [])
    }
}
