import SystemPackage
import TestSupport
import Testing

@Suite("A workflow and its branch")
struct WorkflowBranchTests {
    private static func branch(_ repo: TestRepository) throws -> String? { try repo.json("status")["branch"]?.text }

    private static func warnings(_ repo: TestRepository) throws -> [String] {
        try repo.json("status")["warnings"]?.list.compactMap(\.text) ?? []
    }

    @Test(
        "git branch -m: reading says it, the next command that records follows it, and what was ticked meanwhile is kept"
    )
    func renamed() throws {
        let repo = try TestRepository.begun("minimal")
        try repo.git("branch", "-m", "middle")
        try repo.git("branch", "-m", "trunk")
        try repo.write("TODO.md", repo.text("TODO.md") + "- [x] meanwhile\n")
        let tip = try repo.id(repo.lane)
        for words in [["status"], ["log"], ["resume"], ["next"], ["workflows"]] {
            let picture = try repo.picture()
            try repo.done(words)
            #expect(try repo.picture() == picture)
        }
        #expect(try Self.warnings(repo).contains { $0.contains("main was renamed to trunk") })
        let output = try repo.wf("checkpoint", "work")
        #expect(output.status == 0 && output.errorText.contains("main was renamed to trunk"))
        #expect(try repo.kinds().prefix(4) == ["checkpoint", "item-done", "item-added", "branch-renamed"])
        #expect(try repo.git("rev-parse", "\(repo.lane)~4").text == tip)
        #expect(try Self.branch(repo) == "refs/heads/trunk")
        #expect(try Self.warnings(repo) == [])
        try repo.done("todo", "done", "1")
        try repo.remove(".git/wf")
        #expect(try Self.branch(repo) == "refs/heads/trunk")
        #expect(try repo.json("fsck")["problems"]?.list == [])
        try repo.done("checkpoint", "more")
        #expect(try repo.kinds().count { $0 == "branch-renamed" } == 1)
    }

    @Test("a hook follows it too, in a linked worktree, beside another workflow, and without a binding")
    func renamedBesideOthers() throws {
        let repo = try TestRepository.begun("minimal", hooks: true)
        try repo.git("worktree", "add", "-q", "-b", "side", "../linked")
        let linked = repo.beside("linked")
        try linked.done("init", "--name", "second")
        try linked.done("decide", "here")
        try linked.git("branch", "-m", "aside")
        Files.removeTree(try linked.gitPath("wf"))
        #expect(try linked.json("status")["workflow"]?.text == "second")
        try linked.commit("b.txt", "b\n")
        #expect(try Self.branch(linked) == "refs/heads/aside")
        let newest = try linked.json("log", "-n", "1")["checkpoints"]?[0]
        #expect(newest?["kind"]?.text == "branch-renamed" && newest?["actor"]?.text == "hook:post-commit")
        #expect(try Self.branch(repo) == "refs/heads/main")
        #expect(try repo.json("status")["workflow"]?.text == "demo")
        #expect(try !repo.kinds().contains("branch-renamed"))
    }

    @Test("what was done before the branch was renamed is undone after it; a merge of an agent goes on")
    func undone() throws {
        let repo = try TestRepository.begun("minimal")
        try repo.write("a.txt", "bad\n")
        try repo.done("restore", "a.txt", "--from", "last")
        try repo.git("branch", "-m", "trunk")
        try repo.wf("undo")
        #expect(try repo.text("a.txt") == "bad\n")
        try repo.git("checkout", "-q", "a.txt")
        let agent = repo.worktree(at: FilePath(try repo.done("agent", "start", "one").lines[0]))
        try agent.commit("one.txt", "1\n")
        try repo.git("branch", "-m", "again")
        #expect(try repo.wf("merge", "one", "--no-verify").status == 0)
        #expect(try repo.git("log", "-1", "--format=%s", "again").text.contains("one"))
    }

    @Test("a branch that is new, or is another's, is not taken for the old one's new name")
    func notRenamed() throws {
        for isDeleted in [false, true] {
            let repo = try TestRepository.begun("minimal")
            try repo.git("branch", "-m", "main", "old")
            try repo.git("branch", "-m", "old", "main")
            try repo.git("checkout", "-q", "-b", "new")
            if isDeleted { try repo.git("branch", "-q", "-D", "main") }
            try repo.done("checkpoint", "x")
            #expect(try Self.branch(repo) == "refs/heads/main")
            let words = isDeleted ? "git wf workflows move demo BRANCH" : "this worktree is on new"
            #expect(try Self.warnings(repo).contains { $0.contains(words) })
        }
        // A branch that took over the name of one that is gone.
        let repo = try TestRepository.begun("minimal")
        try repo.git("branch", "-m", "trunk")
        try repo.git("branch", "main")
        try repo.done("checkpoint", "x")
        #expect(try Self.branch(repo) == "refs/heads/main")
    }

    @Test("without reflogs it is said that the branch is gone, and moved by hand")
    func withoutReflogs() throws {
        let repo = try TestRepository.begun("minimal")
        try repo.git("config", "core.logAllRefUpdates", "false")
        Files.removeTree(repo.file(".git/logs"))
        try repo.git("branch", "-m", "trunk")
        try repo.done("checkpoint", "x")
        #expect(try Self.warnings(repo).contains { $0.contains("git wf workflows move demo BRANCH") })
        let answer = try repo.json("workflows", "move", "demo", "trunk")
        #expect(answer["branch"]?.text == "refs/heads/trunk")
        #expect(answer["id"]?.text == (try repo.id(repo.lane)))
        #expect(try Self.warnings(repo) == [])
        try repo.write("TODO.md", repo.text("TODO.md") + "- [x] there\n")
        try repo.done("checkpoint", "y")
        #expect(try repo.kinds().prefix(3) == ["checkpoint", "item-done", "item-added"])
    }

    @Test("workflows move: to a branch that is there, is no agent's, and has no other workflow in hand")
    func moved() throws {
        let repo = try TestRepository.begun("minimal")
        try repo.git("branch", "trunk")
        let agent = repo.worktree(at: FilePath(try repo.done("agent", "start", "one").lines[0]))
        try repo.git("switch", "-q", "-c", "side")
        try repo.done("init", "--name", "second", "--no-hooks")
        for (branch, words) in [
            ("nowhere", "no branch"), ("-x", "no branch"), ("wf/demo/one", "branch of an agent"),
            ("refs/tags/x", "no branch"), ("main", "already"), ("side", "second is still in-progress on side"),
        ] {
            try repo.refuses(["workflows", "move", "--", "demo", branch], status: 1, says: [words])
        }
        try repo.refuses(["workflows", "move", "other", "trunk"], status: 128, says: ["no workflow other"])
        try agent.refuses(["workflows", "move", "demo", "trunk"], status: 1, says: ["only the leader", "agents/one"])
        try agent.refuses(
            ["workflows", "move", "second", "trunk"], status: 1, says: ["only the leader", "agents/one"])
        #expect(try repo.done("workflows", "move", "demo", "refs/heads/trunk").text.contains("from main to trunk"))
        // The worktree that it was said in works for its own workflow.
        #expect(try repo.json("status")["workflow"]?.text == "second")
        try repo.git("switch", "-q", "trunk")
        #expect(try repo.json("status")["workflow"]?.text == "demo")
        #expect(try Self.warnings(repo) == [])
        try repo.done("checkpoint", "on trunk")
        #expect(try repo.done("workflows").lines.map { $0.contains("on trunk") } == [true, false])
        #expect(try repo.done("workflows", "list").text == repo.done("workflows").text)
        #expect(try repo.json("fsck")["problems"]?.list == [])
    }

    @Test(
        "workflows end: from anywhere, with its reason; the branch is free, and a phase that it was in begins it again")
    func ended() throws {
        for steps in [[], [["block", "which region?"]], [["phase", "fail", "--reason", "no"]]] {
            let repo = try TestRepository.begun("feature")
            for step in steps { try repo.done(step) }
            let answer = try repo.json("workflows", "end", "demo", "--reason", "a customer went")
            #expect(answer["ended"]?.text == "a customer went" && answer["status"]?.text == "complete")
            let status = try repo.json("status")
            #expect(status["status"]?.text == "complete" && status["ended"]?.text == "a customer went")
            #expect(status["blocks"]?.list == [])
            for words in [["status"], ["workflows"], ["log"], ["resume"], ["phase"]] {
                #expect(try repo.done(words).text.contains("ended: a customer went"), "\(words)")
            }
            #expect(try repo.text("workflow-state.md").contains("**Current phase**: ENDED: a customer went"))
            #expect(try repo.done("log").text.contains("Workflow ended: a customer went"))
            #expect(try repo.json("workflows")["workflows"]?[0]?["ended"]?.text == "a customer went")
            try repo.remove(".git/wf")
            #expect(try repo.json("status")["ended"]?.text == "a customer went")
            try repo.refuses(
                ["workflows", "end", "demo", "--reason", "again"], status: 1,
                says: ["cannot end the workflow", "complete"])
            try repo.refuses(["phase", "complete"], status: 1, says: ["cannot complete"])
            try repo.refuses(["phase", "start", "implementing"], status: 1, says: ["cannot start"])
            try repo.refuses(["phase", "start", "planning"], status: 1, says: ["--reason"])
            try repo.done("init", "--name", "second", "--no-hooks")
            #expect(try repo.json("status")["workflow"]?.text == "second")
            try repo.done("--workflow", "demo", "phase", "start", "planning", "--reason", "the customer is back")
            let again = try repo.json("status", "--workflow", "demo")
            #expect(again["status"]?.text == "in-progress" && again["ended"] == nil)
            #expect(try repo.json("fsck")["problems"]?.list == [])
        }
    }

    @Test("a gate does not hold an end, and ends nothing that its reason does not give")
    func gates() throws {
        let repo = try TestRepository.begun("minimal")
        try repo.git("config", "-f", ".wfconfig", "phase.planning.gate", "human")
        #expect(try repo.wf("phase", "complete").status == 1)
        #expect(try repo.wf("workflows", "end", "demo").status == 129)
        try repo.refuses(["workflows", "end", "demo", "--reason", " "], status: 129, says: [])
        try repo.done("workflows", "end", "demo", "--reason", "enough")
        #expect(
            try repo.json("status")["phases"]?.texts("status") == ["pending", "pending", "pending", "pending"])
    }
}
