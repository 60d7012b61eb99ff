import Agents
import Git
import GitValues
import Journal
import Merging
import Snapshots
import SystemPackage
import TestSupport
import Testing
import Workflow
import WorkflowFixture

@Suite("Merging agents")
struct MergeTests {
    @Test("two agents are merged one after the other, as git would have merged them")
    func two() throws {
        let fixture = try WorkflowFixture()
        let one = try fixture.agent("one", writes: "a.txt", "1\nONE\n3\n4\n5\n")
        try fixture.report(one, "changed a")
        try fixture.agent("two", writes: "c.txt", "new\n")
        let outcome = try fixture.merge("one", "two")
        #expect(outcome.stopped == nil)
        #expect(outcome.merged.map(\.agent.text) == ["one", "two"])
        #expect(try fixture.status().isEmpty)
        #expect(try fixture.repo.text("a.txt") == "1\nONE\n3\n4\n5\n")
        #expect(try fixture.repo.text("c.txt") == "new\n")
        let subjects = try fixture.repo.git("log", "--first-parent", "--format=%s").lines
        #expect(subjects == ["Merge agent two", "Merge agent one: changed a", "base"])
        #expect(try fixture.repo.git("log", "-1", "--format=%P").text.split(separator: " ").count == 2)
        #expect(try fixture.list().map(\.state) == [.merged, .merged])
        #expect(try fixture.repo.git("reflog", "-1", "--format=%gs").text == "merge wf/feature/two: git-wf")
        try fixture.repo.git("fsck", "--strict")
    }

    @Test("neighbouring boxes are united, and the agents' items ticked")
    func boxes() throws {
        let fixture = try WorkflowFixture()
        try fixture.agent("one", writes: "TODO.md", "# TODO\n\n- [x] one\n- [ ] two\n- [ ] three\n")
        try fixture.agent("two", writes: "TODO.md", "# TODO\n\n- [ ] one\n- [x] two\n- [ ] three\n")
        try fixture.agent("three", writes: "c.txt", "c\n", item: 3)
        let outcome = try fixture.merge("one", "two", "three")
        #expect(outcome.merged.count == 3)
        #expect(try fixture.repo.git("show", "HEAD:TODO.md").text == "# TODO\n\n- [x] one\n- [x] two\n- [x] three")
        #expect(try fixture.status().isEmpty)
        let items = try fixture.journal().leaderState().items
        let ids = ["one", "two", "three"].map {
            ItemID(workflow: "11111111-1111-4111-8111-111111111111", text: $0)
        }
        #expect(Set(items.records.keys) == Set(ids) && items.records.values.allSatisfy(\.isDone))
    }

    @Test("boxes that the leader ticked without a commit stay, uncommitted")
    func dirtyTodo() throws {
        let fixture = try WorkflowFixture()
        try fixture.agent("one", writes: "c.txt", "c\n", item: 2)
        try fixture.repo.write("TODO.md", "# TODO\n\n- [x] one\n- [ ] two\n- [ ] three\n")
        let outcome = try fixture.merge("one")
        #expect(outcome.merged.count == 1)
        #expect(try fixture.repo.git("show", "HEAD:TODO.md").text == "# TODO\n\n- [ ] one\n- [x] two\n- [ ] three")
        #expect(try fixture.repo.text("TODO.md") == "# TODO\n\n- [x] one\n- [x] two\n- [ ] three\n")
        #expect(try fixture.status() == [" M TODO.md"])
    }

    @Test("a TODO file with other changes is joined by lines, and staged ones stay staged")
    func dirtyTodoLines() throws {
        let fixture = try WorkflowFixture()
        try fixture.agent("one", writes: "c.txt", "c\n", item: 1)
        try fixture.repo.write("TODO.md", "# TODO\n\n- [ ] one\n- [ ] two\n- [ ] three\n\n## Later\n")
        try fixture.repo.git("add", "TODO.md")
        try fixture.repo.write("TODO.md", "# TODO\n\n- [ ] one\n- [ ] two\n- [ ] three\n\n## Later\n- [ ] four\n")
        #expect(try fixture.merge("one").merged.count == 1)
        #expect(
            try fixture.repo.git("show", ":TODO.md").text == "# TODO\n\n- [x] one\n- [ ] two\n- [ ] three\n\n## Later")
        #expect(
            try fixture.repo.text("TODO.md") == "# TODO\n\n- [x] one\n- [ ] two\n- [ ] three\n\n## Later\n- [ ] four\n")
    }

    @Test("an untracked TODO file is ticked where it is")
    func untrackedTodo() throws {
        let fixture = try WorkflowFixture(todo: nil)
        try fixture.repo.write("TODO.md", WorkflowFixture.todo)
        try fixture.agent("one", writes: "c.txt", "c\n", item: 1)
        #expect(try fixture.merge("one").merged.count == 1)
        #expect(try fixture.repo.text("TODO.md").contains("- [x] one"))
        #expect(try fixture.status() == ["?? TODO.md"])
    }

    @Test("what an agent did not commit is committed to its branch first")
    func leftovers() throws {
        let fixture = try WorkflowFixture()
        let worktree = try fixture.start("one")
        try worktree.write("new.txt", "new\n")
        let outcome = try fixture.merge("one")
        #expect(outcome.notes.count == 1)
        #expect(try worktree.git("log", "-1", "--format=%s").text == "Work of one that it did not commit itself")
        #expect(try fixture.repo.text("new.txt") == "new\n")
    }

    @Test(
        "files that are not committed, and that the agent changed too, stop the merge",
        arguments: ["worktree", "index", "untracked", "ignored"])
    func dirty(_ how: String) throws {
        let fixture = try WorkflowFixture([".gitignore": "*.log\n", "a.txt": "a\n"])
        let path = ["untracked": "c.txt", "ignored": "x.log"][how] ?? "a.txt"
        let worktree = try fixture.start("one")
        try worktree.write(path, "agent\n")
        try worktree.git("add", "-f", path)
        try worktree.git("commit", "-qm", "x")
        try fixture.repo.write(path, "mine\n")
        if how == "index" {
            try fixture.repo.git("add", path)
            try fixture.repo.write(path, "a\n")
        }
        let (head, index) = (
            try fixture.repo.git("rev-parse", "HEAD").text, try fixture.repo.git("ls-files", "-s").text
        )
        let stopped = try #require(try fixture.merge("one").stopped)
        #expect(stopped.reason == .dirty)
        #expect(stopped.paths.map(\.description) == [path])
        #expect(try fixture.repo.git("rev-parse", "HEAD").text == head)
        #expect(try fixture.repo.git("ls-files", "-s").text == index)
        #expect(try fixture.repo.text(path) == (how == "index" ? "a\n" : "mine\n"))
        #expect(try fixture.list().map(\.state) == [.open])
    }

    @Test("files that are not committed and that nobody else changed stay as they are")
    func untouchedDirt() throws {
        let fixture = try WorkflowFixture()
        try fixture.agent("one", writes: "a.txt", "agent\n")
        try fixture.repo.write("b.txt", "staged\n")
        try fixture.repo.git("add", "b.txt")
        try fixture.repo.write("b.txt", "on disk\n")
        #expect(try fixture.merge("one").merged.count == 1)
        #expect(try fixture.status() == ["MM b.txt"])
        #expect(try fixture.repo.git("show", ":b.txt").text == "staged")
    }

    @Test("a rename on one side is followed, as ort does it")
    func rename() throws {
        let text = (1...20).map { "line \($0)\n" }.joined()
        let fixture = try WorkflowFixture(["dir/old.txt": text, "dir/two.txt": "2\n"])
        let worktree = try fixture.start("one")
        // git's default is to ask about files in renamed directories.
        try fixture.repo.git("config", "merge.directoryRenames", "true")
        try worktree.git("mv", "dir", "moved")
        try worktree.git("commit", "-qm", "move")
        try fixture.repo.write("dir/added.txt", "added\n")
        try fixture.repo.commit("dir/old.txt", text + "more\n")
        #expect(try fixture.merge("one").merged.count == 1)
        #expect(try fixture.repo.text("moved/old.txt") == text + "more\n")
        #expect(try fixture.repo.text("moved/added.txt") == "added\n")
        #expect(!fixture.repo.exists("dir"))
        #expect(try fixture.status().isEmpty)
    }

    @Test("a command that fails on the merged result stops the merge with nothing moved")
    func verify() throws {
        let fixture = try WorkflowFixture()
        try fixture.agent("one", writes: "a.txt", "agent\n")
        let head = try fixture.repo.git("rev-parse", "HEAD").text
        let failed = try fixture.queue(verify: "grep mine a.txt").merge([Name("one")])
        #expect(failed.stopped?.reason == .verify)
        #expect(failed.stopped?.verify?.exit == 1)
        #expect(try fixture.repo.git("rev-parse", "HEAD").text == head)
        #expect(try fixture.repo.git("worktree", "list").lines.count == 2)
        let passed = try fixture.queue(verify: "grep agent a.txt").merge([Name("one")])
        #expect(passed.merged.first?.verify?.exit == 0)
        #expect(try fixture.repo.git("worktree", "list").lines.count == 2)
    }

    @Test(
        "an agent that merged the leader's branch first is merged with what it did itself, and that stays what it did")
    func changesOfMerged() throws {
        let fixture = try WorkflowFixture()
        try fixture.repo.write("specs/one.md", "# Spec: x\n\n## Files to Modify\n- src/\n")
        let worktree = try fixture.agent("one", writes: "src/x", "agent\n")
        try fixture.repo.commit("b.txt", "leader\n")
        try worktree.git("merge", "-q", "--no-edit", "main")
        try worktree.commit("c.txt", "out of scope\n")
        let outcome = try fixture.merge("one")
        #expect(outcome.merged.first?.outOfScope == ["c.txt"])
        try fixture.repo.commit("b.txt", "later\n")
        #expect(try fixture.list().first?.changes?.committed == ["c.txt", "src/x"])
        #expect(try fixture.list().first?.scope?.outside == ["c.txt"])
        try fixture.repo.git("worktree", "remove", "--force", worktree.path.string)
        try fixture.repo.git("branch", "-qD", "wf/feature/one")
        #expect(try fixture.list().first?.changes?.committed == ["c.txt", "src/x"])
    }

    @Test("work that was on the branch already is what it did, whatever the branch's last commit merged")
    func changesOfMergedByHand() throws {
        let fixture = try WorkflowFixture()
        try fixture.agent("one", writes: "c.txt", "one\n")
        try fixture.agent("two", writes: "d.txt", "two\n")
        try fixture.repo.git("merge", "-q", "--ff-only", "wf/feature/one")
        try fixture.repo.git("merge", "-q", "--no-ff", "--no-edit", "wf/feature/two")
        #expect(try fixture.merge("one").merged.count == 1)
        #expect(try fixture.list().map { $0.changes?.committed } == [["c.txt"], ["d.txt"]])
    }

    @Test("an agent that was sent back is not merged for what it reported before")
    func sentBack() throws {
        let fixture = try WorkflowFixture()
        try fixture.report(fixture.agent("one", writes: "c.txt", "c\n"), "first")
        let journal = try fixture.journal()
        try journal.append(
            [Draft(.agentReopened, "x").with(TrailerKey.agent, "one").with(TrailerKey.attempt, "2")],
            snapshot: journal.takeSnapshot())
        let candidates = try fixture.queue().candidates()
        #expect(candidates.reported.isEmpty && candidates.unreported.map(\.text) == ["one"])
    }

    @Test("the leader has to be on the workflow's branch")
    func otherBranch() throws {
        let fixture = try WorkflowFixture()
        try fixture.agent("one", writes: "a.txt", "agent\n")
        try fixture.repo.git("switch", "-qc", "other")
        #expect(throws: MergeError.self) { try fixture.merge("one") }
        #expect(try fixture.repo.git("rev-parse", "HEAD").text == fixture.repo.git("rev-parse", "main").text)
    }

    @Test("those that reported come in the order of their reports, the others apart")
    func order() throws {
        var fixture = try WorkflowFixture()
        let one = try fixture.agent("one", writes: "a.txt", "1\n")
        let two = try fixture.agent("two", writes: "b.txt", "2\n")
        try fixture.agent("three", writes: "c.txt", "3\n")
        try fixture.report(two, "second first")
        fixture.repo.time += 60
        try fixture.report(one, "first second")
        let candidates = try fixture.queue().candidates()
        #expect(candidates.reported.map(\.text) == ["two", "one"])
        #expect(candidates.unreported.map(\.text) == ["three"])
    }

    @Test("a history of its own is refused")
    func unrelated() throws {
        let fixture = try WorkflowFixture()
        let worktree = try fixture.start("one")
        try worktree.git("checkout", "-q", "--orphan", "x")
        try worktree.git("commit", "-qm", "root")
        try worktree.git("switch", "-q", "-C", "wf/feature/one")
        #expect(throws: MergeError.self) { try fixture.merge("one") }
    }
}

extension WorkflowFixture {
    func queue(verify: String? = nil) throws -> MergeQueue {
        MergeQueue(try journal(), options: MergeQueue.Options(verify: verify))
    }

    func merge(_ names: String...) throws -> MergeOutcome { try queue().merge(names.map { try Name($0) }) }
}
