import Testing
import Workflow

private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

@Suite struct TodoListTests {
    static let phases = ["planning", "implementing", "testing", "code-review"]

    static let sample = """
        # Feedback API

        ## Planning
        - [x] Write the plan

        ## Phase 2: Implementing
        - [x] API routes: search, categories
        - [ ] API routes: `feedback`,
          suggestions
          - [ ] nested

        ```
        - [ ] not an item
        ```

        ### Middleware
        - [ ] Rate limiting

        ## Code Review
        - [ ] Ask
        """

    @Test("items keep text, section, depth and line")
    func items() {
        let list = TodoList(Self.sample)
        #expect(list.items.map(\.number) == [1, 2, 3, 4, 5, 6])
        #expect(list.items[2].text == "API routes: `feedback`, suggestions")
        #expect(list.items.map(\.done) == [true, true, false, false, false, false])
        #expect(list.items.map(\.depth) == [0, 0, 0, 1, 0, 0])
        #expect(list.items.map(\.line) == [3, 6, 7, 9, 16, 19])
        #expect(list.items[4].section == "Middleware")
        #expect(TodoList("- [ ] a").items[0].section == nil)
    }

    @Test("an item's phase is named by its heading or by one above it")
    func phases() {
        let list = TodoList(Self.sample)
        let phases = list.items.map { $0.phase(among: Self.phases) }
        #expect(phases == ["planning", "implementing", "implementing", "implementing", "implementing", "code-review"])
        #expect(list.section(of: "implementing", among: Self.phases) == "Phase 2: Implementing")
        #expect(list.section(of: "testing", among: Self.phases) == nil)
        let item = TodoItem(number: 1, text: "a", done: false, headings: ["Replanning", "API testing, PLANNING"])
        #expect(item.phase(among: ["plan", "planning"]) == "planning")
        #expect(item.phase(among: ["test", "api testing", "planning"]) == "api testing")
        #expect(item.phase(among: ["deploying", "--"]) == nil)
    }

    @Test("the item in hand is the started one, else the phase's first open one, else the first open one")
    func current() {
        let list = ItemLog(workflow: "demo").identified(TodoList(Self.sample))
        func current(_ started: String?, _ phase: String?) -> Int? {
            let id = started.map { ItemID(workflow: "demo", text: $0) }
            return list.current(started: id, phase: phase, phases: Self.phases)?.number
        }
        #expect(current("Rate limiting", "code-review") == 5)
        #expect(current("Write the plan", "code-review") == 6)
        #expect(current(nil, "planning") == 3)
        #expect(current(nil, nil) == 3)
        let done = ItemLog(workflow: "demo").identified(TodoList("- [x] a"))
        #expect(done.current(started: done.items[0].id, phase: nil, phases: []) == nil)
    }

    @Test(
        "ticking changes one byte and nothing else",
        arguments: [
            "- [ ] a\r\n* [ ] b  \r\n", "\u{FEFF}- [ ] a\n\n\n+\t[ ]   b [x] `c`",
            "1. [ ] a\n   more\n2) [ ] b\n\ntail\n",
            "# A\r- [ ] a\r- [ ] b\r",
        ])
    func ticking(source: String) throws {
        let list = TodoList(source)
        let ticked = try list.settingDone(2, true)
        let offsets = zip(list.bytes, ticked).enumerated().filter { $0.element.0 != $0.element.1 }
        #expect(ticked.count == list.bytes.count && offsets.count == 1)
        #expect(TodoList(ticked).items.map(\.done) == [false, true])
        #expect(try TodoList(ticked).settingDone(2, false) == list.bytes)
        #expect(try TodoList(ticked).settingDone(2, true) == ticked)
        #expect(throws: TodoListError.noItem(number: 3, count: 2)) { try list.settingDone(3, true) }
        #expect(throws: TodoListError.noItem(number: 0, count: 2)) { try list.settingDone(0, true) }
    }

    @Test("ticking keeps bytes that are not UTF-8")
    func notUTF8() throws {
        let bytes = Array("- [ ] caf".utf8) + [0xE9, 0x0A] + Array("- [ ] b".utf8)
        let list = TodoList(bytes)
        #expect(list.items.map(\.text) == ["caf\u{FFFD}", "b"])
        var expected = bytes
        expected[3] = UInt8(ascii: "x")
        #expect(try list.settingDone(1, true) == expected)
    }

    @Test(
        "an item is added in the style that is there",
        arguments: [
            ("", nil, "- [ ] new\n"),
            ("# A\n", nil, "# A\n\n- [ ] new\n"),
            ("text", nil, "text\n\n- [ ] new"),
            ("- [ ] a", nil, "- [ ] a\n- [ ] new"),
            ("* [ ] a\r\n", nil, "* [ ] a\r\n* [ ] new\r\n"),
            ("\u{FEFF}  +  [x] a\n", nil, "\u{FEFF}  +  [x] a\n  +  [ ] new\n"),
            ("9. [ ] a\n   more\n   - [ ] b\n\ntail\n", nil, "9. [ ] a\n   more\n   - [ ] b\n10. [ ] new\n\ntail\n"),
            ("- [ ] a\n\n- [ ] b\n\n# B\n", nil, "- [ ] a\n\n- [ ] b\n\n- [ ] new\n\n# B\n"),
            ("# A\n- [ ] a\n# B\n- [ ] b\n", "a", "# A\n- [ ] a\n- [ ] new\n# B\n- [ ] b\n"),
            ("# A\n# B\n- [ ] b\n", "A", "# A\n\n- [ ] new\n\n# B\n- [ ] b\n"),
            ("# A\ntext\n\nB\n---\n- [ ] b\n", "A", "# A\ntext\n\n- [ ] new\n\nB\n---\n- [ ] b\n"),
            ("- Group\n  - [ ] a\n", nil, "- Group\n  - [ ] a\n  - [ ] new\n"),
            ("- [ ] a\n  ```\n  - [ ] code\n  ```\n", nil, "- [ ] a\n  ```\n  - [ ] code\n  ```\n- [ ] new\n"),
        ] as [(String, String?, String)])
    func adding(source: String, section: String?, expected: String) throws {
        let list = TodoList(source)
        let result = try list.adding(" new\n", section: section)
        #expect(text(result) == expected)
        #expect(TodoList(result).items.count == list.items.count + 1)
    }

    @Test("what cannot be added is refused with the reason")
    func refused() {
        #expect(throws: TodoListError.noSection("C", sections: ["A"])) { try TodoList("# A").adding("a", section: "C") }
        #expect(throws: TodoListError.emptyText) { try TodoList("").adding(" \n") }
        #expect(throws: TodoListError.noPlace(line: 3)) { try TodoList("```\n").adding("a") }
    }

    @Test("where both sides changed only boxes, both sides' boxes are taken")
    func uniting() {
        func unite(_ base: String, _ ours: String, _ theirs: String) -> String? {
            TodoList.uniting(base: Array(base.utf8), ours: Array(ours.utf8), theirs: Array(theirs.utf8)).map(text)
        }
        let base = "- [ ] a\r\n- [x] b\n- [ ] c"
        #expect(
            unite(base, "- [x] a\r\n- [x] b\n- [ ] c", "- [ ] a\r\n- [ ] b\n- [X] c") == "- [x] a\r\n- [ ] b\n- [X] c")
        #expect(
            unite(base, "- [x] a\r\n- [x] b\n- [ ] c", "- [X] a\r\n- [x] b\n- [ ] c") == "- [x] a\r\n- [x] b\n- [ ] c")
        #expect(unite(base, base, base) == base)
        #expect(unite(base, base, "- [ ] a\r\n- [X] b\n- [ ] c") == "- [ ] a\r\n- [X] b\n- [ ] c")
        #expect(
            unite(base, "- [ ] a\r\n- [X] b\n- [ ] c", "- [ ] a\r\n- [ ] b\n- [ ] c") == "- [ ] a\r\n- [ ] b\n- [ ] c")
        #expect(unite(base, base, "- [ ] A\r\n- [x] b\n- [ ] c") == nil)
        #expect(unite(base, base, "- [ ] a\n- [x] b\n- [ ] c") == nil)
        #expect(unite(base, base, base + "\n") == nil)
        #expect(unite(base, "- [-] a\r\n- [x] b\n- [ ] c", base) == nil)
        #expect(unite("```\n- [ ] a\n```", "```\n- [x] a\n```", "```\n- [ ] a\n```") == nil)
    }
}
