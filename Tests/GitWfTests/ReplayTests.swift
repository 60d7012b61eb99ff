import TestSupport
import Testing

/// The article's example, step by step, with the times that it gives.
@Suite("The article's example, replayed")
struct ReplayTests {
    /// A step of the morning: when it was, and what was done.
    private enum Step {
        case wf([String])
        case commit(path: String, text: String, message: String)
    }

    private static let script: [(time: String, step: Step)] = [
        ("09:00", .wf(["init", "--no-hooks", "--name", "knowledge-api"])),
        (
            "09:15",
            .wf([
                "decide", "Chose D1 over Postgres for database", "--because",
                "simpler, free tier, sufficient for our scale",
            ])
        ),
        (
            "09:30",
            .wf([
                "decide", "Chose single-file Worker pattern", "--because", "under 500 lines, no need to split",
            ])
        ),
        ("09:45", .wf(["phase", "complete", "planning"])),
        (
            "10:00",
            .wf(["decide", "Chose FTS5 over LIKE queries for search", "--because", "ranking, performance"])
        ),
        ("10:20", .wf(["todo", "done", "1"])),
        ("10:20", .commit(path: "schema/0001-init.sql", text: "create table content_index (id);\n", message: "Schema")),
        ("11:20", .wf(["todo", "done", "2"])),
        ("11:20", .commit(path: "src/index.ts", text: "export default {}\n", message: "Search and categories")),
        ("11:30", .wf(["checkpoint", "-F", "../checkpoint.md"])),
    ]

    private static let todo = """
        # TODO

        ## Implementing
        - [ ] Database schema
        - [ ] API routes: search, categories
        - [ ] API routes: feedback, suggestions
        - [ ] Rate limiting middleware
        - [ ] Request logging

        """

    private static let document = """
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

    /// The article's state file, where the ids of commits are its own.
    private static let state = """
        # Workflow State

        **Current phase**: IMPLEMENTING
        **Started**: 2026-02-22 09:00
        **Last checkpoint**: 2026-02-22 11:30

        ## Phase Status
        | Phase | Status | Entered | Completed |
        |---|---|---|---|
        | Planning | COMPLETE | 09:00 | 09:45 |
        | Implementing | IN_PROGRESS | 09:45 | -- |
        | Testing | PENDING | -- | -- |
        | Deploying | PENDING | -- | -- |

        ## Implementation Progress
        - [x] Database schema (committed: SCHEMA)
        - [x] API routes: search, categories (committed: ROUTES)
        - [ ] API routes: feedback, suggestions  <-- CURRENT
        - [ ] Rate limiting middleware
        - [ ] Request logging

        ## Blocking Issues
        (none)

        ## Decisions Log
        - 09:15: Chose D1 over Postgres for database (simpler, free tier, sufficient for our scale)
        - 09:30: Chose single-file Worker pattern (under 500 lines, no need to split)
        - 10:00: Chose FTS5 over LIKE queries for search (ranking, performance)

        """

    /// The morning's repository, and the commits that it made.
    private func replayed() throws -> (repo: TestRepository, commits: [String]) {
        var repo = try TestRepository(name: "knowledge-api")
        try repo.write("TODO.md", Self.todo)
        try repo.commit("CLAUDE.md", "# Conventions\n", message: "Conventions")
        try repo.write("../checkpoint.md", Self.document)
        var commits: [String] = []
        for (clock, step) in Self.script {
            repo.environment["GIT_COMMITTER_DATE"] = "2026-02-22T\(clock):00Z"
            repo.environment["GIT_AUTHOR_DATE"] = "2026-02-22T\(clock):00Z"
            switch step {
            case .wf(let arguments): try repo.done(arguments)
            case .commit(let path, let text, let message): commits.append(try repo.commit(path, text, message: message))
            }
        }
        return (repo, commits)
    }

    @Test("the state file and the checkpoint are the article's, section for section")
    func article() throws {
        let (repo, commits) = try replayed()
        let state = try repo.text("workflow-state.md")
        // The decisions of the checkpoint's own document stand in the log behind the article's.
        let own = [
            "- 11:30: Using FTS5 for search with rank ordering", "- 11:30: Cache search results in KV for 5 minutes",
            "- 11:30: Rate limit: 60 req/min per IP via KV with TTL expiration",
            "- 11:30: Hash IPs with SHA-256 for privacy in request logs",
        ].map { $0 + "\n" }.joined()
        let expected = Self.state.replacing("SCHEMA", with: commits[0].prefix(7))
            .replacing("ROUTES", with: commits[1].prefix(7))
        #expect(state == expected + own)
        #expect(String(decoding: try repo.done("show").stdout, as: UTF8.self) == Self.document)
        let held = Output(status: 0, stdout: Array(state.utf8), stderr: [])
        try TextSnapshot.expect(TextSnapshot.normalised(held, repo), "replay-workflow-state")
        try TextSnapshot.expect(TextSnapshot.normalised(repo.done("show"), repo), "replay-checkpoint")
        try TextSnapshot.expect(TextSnapshot.normalised(repo.done("status"), repo), "replay-status")
        try TextSnapshot.expect(TextSnapshot.normalised(repo.done("log"), repo), "replay-log")
    }

    @Test("the same script gives the same tree and the same times, and no clock but the one that it was given")
    func again() throws {
        let (first, second) = (try replayed().repo, try replayed().repo)
        #expect(try first.text("workflow-state.md") == second.text("workflow-state.md"))
        #expect(try first.id("\(LaneName.leader)^{tree}") == second.id("\(LaneName.leader)^{tree}"))
        let times = try first.git("log", "--first-parent", "--format=%cI", LaneName.leader).lines
        #expect(times.first == "2026-02-22T11:30:00Z" || times.first == "2026-02-22T11:30:00+00:00")
        #expect(times.count == 12 && times.allSatisfy { $0.hasPrefix("2026-02-22T") })
    }

    @Test("after the replay doctor finds nothing that fails")
    func doctor() throws {
        let checks = try JSONValue(replayed().repo.wf("doctor", "--json"))["checks"]?.list ?? []
        #expect(checks.count >= 15)
        #expect(checks.filter { $0["state"]?.text == "fail" } == [])
    }

    private enum LaneName {
        static let leader = "refs/wf/knowledge-api/leader"
    }
}
