import SystemPackage
import TestSupport
import Testing

@Suite("What a checkpoint records")
struct RecordTests {
    @Test("a harness' session and sub-agent stand on each checkpoint, and the actor stays who it is")
    func session() throws {
        var repo = try TestRepository.begun(hooks: true)
        func recorded(_ revision: String) throws -> [String] {
            let format = ["Wf-Session", "Wf-Subagent", "Wf-Actor"].map { "%(trailers:key=\($0),valueonly,separator=)" }
            return try repo.git("log", "-1", "--format=\(format.joined(separator: "|"))", revision).text
                .split(separator: "|", omittingEmptySubsequences: false).map(String.init)
        }
        repo.environment["CODEX_THREAD_ID"] = "thread-1"
        try repo.done("decide", "one")
        #expect(try recorded(repo.lane) == ["thread-1", "", "leader"])
        repo.environment["CLAUDE_CODE_SESSION_ID"] = "5c1f-é"
        repo.environment["GIT_WF_SUBAGENT"] = "a 7"
        try repo.commit("b.txt", "b\n")
        #expect(try recorded(repo.segment()) == ["5c1f-é", "a 7", "hook:post-commit"])
        repo.environment["GIT_WF_SESSION"] = "own"
        let agent = repo.worktree(at: FilePath(try repo.done("agent", "start", "one").lines[0]))
        #expect(try recorded("refs/wf/demo/agents/one") == ["own", "a 7", "agent:one"])
        try agent.done("checkpoint", "x")
        let trailers = try agent.json("log", "-n", "1")["checkpoints"]?[0]?["trailers"]
        #expect(trailers?.list.contains(.array([.string("Wf-Session"), .string("own")])) == true)
        // An id that cannot stand there as it is names nobody.
        for wrong in ["two\nlines", "escape \u{1b}[1m", String(repeating: "x", count: 201), " x", "\u{85}"] {
            try repo.done("checkpoint", "y", environment: ["GIT_WF_SESSION": wrong, "GIT_WF_SUBAGENT": wrong])
            #expect(try recorded(repo.lane) == ["", "", "leader"])
        }
        #expect(try repo.json("fsck")["problems"]?.list == [])
    }

    @Test("a hook's checkpoint holds the tree that git add -A would write")
    func hookTree() throws {
        let repo = try TestRepository()
        try repo.commit("a.txt", "one\n")
        try repo.done("init")
        try repo.write("untracked/b.txt", "b\n")
        try repo.write(".gitignore", "*.log\n")
        try repo.write("noise.log", "noise\n")
        try repo.git("commit", "--allow-empty", "-qm", "x")
        let newest = try #require(try repo.json("log", "--auto")["checkpoints"]?[0])
        #expect(newest["kind"]?.text == "auto" && newest["trigger"]?.text == "commit")
        #expect(newest["tree"]?.text == (try repo.oracleTree()))
        #expect(newest["actor"]?.text == "hook:post-commit")
    }

    @Test("a checkpoint leaves .git/index, HEAD and the configuration as they are, to the byte")
    func indexBytes() throws {
        let repo = try TestRepository.begun()
        try repo.write("a.txt", "two\n")
        try repo.git("add", "a.txt")
        try repo.write("a.txt", "three\n")
        try repo.write("b.txt", "b\n")
        let (index, config) = (try repo.indexBytes(), try repo.read(".git/config"))
        let head = try repo.read(".git/HEAD")
        let taken = try repo.json("checkpoint", "work")
        #expect(taken["tree"]?.text == (try repo.oracleTree()))
        #expect(try repo.indexBytes() == index)
        #expect(try repo.read(".git/config") == config)
        #expect(try repo.read(".git/HEAD") == head)
        #expect(try repo.git("show", "\(repo.lane):a.txt").text == "three")
    }

    @Test("what is staged and differs from the file is kept with the checkpoint")
    func staged() throws {
        let repo = try TestRepository.begun()
        try repo.write("a.txt", "staged\n")
        try repo.git("add", "a.txt")
        try repo.write("a.txt", "on disk\n")
        try repo.done("checkpoint", "work")
        let index = try repo.git("log", "-1", "--format=%(trailers:key=Wf-Index,valueonly)", repo.lane).text
        #expect(try repo.git("show", "\(index.prefix(40)):a.txt").text == "staged")
    }

    @Test("plain git shows every trailer, and the first-parent walk holds our commits only")
    func plainGit() throws {
        let repo = try TestRepository.begun(hooks: true)
        try repo.commit("b.txt", "b\n")
        try repo.done("decide", "FTS5", "--because", "ranking")
        try repo.commit("c.txt", "c\n")
        try repo.done([
            "checkpoint", "API", "--summary", "a\nb", "--next", String(repeating: "long ", count: 60), "--next", "two",
        ])
        try repo.done("todo", "done", "1")
        try repo.done("phase", "complete")
        let walk = try repo.git("log", "--first-parent", "--format=%(trailers:only,unfold)%x00", repo.lane).text
        let shown = walk.split(separator: "\0").map { $0.split(separator: "\n").map(String.init) }
            .filter { !$0.isEmpty }
        let told = try repo.json("log", "-n", "0")["checkpoints"]?.list ?? []
        #expect(shown.count == told.count && told.count >= 7)
        for (lines, checkpoint) in zip(shown, told) {
            #expect(lines.contains { $0.hasPrefix("Wf-Kind: ") })
            let trailers = checkpoint["trailers"]?.list.map { "\($0[0]?.text ?? ""): \($0[1]?.text ?? "")" } ?? []
            #expect(lines.map { $0.filter { $0 != " " } } == trailers.map { $0.filter { $0 != " " && $0 != "\n" } })
        }
        #expect(try repo.gitStatus("fsck", "--strict", "--no-dangling") == 0)
    }

    @Test("all of the state comes back after .git/wf and each worktree's wf folder are gone")
    func cachesLost() throws {
        let repo = try TestRepository.begun(hooks: true)
        try repo.git("worktree", "add", "-q", "-b", "side", "../linked")
        let linked = repo.beside("linked")
        try repo.done("phase", "complete")
        try repo.done("decide", "FTS5")
        try repo.done("todo", "done", "4")
        try repo.done("block", "which region?")
        try linked.commit("c.txt", "c\n")
        let before = try [repo, linked].map { try $0.json("status").without("operation", "warnings") }
        for path in [".git/wf", ".git/worktrees/linked/wf"] where repo.exists(path) { try repo.remove(path) }
        let after = try [repo, linked].map { try $0.json("status").without("operation", "warnings") }
        #expect(before == after)
        try repo.done("unblock", "--answer", "eu")
        #expect(try repo.json("status")["status"]?.text == "in-progress")
    }

    @Test("a clone that fetched the lanes and took them up has the same status")
    func clone() throws {
        let repo = try TestRepository.begun(hooks: true)
        try repo.git("init", "-q", "--bare", "../server")
        try repo.git("remote", "add", "origin", "../server")
        try repo.done("phase", "complete")
        try repo.done("decide", "FTS5", "--because", "ranking")
        try repo.done("todo", "done", "4")
        try repo.done("checkpoint", "API", "--next", "two")
        try repo.git("push", "-q", "origin", "main", "refs/wf/*:refs/wf/*")
        try repo.git("clone", "-q", "-b", "main", "../server", "../clone")
        let clone = repo.beside("clone")
        try clone.git("fetch", "-q", "origin", "refs/wf/*:refs/wf-remotes/origin/*")
        try clone.done("init")
        #expect(try clone.json("status") == repo.json("status"))
        let picture = try clone.picture()
        _ = try clone.json("log")
        #expect(try clone.picture() == picture)
    }

    @Test("a lane whose remote copy went another way is named with both tips, and never overwritten")
    func diverged() throws {
        let repo = try TestRepository.begun()
        try repo.git("clone", "-q", ".", "../clone")
        let clone = repo.beside("clone")
        try clone.git("fetch", "-q", "origin", "refs/wf/*:refs/wf-remotes/origin/*")
        try clone.done("init", "--no-hooks")
        try clone.done("checkpoint", "there")
        try repo.done("checkpoint", "here")
        try clone.git("fetch", "-q", "origin", "refs/wf/*:refs/wf-remotes/origin/*")
        let (here, there) = (try clone.id(repo.lane), try repo.id(repo.lane))
        let warnings = try clone.json("status")["warnings"]?.list.compactMap(\.text) ?? []
        #expect(warnings.contains { $0.contains(here) && $0.contains(there) })
        #expect(try clone.id(repo.lane) == here)
    }

    @Test("--if-changed writes nothing where nothing changed: no ref, no object")
    func ifChanged() throws {
        let repo = try TestRepository.begun()
        try repo.write("b.txt", "b\n")
        try repo.done("checkpoint", "work")
        let (refs, objects) = (try repo.git("for-each-ref").text, try repo.git("count-objects", "-v").text)
        let answer = try repo.json("checkpoint", "--if-changed")
        #expect(answer["unchanged"]?.flag == true)
        #expect(answer["id"]?.text == (try repo.id(repo.lane)))
        #expect(
            try repo.done("checkpoint", "--if-changed", "--trigger", "time").text.hasPrefix("Nothing changed since"))
        #expect(try repo.git("for-each-ref").text == refs)
        #expect(try repo.git("count-objects", "-v").text == objects)
        try repo.write("b.txt", "more\n")
        #expect(try repo.json("checkpoint", "--if-changed", "--trigger", "time")["unchanged"]?.flag == false)
        #expect(try repo.json("checkpoint", "--if-changed", "--trigger", "time")["unchanged"]?.flag == true)
    }

    @Test("--trigger takes an automatic one, beside the lane")
    func trigger() throws {
        let repo = try TestRepository.begun()
        let tip = try repo.id(repo.lane)
        try repo.write("a.txt", "two\n")
        let answer = try repo.json("checkpoint", "--trigger", "break")
        #expect(answer["kind"]?.text == "auto" && answer["unchanged"]?.flag == false)
        #expect(try repo.id(repo.lane) == tip)
        #expect(try repo.id(repo.segment()) == answer["id"]?.text)
        #expect(try repo.json("log", "--auto")["checkpoints"]?[0]?["trigger"]?.text == "break")
        #expect(try repo.done("log").text.contains("1 automatic, shown with --auto"))
    }

    @Test("a checkpoint document comes back from show as it was written, byte for byte")
    func document() throws {
        let repo = try TestRepository.begun()
        let document = """
            # Checkpoint: API 60% complete
            **Date**: 2026-02-22 09:30
            **Resumable by**: anyone

            ## Context Required to Resume
            (none)

            ## State Summary
            Three of five routes.

            ## Key Decisions (do not re-evaluate)
            - FTS5 over LIKE

            ## Current File State
            - `a.txt`: as it was

            ## Something Of My Own
            1. kept   as it is

            ## Next Actions (in order)
            1. Feedback route
            2. Tests

            """
        try repo.write("notes/cp.md", document)
        try repo.done("checkpoint", "-F", "notes/cp.md")
        #expect(String(decoding: try repo.done("show").stdout, as: UTF8.self) == document)
        #expect(try repo.json("show")["document"]?.text == document)
        let status = try repo.json("status")
        #expect(status["next"] == .array([.string("Feedback route"), .string("Tests")]))
        #expect(status["decisions"]?.texts("text") == ["FTS5 over LIKE"])
        let piped = try repo.wf("checkpoint", "-F", "-", stdin: document)
        #expect(piped.status == 0)
        #expect(String(decoding: try repo.done("show", "last").stdout, as: UTF8.self) == document)
    }

    @Test("files that are too large are left out, and named")
    func skipped() throws {
        let repo = try TestRepository.begun()
        try repo.git("config", "wf.maxFileSize", "1k")
        try repo.write("big.bin", String(repeating: "x", count: 2048))
        let answer = try repo.json("checkpoint", "work")
        #expect(answer["skipped"]?.texts("path") == ["big.bin"])
        #expect(try repo.wf("checkpoint", "again").errorText.contains("left out: big.bin"))
        #expect(try repo.gitStatus("cat-file", "-e", "\(repo.lane):big.bin") != 0)
    }

    @Test("status --due prints nothing, and says by its status whether a checkpoint is due")
    func due() throws {
        var repo = try TestRepository.begun()
        try repo.write("a.txt", "two\n")
        #expect(try repo.wf("status", "--due").status == 0)
        repo.time += 3 * 3600
        let due = try repo.wf("status", "--due")
        #expect(due.status == 1 && due.stdout == [] && due.stderr == [])
        #expect(try repo.json("status")["due"]?.flag == true)
        #expect(try repo.done("status").text.contains("due: "))
        try repo.done("checkpoint", "work")
        #expect(try repo.wf("status", "--due").status == 0)
    }

    @Test("what goes wrong once a checkpoint is recorded is said, and the checkpoint counts")
    func said() throws {
        let repo = try TestRepository.begun()
        try repo.remove(".git/wf/index")
        try repo.write(".git/wf/index/in the way", "")
        try repo.write("a.txt", "changed\n")
        let taken = try repo.done("checkpoint", "x")
        #expect(taken.errorText.contains("has to look at every file again"))
        #expect(try repo.git("show", "\(repo.lane):a.txt").text == "changed")
    }
}
