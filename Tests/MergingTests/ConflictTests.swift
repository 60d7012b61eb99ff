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

@Suite("Conflicts of agents")
struct ConflictTests {
    /// Two agents that change the same line, and one that does not mind.
    private func fixture() throws -> WorkflowFixture {
        let fixture = try WorkflowFixture()
        try fixture.agent("one", writes: "a.txt", "1\nONE\n3\n4\n5\n", item: 1)
        try fixture.agent("two", writes: "a.txt", "1\nTWO\n3\n4\n5\n", item: 2)
        try fixture.agent("three", writes: "c.txt", "c\n", item: 3)
        return fixture
    }

    @Test("the queue stops with the paths and both sides, and git's own merge in the worktree")
    func stop() throws {
        let fixture = try fixture()
        let outcome = try fixture.merge("one", "two", "three")
        let stopped = try #require(outcome.stopped)
        #expect(stopped.reason == .conflict)
        #expect(stopped.paths == ["a.txt"])
        #expect(stopped.sides.first?.ours.contains("+ONE") == true)
        #expect(stopped.sides.first?.theirs.contains("+TWO") == true)
        #expect(outcome.remaining.map(\.text) == ["three"])
        #expect(try fixture.status().contains("UU a.txt"))
        #expect(try fixture.repo.text("a.txt").contains("<<<<<<< "))
        #expect(
            try fixture.repo.git("rev-parse", "MERGE_HEAD").text == fixture.repo.git("rev-parse", "wf/feature/two").text
        )
        #expect(try fixture.list().map(\.state) == [.merged, .open, .open])
        #expect(try fixture.list().map(\.isConflicted) == [false, true, false])
        #expect(throws: MergeError.self) { try fixture.merge("three") }
    }

    @Test("continue names what is unresolved, then commits and goes on")
    func resume() throws {
        let fixture = try fixture()
        _ = try fixture.merge("one", "two", "three")
        let error = #expect(throws: MergeError.self) { try fixture.queue().resume() }
        #expect(error?.code == .unresolved)
        #expect(error?.paths == ["a.txt"])
        try fixture.repo.write("a.txt", "1\nBOTH\n3\n4\n5\n")
        let outcome = try fixture.queue().resume()
        #expect(outcome.merged.map(\.agent.text) == ["two", "three"])
        #expect(try fixture.status().isEmpty)
        #expect(try fixture.repo.text("a.txt") == "1\nBOTH\n3\n4\n5\n")
        #expect(try fixture.repo.text("TODO.md") == "# TODO\n\n- [x] one\n- [x] two\n- [x] three\n")
        #expect(try fixture.list().map(\.state) == [.merged, .merged, .merged])
        #expect(try fixture.repo.git("log", "-1", "--format=%s", "HEAD^1").text == "Merge agent two")
        #expect(throws: MergeError.self) { try fixture.queue().resume() }
    }

    @Test("continue goes on without its file, but for the names that were to follow")
    func resumeWithoutFile() throws {
        let fixture = try fixture()
        _ = try fixture.merge("one", "two", "three")
        try fixture.repo.remove(".git/wf")
        try fixture.repo.write("a.txt", "1\nBOTH\n3\n4\n5\n")
        #expect(try fixture.queue().resume().merged.map(\.agent.text) == ["two"])
        #expect(try fixture.list().map(\.state) == [.merged, .merged, .open])
    }

    @Test("a merge that the user committed is taken as it is")
    func committedByHand() throws {
        let fixture = try fixture()
        _ = try fixture.merge("one", "two", "three")
        try fixture.repo.write("a.txt", "by hand\n")
        try fixture.repo.git("commit", "-qam", "mine")
        let head = try fixture.repo.git("rev-parse", "HEAD").text
        let outcome = try fixture.queue().resume()
        #expect(outcome.merged.map(\.agent.text) == ["two", "three"])
        #expect(outcome.merged.first?.commit.hex == head)
    }

    @Test("a merge that the user aborted stays open, and the queue goes on")
    func abortedByHand() throws {
        let fixture = try fixture()
        _ = try fixture.merge("one", "two", "three")
        try fixture.repo.git("merge", "--abort")
        let outcome = try fixture.queue().resume()
        #expect(outcome.merged.map(\.agent.text) == ["three"])
        #expect(outcome.notes.count == 1)
    }

    @Test("abort brings back what was there, and keeps what was tried", arguments: [false, true])
    func abort(isTodoDirty: Bool) throws {
        let fixture = try fixture()
        _ = try fixture.merge("one")
        let todo = isTodoDirty ? "# TODO\n\n- [x] one\n- [ ] two\n- [x] three\n" : try fixture.repo.text("TODO.md")
        try fixture.repo.write("TODO.md", todo)
        try fixture.repo.write("b.txt", "not committed\n")
        let (status, head) = (try fixture.status(), try fixture.repo.git("rev-parse", "HEAD").text)
        #expect(try fixture.merge("two").stopped?.reason == .conflict)
        #expect(try fixture.repo.text("TODO.md").contains("- [x] two"))
        try fixture.repo.write("a.txt", "half resolved\n")
        let aborted = try fixture.queue().abort()
        #expect(aborted.agent.text == "two")
        #expect(try fixture.status() == status)
        #expect(try fixture.repo.text("TODO.md") == todo)
        #expect(try fixture.repo.text("b.txt") == "not committed\n")
        #expect(try fixture.repo.git("rev-parse", "HEAD").text == head)
        #expect(try fixture.repo.git("show", "\(aborted.checkpoint.hex):a.txt").text == "half resolved")
        try fixture.repo.commit("a.txt", "1\n2\n3\n4\n5\n", message: "way free")
        #expect(try fixture.journal().leaderState().agent("two")?.isOpen == true)
    }

    @Test("in a conflict, boxes that are not committed are carried over", arguments: [false, true])
    func dirtyTodo(isContinued: Bool) throws {
        let fixture = try fixture()
        _ = try fixture.merge("one")
        try fixture.repo.write("TODO.md", "# TODO\n\n- [x] one\n- [ ] two\n- [x] three\n")
        _ = try fixture.merge("two")
        #expect(try fixture.repo.text("TODO.md") == "# TODO\n\n- [x] one\n- [x] two\n- [x] three\n")
        try fixture.repo.write("a.txt", "1\nBOTH\n3\n4\n5\n")
        #expect(try fixture.queue().resume().merged.count == 1)
        #expect(try fixture.repo.git("show", "HEAD:TODO.md").text == "# TODO\n\n- [x] one\n- [x] two\n- [ ] three")
        #expect(try fixture.status() == [" M TODO.md"])
    }

    @Test("a file that one side deleted is unresolved until the user says so")
    func modifyDelete() throws {
        let fixture = try WorkflowFixture()
        let worktree = try fixture.start("one")
        try worktree.git("rm", "-q", "b.txt")
        try worktree.git("commit", "-qm", "rm")
        try fixture.repo.commit("b.txt", "changed\n")
        #expect(try fixture.merge("one").stopped?.paths == ["b.txt"])
        let error = #expect(throws: MergeError.self) { try fixture.queue().resume() }
        #expect(error?.code == .unresolved)
        try fixture.repo.git("rm", "-q", "b.txt")
        #expect(try fixture.queue().resume().merged.count == 1)
        #expect(!fixture.repo.exists("b.txt"))
    }

    @Test("something staged stops a conflict before git sees it")
    func staged() throws {
        let fixture = try fixture()
        _ = try fixture.merge("one")
        try fixture.repo.write("b.txt", "staged\n")
        try fixture.repo.git("add", "b.txt")
        let stopped = try #require(try fixture.merge("two").stopped)
        #expect(stopped.reason == .dirty)
        #expect(stopped.paths == ["b.txt"])
        #expect(try fixture.status() == ["M  b.txt"])
    }

    @Test("a preview names who conflicts with whom, and changes nothing")
    func preview() throws {
        let fixture = try fixture()
        try fixture.repo.worktree(at: "../repo.wf/feature/three").write("a.txt", "1\n3\n3\n4\n5\n")
        let before = try fixture.repo.git("for-each-ref").text
        let preview = try fixture.queue().preview(["one", "two", "three"].map { try Name($0) })
        #expect(preview.pairs.count == 3)
        #expect(preview.pairs.first?.agents.map(\.text) == ["one", "two"])
        #expect(preview.pairs.first?.paths == ["a.txt"])
        #expect(preview.order.count == 3)
        #expect(try fixture.repo.git("for-each-ref").text == before)
        #expect(try fixture.status().isEmpty)
    }
}
