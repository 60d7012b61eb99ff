import Git
import GitValues
import Testing
import Workflow

@Suite("Items have ids")
struct ItemIDTests {
    private static let workflow = "11111111-1111-4111-8111-111111111111"

    @Test("an id is a SHA-1, as git computes it, of whatever length the text is")
    func hash() throws {
        for length in 0...200 {
            let content = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 37) }
            let expected = try Repository.blobID(of: content).hex
            #expect(ItemID(hashing: Array("blob \(length)\0".utf8) + content).hex == expected.prefix(16))
        }
    }

    @Test("an id is written as 16 digits and read back; anything else is none")
    func digits() {
        for id in (0..<50).map({ ItemID(workflow: "w", text: "t", ordinal: $0) }) {
            #expect(ItemID(hex: id.hex) == id && id.hex.utf8.count == 16)
        }
        #expect(ItemID(hex: "000000000000000f")?.hex == "000000000000000f")
        for text in ["", "0", "00000000000000000", "-00000000000000f", "+00000000000000f", "000000000000000g"] {
            #expect(ItemID(hex: text) == nil)
        }
    }

    @Test("workflow, first text and ordinal make an id, and nothing else")
    func parts() {
        let todo = NoticedTodo("- [ ] a\n- [x] b\n## A\n- [ ] a\n")
        #expect(
            todo.ids == [
                ItemID(workflow: Self.workflow, text: "a"), ItemID(workflow: Self.workflow, text: "b"),
                ItemID(workflow: Self.workflow, text: "a", ordinal: 1),
            ])
        #expect(NoticedTodo("# T\n1. [x] a\n\n* [ ] b\n", workflow: Self.workflow).ids == Array(todo.ids.prefix(2)))
        #expect(Set(NoticedTodo("- [ ] a\n- [ ] b\n", workflow: "other").ids).isDisjoint(with: todo.ids))
    }

    /// Numbers of items of the old version, in the order of the new one; 0 is a new one.
    @Test(
        "an item keeps its id when the file is edited",
        arguments: [
            ("its text is edited", "- [ ] Write tests\n- [ ] b\n", "- [ ] Write tests of search\n- [ ] b\n", [1, 2]),
            ("and ticked on the way", "- [ ] Write tests\n", "- [x] Write the tests\n", [1]),
            ("it is moved to another section", "# A\n- [ ] a\n- [ ] b\n# B\n", "# A\n- [ ] b\n# B\n- [ ] a\n", [2, 1]),
            ("its section is renamed", "# A\n- [ ] a\n- [ ] a\n", "# Z\n- [ ] a\n- [x] a\n", [1, 2]),
            ("all are put in another order", "- [ ] a\n- [ ] b\n- [ ] c\n", "- [ ] c\n- [ ] a\n- [ ] b\n", [3, 1, 2]),
            ("others come and go", "- [ ] a\n- [ ] b\n", "- [ ] x\n- [ ] b\n- [ ] y\n", [0, 2, 0]),
            ("it is there twice", "- [ ] a\n- [ ] b\n", "- [ ] a\n- [ ] b\n- [ ] a\n", [1, 2, 0]),
            ("of two equal ones the first is ticked", "- [ ] a\n- [ ] a\n", "- [x] a\n- [ ] a\n", [1, 2]),
            ("of two equal ones the second is ticked", "- [ ] a\n- [ ] a\n", "- [ ] a\n- [x] a\n", [1, 2]),
            ("of two equal ones the first is cleared", "- [x] a\n- [ ] a\n", "- [ ] a\n- [ ] a\n", [1, 2]),
            ("of two equal ones the done one is removed", "- [x] a\n- [ ] a\n", "- [ ] a\n", [2]),
            ("an equal one is put before it", "- [x] a\n- [ ] b\n", "- [ ] a\n- [x] a\n- [ ] b\n", [0, 1, 2]),
            ("an equal one before it is removed", "- [ ] a\n- [ ] b\n- [ ] a\n", "- [ ] b\n- [ ] a\n", [2, 3]),
            (
                "an equal one is removed and another ticked", "- [ ] a\n- [ ] b\n- [ ] a\n- [ ] c\n",
                "- [ ] b\n- [ ] a\n- [x] c\n", [2, 3, 4]
            ),
            (
                "of two equal ones one is reworded", "- [ ] test it\n- [ ] test it\n- [ ] b\n",
                "- [ ] test it\n- [ ] test it well\n- [ ] b\n", [1, 2, 3]
            ),
            (
                "sections with equal ones change places", "# A\n- [ ] test\n# B\n- [ ] test\n",
                "# B\n- [ ] test\n# A\n- [ ] test\n", [2, 1]
            ),
            (
                "items with equal ones below them change places",
                "- [ ] a\n  - [ ] test\n- [ ] b\n  - [ ] test\n", "- [ ] b\n  - [ ] test\n- [ ] a\n  - [ ] test\n",
                [3, 4, 1, 2]
            ),
            (
                "an item goes with the equal one below it", "- [ ] a\n  - [ ] test\n- [ ] b\n  - [ ] test\n- [ ] c\n",
                "- [ ] b\n  - [ ] test\n- [x] c\n", [3, 4, 5]
            ),
        ] as [(String, String, String, [Int])])
    func edits(_ what: String, old: String, new: String, expected: [Int]) throws {
        var todo = NoticedTodo(old)
        let before = todo.ids
        try todo.notice(new)
        #expect(todo.ids.map { id in (before.firstIndex(of: id) ?? -1) + 1 } == expected, "\(what)")
    }

    @Test("an item that was removed and is back has its id again, whatever its text was at first")
    func back() throws {
        var todo = NoticedTodo("- [ ] a\n- [ ] b\n- [ ] b\n- [ ] write tests\n")
        let ids = todo.ids
        try todo.notice("- [ ] a\n- [x] b\n- [x] b\n- [ ] write all tests\n")
        try todo.notice("- [ ] a\n- [x] b\n")
        #expect(todo.ids == Array(ids.prefix(2)))
        try todo.notice("- [ ] a\n- [x] b\n- [ ] b\n- [ ] write all tests\n")
        #expect(todo.ids == ids)
        // Away as a whole.
        try todo.notice("# nothing\n")
        try todo.notice("- [ ] write all tests\n- [ ] a\n")
        #expect(todo.ids == [ids[3], ids[0]])
    }

    @Test("a rewording that is taken back leaves the item what it was")
    func takenBack() throws {
        var todo = NoticedTodo("- [ ] write tests\n- [ ] b\n")
        let ids = todo.ids
        let long = "- [ ] write tests for each and every corner of the search\n- [ ] b\n"
        try todo.notice(long)
        try todo.notice("- [ ] write tests\n- [ ] b\n")
        #expect(todo.ids == ids)
        guard case .reworded? = todo.changes.first, todo.changes.count == 1 else {
            Issue.record("\(todo.changes)")
            return
        }
    }

    @Test("an item that takes up the words of a reworded one is another one")
    func reused() throws {
        var todo = NoticedTodo("- [ ] write tests\n")
        let first = todo.ids
        try todo.notice("- [ ] write all tests\n")
        try todo.notice("- [ ] write tests\n- [ ] write all tests\n")
        #expect(todo.ids == [ItemID(workflow: Self.workflow, text: "write tests", ordinal: 1)] + first)
    }

    @Test("a checkpoint without an id is about the first item of its text, as the text says it then")
    func byText() {
        var log = ItemLog(workflow: "demo")
        let first = ItemID(workflow: "demo", text: "a")
        log.record(NoticedTodo.checkpoint("item-started", [(TrailerKey.item, "a")]))
        #expect(log.started == first)
        log.record(NoticedTodo.checkpoint("item-reworded", [(TrailerKey.item, "b"), (TrailerKey.was, "a")]))
        log.record(
            NoticedTodo.checkpoint(
                "item-done", [(TrailerKey.item, "b"), (TrailerKey.commit, "c"), ("Wf-Item-Id", "?")]))
        #expect(log.records.keys.map { $0 } == [first] && log.started == nil)
        #expect(log.records[first]?.isDone == true && log.records[first]?.commit == "c")
        #expect(log.identified(TodoList("- [x] b\n")).items[0].id == first)
    }

    @Test(
        "what another clone reworded stays the same item in the file of this one, in whatever order the two are folded")
    func rewordedElsewhere() throws {
        let base = NoticedTodo("- [ ] write tests\n- [ ] b\n- [ ] b\n")
        var (one, two, three) = (base, base, base)
        try one.notice("- [ ] write more tests\n- [ ] b\n- [ ] b\n")
        try two.notice("- [ ] write tests today\n- [ ] b\n- [ ] b\n")
        try three.notice("- [ ] write tests\n- [ ] b\n- [x] b\n")
        for sides in [[one, two, three], [three, two, one], [two, three, one]] {
            var log = base.log
            for checkpoint in sides.flatMap(\.recorded) { log.record(checkpoint) }
            for side in sides {
                let own = log.identified(TodoList(side.list.bytes))
                #expect(own.items.map(\.id) == base.ids)
                // And what the branches come to is noticed from there.
                let merged = TodoList("- [ ] write more tests\n- [ ] b\n- [x] b\n")
                #expect(log.identified(merged, after: own).items.map(\.id) == base.ids)
            }
        }
    }

    @Test("what two lanes say of one item is one thing")
    func united() throws {
        let base = NoticedTodo("- [ ] a\n- [ ] b\n")
        var (one, two) = (base, base)
        try one.notice("- [x] a\n- [ ] b\n- [ ] new\n")
        try two.notice("- [ ] a\n- [ ] new\n- [x] b\n- [ ] new\n")
        #expect(one.ids[2] == two.ids[1])
        for (mine, theirs) in [(one, two), (two, one)] {
            var log = mine.log
            log.unite(theirs.log)
            #expect(log.records.count == 4 && log.records.values.count(where: \.isDone) == 2)
            var again = log
            again.unite(theirs.log)
            #expect(again == log)
        }
    }
}
