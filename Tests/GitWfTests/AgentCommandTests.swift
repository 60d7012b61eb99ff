import SystemPackage
import TestSupport
import Testing

struct AgentCommandTests {
    /// A workflow with agents, each of which wrote one file and committed it.
    private func begun(_ names: String..., write: (String, TestRepository) throws -> Void) throws -> TestRepository {
        let repo = try TestRepository.begun(hooks: true)
        for name in names {
            try repo.done("agent", "start", name)
            let agent = repo.agent(name)
            try write(name, agent)
            try agent.git("add", "-A")
            try agent.git("commit", "-qm", "Work of \(name)")
            try agent.done("agent", "report", "--status", "complete", "--summary", "Work of \(name)")
        }
        return repo
    }

    @Test("agent start, list, results and diff answer with the keys of the contract")
    func answers() throws {
        let repo = try TestRepository.begun()
        try repo.write("specs/one.md", "# Spec: One\n\n## Goal\nOne.\n\n## Files to Modify\n- one.txt\n")
        let started = try repo.json("agent", "start", "one", "--item", "4", environment: [:])
        #expect(
            started.keys.isSuperset(of: ["name", "worktree", "branch", "base", "spec", "item", "attempt", "prompt"]))
        let agent = repo.agent("one")
        #expect(started["worktree"]?.text == agent.path.string)
        try agent.write("one.txt", "1\n2\n")
        try agent.git("add", "-A")
        try agent.git("commit", "-qm", "One")
        let report = try agent.json(
            "agent", "report", "--status", "partial", "--summary", "Half of it", "--decision", "Text", "--test",
            "Read it",
            "--issue", "The other half")
        #expect(report["lines"]?.text == "1-2 in one.txt")
        let listed = try repo.json("agent", "list")["agents"]?[0]
        #expect(listed?["state"]?.text == "reported")
        #expect(listed?["changed"]?["committed"]?.number == 1 && listed?["changed"]?["untracked"]?.number == 0)
        #expect(listed?["process"]?.text == "none" && listed?["place"]?.text == "ok" && listed?["pid"] == nil)
        #expect(listed?["result"]?["status"]?.text == "partial")
        #expect(listed?["result"]?["issues"]?[0]?.text == "The other half")
        #expect(listed?["scope"]?["outside"]?.list == [])
        #expect(try repo.done("agent", "results").text.contains("## Result: one: Half of it"))
        #expect(try repo.json("agent", "diff", "one")["changes"]?.texts("path") == ["one.txt"])
        let shown = try repo.json("status")["agents"]?[0]
        #expect(shown?["name"]?.text == "one")
        #expect(shown?["state"]?.text == "reported")
    }

    @Test(
        "an agent that exists, a name that is not valid and a spec that is not there are refused, and nothing changes")
    func refusals() throws {
        let repo = try TestRepository.begun()
        try repo.done("agent", "start", "one")
        try repo.refuses(["agent", "start", "one"], status: 1, says: ["one", "already"])
        for name in ["../x", "a..b", "Feature", "x.lock", "leader", "a\u{1b}b"] {
            try repo.refuses(["agent", "start", name], status: 128, says: [])
        }
        try repo.refuses(["agent", "start", "two", "--spec", "none"], status: 128, says: ["none"])
        try repo.refuses(["agent", "start", "two", "--base", "nothing"], status: 128, says: ["nothing"])
        try repo.refuses(
            ["agent", "report", "--status", "complete", "--summary", "x"], status: 128, says: ["worktree"])
        try repo.refuses(["merge"], status: 1, says: ["git wf agent list"])
        try repo.refuses(["merge", "nobody"], status: 128, says: ["nobody"])
        try repo.refuses(["merge", "--continue"], status: 1, says: [])
    }

    @Test("two agents that tick neighbouring boxes of TODO.md merge without a conflict")
    func neighbouringBoxes() throws {
        let repo = try begun("one", "two") { name, agent in
            try agent.write("\(name).txt", "\(name)\n")
            let number = name == "one" ? "4" : "5"
            try agent.done("todo", "done", number)
        }
        let merged = try repo.json("merge", "one", "two")
        #expect(merged["merged"]?.texts("agent") == ["one", "two"])
        #expect(merged["stopped"] == nil)
        #expect(merged["remaining"]?.list == [])
        let items = try repo.json("todo")["items"]?["list"]
        #expect(items?[3]?["done"]?.flag == true)
        #expect(items?[4]?["done"]?.flag == true)
        #expect(try repo.json("status")["agents"]?.texts("state") == ["merged", "merged"])
        #expect(try repo.git("status", "--porcelain").text == "")
    }

    @Test("a merge is undone to the byte, with what was staged and edited beside it, and done again by another undo")
    func undo() throws {
        let repo = try begun("one") { _, agent in
            try agent.write("a.txt", "of the agent\n")
            try agent.write("new.txt", "new\n")
        }
        try repo.write("staged.txt", "staged\n")
        try repo.git("add", "staged.txt")
        let todo = try repo.text("TODO.md") + "- [ ] Local\n"
        try repo.write("TODO.md", todo)
        let files = try repo.contents(of: "")
        let status = try repo.git("status", "--porcelain").text
        let head = try repo.id("HEAD")
        let staged = try repo.git("ls-files", "-s").text

        try repo.done("merge", "one")
        let merged = try repo.id("HEAD")
        #expect(merged != head)
        #expect(try repo.text("new.txt") == "new\n")
        let undone = try repo.json("undo")
        #expect(undone["head"]?.text == head)
        #expect(try repo.contents(of: "") == files)
        #expect(try repo.git("status", "--porcelain").text == status)
        #expect(try repo.git("ls-files", "-s").text == staged)
        #expect(try repo.json("status")["agents"]?.texts("state") == ["reported"])

        try repo.done("redo")
        #expect(try repo.id("HEAD") == merged)
        #expect(try repo.json("status")["agents"]?.texts("state") == ["merged"])

        try repo.git("commit", "-q", "--allow-empty", "-m", "later")
        try repo.refuses(["undo"], status: 1, says: ["moved"])
    }

    @Test("a merge stops at a conflict with both sides, and goes on when it is resolved")
    func conflict() throws {
        let repo = try begun("one", "two") { name, agent in try agent.write("a.txt", "side \(name)\n") }
        #expect(try repo.json("merge", "-n", "one", "two")["pairs"]?[0]?["paths"]?[0]?.text == "a.txt")
        let output = try repo.wf("merge", "one", "two", "--json")
        #expect(output.status == 1)
        let answer = try JSONValue(output)
        #expect(answer["merged"]?.texts("agent") == ["one"])
        #expect(answer["stopped"]?["reason"]?.text == "conflict")
        #expect(answer["stopped"]?["paths"]?[0]?.text == "a.txt")
        #expect(answer["stopped"]?["diffs"]?[0]?["theirs"]?.text?.contains("+side two") == true)
        #expect(try repo.wf("merge", "--continue").status == 1)

        try repo.write("a.txt", "both\n")
        #expect(try repo.json("merge", "--continue")["merged"]?.texts("agent") == ["two"])
        #expect(try repo.git("show", "HEAD:a.txt").text == "both")
        #expect(try repo.git("log", "-1", "--format=%P").text.split(separator: " ").count == 2)
    }

    @Test("a merge that stopped at a conflict is aborted, and the agent is open again")
    func abort() throws {
        let repo = try begun("one", "two") { name, agent in try agent.write("a.txt", "side \(name)\n") }
        try repo.done("merge", "one")
        let head = try repo.id("HEAD")
        #expect(try repo.wf("merge", "two").status == 1)
        #expect(try repo.json("merge", "--abort")["aborted"]?.text == "two")
        #expect(try repo.id("HEAD") == head)
        #expect(try repo.git("status", "--porcelain").text == "")
        #expect(try repo.text("a.txt") == "side one\n")
    }

    @Test("a failing verification moves nothing")
    func verification() throws {
        let repo = try begun("one") { _, agent in try agent.write("b.txt", "b\n") }
        let head = try repo.id("HEAD")
        let output = try repo.wf("merge", "one", "--verify", "test ! -e b.txt", "--json")
        #expect(output.status == 1)
        #expect(try JSONValue(output)["stopped"]?["reason"]?.text == "verify")
        #expect(try repo.id("HEAD") == head)
        #expect(!repo.exists("b.txt"))
        let passed = try repo.json("merge", "one", "--verify", "test -e b.txt")
        #expect(passed["merged"]?[0]?["verify"]?["exit"]?.number == 0)
    }

    @Test("remove keeps an agent's history, and the worktree where it has what nobody else holds")
    func remove() throws {
        let repo = try begun("one") { _, agent in
            try agent.write(".gitignore", "*.log\n")
            try agent.write("b.txt", "b\n")
        }
        let agent = repo.agent("one")
        try agent.write("run.log", "only here\n")
        try agent.write("later.txt", "not committed\n")
        let removed = try repo.json("agent", "remove", "one")
        let kept = try #require(removed["kept"]?["worktree"]?.text)
        #expect(repo.worktree(at: FilePath(kept)).exists("run.log"))
        #expect(removed["kept"]?["reasons"]?.list.count == 2 && removed["kept"]?["until"] != nil)
        let checkpoint = try #require(removed["checkpoint"]?.text)
        #expect(try repo.git("show", "\(checkpoint):later.txt").text == "not committed")
        #expect(!agent.exists("b.txt"))
        #expect(try repo.json("agent", "list")["agents"]?.texts("state") == ["dropped"])
        #expect(try repo.done("agent", "list").text.contains("1 removed, and kept: one; git wf agent restore NAME"))
        #expect(try repo.done("fsck").text.contains(kept))
        #expect(try repo.wf("doctor").text.contains("in 1 worktree of removed agents"))
        try repo.refuses(["agent", "remove", "one"], status: 1, says: [kept, "git wf agent restore one"])
        let later = ["GIT_COMMITTER_DATE": "@\(repo.time + 20 * 86_400) +0000"]
        #expect(try repo.json("gc", "-n", environment: later)["removed"]?.list.count == 1)
        let restored = try repo.json("agent", "restore", "one")
        #expect(restored["worktree"]?.text == agent.path.string && restored["reopened"] != nil)
        #expect(try agent.text("run.log") == "only here\n" && agent.text("later.txt") == "not committed\n")
        #expect(try repo.json("agent", "list")["agents"]?.texts("state") == ["reported"])
        try repo.refuses(["agent", "restore", "one"], status: 1, says: [agent.path.string])
        try repo.done("agent", "remove", "one")
        #expect(try repo.json("gc", environment: later)["removed"]?.list.count == 1)
        #expect(!repo.exists("../repo.wf"))
    }

    @Test("remove leaves a branch whose lock somebody holds, says so, and blocks nothing")
    func removeLockedBranch() throws {
        let repo = try begun("one") { _, agent in try agent.write("b.txt", "b\n") }
        try repo.write(".git/refs/heads/wf/demo/one.lock", "")
        let removed = try repo.done("agent", "remove", "one")
        #expect(removed.text.contains("wf/demo/one stays") || removed.errorText.contains("wf/demo/one stays"))
        #expect(repo.exists(".git/refs/heads/wf/demo/one.lock"))
        try repo.done("checkpoint", "goes on")
        try repo.remove(".git/refs/heads/wf/demo/one.lock")
        try repo.git("branch", "-D", "wf/demo/one")
    }

    @Test("status, agent list, next and resume show the same facts and the same counts, and write nothing")
    func sameFacts() throws {
        let repo = try begun("one") { _, agent in try agent.write("a.txt", "committed\n") }
        let one = repo.agent("one")
        try one.write("a.txt", "not committed\n")
        try one.write("dir/new.txt", "new\n")
        try one.write("dir/other.txt", "new\n")
        try repo.done("agent", "start", "two")
        try repo.agent("two").git("switch", "-q", "--detach")
        let pictures = try [repo, one, repo.agent("two")].map { try $0.picture() }
        let index = try repo.read(".git/worktrees/one/index")
        let listed = try repo.json("agent", "list")["agents"]
        #expect(
            listed?[0]?["changed"]
                == .object(["committed": .number(1), "uncommitted": .number(1), "untracked": .number(2)]))
        #expect(listed?.texts("place") == ["ok", "switched"])
        for command in ["status", "next"] { #expect(try repo.json(command)["agents"] == listed, "\(command)") }
        let lines = [
            "one: reported, 3 paths changed (3 not committed) - Work of one", "two: open, switched, 0 paths changed",
        ]
        for command in [["status"], ["agent", "list"], ["next"], ["resume"]] {
            // Two of them also say how old the newest checkpoint is.
            let text = try repo.done(command).text.replacing(#/, checkpoint \d+s ago/#, with: "")
            for line in lines { #expect(text.contains(line), "\(command)\n\(text)") }
        }
        #expect(try [repo, one, repo.agent("two")].map { try $0.picture() } == pictures)
        #expect(try repo.read(".git/worktrees/one/index") == index)
    }

    @Test("an item in an open agent's hand is nobody's current one; whose it is stands behind it")
    func itemInHand() throws {
        let repo = try TestRepository.begun()
        try repo.write("TODO.md", "# TODO\n\n- [ ] first\n- [ ] second\n")
        try repo.done("checkpoint", "x")
        try repo.done("todo", "start", "1")
        try repo.done("agent", "start", "one", "--item", "1")
        let items = try repo.json("todo")["items"]
        #expect(items?["current"]?.number == 2)
        #expect(items?["list"]?[0]?["agent"]?.text == "one" && items?["list"]?[1]?["agent"] == nil)
        #expect(try repo.json("status")["items"] == items)
        #expect(try repo.json("next")["item"]?["number"]?.number == 2)
        #expect(try repo.done("todo").text.contains("first  (agent one)"))
        #expect(try repo.done("status").text.contains("second  <-- current"))
        #expect(try repo.text("workflow-state.md").contains("- [ ] second  <-- CURRENT"))
        #expect(try repo.done("resume").text.contains("- 1: first (agent one)"))
        #expect(try repo.done("todo", "done", "2").text.contains("Every open item is in an agent's hands."))
        #expect(try repo.json("next")["item"] == nil)
        #expect(try !repo.done("next").text.contains("Every item is done"))
        try repo.done("agent", "remove", "one")
        #expect(try repo.json("todo")["items"]?["current"]?.number == 1)
    }
}

extension TestRepository {
    /// The worktree of an agent of the workflow `demo`.
    func agent(_ name: String) -> TestRepository {
        worktree(
            at: path.removingLastComponent().pushing(FilePath("\(path.lastComponent?.string ?? "").wf/demo/\(name)")))
    }
}
