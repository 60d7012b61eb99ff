import SystemPackage
import TestSupport
import Testing

@Suite("A clone goes on with what another one began")
struct CloneTests {
    /// A repository with agents, decisions and a ticked item that is not committed, and a clone that fetched its lanes.
    private static func pair() throws -> (repo: TestRepository, clone: TestRepository) {
        let repo = try TestRepository.begun()
        try repo.done("decide", "FTS5", "--because", "ranking")
        let one = repo.worktree(at: FilePath(try repo.done("agent", "start", "one").lines[0]))
        try one.commit("one.txt", "1\n")
        try one.done("agent", "report", "--status", "complete", "--summary", "did it", "--decision", "by hand")
        try repo.done("merge", "one", "--no-verify")
        let two = repo.worktree(at: FilePath(try repo.done("agent", "start", "two").lines[0]))
        try two.done("checkpoint", "on the way")
        try repo.done("todo", "done", "1")
        try repo.done("checkpoint", "API", "--next", "go on")
        try repo.git("clone", "-q", ".", "../clone")
        let clone = repo.beside("clone")
        try Self.fetch(clone)
        return (repo, clone)
    }

    private static func fetch(_ clone: TestRepository) throws {
        try clone.git("fetch", "-q", "origin", "+refs/wf/*:refs/wf-remotes/origin/*")
    }

    private static func refs(_ repo: TestRepository, _ pattern: String) throws -> [String] {
        try repo.git("for-each-ref", "--format=%(objectname) %(refname)", pattern).lines
    }

    private static let lanes = ["refs/wf/demo/agents/one", "refs/wf/demo/agents/two", "refs/wf/demo/leader"]

    @Test(
        "init takes up the leader's lane and its agents'; status, log and resume say the same; the next checkpoint goes on"
    )
    func takenUp() throws {
        let (repo, clone) = try Self.pair()
        let answer = try clone.json("init", "--no-hooks")
        #expect(answer["from"]?.text == "origin" && answer["created"]?.flag == false)
        #expect(answer["agents"] == .array([.string("one"), .string("two")]))
        #expect(try Self.refs(clone, "refs/wf").map { String($0.split(separator: " ")[1]) } == Self.lanes)
        for lane in Self.lanes { #expect(try clone.id(lane) == repo.id(lane)) }
        #expect(try clone.worktreeID() != repo.worktreeID())
        let (here, there) = (try clone.json("status"), try repo.json("status"))
        for key in ["phase", "status", "items", "decisions", "next", "phases", "lastCheckpoint", "branch", "warnings"] {
            #expect(here[key] == there[key], "\(key)")
        }
        #expect(try clone.json("log", "--agents", "-n", "0") == repo.json("log", "--agents", "-n", "0"))
        #expect(try clone.done("resume").text.contains("FTS5"))
        #expect(try clone.json("fsck")["problems"]?.list == [])

        let tip = try repo.id(repo.lane)
        try clone.done("checkpoint", "--trigger", "time")
        try clone.write("b.txt", "here\n")
        try clone.done("checkpoint", "here")
        #expect(try clone.git("rev-parse", "\(clone.lane)^1").text == tip)
        #expect(try clone.json("status")["phase"] == there["phase"])
        // What was said by whoever edits the files here is news, and nothing else is.
        #expect(try clone.kinds().prefix(2) == ["checkpoint", "checkpoint"])
        try clone.write("TODO.md", clone.text("TODO.md") + "- [ ] of the clone\n")
        try clone.done("checkpoint", "added")
        #expect(try clone.kinds().prefix(3) == ["checkpoint", "item-added", "checkpoint"])
        try clone.git("push", "-q", "origin", "refs/wf/demo/leader:refs/wf/demo/leader")
        #expect(try repo.id(repo.lane) == clone.id(clone.lane))
    }

    @Test("what is edited in a clone before its first checkpoint is news, also when a commit came first")
    func news() throws {
        let (_, clone) = try Self.pair()
        try clone.done("init")
        try clone.write("TODO.md", clone.text("TODO.md") + "- [x] of the clone\n")
        try clone.git("commit", "-qam", "ticked")
        let news = try clone.json("log", "-n", "3")["checkpoints"]?.list.map { $0["item"]?.text }
        #expect(news?.prefix(2) == ["of the clone", "of the clone"] && news?.last != "of the clone")
        try clone.done("checkpoint", "again")
        #expect(try clone.json("log", "-n", "1")["checkpoints"]?.texts("title") == ["again"])
    }

    @Test("an agent's lane that came from another clone is read here and not written")
    func agents() throws {
        let (repo, clone) = try Self.pair()
        try clone.done("init", "--no-hooks")
        try clone.git("worktree", "add", "-q", "../two-here", "-b", "wf/demo/two", "origin/wf/demo/two")
        let worktree = clone.beside("two-here")
        #expect(try worktree.json("log", "-n", "1")["checkpoints"]?.texts("title") == ["on the way"])
        try worktree.refuses(["checkpoint", "x"], status: 128, says: ["the agent two", "in another clone"])
        try clone.refuses(["agent", "start", "two"], status: 1, says: ["there is an agent two already"])
        #expect(try clone.id("refs/wf/demo/agents/two") == repo.id("refs/wf/demo/agents/two"))
        // Its own are its own.
        let three = clone.worktree(at: FilePath(try clone.done("agent", "start", "three").lines[0]))
        try three.done("checkpoint", "of the clone")
    }

    @Test("with fetch.prune the fetch takes nothing that only this clone has")
    func prune() throws {
        let (repo, clone) = try Self.pair()
        try clone.done("init", "--no-hooks")
        try clone.git("config", "fetch.prune", "true")
        try clone.done("checkpoint", "here")
        try clone.done("checkpoint", "--trigger", "time")
        try clone.done("agent", "start", "three")
        let before = try Self.refs(clone, "refs/wf")
        try repo.git("update-ref", "-d", "refs/wf/demo/agents/two")
        try repo.done("checkpoint", "there")
        try clone.run("sh", ["-c", "git fetch -q origin 'refs/wf/*:refs/wf-remotes/origin/*'"])
        #expect(try Self.refs(clone, "refs/wf") == before)
        #expect(try clone.id("refs/wf-remotes/origin/demo/agents/two") == "")
        #expect(try clone.json("fsck")["problems"]?.list == [])
        #expect(
            try clone.json("status")["warnings"]?.list.contains { $0.text?.contains("another way") == true } == true)
    }

    enum Damage: CaseIterable, Sendable {
        case newerVersion, otherWorkflow, notOurs, illegal, missingObject, missingCommit, agentsRoot
    }

    @Test(
        "a lane that is not whole, not of this version, or says what is not allowed is not taken up",
        arguments: Damage.allCases)
    func damaged(_ damage: Damage) throws {
        let (repo, clone) = try Self.pair()
        let copy = "refs/wf-remotes/origin/demo/leader"
        let tip = try clone.id(copy)
        func forge(_ trailers: String, tree: String = "HEAD^{tree}") throws {
            let message = "Forged\n\nWf-Version: 1\nWf-Workflow: demo\nWf-Lane: leader\n\(trailers)\n"
                .replacing("Wf-Version: 1\n", with: trailers.contains("Wf-Version") ? "" : "Wf-Version: 1\n")
            let id = try clone.git("commit-tree", tree, "-p", tip, "-m", message).text
            try clone.git("update-ref", copy, id)
        }
        func drop(_ object: String) throws {
            try clone.run(
                "sh",
                [
                    "-ec",
                    "mv .git/objects/pack ../packs; for pack in ../packs/*.pack; do git unpack-objects -q <$pack; done; "
                        + "mkdir .git/objects/pack",
                ])
            try clone.remove(".git/objects/\(object.prefix(2))/\(object.dropFirst(2))")
        }
        let reason: String
        switch damage {
        case .newerVersion:
            try forge("Wf-Version: 2\nWf-Kind: checkpoint")
            reason = "newer git-wf"
        case .otherWorkflow:
            try clone.git("update-ref", "refs/wf-remotes/origin/other/leader", copy)
            try clone.git("update-ref", "-d", copy)
            reason = "belongs elsewhere"
        case .notOurs:
            try clone.git("update-ref", copy, "HEAD")
            reason = "is no checkpoint"
        case .illegal:
            try forge("Wf-Kind: phase-completed\nWf-Phase: deploying")
            reason = "not allowed"
        case .missingObject:
            try repo.write("only.txt", "only in a checkpoint\n")
            try repo.done("checkpoint", "only")
            try Self.fetch(clone)
            try drop(repo.id("\(repo.lane):only.txt"))
            reason = "objects of its tree are missing"
        case .missingCommit:
            try drop(clone.id("\(copy)~3"))
            reason = "missing or damaged"
        case .agentsRoot:
            try clone.git("update-ref", copy, "refs/wf-remotes/origin/demo/agents/one")
            reason = "belongs elsewhere"
        }
        try clone.refuses(["init", "--no-hooks"], status: 1, says: ["cannot be taken up", reason])
        #expect(try Self.refs(clone, "refs/wf").isEmpty && Self.refs(clone, "refs/wf-kept").isEmpty)
        // Another name begins afresh beside it.
        try clone.done("init", "--name", "fresh", "--no-hooks")
        if damage != .missingObject, damage != .missingCommit {
            #expect(try clone.json("fsck")["problems"]?.list == [])
        }
    }

    @Test("an agent's lane that is not as it should be is left out and named, and the rest is taken up")
    func damagedAgent() throws {
        let (_, clone) = try Self.pair()
        try clone.git("update-ref", "refs/wf-remotes/origin/demo/agents/two", "HEAD")
        let output = try clone.wf("init", "--no-hooks")
        #expect(output.status == 0 && output.text.contains("Agents: one."))
        #expect(output.errorText.contains("agents/two") && output.errorText.contains("is no checkpoint"))
        #expect(try clone.id("refs/wf/demo/agents/two") == "")
        try clone.done("checkpoint", "here")
    }

    @Test("one of several workflows is taken up by its name, all of them without one")
    func several() throws {
        let (repo, clone) = try Self.pair()
        try repo.git("switch", "-q", "-c", "side")
        try repo.done("init", "--name", "second", "--no-hooks")
        try Self.fetch(clone)
        let other = clone.beside("third")
        try repo.git("clone", "-q", ".", "../third")
        try Self.fetch(other)
        try clone.done("init", "--name", "second", "--no-hooks")
        #expect(try clone.json("workflows")["workflows"]?.texts("name") == ["second"])
        try clone.done("init", "--name", "demo", "--no-hooks")
        #expect(try other.json("init", "--no-hooks")["workflows"] == .array([.string("demo"), .string("second")]))
        for one in [clone, other] {
            #expect(try one.json("workflows")["workflows"]?.texts("name") == ["demo", "second"])
            try one.git("switch", "-q", "main")
            #expect(try one.json("status")["workflow"]?.text == "demo")
            #expect(try one.json("fsck")["problems"]?.list == [])
        }
    }

    @Test("an init that was killed half-way is finished by the next one")
    func killed() throws {
        let (repo, clone) = try Self.pair()
        // What it does first.
        let one = try clone.id("refs/wf-remotes/origin/demo/agents/one")
        try clone.git("update-ref", "refs/wf-kept/demo/begun/agents/one", one)
        try clone.git("update-ref", "refs/wf/demo/agents/one", one)
        try clone.done("init", "--no-hooks")
        for lane in Self.lanes { #expect(try clone.id(lane) == repo.id(lane)) }
    }
}
