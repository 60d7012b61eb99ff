import Git
import GitValues
import Testing
import Workflow

@Suite struct SpecTests {
    /// The article's sample.
    static let sample = """
        # Spec: Implement Feedback Endpoint

        ## Goal
        Add POST /api/v1/feedback endpoint to the Worker API.

        ## Files to Read
        - src/index.ts (existing routes, helper functions)
        - schema/0001-init.sql (article_feedback table schema)

        ## Files to Modify
        - src/index.ts (add route handler)

        ## Requirements
        - Validate: content_id exists in content_index table
        - Validate: feedback_type is one of: helpful, inaccurate, outdated, needs-examples, other
        - Validate: comment is optional, max 1000 characters
        - Hash client IP for privacy (use existing hashIP function)
        - Return 201 with { id, content_id, feedback_type, created_at }

        ## Constraints
        - Follow existing patterns (see parseBody, json helpers)
        - Do not modify database schema
        - Do not add new dependencies
        - Do not change existing route handlers

        ## Deliverable
        - Working endpoint added to src/index.ts
        - Brief report: lines changed, any decisions made

        """

    @Test("the article's spec is read and written as it is")
    func article() {
        let spec = Spec(Self.sample)
        #expect(spec.title == "Implement Feedback Endpoint")
        #expect(spec.goal == "Add POST /api/v1/feedback endpoint to the Worker API.")
        #expect(spec.reads.map(\.pattern.text) == ["src/index.ts", "schema/0001-init.sql"])
        #expect(spec.reads[0].note == "existing routes, helper functions")
        #expect(spec.requirements.count == 5 && spec.constraints.count == 4 && spec.deliverable.count == 2)
        #expect(spec.missingSections.isEmpty && spec.dependsOn.isEmpty && spec.otherSections.isEmpty)
        #expect(spec.text == Self.sample)
    }

    @Test("missing sections are named, unknown ones are kept, nested ones belong to the one above")
    func tolerance() {
        let spec = Spec(
            """
            # spec: A
            ## goal:
            One.

            ```
            ## Constraints
            ```
            ## Requirements
            - a
              - b
            ### More
            - [ ] c
            ## Notes
            > kept
            ## Depends on
            - `specs/other.md` (first)
            - third
            ## Files to Read
            (none)
            """)
        #expect(spec.title == "A")
        #expect(spec.goal == "One.\n\n```\n## Constraints\n```")
        #expect(spec.requirements == ["a - b", "[ ] c"])
        #expect(spec.otherSections == ["## Notes\n> kept"])
        #expect(spec.dependsOn == ["other", "third"])
        #expect(spec.reads.isEmpty)
        #expect(spec.missingSections == [.modifies, .constraints, .deliverable])
        #expect(Spec("").missingSections.count == 6)
    }

    @Test(
        "a path line gives path, note and lines",
        arguments: [
            ("src/a.ts", "src/a.ts", nil, nil), ("`src/a.ts`", "src/a.ts", nil, nil),
            ("`src/a b.ts`: why (so)", "src/a b.ts", "why (so)", nil),
            ("./a.ts:3-7 (note (x))", "a.ts", "note (x)", 3...7),
            ("`a.ts`:3-7 - note", "a.ts", "note", 3...7), ("`a.ts:12`", "a.ts", nil, 12...12),
            ("app/(group)/[id]/page.tsx (page)", "app/(group)/[id]/page.tsx", "page", nil),
            ("a:7-3", "a:7-3", nil, nil), ("C:x", "C:x", nil, nil), ("src/**/*.ts — all", "src/**/*.ts", "all", nil),
            ("a.ts:-3", "a.ts:-3", nil, nil), ("a.ts:99999999999999999999", "a.ts:99999999999999999999", nil, nil),
        ] as [(String, String, String?, ClosedRange<Int>?)])
    func pathLine(entry: String, path: String, note: String?, lines: ClosedRange<Int>?) throws {
        let found = try #require(SpecPath(entry: entry))
        #expect(found.pattern.text == path && found.note == note && found.lines == lines)
        #expect(SpecPath(entry: found.text) == found)
    }

    @Test(
        "lists of files as people write them",
        arguments: [
            ("a.ts: the route", ["a.ts"]), ("**b.ts** - its types", ["b.ts"]), ("[c.ts](c.ts)", ["c.ts"]),
            ("`d.ts`, `e.ts`", ["d.ts", "e.ts"]), ("f.ts, g.ts", ["f.ts", "g.ts"]), ("src/ui", ["src/ui"]),
            ("`a.ts` and `b.ts`", ["a.ts", "b.ts"]), ("a.ts, b.ts, and c.ts", ["a.ts", "b.ts", "c.ts"]),
            ("a.ts,b.ts", ["a.ts", "b.ts"]), ("a.ts; b.ts", ["a.ts", "b.ts"]), ("a.ts & b.ts", ["a.ts", "b.ts"]),
            ("`a.ts` `b.ts`", ["a.ts", "b.ts"]), ("`a.ts`/`b.ts`", ["a.ts"]), ("a.ts -> b.ts", ["a.ts", "b.ts"]),
            ("`old.ts` → `new.ts`", ["old.ts", "new.ts"]), ("src/{a,b}.ts", ["src/a.ts", "src/b.ts"]),
            ("`src/{a,b/{c,d}}.ts` (all)", ["src/a.ts", "src/b/c.ts", "src/b/d.ts"]), ("x/{id}.ts", ["x/{id}.ts"]),
            ("a.ts — why", ["a.ts"]), ("a.ts – why", ["a.ts"]), ("a.ts -- why, and b", ["a.ts"]),
            ("a.ts # why", ["a.ts"]), ("a.ts\twhy", ["a.ts"]), ("a.ts (new, see b.ts)", ["a.ts"]),
            ("`a.ts`, which holds the routes", ["a.ts"]), ("a.ts, which holds the routes", ["a.ts"]),
            ("a.ts: uses `b.ts`", ["a.ts"]), ("**`a.ts`**: why", ["a.ts"]), ("`**/*.ts`", ["**/*.ts"]),
            ("**/*.ts", ["**/*.ts"]), ("*.ts", ["*.ts"]), ("__init__.py", ["__init__.py"]), ("_app.tsx", ["_app.tsx"]),
            ("[`a.ts`](src/a.ts#L3)", ["src/a.ts"]), ("[a.ts](https://x.test/a.ts)", ["a.ts"]),
            ("<a.ts>", ["a.ts"]), ("\"a b.ts\"", ["a b.ts"]), ("'a.ts'", ["a.ts"]), ("~~a.ts~~", ["a.ts"]),
            ("``a.ts``", ["a.ts"]), ("New: a.ts", ["a.ts"]), ("New file: `a.ts`", ["a.ts"]),
            ("Create src/a.ts", ["src/a.ts"]),
            ("(new) a.ts", ["a.ts"]), ("**New:** `a.ts`", ["a.ts"]), ("Modify `a.ts` and `b.ts`", ["a.ts", "b.ts"]),
            ("Add a route to `src/a.ts`", ["src/a.ts"]), ("Makefile", ["Makefile"]),
            ("Makefile, a.ts", ["Makefile", "a.ts"]),
            ("src/ui/", ["src/ui/"]), ("src/ui:", ["src/ui"]), ("a.ts.", ["a.ts"]), ("a.ts,", ["a.ts"]),
            ("docs/My File.md", ["docs/My File.md"]), ("a.ts:3-7", ["a.ts"]), ("`a.ts`:3", ["a.ts"]),
            ("a.ts#L3-L7", ["a.ts"]), ("[ ] a.ts", ["a.ts"]), ("[id]/page.tsx", ["[id]/page.tsx"]),
            (".env.example", [".env.example"]), ("the parser in src/p.ts", ["the parser in src/p.ts", "src/p.ts"]),
            ("../x", ["../x"]), ("N/A", []),
        ] as [(String, [String])])
    func asWritten(entry: String, paths: [String]) {
        let spec = Spec("# Spec: s\n\n## Files to Modify\n- \(entry)\n")
        #expect(spec.modifies.map(\.pattern.text) == paths)
        let again = Spec(spec.text)
        #expect(again.modifies == spec.modifies)
    }

    @Test("what stands outside of bullets, and below a directory")
    func listForms() {
        func paths(_ body: String) -> [String] {
            Spec("# Spec: s\n## Files to Modify\n\(body)\n").modifies.map(\.pattern.text)
        }
        #expect(paths("src/a.ts\nsrc/b.ts") == ["src/a.ts", "src/b.ts"])
        #expect(paths("Only the parser, and its tests.") == [])
        #expect(paths("Only these: `src/a.ts` and `src/b.ts`.") == ["src/a.ts", "src/b.ts"])
        #expect(paths("```\nsrc/a.ts\nsrc/b.ts\n```") == ["src/a.ts", "src/b.ts"])
        #expect(
            paths("| File | Change |\n|---|---|\n| `a.ts` | the route |\n| src/b.ts | x |") == ["a.ts", "src/b.ts"])
        #expect(paths("1. a.ts\n2. b.ts") == ["a.ts", "b.ts"])
        #expect(paths("* a.ts\n+ b.ts") == ["a.ts", "b.ts"])
        #expect(paths("- src/ui/\n  - x.ts\n  - y/z.ts") == ["src/ui/", "src/ui/x.ts", "src/ui/y/z.ts"])
        #expect(paths("- src/ui\n  - src/ui/x.ts") == ["src/ui", "src/ui/x.ts"])
        #expect(paths("- a.ts\n  - uses `lib/x.ts`") == ["a.ts", "lib/x.ts"])
        #expect(paths("- " + String(repeating: "`", count: 40_000)).count < 2)
        #expect(paths("- " + String(repeating: "[`<", count: 20_000)).count < 2)
        #expect(paths("- " + String(repeating: "a.ts, ", count: 20_000)).count > 1_000)
        #expect(paths("- " + String(repeating: "{a,b}", count: 40)).count <= 256)
    }

    @Test(
        "a directory may be written without its slash; a dot is everything",
        arguments: [
            ("src/ui", "src/ui/x.ts", true), ("src/ui", "src/ui2/x.ts", false), ("/src", "src/x.ts", true),
            ("app/[id]", "app/[id]/p.ts", true), (".", "a/b", true), ("./", "a", true), ("a.ts", "a.tsx", false),
        ])
    func directories(entry: String, path: String, isAllowed: Bool) {
        let spec = Spec("# Spec: s\n## Files to Modify\n- \(entry)\n")
        #expect(spec.allows(path: RepositoryPath(path)) == isAllowed)
    }

    @Test("no path is no path", arguments: ["", "None", "(none)", "``", "` `"])
    func noPath(entry: String) { #expect(SpecPath(entry: entry) == nil) }

    @Test(
        "a pattern matches the paths that gitignore's rules give it",
        arguments: [
            ("src/a.ts", "src/a.ts", true), ("src/a.ts", "src/a.tsx", false), ("a.ts", "src/a.ts", false),
            ("src", "src/a.ts", false), ("src/", "src/a/b.ts", true), ("src/", "src", false), ("src/", "srcs/a", false),
            ("/src/", "src/a", true), ("/a.ts", "a.ts", true), ("*.ts", "src/x/a.ts", true),
            ("/*.ts", "src/a.ts", false),
            ("src/*.ts", "src/a.ts", true), ("src/*.ts", "src/x/a.ts", false), ("src/*", "src/x/a", false),
            ("src/**", "src/x/a", true), ("src/**", "src", false), ("src/**/*.ts", "src/a.ts", true),
            ("src/**/*.ts", "src/x/y/a.ts", true), ("**/a.ts", "a.ts", true), ("**/a.ts", "x/y/a.ts", true),
            ("a/**/b/**/c", "a/x/b/y/z/c", true), ("a/**/b/**/c", "a/b/c", true), ("a/**/b/**/c", "a/c", false),
            ("a?c", "abc", true), ("a?c", "a/c", false), ("[a-c]x", "bx", true), ("[!a-c]x", "bx", false),
            ("[^a]x", "bx", true), ("[]a]x", "]x", true), ("[a-]x", "-x", true),
            ("app/[id]/p.ts", "app/[id]/p.ts", true),
            ("app/[id]/*.ts", "app/i/p.ts", true), ("[a", "[a", true), ("x[a*", "x[abc", true), ("\\*a*", "*ab", true),
            ("\\*a*", "bab", false), ("*/", "a/b/c", true), ("s*/x/", "src/x/y/z", true), ("", "a", false),
            ("/", "a", false),
            ("*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false),
        ])
    func patterns(pattern: String, path: String, matches: Bool) {
        #expect(PathPattern(pattern).matches(RepositoryPath(path)) == matches)
        // A spec's path may be a directory that was written without its slash.
        let isBelow = !PathPattern(pattern).isGlob && path.hasPrefix(pattern + "/")
        let spec = Spec(title: "A", modifies: [SpecPath(PathPattern(pattern))])
        #expect(spec.allows(path: RepositoryPath(path)) == (matches || isBelow))
    }
}
