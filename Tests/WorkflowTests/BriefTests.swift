import Git
import GitValues
import Testing

@testable import Workflow

@Suite("The brief")
struct BriefTests {
    /// A workflow with as many checkpoints, items and decisions as are asked for.
    static func brief(checkpoints: Int, items: Int, decisions: Int) throws -> LeaderBrief {
        var time: Int64 = 1_771_750_800
        var number = 0
        func checkpoint(_ kind: CheckpointKind, _ title: String, _ trailers: [(String, String)] = []) throws
            -> Checkpoint
        {
            number += 1
            time += 60
            let hex = String(number, radix: 16)
            let id = try #require(ObjectID(hex: String(repeating: "a", count: 40 - hex.count) + hex))
            let all =
                [
                    (TrailerKey.kind, kind.rawValue), (TrailerKey.workflow, "feedback-api"),
                    (TrailerKey.branch, "refs/heads/main"),
                ] + trailers
            return Checkpoint(
                id: id, tree: id, parents: [], time: Timestamp(seconds: time, offset: 0),
                message: CheckpointMessage(
                    title: title, body: "", trailers: all.map { Trailer(key: $0.0, value: $0.1) }))
        }
        var definition = Definition()
        definition.goal = "Feedback and suggestions for the knowledge API"
        definition.budget = 15_000
        definition.phases[0].budget = 4000
        var state = try WorkflowState(
            beginning: checkpoint(.workflowStarted, "Workflow feedback-api"), definition: definition)
        state = try state.applying(checkpoint(.phaseStarted, "Phase planning", [(TrailerKey.phase, "planning")]))
        for index in 0..<decisions {
            state = try state.applying(
                checkpoint(
                    .decision, "Decided",
                    [
                        (TrailerKey.decision, "Choice \(index) is FTS5 over LIKE queries, whole <\(index)>"),
                        (TrailerKey.because, "ranking and performance of query \(index)"),
                    ]))
        }
        for index in 0..<checkpoints {
            state = try state.applying(
                checkpoint(.checkpoint, "Step \(index) of the API", [(TrailerKey.next, "Implement route \(index)")]))
        }
        state = try state.applying(
            checkpoint(.blocked, "Blocked", [(TrailerKey.needs, "input"), (TrailerKey.reason, "which region?")]))
        var todo = "# TODO\n\n## Planning\n"
        for index in 0..<items {
            todo += "- [\(index < items / 4 ? "x" : " ")] Item \(index) adds a route, whole <\(index)>\n"
        }
        var brief = LeaderBrief(
            state, todo: TodoList(todo), now: Timestamp(seconds: state.lastCheckpoint.time.seconds, offset: 0))
        brief.document = CheckpointDocument(
            title: "API Routes", summary: ["3 of 5 endpoints implemented", "All of them tested by hand"],
            files: [CheckpointDocument.FileState(path: "src/index.ts", state: "450 lines")])
        brief.remarks = ["| route | state |\n|---|---|\n| search | done |"]
        brief.since.commits = ["abc1234 Add the search route", "abc1235 Begin"]
        brief.since.changes = [
            WorkSince.Change(path: "src/index.ts", kind: .changed, added: 43, removed: 2),
            WorkSince.Change(path: "src/new.ts", kind: .new, added: 12, removed: 0),
        ]
        brief.agents = ["feedback: reported, 1 path changed - Feedback endpoint"]
        brief.files = [BriefFile(path: "TODO.md", tokens: 312, note: "the items")]
        return brief
    }

    @Test(
        "every budget is kept, and what is there is whole", arguments: [100, 120, 150, 200, 300, 500, 1000, 2000, 4000])
    func budgets(_ budget: Int) throws {
        let brief = try Self.brief(checkpoints: 1000, items: 200, decisions: 50)
        let all = Set(brief.fitted(to: Brief.Limits(tokens: 100_000)).text.split(separator: "\n"))
        for characters in [nil, 400, 1000, 10_000] {
            let fitted = brief.fitted(to: Brief.Limits(tokens: budget, characters: characters))
            #expect(fitted.tokens <= budget * 9 / 10)
            #expect(fitted.text.count <= characters ?? .max)
            for line in fitted.text.split(separator: "\n") {
                #expect(all.contains(line) || line.hasPrefix("Left out"), "\(line)")
            }
            #expect(fitted.text.contains("| route | state |") == fitted.text.contains("| search | done |"))
        }
    }

    @Test("what is left out is counted, with the command that shows it")
    func leftOut() throws {
        let fitted = try Self.brief(checkpoints: 1000, items: 200, decisions: 50).fitted(to: Brief.Limits(tokens: 2000))
        let items = fitted.text.matches(of: /- \d+: Item/).count
        let decisions = fitted.text.matches(of: /Choice \d+ is/).count
        #expect(items >= 12 && decisions >= 15)
        if items < 150 { #expect(fitted.text.contains("\(150 - items) items (`git wf todo`)")) }
        if decisions < 50 {
            #expect(fitted.text.contains("\(50 - decisions) decisions (`git wf log --kind decision`)"))
        }
        #expect(fitted.parts.first { $0.name == "todo" }?.isTruncated == (items < 150))
        #expect(fitted.text.contains("Choice 49 is") && fitted.text.contains("(in hand)"))
        #expect(
            fitted.text.contains("- Budget: 4000 tokens for planning, 15000 tokens for the whole workflow\n"))
        // Little room: the names alone.
        let terse = try Self.brief(checkpoints: 10, items: 40, decisions: 50).fitted(to: Brief.Limits(tokens: 150))
        #expect(terse.text.contains("Left out: ") && terse.text.contains("git wf resume --budget"))
    }

    @Test("one entry that is too long costs the others nothing")
    func longEntry() {
        let long = "- " + String(repeating: "word ", count: 3000)
        let section = BriefSection(
            "next", heading: "Next", entries: ["- first", long, "- last"], rounds: [9], noun: "action",
            command: "git wf next")
        let brief = Brief(
            title: "title", sections: [section], priorities: [], limits: Brief.Limits(tokens: 400))
        #expect(brief.text.contains("- first\n- last\n"))
        #expect(brief.text.contains("1 action (`git wf next`)"))
    }

    @Test("nothing that acts on a terminal comes through")
    func harmless() {
        #expect(BriefText.line("a\u{1b}[2Jb\u{202e}c\nd\u{9b}e") == "a␛[2Jb\u{fffd}c d\u{fffd}e")
        #expect(BriefText.code("a`b\u{7}") == "`` a`b␇ ``")
    }

    @Test("an agent's brief has spec, constraints and how to report, within 1,000 tokens", arguments: [1, 400])
    func agent(_ count: Int) {
        let spec = Spec(
            title: "Feedback endpoint", goal: "Add POST /api/v1/feedback.",
            modifies: [SpecPath(PathPattern("src/index.ts"))],
            requirements: (1...count).map { "Requirement \($0): validate what the caller sends." },
            constraints: ["Do not modify the schema"], deliverable: ["A working endpoint"])
        var brief = AgentBrief("feedback", workflow: "feedback-api", spec: spec)
        brief.specPath = ".wf/spec.md"
        let fitted = brief.fitted(to: Brief.Limits(tokens: 100_000))
        #expect(fitted.tokens <= 1000)
        for words in ["Do not modify the schema", "git wf agent report", "Requirement 1:", ".wf/spec.md"] {
            #expect(fitted.text.contains(words))
        }
        if count > 1 { #expect(fitted.text.contains("requirements (`cat .wf/spec.md`)")) }
    }

    @Test("a brief as its reader sees it")
    func snapshot() throws {
        let text = try Self.brief(checkpoints: 2, items: 4, decisions: 2).fitted(to: Brief.Limits(tokens: 2000)).text
        #expect(
            text == """
                # feedback-api: planning, blocked

                - Goal: Feedback and suggestions for the knowledge API
                - Phases: planning now, implementing, testing, deploying
                - Started 2026-02-22 09:01 on the branch `main`
                - Budget: 4000 tokens for planning, 15000 tokens for the whole workflow
                - Latest checkpoint: aaaaaaa, 09:06, Step 1 of the API

                ## Blocked on
                - input: which region? (planning, since 09:07)

                ## Next actions, in order
                1. Implement route 1

                ## The latest checkpoint
                - 3 of 5 endpoints implemented
                - All of them tested by hand
                - `src/index.ts`: 450 lines
                > | route | state |
                > |---|---|
                > | search | done |

                ## Remaining items (3 of 4)
                - 2: Item 1 adds a route, whole <1> (in hand)
                - 3: Item 2 adds a route, whole <2>
                - 4: Item 3 adds a route, whole <3>

                ## Decided, and not open any more
                - 09:03: Choice 0 is FTS5 over LIKE queries, whole <0> (ranking and performance of query 0)
                - 09:04: Choice 1 is FTS5 over LIKE queries, whole <1> (ranking and performance of query 1)

                ## Agents
                - feedback: reported, 1 path changed - Feedback endpoint

                ## Commits since aaaaaaa
                - abc1234 Add the search route
                - abc1235 Begin

                ## 2 files changed since aaaaaaa
                - `src/index.ts`: changed, +43 -2 lines
                - `src/new.ts`: new, +12 -0 lines

                ## Worth reading
                - `TODO.md`: about 312 tokens, the items

                """)
    }
}
