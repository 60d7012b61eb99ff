import Markdown
import Testing

@Suite struct MarkdownOutlineTests {
    @Test("headings and boxes are found at their lines, with their sections")
    func headingsAndBoxes() throws {
        let outline = MarkdownOutline(
            """
            # Work
            Intro
            ## Phase 1: Planning ##
            - [x] one
              - [ ] two `code`
                goes on

            Testing
            -------
            1. [X] three
            """)
        #expect(outline.headings.map(\.text) == ["Work", "Phase 1: Planning", "Testing"])
        #expect(outline.headings.map(\.line) == [0, 2, 7])
        #expect(outline.headings.map(\.lastLine) == [0, 2, 8])
        #expect(outline.tasks.map(\.text) == ["one", "two `code` goes on", "three"])
        #expect(outline.tasks.map { $0.box?.isChecked } == [true, false, true])
        #expect(outline.tasks.map(\.line) == [3, 4, 9])
        #expect(outline.tasks.map(\.lastLine) == [5, 5, 9])
        #expect(outline.tasks.map(\.depth) == [0, 1, 0])
        #expect(outline.headingChain(outline.tasks[0].heading) == ["Work", "Phase 1: Planning"])
        #expect(outline.headingChain(outline.tasks[2].heading) == ["Work", "Testing"])
    }

    @Test(
        "a box counts only where GitHub shows one",
        arguments: [
            "```\n- [ ] a\n```", "~~~md\n- [ ] a", "    - [ ] a", "> - [ ] a", "<div>\n- [ ] a\n</div>",
            "<!--\n- [ ] a\n\n- [ ] b\n-->", "- > - [ ] a", "-[ ] a", "- [] a", "- [y] a", "- [ ]a", "[ ] a",
            "a\n    - [ ] b",
            "- a\n      - [ ] b", "-     - [ ] a", "- ```\n  - [ ] a\n  ```",
            "| a | b |\n|---|---|\n| - [ ] x | [ ] y |", "a <!-- - [ ] b -->", "- a\n\n  <!--\n  - [ ] b\n  -->",
            "> a\n> - [ ] b", "<details>\n- [ ] a\n</details>", "\t- [ ] a", "$ - [ ] a",
        ])
    func noBox(source: String) { #expect(MarkdownOutline(source).tasks.isEmpty) }

    @Test(
        "front matter holds neither items nor headings, and what follows it is read as without",
        arguments: [
            "---\ntitle: t\nmodes:\n  - [ ] one of two\n---\n", "---\n# a comment\ntitle: t\n- [ ] a\n...\n",
            "+++\ntitle = \"t\"\nmodes = [\n- [ ] a\n]\n+++\n", "\u{feff}---\r\nitems:\r\n- [ ] a\r\n---\r\n",
            "---  \na: |\n  # heading\n\n  - [x] b\n---\t\n",
        ])
    func frontMatter(source: String) {
        let outline = MarkdownOutline(source + "\n# Planning\n\n- [ ] real\n")
        #expect(outline.headings.map(\.text) == ["Planning"])
        #expect(outline.tasks.map(\.text) == ["real"])
        #expect(outline.tasks.first.map { outline.lines.text(of: $0.line) } == "- [ ] real")
        #expect(MarkdownOutline(source + "===\n").headings.isEmpty)
    }

    @Test(
        "what only looks like front matter is Markdown",
        arguments: [
            "---\n\n- [ ] a\n\n---\n", "---\n- [ ] a\n---\n", "---\ntitle: t\n\n- [ ] a\n", "+++\n- [ ] a\n",
            "\n---\ntitle: t\n\n- [ ] a\n---\n", "----\ntitle: t\n\n- [ ] a\n----\n", "***\n- [ ] a\n***\n",
        ])
    func noFrontMatter(source: String) { #expect(MarkdownOutline(source).tasks.map(\.text) == ["a"]) }

    @Test(
        "whether a box is checked is read from the box alone",
        arguments: [
            ("- [ ] see [x] there", [false]), ("- [x] not [ ] this", [true]), ("* [ ] a\n+ [X] b", [false, true]),
            ("-\t[ ] a", [false]), ("10) [ ]  a", [false]), ("- foo\n\n  - [x] bar", [true]),
            ("- <b>\n- [ ] a", [false]), ("<!-- a -->\n- [x] b", [true]), ("a\n- [x] b", [true]),
        ])
    func boxes(source: String, checked: [Bool]) {
        #expect(MarkdownOutline(source).tasks.compactMap { $0.box?.isChecked } == checked)
    }

    @Test("lines stay right with every line end, with a byte order mark and without UTF-8")
    func lineNumbers() {
        for end in ["\n", "\r\n", "\r"] {
            var bytes = SourceLines.byteOrderMark
            bytes += Array("# A\(end)\(end)- [ ] b ".utf8) + [0xFF, 0x00, 0xC3] + Array("\(end)- [x] c".utf8)
            let outline = MarkdownOutline(bytes)
            #expect(outline.headings.map(\.text) == ["A"])
            #expect(outline.tasks.map(\.line) == [2, 3])
            #expect(outline.tasks.map(\.text) == ["b \u{FFFD}\0\u{FFFD}", "c"])
            #expect(outline.tasks.compactMap { $0.box.map { bytes[$0.offset] } } == Array(" x".utf8))
        }
    }

    @Test(
        "nesting of 10,000 and unlucky megabytes end soon",
        .timeLimit(.minutes(1)),
        arguments: [
            "- ", "> ", "* ", "1. ", "-", ">", "[", "]", "![", "[](", "*_", "_", "**a ", "a**b", "`", "```\n", "<",
            "<!--", "<?\n", "</",
            "[ ] ", " [x] ", "- [ ] ", "&", "\\", "\n", "[a]: b\n", "- a\n", "*\n", "_*\n", "|a", "a\n=\n", "    ",
            "\t", "-\t", "<a b='\n",
            "<a b=\"", "\u{0}", "é", "#", "# ", "1", "~", "~~~a\n", "\r", "- \n\n",
        ])
    func pathological(unit: String) {
        let count = max(10_000, 300_000 / unit.utf8.count)
        let outline = MarkdownOutline(String(repeating: unit, count: count) + "\n\n# End\n\n- [ ] a\n")
        #expect(outline.lines.count > 3)
    }

    @Test("lists 10,000 deep, line by line, and the blank lines after them end soon", .timeLimit(.minutes(1)))
    func deepNesting() {
        var bytes: [UInt8] = []
        for depth in stride(from: 0, to: 10_000, by: 20) {
            bytes += Array(repeating: UInt8(ascii: " "), count: 2 * depth) + Array("- [ ] a\n".utf8)
        }
        for depth in 0..<300 {
            bytes += Array(repeating: UInt8(ascii: " "), count: 2 * depth) + Array("- [ ] a\n".utf8)
        }
        bytes += Array(repeating: UInt8(ascii: "\n"), count: 100_000) + Array("# End\n- [ ] b\n".utf8)
        let outline = MarkdownOutline(bytes)
        #expect(outline.tasks.last?.text == "b")
        #expect(outline.tasks.map(\.depth).max() ?? 0 >= 200)
    }
}
