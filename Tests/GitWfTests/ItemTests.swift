import SystemPackage
import TestSupport
import Testing

@Suite("An item is known by its id")
struct ItemTests {
    private static let equal = "# TODO\n\n- [ ] test it\n- [ ] test it\n- [ ] other\n"

    private func ids(_ repo: TestRepository) throws -> [String] {
        try repo.json("todo")["items"]?["list"]?.texts("id") ?? []
    }

    /// Kind and id of the checkpoints about items, oldest first.
    private func events(_ repo: TestRepository) throws -> [String] {
        let all = try repo.json("log", "-n", "0")["checkpoints"]?.list ?? []
        return all.reversed().filter { $0["kind"]?.text?.hasPrefix("item-") == true }.map {
            "\($0["kind"]?.text ?? "") \($0["itemId"]?.text ?? "-")"
        }
    }

    /// Expects that nothing changes when everything but the lanes is lost.
    private func expectFolded(_ repo: TestRepository) throws {
        let before = try ids(repo)
        Files.removeTree(repo.file(".git/wf/cache"))
        #expect(try ids(repo) == before && Set(before).count == before.count)
        #expect(try repo.done("fsck").status == 0)
    }

    @Test("every item has one, also those that were there before the workflow; TODO.md has none of it")
    func all() throws {
        let repo = try TestRepository.begun(todo: Self.equal)
        let ids = try ids(repo)
        #expect(ids.count == 3 && Set(ids).count == 3 && ids.allSatisfy { $0.utf8.count == 16 })
        #expect(try repo.json("status")["items"]?["list"]?.texts("id") == ids)
        #expect(try repo.json("next")["item"]?["id"]?.text == ids[0])
        try repo.done("todo", "start", "2")
        try repo.done("todo", "done", "2")
        #expect(try repo.text("TODO.md") == "# TODO\n\n- [ ] test it\n- [x] test it\n- [ ] other\n")
        #expect(try events(repo) == ["item-started \(ids[1])", "item-done \(ids[1])"])
        try expectFolded(repo)
    }

    @Test("of two equal items the one that is named is started, ticked and cleared, and no other")
    func equals() throws {
        let repo = try TestRepository.begun(todo: Self.equal)
        let ids = try ids(repo)
        try repo.done("todo", "start", "2")
        #expect(try repo.json("todo")["items"]?["current"]?.number == 2)
        #expect(try repo.done("todo").lines.filter { $0.contains("<-- current") } == ["  [ ] 2. test it  <-- current"])
        #expect(try repo.text("workflow-state.md").contains("- [ ] test it\n- [ ] test it  <-- CURRENT\n"))
        try repo.done("todo", "done", "2")
        #expect(try repo.text("workflow-state.md").contains("- [ ] test it  <-- CURRENT\n- [x] test it\n"))
        try repo.done("todo", "done", "1")
        try repo.done("todo", "reopen", "2")
        #expect(
            try events(repo) == [
                "item-started \(ids[1])", "item-done \(ids[1])", "item-done \(ids[0])", "item-reopened \(ids[1])",
            ])
        try expectFolded(repo)
    }

    @Test("in an editor, too: the box that is ticked is the item that is done")
    func editor() throws {
        let repo = try TestRepository.begun(todo: Self.equal)
        let old = try ids(repo)
        try repo.write("TODO.md", "# TODO\n\n- [ ] test it\n- [x] test it\n- [ ] other\n")
        try repo.done("checkpoint", "work")
        #expect(try events(repo) == ["item-done \(old[1])"])
        // The done one is taken out, and another one is put before what is left.
        try repo.write("TODO.md", "# TODO\n\n- [ ] test it\n- [ ] other\n")
        try repo.done("checkpoint", "work")
        try repo.write("TODO.md", "# TODO\n\n- [x] other\n- [ ] test it\n")
        try repo.done("checkpoint", "work")
        #expect(try events(repo) == ["item-done \(old[1])", "item-done \(old[2])"])
        #expect(try ids(repo) == [old[2], old[0]])
        try expectFolded(repo)
    }

    @Test("what was edited by hand is noticed before a command ticks a box beside it")
    func pending() throws {
        let repo = try TestRepository.begun(todo: "- [ ] test it\n")
        let old = try ids(repo)
        try repo.write("TODO.md", "- [ ] test it\n- [ ] test it\n- [ ] more\n")
        let listed = try ids(repo)
        #expect(listed[0] == old[0])
        try repo.done("todo", "done", "1")
        #expect(
            try events(repo) == ["item-added \(listed[1])", "item-added \(listed[2])", "item-done \(listed[0])"])
        #expect(try ids(repo) == listed)
        #expect(try repo.json("todo", "add", "last")["items"]?["list"]?.list.count == 4)
        #expect(try ids(repo).prefix(3) == listed[...])
    }

    @Test("edited, moved, reordered, made double, removed and brought back: an item stays what it was")
    func edited() throws {
        let repo = try TestRepository.begun(todo: "# A\n- [ ] Write the tests\n- [ ] b\n# B\n- [ ] c\n")
        let old = try ids(repo)
        func write(_ text: String) throws -> [String] {
            try repo.write("TODO.md", text)
            try repo.done("checkpoint", "edited")
            try expectFolded(repo)
            return try ids(repo)
        }
        try repo.done("todo", "start", "1")
        #expect(try write("# A\n- [ ] b\n- [ ] Write the tests of search\n# B\n- [ ] c\n") == [old[1], old[0], old[2]])
        #expect(try repo.json("todo")["items"]?["current"]?.number == 2)
        #expect(try write("# A\n- [ ] b\n# B\n- [ ] Write the tests of search\n- [ ] c\n") == [old[1], old[0], old[2]])
        #expect(try repo.json("todo")["items"]?["current"]?.number == 2)
        #expect(try write("# A\n# B\n- [ ] c\n- [ ] b\n- [ ] Write the tests of search\n") == [old[2], old[1], old[0]])
        #expect(try repo.json("todo")["items"]?["current"]?.number == 3)
        let double = try write("# A\n- [ ] b\n# B\n- [ ] c\n- [x] b\n")
        #expect(double.dropFirst() == [old[2], old[1]] && !old.contains(double[0]))
        #expect(try write("# B\n- [x] b\n") == [old[1]])
        let back = try write("# A\n- [ ] Write the tests of search\n- [ ] b\n# B\n- [x] b\n- [ ] c\n")
        #expect(back == [old[0], double[0], old[1], old[2]])
        #expect(try repo.json("todo")["items"]?["current"]?.number == 1)
    }

    @Test("equal items that change places by their sections stay what they were, though no item changed")
    func swapped() throws {
        let repo = try TestRepository.begun(todo: "# A\n- [ ] test\n# B\n- [ ] test\n")
        let old = try ids(repo)
        try repo.write("TODO.md", "# B\n- [ ] test\n# A\n- [ ] test\n")
        try repo.done("checkpoint", "moved")
        #expect(try ids(repo) == [old[1], old[0]])
        #expect(try repo.kinds().prefix(2) == ["checkpoint", "item-moved"])
        try expectFolded(repo)
        try repo.done("todo", "done", "2")
        #expect(try events(repo).last == "item-done \(old[0])")
    }

    // MARK: Agents

    private func started(_ repo: TestRepository, item: Int) throws -> TestRepository {
        let answer = try repo.json("agent", "start", "ann", "--item", "\(item)")
        return repo.worktree(at: FilePath(try #require(answer["worktree"]?.text)))
    }

    private func merge(_ repo: TestRepository) throws {
        try repo.done("merge", "ann")
        let merged = try repo.json("log", "--kind", "agent-merged")["checkpoints"]?[0]
        #expect(merged?["itemId"]?.text == (try repo.json("agent", "list"))["agents"]?[0]?["itemId"]?.text)
    }

    @Test("a merge ticks the agent's item, not the one of equal text before it")
    func merged() throws {
        let repo = try TestRepository.begun(todo: Self.equal)
        let old = try ids(repo)
        let ann = try started(repo, item: 2)
        #expect(try ids(ann) == old)
        #expect(try repo.json("todo")["items"]?["list"]?.texts("agent") == ["", "ann", ""])
        #expect(try repo.json("todo")["items"]?["current"]?.number == 1)
        try ann.commit("work.txt", "work\n")
        try merge(repo)
        #expect(try repo.text("TODO.md") == "# TODO\n\n- [ ] test it\n- [x] test it\n- [ ] other\n")
        #expect(try events(repo) == ["item-done \(old[1])"])
        #expect(try repo.git("status", "--porcelain").text == "")
    }

    @Test("where the agent ticked its item itself, no other one is ticked")
    func tickedByAgent() throws {
        let repo = try TestRepository.begun(todo: Self.equal)
        let old = try ids(repo)
        let ann = try started(repo, item: 2)
        try ann.write("TODO.md", "# TODO\n\n- [ ] test it\n- [x] test it\n- [ ] other\n")
        try ann.commit("work.txt", "work\n")
        try ann.done("checkpoint", "done")
        #expect(try events(ann) == ["item-done \(old[1])"])
        try merge(repo)
        #expect(try repo.text("TODO.md") == "# TODO\n\n- [ ] test it\n- [x] test it\n- [ ] other\n")
        #expect(try events(repo) == [])
        #expect(try repo.json("status")["items"]?["list"]?.texts("id") == old)
        try expectFolded(repo)
    }

    @Test("the leader reworded and moved the agent's item meanwhile: it is ticked where it is")
    func rewordedByLeader() throws {
        let repo = try TestRepository.begun(todo: "# A\n- [ ] test it\n- [ ] test it\n# B\n- [ ] other\n")
        let old = try ids(repo)
        let ann = try started(repo, item: 2)
        try ann.commit("work.txt", "work\n")
        try repo.write("TODO.md", "# A\n- [ ] test it\n- [ ] test it well\n# B\n- [ ] other\n")
        try repo.done("checkpoint", "reworded")
        #expect(try repo.json("agent", "list")["agents"]?[0]?["item"]?.text == "test it well")
        try repo.commit("TODO.md", "# B\n- [ ] test it well\n- [ ] other\n# A\n- [ ] test it\n")
        try merge(repo)
        #expect(try repo.text("TODO.md") == "# B\n- [x] test it well\n- [ ] other\n# A\n- [ ] test it\n")
        #expect(try ids(repo) == [old[1], old[2], old[0]])
        try expectFolded(repo)
    }

    @Test(
        "the agent reworded its item beyond recognition, in steps, and added one: both are the same in the leader's lane"
    )
    func rewordedByAgent() throws {
        let repo = try TestRepository.begun(todo: "- [ ] write tests\n- [ ] other\n")
        let old = try ids(repo)
        let ann = try started(repo, item: 1)
        try ann.write("TODO.md", "- [ ] write tests of everything\n- [ ] other\n")
        try ann.done("checkpoint", "one")
        try ann.write("TODO.md", "- [ ] cover tests of everything found\n- [ ] other\n- [ ] more\n")
        try ann.done("checkpoint", "two")
        let own = try ids(ann)
        #expect(own.prefix(2) == old[...])
        try ann.git("add", "-A")
        try ann.git("commit", "-qm", "work")
        try merge(repo)
        #expect(try repo.text("TODO.md") == "- [x] cover tests of everything found\n- [ ] other\n- [ ] more\n")
        #expect(try ids(repo) == own)
        #expect(try events(repo).filter { $0.hasPrefix("item-added") } == [])
        try expectFolded(repo)
    }

    @Test("an agent that starts late knows the items as the leader knows them")
    func lateAgent() throws {
        let repo = try TestRepository.begun(todo: "# A\n- [ ] test\n# B\n- [ ] test\n- [ ] write tests\n")
        try repo.write("TODO.md", "# B\n- [ ] test\n- [ ] write more tests\n# A\n- [ ] test\n")
        try repo.done("checkpoint", "moved")
        let known = try ids(repo)
        try repo.git("commit", "-qam", "moved")
        let ann = try started(repo, item: 3)
        #expect(try ids(ann) == known)
        try expectFolded(ann)
    }

    // MARK: Clones

    @Test("two clones that add the same item have one")
    func clones() throws {
        let repo = try TestRepository.begun(todo: Self.equal)
        try repo.git("clone", "-q", ".", "../clone")
        let clone = repo.beside("clone")
        try clone.run("sh", ["-c", "git fetch -q origin 'refs/wf/*:refs/wf/*'"])
        #expect(try ids(clone) == ids(repo))
        try repo.done("todo", "add", "Rate limits")
        try clone.done("todo", "add", "something of its own")
        try clone.done("todo", "add", "Rate limits")
        let (one, other) = (try ids(repo), try ids(clone))
        #expect(one.count == 4 && other.count == 5 && one[3] == other[4] && other[3] != one[3])
        #expect(Set(one).union(other).count == 5)
    }
}
