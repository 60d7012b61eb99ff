import Testing
import Workflow

@Suite struct TodoChangesTests {
    private func list(_ old: String, _ new: String) -> [TodoChange] {
        let items = ItemLog(workflow: "demo")
        let before = items.identified(TodoList(old))
        return TodoList.changes(from: before, to: items.identified(TodoList(new), after: before))
    }

    private func changes(_ old: String, _ new: String) -> [String] {
        list(old, new).map {
            switch $0 {
            case .done(let item): "done \(item.number)"
            case .reopened(let item): "reopened \(item.number)"
            case .added(let item): "added \(item.number)"
            case .removed(let item): "removed \(item.number)"
            case .reworded(let old, let new): "reworded \(old.number) to \(new.number)"
            }
        }
    }

    @Test(
        "changes name what was done to each item",
        arguments: [
            ("- [ ] a\n- [x] b\n", "- [x] a\n- [ ] b\n", ["done 1", "reopened 2"]),
            ("- [ ] a\n", "- [ ] b\n", ["added 1", "removed 1"]),
            ("- [ ] a\n", "- [ ] a\n- [x] b\n", ["added 2", "done 2"]),
            // Moved within its section, to another one, and ticked on the way.
            ("- [ ] a\n- [ ] b\n", "- [ ] b\n- [ ] a\n", []),
            ("# A\n- [ ] a\n# B\n- [ ] b\n", "# A\n# B\n- [x] b\n- [ ] a\n", ["done 1"]),
            // The same text in the same section comes before the same text elsewhere.
            ("# A\n- [ ] a\n# B\n- [x] a\n", "# B\n- [x] a\n# A\n- [ ] a\n", []),
            // Reworded, and ticked.
            ("- [ ] Add rate limiting middleware\n", "- [ ] Add rate limiting to the worker\n", ["reworded 1 to 1"]),
            (
                "- [ ] Add rate limiting middleware\n", "- [x] Add `rate limiting` now\n",
                ["reworded 1 to 1", "done 1"]
            ),
            ("- [ ] one two three four five\n", "- [ ] one two x y z\n", ["added 1", "removed 1"]),
            ("# A\n- [ ] one two three\n", "# B\n- [ ] one two four\n", ["added 1", "removed 1"]),
            // The closest is taken, whatever the order.
            (
                "- [ ] write tests for search\n- [ ] write tests for feedback\n",
                "- [ ] write tests for feedback form\n- [ ] write tests for search box\n",
                ["reworded 2 to 1", "reworded 1 to 2"]
            ),
            // Equal texts in order.
            ("- [ ] a\n- [ ] a\n- [ ] a\n", "- [ ] a\n- [x] a\n", ["done 2", "removed 3"]),
        ] as [(String, String, [String])])
    func named(old: String, new: String, expected: [String]) { #expect(changes(old, new) == expected) }

    @Test("thousands of reworded items are matched soon", .timeLimit(.minutes(1)))
    func many() {
        let old = (0..<5_000).map { "- [ ] write the test of part \($0) of the whole\n" }.joined()
        let new = (0..<5_000).map { "- [x] write the test of part \($0) of it all\n" }.joined()
        let changes = list(old, new)
        #expect(changes.count == 10_000)
        #expect(list(old, new) == changes)
    }
}
