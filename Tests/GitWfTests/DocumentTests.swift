import Glibc
import SystemPackage
import TestSupport
import Testing

@Suite("Checkpoint documents")
struct DocumentTests {
    static let sections = [
        "Context Required to Resume", "State Summary", "Key Decisions (do not re-evaluate)", "Current File State",
        "Next Actions (in order)",
    ]

    /// What a document gives back when it is recorded and shown.
    private func shown(_ repo: TestRepository, _ document: [UInt8]) throws -> [UInt8] {
        try repo.write("doc.md", document)
        try repo.done("checkpoint", "-F", "doc.md")
        return try repo.done("show").stdout
    }

    private func shown(_ repo: TestRepository, _ document: String) throws -> String {
        String(decoding: try shown(repo, Array(document.utf8)), as: UTF8.self)
    }

    @Test("a document with every section comes back byte for byte, whatever stands in them")
    func byteForByte() throws {
        let repo = try TestRepository.begun("minimal")
        func number(_ name: String) -> UInt64? { getenv(name).flatMap { UInt64(String(cString: $0)) } }
        let first = number("GIT_WF_TEST_SEED") ?? UInt64.random(in: 0..<1_000_000_000)
        for seed in first..<(first + (number("GIT_WF_TEST_COUNT") ?? 15)) {
            var random = LineGenerator(seed: seed)
            let document = random.document()
            #expect(try shown(repo, document) == document, "seed \(seed)")
        }
        print("documents: from seed \(first)")
    }

    private static let short = """
        # Checkpoint: Half done

        ## State Summary
        - two of four routes

        ## Next Actions (in order)
        1. third route

        """

    @Test("sections that the author left out fill themselves, and what was written stays as it is")
    func filled() throws {
        let repo = try TestRepository.begun("minimal")
        try repo.write("src/api.ts", "one\ntwo\n")
        try repo.write("image.bin", [0, 1, 2])
        try repo.write("CLAUDE.md", "# Conventions\n")
        try repo.remove("a.txt")
        try repo.git("config", "-f", ".wfconfig", "--add", "resume.read", "src/api.ts")
        try repo.done("decide", "the definition in force is the recorded one")
        try repo.write("doc.md", Self.short)
        try repo.done("checkpoint", "-F", "doc.md")
        #expect(
            try repo.done("show").text == """
                # Checkpoint: Half done

                ## Context Required to Resume
                1. Read `CLAUDE.md` for project conventions
                2. Read this checkpoint for current state
                3. Read `TODO.md` for remaining work
                4. Read `src/api.ts`

                ## State Summary
                - two of four routes

                ## Key Decisions (do not re-evaluate)
                - the definition in force is the recorded one

                ## Current File State
                - `.wfconfig`: 5 lines, changed
                - `CLAUDE.md`: 1 line, new
                - `a.txt`: deleted
                - `doc.md`: 7 lines, new
                - `image.bin`: binary, 3 bytes, new
                - `src/api.ts`: 2 lines, new

                ## Next Actions (in order)
                1. third route
                """)
        // Only what changed since then, and nothing where nothing did.
        try repo.write("src/api.ts", "one\ntwo\nthree\n")
        try repo.done("checkpoint", "-F", "doc.md")
        #expect(try repo.done("show").text.contains("State\n- `src/api.ts`: 3 lines, changed\n\n## Next"))
        try repo.done("checkpoint", "-F", "doc.md")
        #expect(try !repo.done("show").text.contains("Current File State"))
        // In the document's own line ends, and at its end.
        try repo.write("src/api.ts", "one\n")
        let returns = "# Checkpoint: A\r\n\r\n## Notes\r\n- mine"
        #expect(
            try shown(repo, returns).hasPrefix(
                "# Checkpoint: A\r\n\r\n## Context Required to Resume\r\n1. Read `CLAUDE.md` for project conventions\r\n"
            ))
        let text = try repo.done("show").text
        #expect(
            text.contains(
                "- mine\r\n\r\n## Key Decisions (do not re-evaluate)\r\n- the definition in force is the recorded one\r\n\r\n"
                    + "## Current File State\r\n- `doc.md`"))
        #expect(text.contains("\r\n\r\n## Next Actions (in order)\r\n1. third route"))
    }

    @Test("a checkpoint without a document says them too, and counts what is too much")
    func withoutDocument() throws {
        let repo = try TestRepository.begun("minimal")
        try repo.write("AGENTS.md", "x\n")
        for number in 10..<25 { try repo.write("f\(number).txt", "x") }
        try repo.done("checkpoint", "Work")
        let text = try repo.done("show").text
        #expect(text.contains("1. Read `AGENTS.md` for project conventions\n2. Read this checkpoint"))
        #expect(text.contains("- `f10.txt`: 1 line, new"))
        #expect(text.split(separator: "\n").filter { $0.hasPrefix("- ") }.count == 11)
        #expect(text.contains("\n- … 6 more: git wf diff "))
        try repo.done("checkpoint", "More", "--file", "f10.txt: finished", "--read", "f10.txt")
        let more = try repo.done("show").text
        #expect(more.contains("## Current File State\n- `f10.txt`: finished"))
        #expect(more.contains("\n4. f10.txt"))
        #expect(!more.contains("f11.txt"))
    }

    @Test("an agent's checkpoint counts from its own last one")
    func agent() throws {
        let repo = try TestRepository.begun("minimal")
        try repo.done("checkpoint", "before")
        try repo.done("agent", "start", "ann")
        let ann = repo.worktree(at: FilePath(try repo.json("agent", "list")["agents"]?[0]?["worktree"]?.text ?? ""))
        try ann.write("b.txt", "b\n")
        try ann.done("checkpoint", "mine")
        #expect(try ann.done("show").text.contains("State\n- `b.txt`: 1 line, new"))
        try ann.write("b.txt", "b\nb\n")
        try ann.done("checkpoint", "mine")
        #expect(try ann.done("show").text.contains("State\n- `b.txt`: 2 lines, changed"))
    }

    @Test("what options add to a document is in what show prints")
    func options() throws {
        let repo = try TestRepository.begun("minimal")
        try repo.write("doc.md", Self.short + "\n## Mine\nkept\n")
        try repo.done("checkpoint", "-F", "doc.md", "--decision", "FTS5", "--next", "fourth route")
        let text = try repo.done("show").text
        #expect(text.contains("## Key Decisions (do not re-evaluate)\n- FTS5"))
        #expect(text.contains("1. third route\n2. fourth route") && text.contains("## Mine\nkept"))
        #expect(try repo.json("status")["next"]?.list.count == 2)
    }

    @Test("a section that is there twice counts as one, in order; unknown ones are kept")
    func doubled() throws {
        let repo = try TestRepository.begun("minimal")
        let document = """
            # Checkpoint: Twice
            ## Context Required to Resume
            ## Next Actions (in order)
            1. one
            ## Current File State
            (none)
            ## Whatever
            text
            ## Next actions
            1. two
            ## Key Decisions
            - a
            ## Key Decisions
            - b
            - a
            """
        #expect(try shown(repo, document) == document)
        let status = try repo.json("status")
        #expect(status["next"] == .array([.string("one"), .string("two")]))
        #expect(status["decisions"]?.texts("text") == ["a", "b"])
    }

    @Test("what is no checkpoint document is refused with its reason, and changes nothing")
    func bad() throws {
        let repo = try TestRepository.begun("minimal")
        try repo.write("empty.md", "")
        try repo.write("blank.md", "\n \n")
        try repo.write("latin.md", Array("# Checkpoint: caf".utf8) + [0xe9, 0x0a])
        try repo.write("untitled.md", "## State Summary\n- a\n")
        try repo.write("colon.md", "# Checkpoint:\n\n## State Summary\n- a\n")
        try repo.write("folder/x", "x\n")
        for (file, reason) in [
            ("empty.md", "it is empty"), ("blank.md", "it has no line \"# Checkpoint: TITLE\""),
            ("latin.md", "it is neither in UTF-8"), ("untitled.md", "it has no line"), ("colon.md", "it has no line"),
            ("folder", "could not read"), ("missing.md", "there is no file"),
        ] { try repo.refuses(["checkpoint", "-F", file], status: 128, says: [reason, file]) }
        let tip = try repo.id(repo.lane)
        #expect(try repo.wf("checkpoint", "-F", "-", stdin: "").status == 128)
        #expect(try repo.id(repo.lane) == tip)
    }
}

/// Documents in the article's form that are hard to give back as they are.
struct LineGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    private static let blocks = [
        "- one\n  - nested\n    - deeper\n\n      a paragraph of it", "1. first\n2) second\n   - under it",
        "```swift\n## Next Actions\n- [ ] not an item\n```", "~~~\n# Checkpoint: not this\n~~~", "> a quote\n> - in it",
        "plain text   \nof two lines", "| a | b |\n|---|---|\n| 1 | 2 |", "* star\t\ttabs\n+ plus",
        "<!-- a comment -->",
        "- `src/a b.ts`: half  done: yes", "- ``a`b``: odd", "- 漢字 and שלום and 👩‍👩‍👧", "(none)", "", "    indented code",
        "- [x] done\n- [ ] open", "text with <b>html</b> &amp; \\*escapes\\*", "### Deeper heading\n- below it", "***",
        "- Wf-Phase: complete", "\n\n\n", "- trailing blanks   ", "Setext\n------",
    ]

    mutating func document() -> [UInt8] {
        var sections = DocumentTests.sections
        for _ in 0..<Int.random(in: 0...3, using: &self) {
            let name = ["Notes", "Open Questions", "State Summary", "备注"].randomElement(using: &self) ?? ""
            sections.insert(name, at: Int.random(in: 0...sections.count, using: &self))
        }
        if Int.random(in: 0..<3, using: &self) == 0 { sections.shuffle(using: &self) }
        var text = "# Checkpoint: A title with `code` and 漢字\n"
        if Bool.random(using: &self) { text += "**Date**: 2026-02-22 11:30\n**Resumable by**: Any agent\n" }
        for section in sections {
            text += Bool.random(using: &self) ? "\n## \(section)\n" : "## \(section)\n\n"
            for _ in 0..<Int.random(in: 0...4, using: &self) {
                text += (Self.blocks.randomElement(using: &self) ?? "") + "\n"
                if Bool.random(using: &self) { text += "\n" }
            }
        }
        if Bool.random(using: &self) { text.removeLast() }
        if Int.random(in: 0..<4, using: &self) == 0 {
            text = text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n")
        }
        let mark: [UInt8] = Int.random(in: 0..<8, using: &self) == 0 ? [0xEF, 0xBB, 0xBF] : []
        return mark + Array(text.utf8)
    }
}
