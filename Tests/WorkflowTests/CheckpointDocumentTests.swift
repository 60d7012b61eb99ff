import Testing
import Workflow

@Suite struct CheckpointDocumentTests {
    /// The article's sample.
    static let sample = """
        # Checkpoint: API Routes 60% Complete
        **Date**: 2026-02-22 11:30
        **Resumable by**: Any agent with access to this repository

        ## Context Required to Resume
        1. Read `CLAUDE.md` for project conventions
        2. Read this checkpoint for current state
        3. Read `TODO.md` for remaining work
        4. Read `src/index.ts` for existing implementation

        ## State Summary
        - 3 of 5 API endpoints implemented (search, categories, get-by-id)
        - Rate limiting and request logging not yet started
        - All implemented endpoints tested manually, working

        ## Key Decisions (do not re-evaluate)
        - Using FTS5 for search with rank ordering
        - Cache search results in KV for 5 minutes
        - Rate limit: 60 req/min per IP via KV with TTL expiration
        - Hash IPs with SHA-256 for privacy in request logs

        ## Current File State
        - `src/index.ts`: 450 lines, 3 route handlers implemented
        - `schema/0001-init.sql`: Complete, applied to production
        - `wrangler.jsonc`: Complete, D1 and KV bindings configured

        ## Next Actions (in order)
        1. Implement POST /api/v1/feedback endpoint
        2. Implement POST /api/v1/suggestions endpoint
        3. Add rate limiting middleware (checkRateLimit function exists, wire into fetch handler)
        4. Add request logging with ctx.waitUntil()
        5. Test all endpoints

        """

    @Test("the article's checkpoint is read and written as it is")
    func article() {
        let document = CheckpointDocument(Self.sample)
        #expect(document.title == "API Routes 60% Complete")
        #expect(document.date == "2026-02-22 11:30")
        #expect(document.resumableBy == "Any agent with access to this repository")
        #expect(document.context.count == 4 && document.summary.count == 3 && document.decisions.count == 4)
        #expect(document.files.map(\.path) == ["src/index.ts", "schema/0001-init.sql", "wrangler.jsonc"])
        #expect(document.files[1].state == "Complete, applied to production")
        #expect(document.next.last == "Test all endpoints")
        #expect(document.text == Self.sample)
        #expect(document.source == Array(Self.sample.utf8))
    }

    @Test("headings in code are text, nested lists stay with their entry, unknown sections are kept as they are")
    func tolerance() {
        let source = """
            # Checkpoint: A

            ## Notes
            ```
            ## Next Actions
            1. not this
            ```

            ## Next actions
            * one
              - under it
            Then rest.

            ### Later
            1) two
            # KEY DECISIONS
            A paragraph
            of two lines.
            ## State Summary
            None

            ## Current File State
            - src/a.ts: half done: yes
            - ``a`b``: odd
            - `only`
            """
        let document = CheckpointDocument(source)
        #expect(document.next == ["one - under it Then rest.", "two"])
        #expect(document.decisions == ["A paragraph of two lines."])
        #expect(document.summary.isEmpty)
        #expect(document.files.map(\.path) == ["src/a.ts", "a`b", "only"])
        #expect(document.files.map(\.state) == ["half done: yes", "odd", ""])
        #expect(document.otherSections == ["## Notes\n```\n## Next Actions\n1. not this\n```"])
        #expect(document.date == nil && document.context.isEmpty)
    }

    @Test("sections that hold nothing are left out")
    func emptySections() { #expect(CheckpointDocument(title: "A", next: ["", " \n"]).text == "# Checkpoint: A\n") }

    @Test("a title keeps the hashes at its end", arguments: ["Task #", "C#", "# #", "a ## b"])
    func hashes(title: String) {
        #expect(CheckpointDocument(CheckpointDocument(title: title).text).title == title)
        #expect(Spec(Spec(title: title).text).title == title)
    }

    @Test("a source that is not UTF-8 is kept to the byte")
    func source() {
        let bytes: [UInt8] = Array("\u{FEFF}# Checkpoint: ".utf8) + [0xFF] + Array("\r\n## State Summary\r\n- a".utf8)
        let document = CheckpointDocument(bytes)
        #expect(document.source == bytes)
        #expect(document.title == "\u{FFFD}" && document.summary == ["a"])
    }

    @Test("a random document is read back as it was written")
    func roundTrip() {
        for seed in documentSeeds() {
            var random = DocumentGenerator(seed: seed)
            let document = CheckpointDocument(
                title: random.line(), date: random.line(), resumableBy: random.line(), context: random.lines(),
                summary: random.lines(), decisions: random.lines(),
                files: random.lines().map { .init(path: $0, state: "done") }, next: random.lines(),
                otherSections: ["## Notes\n- a\n\n  b"])
            let read = CheckpointDocument(document.text)
            #expect(read.text == document.text, "seed \(seed)")
            #expect(read.context == document.context && read.summary == document.summary, "seed \(seed)")
            #expect(read.decisions == document.decisions && read.files == document.files, "seed \(seed)")
            #expect(read.next == document.next && read.otherSections == document.otherSections, "seed \(seed)")
            #expect(read.title == document.title && read.date == document.date, "seed \(seed)")
        }
    }
}
