import Git
import GitValues
import Testing
import Workflow

@Suite("What is stored is read back")
struct StoredTests {
    private static let id = ObjectID(hex: String(repeating: "12345678", count: 5)) ?? .zero

    private func checkpoint(_ trailers: [(String, String)]) -> Checkpoint {
        let message = CheckpointMessage(
            title: "A step", trailers: trailers.map { Trailer(key: $0.0, value: $0.1) })
        return Checkpoint(
            id: Self.id, tree: Self.id, parents: [], time: Timestamp(seconds: 1_700_000_000, offset: -90),
            message: message)
    }

    private func expectReadBack<Value: Stored & Equatable>(_ value: Value) throws {
        var written = StoredBytes()
        written.add(value)
        var store = StoredBytes(written.bytes)
        #expect(try store.read(Value.self) == value)
        #expect(store.isAtEnd)
        for count in written.bytes.indices {
            var cut = StoredBytes(Array(written.bytes.prefix(count)))
            #expect(throws: StoredBytes.Damaged.self) { try cut.read(Value.self) }
        }
    }

    @Test("a definition in which everything is given")
    func definition() throws {
        let text = """
            [workflow]
            \tname = demo
            \tgoal = All of it
            \tduration = 2d
            \tbudget = 1000
            \ttodo = docs/TODO.md
            [phase "one"]
            \tthen = two
            \tonFail = one
            \tgate = human
            \tcheck = make test
            \tbudget = 7
            [phase "two"]
            \tbudget = 8
            [checkpoint]
            \tevery = 20m
            \ton = commit
            \ton = phase
            \tmaxFileSize = 3m
            \tmaxUntracked = 7
            \tallow = *.bin
            \tcommit = phase
            [agents]
            \tparallel = 5
            \ttimeout = 9m
            \tretries = 1
            \tinclude = .env
            \tsetup = npm ci
            \tcommand = agent run
            [merge]
            \tverify = make check
            \tstrategy = squash
            [resume]
            \tbudget = 3000
            \tread = README.md

            """
        let entries = try Repository.configEntries(of: Array(text.utf8), file: ".wfconfig")
        let definition = try Definition(entries: entries, file: ".wfconfig")
        #expect(definition.agents.command == "agent run" && definition.checkpoint.on?.count == 2)
        try expectReadBack(definition)
        try expectReadBack(Definition())
    }

    @Test("an agent's lane with a result, decisions, items and actions")
    func agent() throws {
        var state = try AgentState(
            beginning: checkpoint([
                (TrailerKey.kind, "agent-started"), (TrailerKey.workflow, "demo"), (TrailerKey.agent, "one"),
                (TrailerKey.branch, "refs/heads/wf/demo/one"), (TrailerKey.attempt, "2"),
            ]))
        try expectReadBack(state)
        for trailers in [
            [
                (TrailerKey.kind, "checkpoint"), (TrailerKey.next, "tests"), (TrailerKey.decision, "FTS5"),
                (TrailerKey.because, "ranking"),
            ],
            [(TrailerKey.kind, "item-started"), (TrailerKey.item, "an item")],
            [(TrailerKey.kind, "agent-asked"), (TrailerKey.question, "which?"), (TrailerKey.option, "this")],
            [(TrailerKey.kind, "item-done"), (TrailerKey.item, "an item"), (TrailerKey.commit, Self.id.hex)],
            [
                (TrailerKey.kind, "item-started"), (TrailerKey.item, "another"),
                (TrailerKey.itemID, "0123456789abcdef"),
                (TrailerKey.itemOrder, "fedcba9876543210 0123456789abcdef"),
            ],
            [
                (TrailerKey.kind, "agent-reported"), (TrailerKey.result, "partial"), (TrailerKey.summary, "half"),
                (TrailerKey.lines, "+3 -1"), (TrailerKey.test, "passed"), (TrailerKey.issue, "one is left"),
            ],
        ] {
            state.apply(checkpoint(trailers))
        }
        #expect(state.result?.issues == ["one is left"] && state.items.records.count == 1 && state.next == ["tests"])
        #expect(state.items.started == ItemID(hex: "0123456789abcdef") && state.decisions.decisions.count == 1)
        try expectReadBack(state)
    }
}
