import TestSupport
import Testing

@Suite("What a user sees")
struct OutputTests {
    /// A workflow in the middle of its second phase, with something of everything.
    private func middle() throws -> TestRepository {
        var repo = try TestRepository.begun()
        for step in [
            ["decide", "FTS5 over LIKE for search", "--because", "ranking"], ["todo", "done", "1"],
            ["checkpoint", "Plan", "--summary", "Three routes", "--next", "Schema", "--next", "Search route"],
            ["phase", "complete"], ["checkpoint", "--trigger", "break"], ["todo", "start", "5"],
            [
                "checkpoint", "API 60% done", "--summary", "3 of 5 routes", "--decision", "No caching yet", "--file",
                "src/api.ts: open",
            ],
            ["block", "which region?", "--as", "human:ann"],
        ] {
            repo.time += 1500
            try repo.write("src/api.ts", step.joined(separator: " "))
            try repo.done(step)
        }
        repo.time += 60
        return repo
    }

    @Test("status, log, show, phase, todo and next, as they are held in files")
    func snapshots() throws {
        let repo = try middle()
        for (name, command) in [
            ("status", ["status"]), ("log", ["log"]), ("log-oneline", ["log", "--oneline", "--auto", "-n", "4"]),
            ("show", ["show", "last~1"]), ("phase", ["phase"]), ("todo", ["todo"]), ("next", ["next"]),
            ("workflows", ["workflows"]), ("restore", ["restore", "-n", "src/api.ts"]),
        ] {
            try TextSnapshot.expect(TextSnapshot.normalised(repo.done(command), repo), name)
        }
    }

    @Test("every document has schema 1 and the keys of the contract")
    func keys() throws {
        let repo = try middle()
        let status = try repo.json("status")
        #expect(
            status.keys.isSuperset(of: [
                "schema", "workflow", "branch", "phase", "status", "started", "lastCheckpoint", "due", "phases",
                "items",
                "blocks", "decisions", "next", "agents", "warnings",
            ]))
        #expect(status["lastCheckpoint"]?.keys == ["id", "time", "title", "kind"])
        #expect(status["phases"]?[0]?.keys == ["name", "status", "entered", "completed", "visits", "checkpoints"])
        #expect(status["phases"]?[3]?["gate"]?.text == "human")
        #expect(status["items"]?.keys == ["total", "done", "current", "list"])
        #expect(
            status["items"]?["list"]?[0]?.keys.isSuperset(of: ["number", "text", "done", "phase", "section"]) == true)
        #expect(status["blocks"]?[0]?.keys == ["needs", "reason", "since", "phase"])
        #expect(status["decisions"]?[0]?.keys == ["id", "text", "because", "time"])
        let log = try repo.json("log", "--auto", "-n", "0")["checkpoints"]
        for checkpoint in log?.list ?? [] {
            #expect(
                checkpoint.keys.isSuperset(of: [
                    "id", "parents", "tree", "time", "kind", "phase", "actor", "title", "decisions", "next", "trailers",
                ]))
            #expect(checkpoint["id"]?.text?.count == 40 && checkpoint["time"]?.text?.count == 25)
        }
        try repo.write("src/api.ts", "more\n")
        let taken = try repo.json("checkpoint", "x")
        #expect(
            taken.keys == [
                "schema", "id", "tree", "lane", "kind", "phase", "title", "time", "changed", "skipped", "unchanged",
            ])
        #expect(taken["changed"]?.number == 1 && taken["lane"]?.text == "leader")
        try repo.write("src/api.ts", "bad\n")
        #expect(try repo.json("restore", "-n", "src/api.ts").keys == ["schema", "restored", "candidates"])
        #expect(try repo.json("restore", "src/api.ts").keys == ["schema", "restored", "before"])
        #expect(try repo.json("undo").keys == ["schema", "undone", "restored", "head"])
        for (command, key) in [
            (["todo"], "items"), (["todo", "done", "2"], "items"), (["todo", "add", "y"], "items"), (["next"], "phase"),
            (["show"], "document"), (["diff"], "changes"), (["workflows"], "workflows"), (["hooks"], "hooks"),
            (["phase"], "phases"), (["unblock"], "phases"), (["decide", "z"], "decisions"), (["block", "b"], "blocks"),
            (["init"], "workflow"), (["trust"], "trusted"), (["hooks", "install"], "hooks"),
            (["hooks", "uninstall"], "hooks"),
        ] {
            let document = try JSONValue(repo.done(command + ["--json"]))
            #expect(document["schema"]?.number == 1 && document[key] != nil, "\(command)")
        }
        #expect(try repo.json("hooks", "status").keys.isSuperset(of: ["hooks", "misses"]))
    }

    @Test("status takes at most 60 lines, whatever there is, and finds its way among 40 phases")
    func large() throws {
        let repo = try TestRepository()
        let phases = (1...40).map { number in
            "[phase \"p\(number)\"]\n\tbudget = 1\n" + (number < 40 ? "\tthen = p\(number + 1)\n" : "")
        }
        try repo.write(".wfconfig", phases.joined())
        try repo.commit(
            "TODO.md", (1...500).map { "- [ ] item \($0) \(String(repeating: "long ", count: 40))\n" }.joined())
        try repo.done("init", "--name", "demo", "--no-hooks")
        for number in 1...12 {
            try repo.done("decide", "decision \(number)")
            try repo.done("block", "reason \(number)")
        }
        try repo.done(["checkpoint", "x"] + (1...30).flatMap { ["--next", "action \($0)"] })
        let lines = try repo.done("status", environment: ["COLUMNS": "100"]).lines
        #expect(lines.count <= 60)
        #expect(lines.allSatisfy { $0.count <= 100 })
        #expect(try repo.json("status")["items"]?["list"]?.list.count == 500)
        for _ in 1...12 { try repo.done("unblock") }
        for _ in 1...20 { try repo.done("phase", "complete") }
        #expect(try repo.done("status").lines.contains { $0.hasPrefix("  > p21 ") })
    }

    @Test(
        "nothing breaks when the reader goes away",
        arguments: [
            ["status"], ["log", "-n", "0"], ["log", "--json", "-n", "0"], ["diff"], ["show", "-p"], ["todo"],
            ["log", "--graph"],
        ])
    func head(command: [String]) throws {
        let repo = try middle()
        try repo.write("src/api.ts", String(repeating: "line\n", count: 30_000))
        let output = try repo.run("bash", ["-c", "{ git-wf \"$@\"; echo $? >../status; } | head -1", "bash"] + command)
        #expect(output.lines.count <= 1 && output.errorText == "")
        #expect(["0\n", "141\n"].contains(try repo.text("../status")))
        #expect(try repo.run("sh", ["-c", "exec git-wf \"$@\" >&-", "sh"] + command).errorText == "")
    }

    @Test("control characters in titles, decisions, reasons, items and paths reach no terminal alive")
    func hostile() throws {
        let repo = try TestRepository.begun("minimal", hooks: true)
        let evil = "x\u{1b}[31mred\u{1b}]0;title\u{07}\u{9b}2J\r\u{202e}back\u{7f}"
        try repo.write("p\u{1b}[31m\u{07}.txt", "one\n")
        try repo.write("TODO.md", "## S\(evil)\n- [ ] \(evil)\n- [ ] y\n")
        try repo.git("commit", "-q", "--allow-empty", "-m", "commit \(evil)")
        try repo.git("config", "-f", ".wfconfig", "workflow.goal", evil)
        for command in [
            [
                "checkpoint", evil, "--next", evil, "--summary", evil, "--file", "\(evil): \(evil)", "--read", evil,
                "-m", evil,
            ],
            ["decide", evil, "--because", evil], ["block", evil], ["todo", "start", "1"], ["todo", "done", "1"],
            ["todo", "add", evil], ["unblock", "--answer", evil], ["phase", "fail", "--reason", evil],
            ["phase", "start", "planning"],
            ["block", evil],
        ] { #expect(try repo.wf(command).isHarmless, "\(command)") }
        try repo.write("p\u{1b}[31m\u{07}.txt", "two\n")
        try repo.write("doc.md", "# Checkpoint: \(evil)\n\n\(evil)\n")
        for command in [
            ["checkpoint", "-F", "doc.md"], ["status"], ["log", "-n", "0", "--auto"], ["log", "--oneline"], ["show"],
            ["show", "last~1"],
            ["show", "--stat"], ["diff", "--stat"], ["todo"], ["next"], ["workflows"], ["phase"],
            ["restore", "-n", "."],
            ["restore", "."], ["undo", "-n"], ["undo"], ["hooks"],
            // What was typed comes back in messages.
            ["show", evil], ["restore", evil], ["phase", "start", evil], ["phase", "complete", evil],
            ["todo", "done", evil], [evil],
            ["status", "--workflow", evil], ["decide", "x", "--replaces", evil], ["status", "--as", evil],
            ["log", "--since", evil],
            ["--\(evil)"], ["-C", evil, "status"], ["init", "--name", evil], ["init", "--template", evil],
            ["status", evil],
            ["checkpoint", "--trigger", evil], ["block", "x", "--needs", evil], ["checkpoint", "-F", evil],
            ["diff", evil],
            ["log", "--", evil], ["hook", evil], ["status", "--json"], ["log", "--json"],
        ] {
            let output = try repo.wf(command)
            #expect(output.isHarmless, "\(command)")
        }
    }

    @Test("a narrow terminal cuts lines, never the answer")
    func narrow() throws {
        let repo = try middle()
        let output = try repo.done(["status"], environment: ["COLUMNS": "30"])
        #expect(output.lines.allSatisfy { $0.count <= 30 })
        #expect(try repo.done(["log"], environment: ["COLUMNS": "1"]).lines.count > 5)
    }
}
