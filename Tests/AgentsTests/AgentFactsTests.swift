import Agents
import Git
import GitValues
import Journal
import SystemPackage
import TestSupport
import Testing
import Workflow
import WorkflowFixture

@Suite("Where an agent's worktree is")
struct AgentPlaceTests {
    @Test("the worktrees are those that git lists, a moved, a detached and a removed one too")
    func oracle() throws {
        let fixture = try WorkflowFixture()
        for name in ["one", "two", "three"] { _ = try fixture.start(name) }
        try fixture.repo.git("worktree", "move", fixture.folder("one").path.string, "../moved")
        try fixture.folder("two").git("switch", "-q", "--detach")
        try fixture.repo.remove("../repo.wf/feature/three")
        var listed: [String] = []
        for line in try fixture.repo.git("worktree", "list", "--porcelain").lines {
            if line.hasPrefix("worktree ") { listed.append(String(line.dropFirst(9))) }
            if line.hasPrefix("branch "), let last = listed.popLast() { listed.append("\(last) \(line.dropFirst(7))") }
        }
        for folder in [fixture.repo.path, FilePath("../moved")] {
            let journal = try fixture.journal(in: fixture.repo.path.pushing(folder).lexicallyNormalized())
            let own = try LinkedWorktree.all(of: journal).map { [$0.path.string, $0.branch].compactMap { $0 } }
            #expect(Set(own.map { $0.joined(separator: " ") }) == Set(listed))
            #expect(own.first?.first == fixture.repo.path.string)
        }
    }

    @Test("a worktree at its place is ok, in the middle of a rebase of its branch too")
    func ok() throws {
        let fixture = try WorkflowFixture()
        let worktree = try fixture.agent("login", writes: "a.txt", "agent\n")
        #expect(try fixture.place() == .ok)
        try fixture.repo.commit("a.txt", "leader\n")
        #expect(try worktree.gitStatus("rebase", "-q", "main") != 0)
        #expect(try worktree.gitStatus("symbolic-ref", "-q", "HEAD") != 0)
        #expect(try fixture.place() == .ok)
    }

    @Test("a folder that is gone, and a worktree that git does not know any more, are lost")
    func lost() throws {
        let fixture = try WorkflowFixture()
        _ = try fixture.start("login")
        try fixture.repo.remove("../repo.wf/feature/login")
        #expect(try fixture.place() == .lost)
        try fixture.repo.git("worktree", "prune")
        #expect(try fixture.place() == .lost)
        #expect(try fixture.list().map(\.state) == [.open])
        _ = try AgentRemove(fixture.journal()).remove("login")
        #expect(try fixture.place() == nil)
    }

    @Test("a branch that is checked out elsewhere is moved, whether the worktree went with it or not")
    func moved() throws {
        let fixture = try WorkflowFixture()
        let worktree = try fixture.start("login")
        try fixture.repo.git("worktree", "move", worktree.path.string, "../elsewhere")
        try fixture.repo.worktree(at: "../elsewhere").write("new.txt", "new\n")
        #expect(try fixture.place() == .moved)
        #expect(try fixture.list().first?.changes?.untracked == ["new.txt"])
        let other = try fixture.start("other")
        try other.git("switch", "-q", "--detach")
        try fixture.repo.git("worktree", "add", "-q", "../third", "wf/feature/other")
        #expect(try fixture.list().map(\.place) == [.moved, .moved])
    }

    @Test("a folder on another branch, or on none, is switched, and what is in it is not the agent's")
    func switched() throws {
        let fixture = try WorkflowFixture()
        let worktree = try fixture.agent("login", writes: "src.txt", "agent\n")
        try worktree.git("switch", "-q", "--detach")
        #expect(try fixture.place() == .switched)
        try worktree.git("switch", "-qc", "mine", "main")
        try worktree.write("new.txt", "new\n")
        #expect(try fixture.place() == .switched)
        #expect(try fixture.list().first?.changes?.paths == ["src.txt"])
    }

    @Test(
        "a folder that leads to another repository or to another worktree is foreign: nothing of it is read, run or removed",
        arguments: ["a repository", "a clone's worktree", "another agent's", "a link"])
    func foreign(_ how: String) throws {
        let fixture = try WorkflowFixture()
        let worktree = try fixture.agent("login", writes: "src.txt", "agent\n")
        let other = try fixture.start("other")
        let repo = fixture.repo
        let trap = "[core]\n\tfsmonitor = touch ../../../trapped; false\n"
        switch how {
        case "a repository":
            try worktree.remove(".git")
            try worktree.git("init", "-q")
            try worktree.git("config", "core.fsmonitor", "touch ../../../trapped; false")
        case "a clone's worktree":
            try repo.git("clone", "-q", ".", "../clone")
            let clone = repo.worktree(at: "../clone")
            try clone.write(".git/config", try clone.text(".git/config") + trap)
            try clone.git("worktree", "add", "-q", "-b", "wf/feature/login", "../there")
            try worktree.write(".git", try repo.text("../there/.git"))
        case "another agent's": try worktree.write(".git", try other.text(".git"))
        default:
            try worktree.remove(".git")
            try worktree.link(".git", to: other.file(".git").string)
        }
        try worktree.write("new.txt", "new\n")
        let agent = try #require(try fixture.list().first)
        #expect(agent.place == .foreign && agent.state == .open)
        #expect(agent.changes?.paths == ["src.txt"] && agent.problem == nil)
        #expect(try AgentDiff(fixture.journal()).trees(of: "login").isDirty == false)
        #expect(throws: (any Error).self) { try AgentRemove(fixture.journal()).remove("login") }
        #expect(worktree.exists("new.txt"))
        #expect(!repo.exists("../trapped"))
    }

    @Test("a worktree that git cannot look at is named, and stops nothing")
    func unreadable() throws {
        let fixture = try WorkflowFixture()
        _ = try fixture.start("login")
        try fixture.repo.write(".git/worktrees/login/index", "not an index")
        let agent = try #require(try fixture.list().first)
        #expect(agent.problem?.contains("index") == true && agent.place == .ok)
    }

    @Test("a process that was stopped or failed is one as long as the agent is open")
    func process() throws {
        let fixture = try WorkflowFixture()
        _ = try fixture.start("login")
        func record(_ kind: CheckpointKind, _ trailers: (String, String)...) throws {
            let journal = try fixture.journal()
            var draft = Draft(kind, "x").with(TrailerKey.agent, "login")
            for (key, value) in trailers { draft = draft.with(key, value) }
            try journal.append([draft], snapshot: journal.takeSnapshot())
        }
        func states() throws -> [AgentProcess.State] { try fixture.list().map(\.process.state) }
        #expect(try states() == [.none])
        try record(.agentStopped)
        #expect(try states() == [.stopped])
        try record(.agentReopened, (TrailerKey.attempt, "2"))
        #expect(try states() == [.none] && fixture.list().map(\.state) == [.sentBack])
        try record(.agentFailed, (TrailerKey.reason, "exit 3"))
        #expect(try states() == [.failed])
        let watched = try AgentList(fixture.journal()) { _, _ in AgentProcess(.running, pid: 7) }.agents()
        #expect(watched.map(\.process) == [AgentProcess(.running, pid: 7)])
        try fixture.report(fixture.folder("login"), "second")
        #expect(try fixture.list().map(\.state) == [.reported])
        try record(.agentRefused, (TrailerKey.reason, "no"))
        #expect(try states() == [.none] && fixture.list().map(\.reason) == ["no"])
    }
}

@Suite("What an agent changed")
struct AgentChangesTests {
    /// The paths that the list, the diff and a report say.
    private func seen(_ fixture: WorkflowFixture) throws -> Set<[RepositoryPath]> {
        let journal = try fixture.journal()
        let range = try AgentDiff(journal).trees(of: "login")
        let changed = try journal.repository.changes(from: range.old, to: range.new).map(\.path)
        return [try #require(try fixture.list().first?.changes?.paths), changed]
    }

    @Test("an agent that merged the leader's branch is not blamed for what came with it, before its merge and after")
    func mergedLeader() throws {
        let fixture = try WorkflowFixture()
        try fixture.repo.write("specs/login.md", "# Spec: x\n\n## Files to Modify\n- src/\n")
        let worktree = try fixture.agent("login", writes: "src/x", "agent\n")
        try fixture.repo.commit("b.txt", "leader\n")
        try worktree.git("merge", "-q", "--no-edit", "main")
        try worktree.write("src/y", "not committed\n")
        #expect(try seen(fixture) == [["src/x", "src/y"]])
        try worktree.commit("src/y", "committed\n")
        try fixture.report(worktree, "done")
        #expect(try fixture.list().first?.result?.lines == "1 in src/x; 1 in src/y")
        #expect(try fixture.list().first?.scope?.outside == [])
    }

    @Test("an agent that only took over the leader's branch changed nothing")
    func fastForwarded() throws {
        let fixture = try WorkflowFixture()
        let worktree = try fixture.start("login")
        try fixture.repo.commit("b.txt", "leader\n")
        try worktree.git("merge", "-q", "--ff-only", "main")
        try fixture.repo.commit("b.txt", "more\n")
        #expect(try seen(fixture) == [[]])
    }

    @Test("work that was merged by hand is still what it changed", arguments: [false, true])
    func byHand(isLeaderMergedFirst: Bool) throws {
        let fixture = try WorkflowFixture()
        let worktree = try fixture.agent("login", writes: "src/x", "agent\n")
        try fixture.repo.commit("b.txt", "leader\n")
        if isLeaderMergedFirst { try worktree.git("merge", "-q", "--no-edit", "main") }
        try fixture.repo.git("merge", "-q", "--no-ff", "--no-edit", "wf/feature/login")
        try fixture.repo.commit("b.txt", "more\n")
        #expect(try seen(fixture) == [["src/x"]])
    }

    @Test("a file that is changed in three ways is one path, and a rename is two")
    func counts() throws {
        let fixture = try WorkflowFixture()
        let worktree = try fixture.agent("login", writes: "a.txt", "committed\n")
        try worktree.write("a.txt", "staged\n")
        try worktree.git("add", "a.txt")
        try worktree.write("a.txt", "changed\n")
        try worktree.git("mv", "b.txt", "c.txt")
        try worktree.write("new \"file\"\n.txt", "new\n")
        let changes = try #require(try fixture.list().first?.changes)
        #expect(changes.committed == ["a.txt"])
        #expect(changes.uncommitted.sorted() == ["a.txt", "b.txt", "c.txt"])
        #expect(changes.untracked == ["new \"file\"\n.txt"])
        #expect(changes.paths.count == 4)
        #expect(try seen(fixture).count == 1)
    }

    @Test("what was granted is within the scope, beside the TODO file and the spec's files")
    func granted() throws {
        let fixture = try WorkflowFixture()
        try fixture.repo.write("specs/login.md", "# Spec: x\n\n## Files to Modify\n- src/\n")
        let worktree = try fixture.agent("login", writes: "src/x", "agent\n")
        for path in ["docs/a.md", "TODO.md", "other"] { try worktree.write(path, "x\n") }
        #expect(try fixture.list().first?.scope?.outside == ["docs/a.md", "other"])
        let journal = try fixture.journal()
        let grant = Draft(.scopeGranted, "x").with(TrailerKey.agent, "login").with(TrailerKey.path, "docs/")
        try journal.append([grant], snapshot: journal.takeSnapshot())
        #expect(try fixture.list().first?.scope?.outside == ["other"])
        #expect(try fixture.list().first?.scope?.within == 3)
    }
}

extension WorkflowFixture {
    fileprivate func place() throws -> AgentPlace? { try list().first?.place }
}
