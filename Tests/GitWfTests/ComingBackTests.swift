import SystemPackage
import TestSupport
import Testing

@Suite("Whoever comes back sees where the work stands")
struct ComingBackTests {
    @Test("dates stand wherever the day is not today, and nowhere else")
    func dates() throws {
        var repo = try TestRepository.begun("minimal")
        try repo.done("decide", "first day")
        let day = "2026-02-22 "
        for command in [["status"], ["log"], ["log", "--oneline"], ["resume"]] {
            let entries = try repo.done(command).lines.filter { $0.contains("first day") }
            #expect(!entries.isEmpty && entries.allSatisfy { !$0.contains(day) }, "\(command)")
        }
        repo.time += 86_400
        for command in [["status"], ["log"], ["log", "--oneline"], ["resume"]] {
            let entries = try repo.done(command).lines.filter { $0.contains("first day") }
            #expect(!entries.isEmpty && entries.allSatisfy { $0.contains(day) }, "\(command)")
        }
        try repo.done("block", "which region?")
        try repo.done("decide", "second day")
        #expect(try repo.done("status").lines.contains("  09:00: second day"))
        #expect(try repo.done("status").text.contains("which region? (since 09:00)"))
        let document = try repo.text("workflow-state.md")
        #expect(document.contains("**Last checkpoint**: 2026-02-23 09:00"))
        #expect(document.contains("- 2026-02-22 09:00: first day") && document.contains("- 09:00: second day"))
    }

    @Test("status after eight idle hours begins with what happened since")
    func idle() throws {
        var repo = try TestRepository.begun("minimal")
        let worktree = try #require(try repo.json("agent", "start", "api")["worktree"]?.text)
        repo.time += 7 * 3600
        #expect(try repo.done("status").lines[0].hasPrefix("demo: planning"))
        #expect(try repo.json("status")["since"] == nil)
        repo.time += 3600
        #expect(try repo.done("status").lines.prefix(2) == ["Since the last checkpoint, 8h ago", "  nothing happened"])
        try repo.commit("b.txt", "b\n", message: "Add b")
        try repo.write("c.txt", "c\n")
        var agent = repo.worktree(at: FilePath(worktree))
        agent.time = repo.time
        try agent.commit("x.txt", "x\n")
        try agent.done("agent", "report", "--status", "complete", "--summary", "The route")
        let lines = try repo.done("status").lines
        #expect(lines[0] == "Since the last checkpoint, 8h ago")
        #expect(lines[1].hasPrefix("  1 commit: ") && lines[1].hasSuffix(" Add b"))
        #expect(lines[2] == "  2 files changed: b.txt, c.txt")
        #expect(lines[3].hasPrefix("  agent api, 17:00: ") && lines[3].contains("The route"))
        #expect(lines[5].hasPrefix("demo: planning"))
        #expect(try repo.json("status")["since"]?.list.count == 3)
        try repo.done("checkpoint", "back")
        #expect(try repo.done("status").lines[0].hasPrefix("demo: planning"))
    }

    @Test("status keeps the oldest decisions: with many, those in the middle are counted")
    func decisions() throws {
        let repo = try TestRepository.begun("minimal")
        for number in 1...20 { try repo.done("decide", "choice \(number)") }
        let all = try repo.done("status").lines
        for number in 1...20 { #expect(all.contains { $0.hasSuffix(": choice \(number)") }, "\(number)") }
        for number in 21...60 { try repo.done("decide", "choice \(number)") }
        let lines = try repo.done("status").lines
        #expect(lines.count <= 60)
        for number in [1, 2, 3, 58, 59, 60] {
            #expect(lines.contains { $0.hasSuffix(": choice \(number)") }, "\(number)")
        }
        let shown = lines.count { $0.contains(": choice ") }
        #expect(lines.contains("  … \(60 - shown) more; git wf log --kind decision"))
        #expect(shown > 20)
    }

    @Test("while something blocks, no checkpoint is due")
    func block() throws {
        var repo = try TestRepository.begun("minimal")
        try repo.git("config", "-f", ".wfconfig", "checkpoint.every", "30m")
        try repo.git("commit", "-qam", "every")
        try repo.done("checkpoint", "begin")
        try repo.write("a.txt", "changed\n")
        repo.time += 3600
        #expect(try repo.wf("status", "--due").status == 1)
        try repo.done("block", "which region?")
        repo.time += 3600
        try repo.write("a.txt", "changed again\n")
        #expect(try repo.wf("status", "--due").status == 0)
        #expect(try repo.json("status")["due"]?.flag == false)
        #expect(try !repo.done("status").text.contains("due:"))
        try repo.done("unblock", "--answer", "eu")
        try repo.write("a.txt", "once more\n")
        repo.time += 3600
        #expect(try repo.wf("status", "--due").status == 1)
    }

    @Test("resume says gates, checks and where agents work, and no fact three times")
    func resume() throws {
        let repo = try TestRepository()
        try repo.write(
            ".wfconfig",
            "[workflow]\n\tname = demo\n[phase \"build\"]\n\tthen = ship\n\tcheck = make test\n"
                + "[phase \"ship\"]\n\tgate = human\n[merge]\n\tverify = make lint\n")
        try repo.write("TODO.md", "## Build\n- [ ] schema\n- [x] types\n")
        try repo.commit("a.txt", "one\n")
        try repo.done("init", "--no-hooks")
        let worktree = try #require(try repo.json("agent", "start", "api")["worktree"]?.text)
        try repo.done("checkpoint", "Half of it", "--summary", "two of four")
        try repo.done("block", "which region?")
        let text = try repo.done("resume").text
        #expect(text.contains("- A human approves the end of: ship"))
        #expect(text.contains("- Checks that must pass: build ends with `make test`, each merge with `make lint`"))
        #expect(text.contains("- api: open (in \(worktree))") || text.contains(" (in \(worktree))"))
        for fact in ["which region?", "blocked", "Half of it", "schema", "types", "Agent api started"] {
            #expect(text.ranges(of: fact).count <= 2, "\(fact)\n\(text)")
        }
    }

    @Test("a checkpoint's document carries the decisions in force and the open next actions, whoever said them")
    func documents() throws {
        let repo = try TestRepository.begun("minimal")
        try repo.done("decide", "FTS5")
        try repo.done("decide", "No cache")
        try repo.done("checkpoint", "first", "--next", "Search route", "--next", "Logging")
        try repo.done("decide", "A cache after all", "--replaces", repo.id("\(repo.lane)~1"))
        try repo.done("checkpoint", "T")
        let text = try repo.done("show").text
        #expect(text.contains("## Key Decisions (do not re-evaluate)\n- FTS5\n- A cache after all\n"))
        #expect(text.contains("## Next Actions (in order)\n1. Search route\n2. Logging"))
        // As it was then.
        let first = try repo.done("show", "last~2").text
        #expect(first.contains("- FTS5\n- No cache\n") && !first.contains("A cache after all"))
        // Recorded once, where it was said.
        #expect(try repo.json("log", "--kind", "decision", "-n", "0")["checkpoints"]?.list.count == 3)
        #expect(try repo.json("status")["decisions"]?.list.count == 2)
        // A document that leaves the sections out gets them; one that has them keeps them.
        try repo.write("doc.md", "# Checkpoint: D\n\n## State Summary\n- half\n")
        try repo.done("checkpoint", "-F", "doc.md")
        let filled = try repo.done("show").text
        #expect(filled.contains("- FTS5\n- A cache after all\n") && filled.contains("1. Search route\n2. Logging"))
        try repo.write("doc.md", "# Checkpoint: D\n\n## Key Decisions\n\n## Next Actions\n1. Ask ann\n")
        try repo.done("checkpoint", "-F", "doc.md")
        let kept = try repo.done("show").text
        #expect(!kept.contains("FTS5") && !kept.contains("Search route") && kept.contains("1. Ask ann"))
        #expect(try repo.json("next")["next"]?.list == [.string("Ask ann")])
    }

    @Test("an agent's document has what was decided in its own lane")
    func agentDocument() throws {
        let repo = try TestRepository.begun("minimal")
        try repo.done("decide", "the leader's")
        let agent = repo.worktree(at: FilePath(try #require(try repo.json("agent", "start", "api")["worktree"]?.text)))
        try agent.done("decide", "the agent's")
        try agent.done("checkpoint", "T")
        #expect(try agent.done("show").text.contains("- the agent's"))
        #expect(try repo.done("show", "agent/api").text.contains("- the agent's"))
    }

    @Test("the first -m is the title, as for git commit; the next ones are the text; behind a title all are")
    func messages() throws {
        let repo = try TestRepository.begun("minimal")
        func message() throws -> [String] {
            let lines = try repo.git("log", "-1", "--format=%B", repo.lane).lines.prefix { !$0.hasPrefix("Wf-") }
            return lines.filter { !$0.isEmpty }
        }
        for (arguments, title, body) in [
            (["-m", "T"], "T", [String]()), (["-m", "T", "-m", "one", "-m", "two"], "T", ["one", "two"]),
            (["T", "-m", "one"], "T", ["one"]), (["-m", "T\n\nmore\nof it"], "T", ["more", "of it"]),
            (["-m", "T", "--summary", "s"], "T", []),
        ] {
            try repo.done(["checkpoint"] + arguments)
            let lines = try message()
            #expect(
                lines == [title] + body,
                "\(arguments): \(lines)")
        }
        try repo.refuses(["checkpoint", "-F", "doc.md", "-m", "T"], status: 129, says: ["-F"])
    }

    @Test("(committed: X) names a commit that has the tick, once there is one")
    func committed() throws {
        for hooks in [false, true] {
            let repo = try TestRepository.begun("minimal", hooks: hooks)
            try repo.write("TODO.md", "- [ ] one\n- [ ] two\n")
            try repo.git("commit", "-qam", "items")
            try repo.done("checkpoint", "items")
            try repo.commit("work.txt", "work\n", message: "The work of one")
            try repo.done("todo", "done", "1")
            #expect(try !repo.done("todo").text.contains("committed:"))
            try repo.git("commit", "-qam", "tick")
            let commit = try repo.id("HEAD")
            if !hooks { try repo.done("checkpoint", "later") }
            try repo.commit("more.txt", "more\n")
            try repo.done("checkpoint", "later still")
            #expect(try repo.json("todo")["items"]?["list"]?.texts("commit") == [commit, ""], "hooks: \(hooks)")
            #expect(try repo.text("workflow-state.md").contains("- [x] one (committed: \(commit.prefix(7)))"))
            let ticked = try repo.git("show", "\(commit):TODO.md").text
            #expect(ticked.contains("[x] one"))
            // Ticked and committed in one step.
            try repo.write("TODO.md", "- [x] one\n- [x] two\n")
            try repo.git("commit", "-qam", "tick two")
            try repo.done("checkpoint", "two")
            #expect(try repo.json("todo")["items"]?["list"]?.texts("commit") == [commit, repo.id("HEAD")])
        }
    }
}
