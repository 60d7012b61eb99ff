import SystemPackage
import TestSupport
import Testing

@Suite("Where a restore takes files from")
struct RestoreSourceTests {
    /// A workflow in whose repository `a.txt` had three contents and was deleted before it began.
    private func deleted() throws -> TestRepository {
        let repo = try TestRepository()
        for text in ["one\n", "two\n"] {
            try repo.commit("a.txt", text)
            try repo.commit("dir/\(text.count)", text)
        }
        try repo.git("checkout", "-q", "-b", "side", "HEAD~1")
        try repo.commit("a.txt", "of a side\n")
        try repo.git("checkout", "-q", "main")
        try repo.git("merge", "-q", "-s", "ours", "-m", "merged", "side")
        try repo.commit("a.txt", "three\n")
        try repo.git("rm", "-q", "a.txt")
        try repo.git("commit", "-qm", "deleted")
        try repo.done("init", "--template", "minimal", "--name", "demo", "--no-hooks")
        return repo
    }

    @Test("a path that no checkpoint has comes from HEAD's history, and asked again from further back")
    func headHistory() throws {
        let repo = try deleted()
        let candidates = try repo.json("restore", "-n", "a.txt")["candidates"]?.list ?? []
        var texts: [String] = []
        for candidate in candidates { texts.append(try repo.git("show", "\(candidate["id"]?.text ?? ""):a.txt").text) }
        #expect(texts.first == "three" && texts.last == "one" && Set(texts).count == 4)
        var seen: [String] = []
        while try repo.wf("restore", "a.txt").status == 0, seen.count < 9 { seen.append(try repo.text("a.txt")) }
        // What the merge kept is there twice: before the side, and after it.
        #expect(seen == ["three\n", "two\n", "of a side\n", "two\n", "one\n"])
        for _ in seen.dropFirst() { try repo.done("undo") }
        #expect(try repo.text("a.txt") == "three\n")
        try repo.done("undo")
        #expect(!repo.exists("a.txt"))
        #expect(try repo.json("fsck")["problems"]?.list == [])
    }

    @Test("a path that a checkpoint has does not come from HEAD's history")
    func knownPath() throws {
        let repo = try deleted()
        try repo.done("restore", "a.txt")
        try repo.done("checkpoint", "with it")
        try repo.write("a.txt", "four\n")
        try repo.done("restore", "a.txt")
        #expect(try repo.text("a.txt") == "three\n")
        // It came from a commit at first; what is behind that commit is still there.
        try repo.done("restore", "a.txt")
        #expect(try repo.text("a.txt") != "three\n")
        try repo.refuses(["restore", "TODO.md"], status: 1, says: ["nothing earlier of \"TODO.md\""])
    }

    @Test("a restore that was undone does not count: asked again, it gives what it gave")
    func undoneBetween() throws {
        let repo = try TestRepository.begun("minimal")
        for text in ["two\n", "three\n", "two again\n"] {
            try repo.write("a.txt", text)
            try repo.done("checkpoint", text)
        }
        try repo.write("a.txt", "four\n")
        func restored() throws -> String {
            try repo.done("restore", "a.txt")
            return try repo.text("a.txt")
        }
        #expect(try [restored(), restored(), restored()] == ["two again\n", "three\n", "two\n"])
        try repo.done("undo")
        #expect(try repo.text("a.txt") == "three\n")
        #expect(try restored() == "two\n")
        try repo.done("undo")
        try repo.done("redo")
        #expect(try repo.text("a.txt") == "two\n")
        #expect(try restored() == "one\n")
        for _ in 0..<4 { try repo.done("undo") }
        #expect(try repo.text("a.txt") == "four\n")
        #expect(try restored() == "two again\n")
    }

    @Test("a file that was edited since its restore goes to the newest record that differs")
    func editedSince() throws {
        let repo = try TestRepository.begun("minimal")
        for text in ["two\n", "three\n"] {
            try repo.write("a.txt", text)
            try repo.done("checkpoint", text)
        }
        try repo.done("restore", "a.txt")
        #expect(try repo.text("a.txt") == "two\n")
        try repo.write("a.txt", "two\nand more\n")
        try repo.done("restore", "a.txt")
        #expect(try repo.text("a.txt") == "three\n")
    }

    @Test("what came from another lane is no place to go back from")
    func otherLane() throws {
        let repo = try TestRepository.begun("minimal")
        try repo.write("a.txt", "two\n")
        try repo.done("checkpoint", "two")
        try repo.git("add", "-A")
        try repo.git("commit", "-qm", "two")
        let place = try repo.done("agent", "start", "one").lines.first ?? ""
        let agent = repo.worktree(at: FilePath(place))
        try agent.write("a.txt", "of the agent\n")
        try agent.done("checkpoint", "of the agent")
        try repo.done("restore", "--from", "agent/one", "a.txt")
        #expect(try repo.text("a.txt") == "of the agent\n")
        try repo.done("restore", "a.txt")
        #expect(try repo.text("a.txt") == "two\n")
    }

    @Test("pathspecs: patterns, exclusions, folders, the top; each argument has a source of its own")
    func pathspecs() throws {
        let repo = try TestRepository.begun("minimal")
        let names = ["src/a.txt", "src/b.txt", "src/deep/a.txt", "src/c.c", "top.txt"]
        for name in names { try repo.write(name, "old\n") }
        try repo.done("checkpoint", "old")
        for name in names { try repo.write(name, "bad\n") }
        func planned(_ arguments: String..., from directory: String = "") throws -> [String] {
            let place = directory.isEmpty ? repo : repo.worktree(at: FilePath(directory))
            return try JSONValue(place.done(["restore", "-n", "--json"] + arguments))["restored"]?.texts("path") ?? []
        }
        #expect(try planned("src", ":(exclude)src/deep") == ["src/a.txt", "src/b.txt", "src/c.c"])
        #expect(try planned("*.txt", ":!src") == ["top.txt"])
        #expect(try planned(":(glob)src/*.txt") == ["src/a.txt", "src/b.txt"])
        #expect(try planned(":!*.txt") == ["src/c.c"])
        #expect(try planned(":/top.txt", "a.txt", from: "src") == ["top.txt", "src/a.txt"])
        #expect(try planned(":!deep", from: "src") == ["src/a.txt", "src/b.txt", "src/c.c"])
        #expect(try planned("src", "src/a.txt", "src/deep") == ["src/a.txt", "src/b.txt", "src/c.c", "src/deep/a.txt"])
        try repo.refuses(["restore", ":(nonsense)x"], status: 129, says: ["nonsense"])
        try repo.refuses(["restore", "src", ":(exclude)../x"], status: 128, says: ["outside of the worktree"])
        try repo.done("restore", "--from", "last", "src", ":!*.c")
        #expect(try repo.text("src/deep/a.txt") == "old\n" && repo.text("src/c.c") == "bad\n")
        #expect(try repo.text("top.txt") == "bad\n")
        // The newest record in which src differs is the one just before this checkpoint.
        try repo.write("top.txt", "newer\n")
        try repo.done("checkpoint", "newer")
        try repo.write("top.txt", "bad\n")
        let answer = try JSONValue(repo.done("restore", "--json", "top.txt", "src/c.c"))["restored"]
        #expect(answer?[0]?["from"]?.text != answer?[1]?["from"]?.text)
        #expect(try repo.text("top.txt") == "newer\n" && repo.text("src/c.c") == "old\n")
    }

    @Test("what is as in the checkpoint already is said, for a file, a folder and a pattern")
    func unchanged() throws {
        let repo = try TestRepository.begun("minimal")
        try repo.write("src/a.txt", "a\n")
        try repo.done("checkpoint", "a")
        for argument in ["src/a.txt", "src", "src/*.txt"] {
            let answer = try repo.json("restore", "--from", "last", argument)
            #expect(answer["restored"]?[0]?["action"]?.text == "unchanged", "\(argument)")
            #expect(answer["before"] == nil)
        }
        try repo.refuses(["restore", "--from", "last", "*.nothing"], status: 1, says: ["*.nothing"])
    }

    @Test("-n has the status of what it describes, and names what keeps it from being done")
    func dryRunStatus() throws {
        let repo = try TestRepository.begun("minimal")
        try repo.write("x.txt", "in a checkpoint\n")
        try repo.done("checkpoint", "x")
        try repo.remove("x.txt")
        try repo.write(".git/info/exclude", "x.txt\n/workflow-state.md\n")
        try repo.write("x.txt", "only here\n")
        let output = try repo.wf("restore", "-n", "--json", "x.txt")
        #expect(output.status == 1)
        let answer = try JSONValue(output)
        #expect(answer["restored"]?.list == [] && answer["blocked"]?[0]?["path"]?.text == "x.txt")
        #expect(answer["candidates"]?[0]?["size"]?.number == 16)
        #expect(try repo.wf("restore", "-n", "x.txt").text.hasPrefix("nothing would be restored, because these must"))
        #expect(try repo.wf("restore", "-n", "nonsense").status == 1)
        #expect(try repo.wf("restore", "x.txt").status == 1)
    }

    @Test("a restore of many files prints some of them, and how many more there are")
    func brief() throws {
        let repo = try TestRepository.begun("minimal")
        for number in 0..<50 { try repo.write("many/\(number)", "good\n") }
        try repo.done("checkpoint", "good")
        try repo.remove("many")
        let lines = try repo.done("restore", "many").lines
        #expect(lines.count == 22 && lines[20] == "… 30 more paths" && lines[21] == "git wf undo takes this back")
        #expect(try repo.done("undo").lines.count == 22)
        #expect(!repo.exists("many"))
    }
}
