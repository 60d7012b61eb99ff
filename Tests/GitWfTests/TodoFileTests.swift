import SystemPackage
import TestSupport
import Testing

@Suite("TODO.md in whatever state")
struct TodoFileTests {
    private func kinds(_ repo: TestRepository, _ item: String) throws -> [String] {
        try repo.json("log", "-n", "0")["checkpoints"]?.list.filter { $0["item"]?.text == item }
            .compactMap { $0["kind"]?.text } ?? []
    }

    @Test("a reworded item keeps its record: the commit stands behind the new text")
    func reworded() throws {
        let repo = try TestRepository.begun(todo: "- [ ] Add rate limiting middleware\n- [ ] two\n")
        try repo.done("todo", "done", "1")
        try repo.git("commit", "-qam", "tick")
        let commit = try repo.git("rev-parse", "HEAD").text
        try repo.done("checkpoint", "ticked")
        try repo.write("TODO.md", "- [ ] two\n- [x] Add rate limiting to the worker\n")
        try repo.done("checkpoint", "later")
        #expect(try kinds(repo, "Add rate limiting to the worker") == ["item-reworded"])
        let item = try repo.json("todo")["items"]?["list"]?[1]
        #expect(item?["text"]?.text == "Add rate limiting to the worker" && item?["commit"]?.text == commit)
        #expect(try repo.text("workflow-state.md").contains("to the worker (committed: \(commit.prefix(7)))"))
        // Another one that takes up the old words is another one.
        try repo.write(
            "TODO.md", "- [ ] two\n- [x] Add rate limiting to the worker\n- [x] Add rate limiting middleware\n")
        try repo.done("checkpoint", "later")
        #expect(
            try kinds(repo, "Add rate limiting middleware") == [
                "item-done", "item-added", "item-committed", "item-done",
            ])
        try repo.done("todo", "start", "1")
        try repo.write("TODO.md", "- [ ] one\n- [ ] number two\n")
        try repo.done("checkpoint", "later")
        #expect(try repo.json("status")["items"]?["current"]?.number == 2)
    }

    @Test("an item reworded and ticked at once is recorded as both, once")
    func rewordedAndTicked() throws {
        let repo = try TestRepository.begun(todo: "- [ ] write the tests of search\n")
        try repo.write("TODO.md", "- [x] write all the tests of search\n")
        try repo.done("checkpoint", "x")
        try repo.done("checkpoint", "y")
        #expect(try kinds(repo, "write all the tests of search") == ["item-done", "item-reworded"])
    }

    @Test("items of the same text are done one by one")
    func duplicates() throws {
        let repo = try TestRepository.begun(todo: "- [ ] test it\n- [ ] test it\n- [ ] other\n")
        try repo.done("todo", "done", "2")
        #expect(try kinds(repo, "test it") == ["item-done"])
        try repo.done("todo", "done", "1")
        #expect(try kinds(repo, "test it") == ["item-done", "item-done"])
        try repo.done("todo", "reopen", "2")
        try repo.done("todo", "done", "2")
        #expect(try kinds(repo, "test it") == ["item-done", "item-reopened", "item-done", "item-done"])
        #expect(try repo.json("status")["items"]?["done"]?.number == 2)
    }

    @Test("several at once are one checkpoint each, and a move is none")
    func several() throws {
        let repo = try TestRepository.begun(todo: "## A\n- [ ] a\n- [ ] b\n- [ ] c\n## B\n")
        let count = try repo.kinds().count
        try repo.write("TODO.md", "## A\n- [x] b\n## B\n- [ ] c\n- [x] a\n- [ ] d\n")
        try repo.done("checkpoint", "x")
        #expect(try repo.kinds().dropLast(count) == ["checkpoint", "item-added", "item-done", "item-done"])
        #expect(try kinds(repo, "c") == [])
    }

    @Test("what an agent ticks is noticed in its lane, and recorded in the leader's once when it is merged")
    func agent() throws {
        let repo = try TestRepository.begun(todo: "- [ ] a\n- [ ] b\n")
        try repo.done("agent", "start", "ann", "--item", "1")
        let path = try repo.json("agent", "list")["agents"]?[0]?["worktree"]?.text ?? ""
        let ann = repo.worktree(at: FilePath(path))
        try ann.write("TODO.md", "- [x] a\n- [ ] b\n")
        try ann.done("checkpoint", "x")
        #expect(try ann.json("log")["checkpoints"]?.list.contains { $0["kind"]?.text == "item-done" } == true)
        #expect(try kinds(repo, "a").contains("item-done") == false)
        try ann.git("add", "-A")
        try ann.git("commit", "-qm", "a")
        try ann.done("agent", "report", "--status", "complete", "--summary", "a")
        try repo.done("merge", "ann")
        try repo.done("checkpoint", "after")
        #expect(try repo.json("status")["items"]?["done"]?.number == 1)
        #expect(try kinds(repo, "a").filter { $0 == "item-done" }.count <= 1)
    }

    @Test("while TODO.md is away nothing is lost, and what was ticked meanwhile is noticed when it is back")
    func away() throws {
        let repo = try TestRepository.begun(todo: "- [ ] a\n- [ ] b\n")
        try repo.done("todo", "done", "1")
        try repo.remove("TODO.md")
        try answersEverywhere(repo)
        #expect(try repo.json("status")["warnings"]?.list.contains { $0.text?.contains("no TODO.md") == true } == true)
        try repo.write("TODO.md", "- [x] a\n- [x] b\n")
        try repo.done("checkpoint", "back")
        #expect(try kinds(repo, "a") == ["item-done"])
        #expect(try kinds(repo, "b") == ["item-done"])
    }

    @Test("a TODO.md that is a folder is said to be one")
    func folder() throws {
        let repo = try TestRepository.begun(todo: "- [ ] a\n")
        try repo.done("todo", "done", "1")
        try repo.remove("TODO.md")
        try repo.write("TODO.md/x", "x\n")
        try answersEverywhere(repo, readsItems: false)
        #expect(try repo.json("status")["warnings"]?.list.contains { $0.text?.contains("is a folder") == true } == true)
        try repo.refuses(["todo", "add", "x"], status: 128, says: ["TODO.md", "it is a folder"])
        try repo.refuses(["todo"], status: 128, says: ["TODO.md", "it is a folder"])
        #expect(try repo.text("TODO.md/x") == "x\n")
        try repo.remove("TODO.md")
        try repo.write("TODO.md", "- [x] a\n- [x] c\n")
        try repo.done("checkpoint", "back")
        #expect(try kinds(repo, "a") == ["item-done"])
    }

    @Test("a byte order mark, line ends of any kind, zeros, form feeds and trailing text stay as they are")
    func bytes() throws {
        let repo = try TestRepository.begun(todo: "- [ ] a\n")
        let text = "\u{feff}# T\r\n* [ ] café  \r\n\r\n\u{0C}\n+ [ ] b\0\r\rlast"
        try repo.write("TODO.md", text)
        try answersEverywhere(repo)
        #expect(try repo.text("TODO.md") == text)
        try repo.done("todo", "done", "1")
        #expect(try repo.text("TODO.md") == text.replacing("* [ ] café", with: "* [x] café"))
        #expect(try repo.json("status")["items"]?["list"]?[0]?["text"]?.text == "café")
        #expect(try repo.kinds().prefix(2).contains("item-done"))
    }

    @Test(
        "a TODO.md in another encoding is refused by its name, says nothing of items, and is read again once it is UTF-8",
        arguments: ["UTF-16", "UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE", "LATIN1"])
    func otherEncoding(name: String) throws {
        let repo = try TestRepository.begun(todo: "# Work\n\n- [ ] grün\n- [ ] b\n")
        try repo.done("todo", "done", "1")
        try repo.run("sh", ["-c", "iconv -f UTF-8 -t \(name) TODO.md >x && mv x TODO.md"])
        let bytes = try repo.read("TODO.md")
        try answersEverywhere(repo, readsItems: false)
        let word = name == "LATIN1" ? "neither in UTF-8" : name.hasPrefix("UTF-16") ? "UTF-16" : name
        for command in [["todo"], ["todo", "add", "x"], ["todo", "done", "2"]] {
            try repo.refuses(command, status: 128, says: ["TODO.md", word, "iconv"])
        }
        #expect(try repo.read("TODO.md") == bytes)
        let warnings = try repo.json("status")["warnings"]?.list
        #expect(warnings?.contains { $0.text?.contains(word) == true } == true)
        let checks = try JSONValue(repo.wf("doctor", "--json"))["checks"]?.list
        #expect(checks?.contains { $0["name"]?.text == "items" && $0["detail"]?.text?.contains(word) == true } == true)
        try repo.write("TODO.md", "# Work\n\n- [x] grün\n- [x] b\n- [ ] c\n")
        try repo.done("checkpoint", "back")
        #expect(try kinds(repo, "b") == ["item-done"])
        #expect(try kinds(repo, "grün") == ["item-done"])
    }

    @Test(
        "an AGENTS.md in another encoding is refused by its name, before anything is written; line ends are the file's")
    func agentsFile() throws {
        for name in ["UTF-16", "UTF-32BE", "LATIN1"] {
            let repo = try TestRepository()
            try repo.commit("AGENTS.md", "# Rules\r\n\r\n- be grün\r\n")
            try repo.run("sh", ["-c", "iconv -f UTF-8 -t \(name) AGENTS.md >x && mv x AGENTS.md"])
            try repo.refuses(["init", "--agents-file"], status: 128, says: ["AGENTS.md", "iconv"])
            #expect(try repo.wf("init").status == 0)
            try repo.refuses(["init", "--agents-file"], status: 128, says: ["AGENTS.md", "iconv"])
        }
        for (text, end) in [("\u{feff}# Rules\r\nx", "\r\n"), ("a\n", "\n"), ("", "\n"), ("a\r\n\r\n", "\r\n")] {
            let repo = try TestRepository()
            try repo.commit("AGENTS.md", text)
            try repo.done("init", "--agents-file", "--no-hooks")
            let bytes = try repo.read("AGENTS.md")
            #expect(bytes.starts(with: text.utf8))
            let added = String(decoding: bytes.dropFirst(text.utf8.count), as: UTF8.self)
            #expect(added.replacing(end, with: "").utf8.allSatisfy { $0 != 13 && $0 != 10 } && added.contains(end))
        }
    }

    @Test("in a clone with converted line ends a tick changes one byte", arguments: ["true", "input", "false"])
    func convertedLineEnds(setting: String) throws {
        for text in ["- [ ] a\n- [ ] b\n", "- [ ] a\n- [ ] b"] {
            let repo = try TestRepository.begun(todo: text)
            try repo.git("clone", "-q", "-c", "core.autocrlf=\(setting)", repo.path.string, "../clone")
            let clone = repo.beside("clone")
            try clone.git("fetch", "-q", "origin", "refs/wf/*:refs/wf/*")
            for number in ["1", "2"] {
                let before = try clone.read("TODO.md")
                try clone.done("todo", "done", number)
                let after = try clone.read("TODO.md")
                #expect(before.count == after.count && zip(before, after).filter { $0 != $1 }.count == 1)
            }
        }
    }

    @Test("a TODO.md of 10 MB is read in time, and an item of it is ticked")
    func large() throws {
        let repo = try TestRepository.begun(todo: "- [ ] a\n")
        let filler = String(repeating: "text that is no item at all, to make it long\n", count: 24)
        let text = (1...9_000).map { "- [ ] item \($0)\n\n\(filler)\n" }.joined()
        try repo.write("TODO.md", text)
        #expect(text.utf8.count > 9 << 20)
        let clock = ContinuousClock.now
        #expect(try repo.done("status").text.contains("0 of 9000 done"))
        #expect(try repo.json("status")["items"]?["list"]?.list.count == 9_000)
        #expect(ContinuousClock.now - clock < .seconds(60))
    }

    private func answersEverywhere(_ repo: TestRepository, readsItems: Bool = true) throws {
        for command in [
            ["status"], ["next"], ["log"], ["todo"], ["phase"], ["checkpoint", "meanwhile"], ["show"], ["diff"],
            ["decide", "x"], ["block", "x"], ["unblock"], ["checkpoint", "--trigger", "break"], ["status", "--json"],
        ] where readsItems || command != ["todo"] { try repo.done(command) }
    }
}
