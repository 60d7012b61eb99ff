import TestSupport
import Testing

@Suite("Commands on a lane that was joined")
struct JoinedLaneTests {
    /// Two clones that worked on since, and the lane of the first one, which is both.
    private static func joined(
        here: [[String]], there: [[String]]
    ) throws -> (repo: TestRepository, clone: TestRepository, tips: [String]) {
        let repo = try TestRepository.begun()
        try repo.git("clone", "-q", ".", "../clone")
        var clone = repo.beside("clone")
        clone.time += 60
        try clone.git("fetch", "-q", "origin", "+refs/wf/*:refs/wf-remotes/origin/*")
        try clone.done("init", "--no-hooks")
        for arguments in here { try repo.done(arguments) }
        for arguments in there { try clone.done(arguments) }
        let tips = [try repo.id(repo.lane), try clone.id(clone.lane)]
        try repo.git("fetch", "-q", "../clone", "\(repo.lane):refs/wf-remotes/clone/demo/leader")
        let join = try repo.joinByGit(tips[0], tips[1], workflow: "demo")
        try repo.git("update-ref", repo.lane, join)
        return (repo, clone, tips)
    }

    private func titles(_ repo: TestRepository, _ arguments: String...) throws -> [String] {
        try JSONValue(repo.done(["log", "--json", "-n", "0"] + arguments))["checkpoints"]?.texts("title") ?? []
    }

    @Test("log, show, status and fsck tell both sides, each checkpoint once, and work goes on behind them")
    func told() throws {
        let (repo, _, tips) = try Self.joined(
            here: [["decide", "FTS5"], ["checkpoint", "here", "--next", "this"]],
            there: [["decide", "D1"], ["decide", "FTS5"], ["checkpoint", "there"]])
        let told = try titles(repo)
        #expect(told.count == Set(try repo.json("log", "-n", "0")["checkpoints"]?.texts("id") ?? []).count)
        #expect(told.first?.hasPrefix("Lanes joined: ") == true)
        for title in ["here", "there", "Decided: D1"] { #expect(told.count { $0 == title } == 1, "\(title)") }
        #expect(told.count { $0 == "Decided: FTS5" } == 2)
        #expect(try Set(repo.json("status")["decisions"]?.texts("text") ?? []) == ["FTS5", "D1"])
        #expect(try repo.json("status")["decisions"]?.list.count == 2)
        #expect(try repo.json("fsck")["problems"]?.list == [])
        let graph = try repo.done("log", "--graph").text
        #expect(["here", "there"].allSatisfy { title in graph.contains(title) })
        // `-n` counts the rest.
        #expect(try repo.done("log", "-n", "1").text.contains("\(told.count - 1) older"))
        #expect(try repo.done("show", "last", "--stat").text.contains("Lanes joined"))
        #expect(try !repo.done("show", "last", "--stat").text.contains("|"))
        #expect(try repo.json("show", "last~\(told.count - 1)")["checkpoint"]?["kind"]?.text == "workflow-started")
        try repo.write("a.txt", "on\n")
        try repo.done("checkpoint", "goes on")
        #expect(try titles(repo) == ["goes on"] + told)
        #expect(try titles(repo, "--", "a.txt") == ["goes on"] + told.filter { $0.hasPrefix("Workflow") })
        let before = try repo.json("status")
        try repo.remove(".git/wf/cache")
        #expect(try repo.json("status") == before)
        #expect(try repo.git("merge-base", "--is-ancestor", tips[1], repo.lane).status == 0)
    }

    @Test("a clone takes up a lane that was joined, also where both sides started an agent of one name")
    func takenUp() throws {
        let (repo, _, _) = try Self.joined(
            here: [["decide", "FTS5"], ["agent", "start", "one"]],
            there: [["decide", "D1"], ["agent", "start", "one"]])
        try repo.git("clone", "-q", ".", "../third")
        let third = repo.beside("third")
        try third.git("fetch", "-q", "origin", "refs/wf/*:refs/wf-remotes/origin/*")
        try third.done("init", "--no-hooks")
        #expect(try third.json("status")["decisions"] == repo.json("status")["decisions"])
        #expect(try third.id(third.lane) == repo.id(repo.lane))
        let found = try third.json("fsck")
        #expect(found["problems"]?.list == [])
        #expect(
            found["notes"]?.texts("note").contains { $0.contains("without effect beside what another clone") } == true)
    }

    @Test("a phase that both sides left blocks the workflow on review, by name, until it is looked at")
    func dispute() throws {
        let (repo, _, _) = try Self.joined(
            here: [["phase", "complete"]], there: [["phase", "fail", "--reason", "too large"]])
        let status = try repo.json("status")
        #expect(status["status"]?.text == "blocked")
        let blocks = status["blocks"]?.list ?? []
        #expect(!blocks.isEmpty && blocks.allSatisfy { $0["needs"]?.text == "review" })
        let ids = try repo.json("log", "-n", "0")["checkpoints"]?.texts("id") ?? []
        #expect(blocks.allSatisfy { block in ids.contains { block["reason"]?.text?.contains($0.prefix(7)) == true } })
        #expect(try repo.json("fsck")["problems"]?.list == [] && status["warnings"]?.list == [])
        try repo.refuses(["phase", "complete"], status: 1, says: ["unblock"])
        try repo.done("unblock", "--answer", "looked at")
        #expect(try repo.json("status")["blocks"]?.list == [])
        #expect(try repo.json("status")["status"]?.text != "blocked")
        let after = try repo.json("status")
        try repo.remove(".git/wf/cache")
        #expect(try repo.json("status") == after)
    }

    @Test("a lane that was set back to either side of its join is moved forward to it again", arguments: [0, 1])
    func repaired(side: Int) throws {
        let (repo, _, tips) = try Self.joined(
            here: [["decide", "FTS5"]], there: [["decide", "D1"], ["checkpoint", "there"]])
        try repo.done("checkpoint", "behind it")
        let tip = try repo.id(repo.lane)
        try repo.git("update-ref", repo.lane, tips[side])
        #expect(try repo.wf("fsck").status == 1)
        let repaired = try repo.json("fsck", "--repair")
        #expect(repaired["repaired"]?.texts("to") == [tip] && repaired["problems"]?.list == [])
        #expect(try repo.git("rev-parse", "\(repo.lane)^1").text == tip)
    }

    @Test("what says that it joins and names other commits than its parents joins nothing, and stops nothing")
    func forged() throws {
        let repo = try TestRepository.begun()
        try repo.done("decide", "FTS5")
        let tip = try repo.id(repo.lane)
        let head = try repo.id("HEAD")
        for joined in [[tip, head], [head, tip], [tip, tip], [tip]] {
            let message =
                "Forged\n\nWf-Version: 1\nWf-Workflow: demo\nWf-Lane: leader\nWf-Kind: lanes-joined\n"
                + joined.map { "Wf-Joins: \($0)\n" }.joined()
            let forged = try repo.git(
                ["commit-tree", "\(tip)^{tree}", "-p", tip, "-p", head], stdin: Array(message.utf8)
            ).text
            try repo.git("update-ref", repo.lane, forged)
            let status = try repo.json("status")
            #expect(status["decisions"]?.texts("text") == ["FTS5"] && status["status"]?.text == "in-progress")
            #expect(status["warnings"]?.list.contains { $0.text?.contains("was not allowed") == true } == true)
            #expect(try titles(repo).first == "Forged")
            try repo.done("checkpoint", "goes on")
            try repo.git("update-ref", repo.lane, tip)
        }
    }
}
