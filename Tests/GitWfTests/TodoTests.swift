import TestSupport
import Testing

@Suite("Items are the boxes of TODO.md itself")
struct TodoTests {
    private static let list =
        "# TODO\n\n## Planning\n- [ ] one\n- [ ] two\n- [x] three\n\n## Notes\n```\n- [ ] not an item\n```\n"

    private func repository(_ text: String = list, hooks: Bool = false) throws -> TestRepository {
        let repo = try TestRepository()
        try repo.write("TODO.md", text)
        try repo.commit("a.txt", "one\n")
        try repo.done(["init", "--name", "demo", "--template", "minimal"] + (hooks ? [] : ["--no-hooks"]))
        try repo.git("add", "-A")
        try repo.git("commit", "-qm", "Begin")
        return repo
    }

    private func states(_ repo: TestRepository) throws -> [String] {
        try repo.json("todo")["items"]?["list"]?.list.map {
            "\($0["done"]?.flag == true ? "x" : " ") \($0["text"]?.text ?? "")"
        } ?? []
    }

    @Test("init keeps a TODO.md that is there; its boxes are the items, those in code are not")
    func kept() throws {
        let repo = try repository()
        #expect(try repo.text("TODO.md") == Self.list)
        #expect(try states(repo) == ["  one", "  two", "x three"])
        let items = try repo.json("todo")["items"]
        #expect(items?["total"]?.number == 3 && items?["done"]?.number == 1 && items?["current"]?.number == 1)
        #expect(items?["list"]?[0]?["section"]?.text == "Planning" && items?["list"]?[0]?["phase"]?.text == "planning")
    }

    @Test("done, reopen, add and start change a box and nothing else, also with CRLF", arguments: ["\n", "\r\n"])
    func edits(end: String) throws {
        let text = Self.list.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: end)
        let repo = try repository(text)
        try repo.done("todo", "done", "2")
        #expect(try repo.text("TODO.md") == text.replacing("- [ ] two", with: "- [x] two"))
        try repo.done("todo", "reopen", "2")
        #expect(try repo.text("TODO.md") == text)
        try repo.done("todo", "start", "2")
        #expect(try repo.text("TODO.md") == text)
        #expect(try repo.json("todo")["items"]?["current"]?.number == 2)
        try repo.done("todo", "add", "four")
        #expect(
            try repo.text("TODO.md") == text.replacing("- [x] three\(end)", with: "- [x] three\(end)- [ ] four\(end)"))
        #expect(try repo.kinds().prefix(4) == ["item-added", "item-started", "item-reopened", "item-done"])
        #expect(try repo.json("log", "-n", "1")["checkpoints"]?[0]?["item"]?.text == "four")
    }

    @Test("an item that is not there, or is so already, is a no")
    func refusals() throws {
        let repo = try repository()
        try repo.refuses(["todo", "done", "9"], status: 1, says: ["no item 9", "1 to 3"])
        try repo.refuses(["todo", "done", "0"], status: 1, says: ["no item 0"])
        try repo.refuses(["todo", "done", "3"], status: 1, says: ["done already"])
        try repo.refuses(["todo", "reopen", "1"], status: 1, says: ["open already"])
        try repo.refuses(["todo", "start", "3"], status: 1, says: ["is done", "git wf todo reopen 3"])
    }

    @Test("a box ticked by hand is noticed once, by a checkpoint")
    func noticedByCheckpoint() throws {
        let repo = try repository()
        try repo.write(
            "TODO.md", Self.list.replacing("- [ ] two", with: "- [x] two").replacing("- [x] three", with: "- [ ] three")
        )
        try repo.done("checkpoint", "work")
        try repo.done("checkpoint", "more")
        #expect(try repo.kinds().prefix(4) == ["checkpoint", "checkpoint", "item-reopened", "item-done"])
        // No commit has the tick yet.
        #expect(try repo.json("log", "--kind", "item-done")["checkpoints"]?[0]?["commit"] == nil)
        #expect(try !repo.done("todo").text.contains("committed:"))
    }

    @Test("a box ticked in a commit is noticed once, by the hook, with that commit")
    func noticedByHook() throws {
        let repo = try repository(hooks: true)
        try repo.write("TODO.md", Self.list.replacing("- [ ] one", with: "- [x] one"))
        let commit = try repo.commit("work.txt", "work\n")
        #expect(try repo.kinds().first == "item-done")
        #expect(try repo.json("status")["items"]?["list"]?[0]?["commit"]?.text == commit)
        try repo.commit("work.txt", "more\n")
        try repo.done("checkpoint", "x")
        #expect(try repo.kinds().prefix(2) == ["checkpoint", "item-done"])
    }

    @Test("work that is not committed yet gives its item no commit")
    func uncommitted() throws {
        let repo = try repository()
        try repo.write("work.txt", "work\n")
        try repo.done("todo", "done", "1")
        #expect(try repo.json("log", "--kind", "item-done")["checkpoints"]?[0]?["commit"] == nil)
    }

    @Test("items added, reworded and moved by hand are not confused")
    func added() throws {
        let repo = try repository()
        try repo.write("TODO.md", "# TODO\n\n## Planning\n- [ ] zero\n- [x] three\n- [ ] two\n- [ ] one\n- [x] five\n")
        try repo.done("checkpoint", "work")
        let news = try repo.json("log", "-n", "4")["checkpoints"]?.list.dropFirst() ?? []
        #expect(
            news.reversed().map { "\($0["kind"]?.text ?? "") \($0["item"]?.text ?? "")" } == [
                "item-added zero", "item-added five", "item-done five",
            ])
    }

    @Test("on another branch its TODO file is not the workflow's: nothing is noticed, and nothing is written to it")
    func otherBranch() throws {
        let repo = try repository()
        try repo.git("checkout", "-qb", "other")
        let other = "- [x] one\n- [x] something else\n"
        try repo.write("TODO.md", other)
        try repo.done("checkpoint", "elsewhere")
        #expect(try repo.kinds().prefix(2) == ["checkpoint", "phase-started"])
        #expect(try states(repo) == ["  one", "  two", "x three"])
        for command in [["todo", "done", "1"], ["todo", "reopen", "3"], ["todo", "add", "x"]] {
            try repo.refuses(command, status: 1, says: ["TODO.md", "other", "main"])
        }
        #expect(try repo.text("TODO.md") == other)
        #expect(
            try repo.json("status")["warnings"]?.list.contains {
                $0.text?.contains("this worktree is on other") == true
            } == true)
    }

    @Test("a TODO.md that is a link stays a link")
    func linked() throws {
        let repo = try repository()
        try repo.write("docs/todo.md", Self.list)
        try repo.remove("TODO.md")
        try repo.link("TODO.md", to: "docs/todo.md")
        try repo.done("todo", "done", "1")
        #expect((Files.mode(of: repo.file("TODO.md")) ?? 0) & 0o170000 == 0o120000)
        #expect(try repo.text("docs/todo.md").contains("- [x] one"))
    }

    @Test("without a TODO.md there are no items, and adding one makes the file")
    func missing() throws {
        let repo = try TestRepository()
        try repo.commit("a.txt", "one\n")
        try repo.done("init", "--name", "demo", "--no-files", "--no-hooks")
        #expect(!repo.exists("TODO.md") && !repo.exists(".wfconfig"))
        #expect(try repo.done("todo").text.contains("no items"))
        #expect(try repo.json("status")["items"]?["total"]?.number == 0)
        try repo.done("todo", "add", "first")
        #expect(try states(repo) == ["  first"])
    }

    // MARK: Decisions and the definition

    @Test("a decision that takes another's place is known by it")
    func replaces() throws {
        let repo = try repository()
        let first = try repo.json("decide", "LIKE for search")["decisions"]?[0]?["id"]?.text ?? ""
        let second = try repo.json("decide", "FTS5", "--because", "ranking", "--replaces", first)["decisions"]?[0]
        #expect(second?["replaces"]?.text == first && second?["because"]?.text == "ranking")
        let decisions = try repo.json("status")["decisions"]
        #expect(decisions?.texts("text").contains("FTS5") == true)
        try repo.refuses(
            ["decide", "x", "--replaces", "0123456"], status: 1, says: ["no decision", "git wf log --kind decision"])
        #expect(try repo.done("log", "--kind", "decision", "--oneline").lines.count == 2)
    }

    @Test("an edited .wfconfig is recorded once; a broken one leaves the recorded definition in force, with a warning")
    func definition() throws {
        let repo = try repository()
        try repo.git("config", "-f", ".wfconfig", "workflow.goal", "another goal")
        try repo.done("checkpoint", "x")
        try repo.done("checkpoint", "y")
        #expect(try repo.kinds().prefix(3) == ["checkpoint", "checkpoint", "definition-changed"])
        #expect(try repo.json("status")["goal"]?.text == "another goal")
        for broken in [
            "[phase \"a\"]\n\tthen = a\n", "[workflow\n", "[include]\n\tpath = x\n",
            "[phase \"other\"]\n\tbudget = 1\n",
        ] {
            try repo.write(".wfconfig", broken)
            try repo.done("checkpoint", "z")
            #expect(try repo.kinds()[0...1] == ["checkpoint", "checkpoint"])
            let status = try repo.json("status")
            #expect(status["goal"]?.text == "another goal")
            #expect(status["warnings"]?.list.contains { $0.text?.contains(".wfconfig") == true } == true, "\(broken)")
        }
    }
}
