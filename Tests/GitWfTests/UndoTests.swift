import TestSupport
import Testing

struct UndoTests {
    @Test("an undo gives back bytes that git's conversions would not: line ends that are mixed")
    func mixedLineEnds() throws {
        let repo = try TestRepository.begun()
        try repo.git("config", "core.autocrlf", "input")
        try repo.commit("mix.txt", "a\nb\n")
        let mixed = "x\r\ny\nz\r\n"
        try repo.write("mix.txt", mixed)
        try repo.done("checkpoint", "mixed")
        try repo.wf("restore", "mix.txt")
        #expect(try repo.text("mix.txt") == "a\nb\n")
        try repo.wf("undo")
        #expect(try repo.read("mix.txt") == Array(mixed.utf8))
        try repo.wf("redo")
        #expect(try repo.text("mix.txt") == "a\nb\n")
        try repo.wf("undo")
        #expect(try repo.read("mix.txt") == Array(mixed.utf8))
        #expect(try repo.json("fsck")["problems"]?.list == [])
    }

    @Test("a checkpoint from before a restore gives those bytes back by its name, too")
    func mixedLineEndsFrom() throws {
        let repo = try TestRepository.begun()
        try repo.git("config", "core.autocrlf", "input")
        try repo.commit("mix.txt", "a\nb\n")
        let mixed = "x\r\ny\nz\r\n"
        try repo.write("mix.txt", mixed)
        let before = try repo.json("restore", "mix.txt")["before"]?.text ?? ""
        for arguments in [["mix.txt"], ["--all"]] {
            try repo.write("mix.txt", "a\nb\n")
            try repo.done(["restore", "--from", before] + arguments)
            #expect(try repo.read("mix.txt") == Array(mixed.utf8))
        }
    }

    @Test("what came to be ignored since is named and left, and nothing is said to be undone")
    func ignoredSince() throws {
        let repo = try TestRepository.begun()
        try repo.write("x.txt", "v1\n")
        try repo.done("checkpoint", "one")
        try repo.remove("x.txt")
        try repo.done("restore", "x.txt")
        try repo.write(".gitignore", "x.txt\n")
        try repo.write("x.txt", "an hour of work\n")
        try repo.refuses(["undo"], status: 1, says: ["x.txt", "ignored"])
        #expect(try repo.text("x.txt") == "an hour of work\n")
    }

    @Test("edits made since are named, with the checkpoint that holds them")
    func editedSince() throws {
        let repo = try TestRepository.begun()
        try repo.write("a.txt", "two\n")
        try repo.done("restore", "a.txt")
        try repo.write("a.txt", "one\nedited\n")
        let said = try repo.done("undo").text
        #expect(said.contains("edited since: a.txt"))
        let before = try #require(
            try repo.json("log", "--auto", "-n", "0")["checkpoints"]?.list.first { $0["trigger"]?.text == "undo" })
        #expect(try repo.git("show", "\(before["id"]?.text ?? ""):a.txt").text == "one\nedited")
    }

    @Test("another worktree of the lane does not change what a restore brings back")
    func ownWorktreeFirst() throws {
        let repo = try TestRepository.begun(hooks: true)
        try repo.write("a.txt", "good\n")
        try repo.done("checkpoint", "good")
        try repo.git("worktree", "add", "-q", "../other", "-b", "feature")
        try repo.write("a.txt", "")
        try repo.done("restore", "a.txt")
        #expect(try repo.text("a.txt") == "good\n")
    }

    @Test("a file's own permissions stay when it is restored")
    func permissions() throws {
        let repo = try TestRepository.begun()
        try repo.write("secret.txt", "s\n", mode: 0o600)
        try repo.done("checkpoint", "one")
        try repo.write("secret.txt", "t\n", mode: 0o600)
        try repo.done("restore", "secret.txt")
        #expect(try repo.text("secret.txt") == "s\n")
        #expect((Files.mode(of: repo.file("secret.txt")) ?? 0) & 0o777 == 0o600)
    }

    @Test("a workflow-state.md that git-wf did not write is left alone, and status says so")
    func foreignStateDocument() throws {
        let repo = try TestRepository()
        try repo.commit("a.txt", "one\n")
        try repo.write("workflow-state.md", "my own notes\n")
        try repo.done("init", "--name", "demo", "--no-hooks")
        #expect(try repo.text("workflow-state.md") == "my own notes\n")
        func isWarnedOf() throws -> Bool {
            try repo.json("status")["warnings"]?.list.contains { $0.text?.contains("workflow-state.md") == true }
                == true
        }
        #expect(try isWarnedOf())
        try repo.remove("workflow-state.md")
        try repo.write("workflow-state.md/mine", "my own folder\n")
        #expect(try repo.done("checkpoint", "x").stderr.isEmpty && isWarnedOf())
    }

    @Test("items that are added at once are all there, and a TODO.md that leads out of the worktree is not written")
    func todoTurns() throws {
        let repo = try TestRepository.begun()
        let script = (1...6).map { "git wf todo add 'item \($0)' >/dev/null & " }.joined() + "wait"
        _ = try repo.run("sh", ["-c", script])
        let items = try repo.json("todo")["items"]?["list"]?.texts("text") ?? []
        for number in 1...6 { #expect(items.contains("item \(number)")) }
        try repo.write("../victim", "victim\n")
        try repo.remove("TODO.md")
        try repo.link("TODO.md", to: "../victim")
        try repo.refuses(["todo", "add", "x"], status: 128, says: ["it leads to", "out of"])
        #expect(try repo.text("../victim") == "victim\n")
    }
}
