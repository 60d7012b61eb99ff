import TestSupport
import Testing

@Suite("Restore brings work back, and undo takes that back")
struct RestoreTests {
    @Test("emptied work that HEAD never had comes back, and undo takes that back; the index stays, to the byte")
    func emptied() throws {
        let repo = try TestRepository.begun()
        try repo.write("a.txt", "staged\n")
        try repo.git("add", "a.txt")
        try repo.write("a.txt", "hours of work\n", mode: 0o755)
        try repo.done("checkpoint", "--trigger", "time")
        try repo.run("sh", ["-c", ": >a.txt; chmod 644 a.txt"])
        try repo.done("checkpoint", "--trigger", "time")
        let index = try repo.indexBytes()
        try repo.done("restore", "a.txt")
        #expect(try repo.contents(of: "")["a.txt 100755"] == Array("hours of work\n".utf8))
        #expect(try repo.indexBytes() == index)
        try repo.done("undo")
        #expect(try repo.contents(of: "")["a.txt 100644"] == [])
        #expect(try repo.indexBytes() == index)
    }

    @Test("run again, it goes one version further back; so does an undo, and a redo comes forward")
    func further() throws {
        let repo = try TestRepository.begun()
        for text in ["two\n", "three\n"] {
            try repo.write("a.txt", text)
            try repo.done("checkpoint", text)
        }
        try repo.write("a.txt", "four\n")
        for expected in ["three\n", "two\n", "one\n"] {
            try repo.done("restore", "a.txt")
            #expect(try repo.text("a.txt") == expected)
        }
        try repo.refuses(["restore", "a.txt"], status: 1, says: ["nothing earlier"])
        for (command, expected) in [("undo", "two\n"), ("redo", "one\n"), ("undo", "two\n"), ("undo", "three\n")] {
            try repo.done(command)
            #expect(try repo.text("a.txt") == expected)
        }
    }

    @Test("-n says exactly what is then done, and does nothing")
    func dryRun() throws {
        let repo = try tree()
        try repo.write("src/a", "changed\n")
        try repo.remove("src/deep/b")
        let good = try repo.id(repo.lane)
        for arguments in [
            ["src"], ["src/a", "src/deep"], ["--from", good, "--all"], ["--from", good, "--all", "--exact"],
        ] {
            let picture = try repo.picture()
            let planned = try JSONValue(repo.done(["restore", "-n", "--json"] + arguments))
            #expect(try repo.picture() == picture)
            let done = try JSONValue(repo.done(["restore", "--json"] + arguments))
            #expect(planned["restored"] == done["restored"] && done["restored"]?.list.isEmpty == false)
            #expect(planned["before"] == nil && done["before"]?.text?.count == 40)
            try repo.done("undo")
            #expect(try repo.picture().files == picture.files)
        }
        let candidates = try repo.json("restore", "-n", "src/a")["candidates"]
        let picture = try repo.picture()
        #expect(candidates?[0]?.keys == ["path", "id", "time", "actor", "size"])
        #expect(candidates?[0]?["size"]?.number == 2 && candidates?[0]?["actor"]?.text == "leader")
        let redo = try repo.wf("redo", "-n")
        #expect(redo.status == 0 && redo.text.hasPrefix("would redo"))
        #expect(try repo.picture() == picture)
    }

    @Test("a path that looks like a pattern is itself")
    func literal() throws {
        let repo = try TestRepository.begun()
        for name in ["[a].txt", "star*.txt", " sp ace ü.txt ", ":colon", "-dash", "!not.txt", "#no.txt", "back\\slash"]
        {
            try repo.write(name, "good\n")
            try repo.done("checkpoint", "good")
            try repo.write(name, "bad\n")
            let answer = try JSONValue(repo.done(["restore", "--json", "--", name]))
            #expect(answer["restored"]?.texts("path") == [name])
            #expect(try repo.text(name) == "good\n")
        }
    }

    @Test(
        "a pattern or a dot, asked again, goes one further back as a path does",
        arguments: ["src/*.txt", "src/?.txt", "."])
    func furtherByPattern(argument: String) throws {
        let repo = try TestRepository.begun("minimal")
        for text in ["two\n", "three\n"] {
            try repo.write("src/a.txt", text)
            try repo.done("checkpoint", text)
        }
        try repo.write("src/a.txt", "four\n")
        for expected in ["three\n", "two\n"] {
            try repo.done("restore", argument)
            #expect(try repo.text("src/a.txt") == expected)
        }
    }

    private func tree() throws -> TestRepository {
        let repo = try TestRepository.begun("minimal")
        try repo.write("src/a", "a\n")
        try repo.write("src/deep/b", "b\n", mode: 0o755)
        try repo.link("src/link", to: "deep/b")
        try repo.write("src/x.txt", "x\n")
        try repo.write("other.txt", "other\n")
        try repo.done("checkpoint", "good")
        return repo
    }

    @Test("folders, with modes and links; globs; nothing beside what was named")
    func folders() throws {
        let repo = try tree()
        let good = try repo.contents(of: "src")
        try repo.remove("src")
        try repo.write("other.txt", "changed\n")
        try repo.done("restore", "src")
        #expect(try repo.contents(of: "src") == good)
        #expect(try repo.text("other.txt") == "changed\n")
        try repo.remove("src/link")
        try repo.write("src/link", "a file now\n")
        try repo.write("src/x.txt", "bad\n")
        try repo.write("src/a", "bad\n")
        try repo.done("restore", "src/link", "src/*.txt")
        #expect(try repo.text("src/x.txt") == "x\n" && repo.text("src/a") == "bad\n")
        #expect((Files.mode(of: repo.file("src/link")) ?? 0) & 0o170000 == 0o120000)
        try repo.done("restore", "src/")
        #expect(try repo.contents(of: "src") == good)
    }

    @Test("--from takes any name of a checkpoint")
    func sources() throws {
        let repo = try tree()
        try repo.write("other.txt", "second\n")
        let second = try repo.json("checkpoint", "second")["id"]?.text ?? ""
        try repo.done("phase", "complete")
        try repo.write("other.txt", "third\n")
        try repo.done("checkpoint", "third")
        for (name, text) in [
            ("last", "third\n"), (second, "second\n"), (String(second.prefix(8)), "second\n"),
            ("phase/planning", "second\n"),
            ("last~3", "second\n"), ("\(repo.lane)~1", "second\n"), ("tip~0", nil),
        ] {
            let answer = try JSONValue(repo.done(["restore", "--from", name, "other.txt", "--json"]))
            #expect(answer["restored"]?[0]?["path"]?.text == "other.txt", "\(name)")
            if let text { #expect(try repo.text("other.txt") == text, "\(name)") }
            if answer["before"] != nil { try repo.done("undo") }
        }
        for name in ["last~99", "nonsense", "HEAD", "phase/none", "last~x", "agent/none", "0000000"] {
            try repo.refuses(
                ["restore", "--from", name, "other.txt"], status: 128, says: [name.hasPrefix("phase") ? "none" : ""])
        }
    }

    @Test("--all leaves what is new alone; --exact removes it, but nothing ignored")
    func exact() throws {
        let repo = try tree()
        let good = try repo.contents(of: "")
        try repo.write(".git/info/exclude", "*.log\n/workflow-state.md\n")
        try repo.write("noise.log", "noise\n")
        try repo.write("new/file", "new\n")
        try repo.write("src/a", "bad\n")
        try repo.done("restore", "--from", "last", "--all")
        #expect(try repo.text("src/a") == "a\n" && repo.text("new/file") == "new\n")
        let taken = try repo.json("log", "--kind", "checkpoint")["checkpoints"]?[0]?["id"]?.text ?? ""
        try repo.done("restore", "--from", taken, "--all", "--exact")
        #expect(!repo.exists("new"))
        #expect(try repo.text("noise.log") == "noise\n")
        var now = try repo.contents(of: "")
        now["noise.log 100644"] = nil
        #expect(now == good)
    }

    @Test("a path that nothing matches is a no, and the others stay as they are")
    func unmatched() throws {
        let repo = try tree()
        try repo.write("src/a", "bad\n")
        try repo.refuses(["restore", "nonsense"], status: 1, says: ["nonsense"])
        try repo.refuses(["restore", "src/a", "nonsense"], status: 1, says: ["nonsense"])
        try repo.refuses(["restore", "--from", "last", "src/a", "nonsense"], status: 1, says: ["nonsense"])
        try repo.refuses(["restore", "../outside"], status: 128, says: ["outside of the worktree"])
    }

    @Test("an ignored file in the way is named and stays, and nothing is restored")
    func ignored() throws {
        let repo = try tree()
        try repo.remove("other.txt")
        try repo.write("src/a", "bad\n")
        try repo.done("checkpoint", "without")
        try repo.write(".git/info/exclude", "other.txt\n/workflow-state.md\n")
        try repo.write("other.txt", "only here\n")
        try repo.refuses(["restore", "other.txt", "src/a"], status: 1, says: ["other.txt", "ignored"])
        try repo.refuses(["restore", "--from", "last~1", "--all"], status: 1, says: ["other.txt"])
        #expect(try repo.text("other.txt") == "only here\n" && repo.text("src/a") == "bad\n")
    }

    @Test("nothing to undo is a no, also in a worktree where nothing was done")
    func nothingToUndo() throws {
        let repo = try TestRepository.begun()
        try repo.refuses(["undo"], status: 1, says: ["nothing to undo"])
        try repo.write("a.txt", "two\n")
        try repo.done("restore", "a.txt")
        try repo.git("worktree", "add", "-q", "-b", "side", "../linked")
        let linked = repo.beside("linked")
        try linked.refuses(["undo"], status: 1, says: ["nothing to undo"])
        try repo.done("undo")
        #expect(try repo.text("a.txt") == "two\n")
    }

    @Test("an undo brings back what was edited meanwhile elsewhere untouched, and what it takes back can come back")
    func besideOtherEdits() throws {
        let repo = try tree()
        try repo.write("src/a", "work\n")
        try repo.done("restore", "src/a")
        try repo.write("other.txt", "edited since\n")
        try repo.write("src/a", "and edited since too\n")
        try repo.done("undo")
        #expect(try repo.text("src/a") == "work\n" && repo.text("other.txt") == "edited since\n")
        try repo.done("redo")
        #expect(try repo.text("src/a") == "and edited since too\n")
    }
}
