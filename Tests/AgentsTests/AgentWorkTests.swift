import Agents
import Git
import GitValues
import Journal
import Snapshots
import SystemPackage
import TestSupport
import Testing
import Workflow
import WorkflowFixture

@Suite("What an agent did")
struct AgentWorkTests {
    @Test("a report has the lines that were added, committed or not, and what the agent said")
    func report() throws {
        let fixture = try WorkflowFixture()
        let worktree = try fixture.agent("login", writes: "src/index.ts", "1\n2\n3\n")
        try worktree.write("a.txt", "1\nnew\n2\n3\n4\n5\nlast\n")
        let document = "## Result: The login\n\n**Status**: Complete\n**Lines added**: lies\n**Decisions**: Chose JWT\n"
        let recorded = try AgentReport(fixture.journal(in: worktree.path))
            .record(Report(document), document: Array(document.utf8))
        #expect(recorded.result.lines == "2, 7 in a.txt; 1-3 in src/index.ts")
        #expect(recorded.warnings.count == 1)
        let agent = try #require(try fixture.list().first)
        #expect(agent.state == .reported)
        #expect(agent.changes?.committed == ["src/index.ts"] && agent.changes?.uncommitted == ["a.txt"])
        #expect(agent.result?.summary == "The login")
        #expect(agent.result?.decisions == ["Chose JWT"])
        let attachment = try fixture.repo.git(
            "log", "-1", "--format=%(trailers:key=Wf-Report,valueonly)", "refs/wf/feature/agents/login"
        ).text
        try fixture.repo.git("gc", "--prune=now", "-q")
        #expect(try fixture.repo.git("show", "\(attachment):report.md").text + "\n" == document)
    }

    @Test("a report is an agent's own")
    func reportOfLeader() throws {
        let fixture = try WorkflowFixture()
        #expect(throws: AgentError.self) {
            try AgentReport(fixture.journal()).record(Report(title: "x", status: .complete))
        }
    }

    @Test("a failed report waits as any other does, and paths outside of the spec are named")
    func scope() throws {
        let fixture = try WorkflowFixture()
        try fixture.repo.write("specs/login.md", "# Spec: x\n\n## Files to Modify\n- src/\n")
        let worktree = try fixture.agent("login", writes: "a.txt", "other\n")
        try worktree.write("src/x", "x\n")
        try fixture.report(worktree, "no luck", status: .failed)
        let agent = try #require(try fixture.list().first)
        #expect(agent.state == .reported && agent.result?.status == "failed" && agent.process.state == .none)
        #expect(agent.scope?.outside == ["a.txt"])
        #expect(agent.scope?.within == 1)
    }

    @Test("the diff is what git shows from the merge base, with what is not committed")
    func diff() throws {
        let fixture = try WorkflowFixture()
        let worktree = try fixture.agent("login", writes: "a.txt", "other\n")
        try worktree.write("new.txt", "new\n")
        try fixture.repo.commit("b.txt", "leader\n")
        let range = try AgentDiff(fixture.journal()).trees(of: "login")
        #expect(
            try fixture.repo.git("diff", "--name-only", range.old.hex, range.new.hex).lines == ["a.txt", "new.txt"])
        #expect(range.isDirty)
    }
}

@Suite("Removing an agent")
struct AgentRemoveTests {
    @Test("what it did stays in its lane, and its branch and worktree go")
    func remove() throws {
        let fixture = try WorkflowFixture()
        let worktree = try fixture.agent("login", writes: "a.txt", "committed\n")
        try worktree.write("b.txt", "not committed\n")
        let tip = try worktree.git("rev-parse", "HEAD").text
        let removed = try AgentRemove(fixture.journal()).remove("login")
        #expect(removed.isBranchDeleted && removed.isDropped)
        #expect(!worktree.exists("."))
        try fixture.repo.git("reflog", "expire", "--expire=now", "--all")
        try fixture.repo.git("gc", "--prune=now", "-q")
        #expect(try fixture.repo.git("show", "refs/wf/feature/agents/login:b.txt").text == "not committed")
        #expect(try fixture.repo.git("cat-file", "-t", tip).text == "commit")
        #expect(try fixture.list().map(\.state) == [.dropped])
    }

    @Test("with the folder gone, commits that no checkpoint saw are still held")
    func folderGone() throws {
        let fixture = try WorkflowFixture()
        let worktree = try fixture.agent("login", writes: "a.txt", "committed\n")
        let tip = try worktree.git("rev-parse", "HEAD").text
        try fixture.repo.remove("../repo.wf/feature/login")
        let removed = try AgentRemove(fixture.journal()).remove("login")
        #expect(removed.isBranchDeleted)
        #expect(try fixture.repo.git("worktree", "list").lines.count == 1)
        try fixture.repo.git("reflog", "expire", "--expire=now", "--all")
        try fixture.repo.git("gc", "--prune=now", "-q")
        #expect(try fixture.repo.git("cat-file", "-t", tip).text == "commit")
    }
}
