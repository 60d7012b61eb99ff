import FoundationEssentials
import Git
import GitValues
import Testing
import Workflow

/// The machine beside ``StateTable``. `GIT_WF_TEST_COUNT` says how many histories are tried; a failure names the seed, which
/// `GIT_WF_TEST_SEED` takes to try that one again.
@Suite("The state machine")
struct StateMachineTests {
    private static let names = ["planning", "building", "testing", "rollback", "shipping", "nowhere"]

    /// Three definitions for one workflow: with gates and `onFail`, shorter, and one phase alone.
    private static let tables: [[StateTable.Rules]] = [
        [
            .init(name: "planning", then: "building", onFail: nil, isGated: false),
            .init(name: "building", then: "testing", onFail: "planning", isGated: false),
            .init(name: "testing", then: "shipping", onFail: "rollback", isGated: true),
            .init(name: "rollback", then: "planning", onFail: nil, isGated: false),
            .init(name: "shipping", then: nil, onFail: nil, isGated: true),
        ],
        [
            .init(name: "planning", then: "building", onFail: nil, isGated: true),
            .init(name: "building", then: nil, onFail: "planning", isGated: false),
        ],
        [.init(name: "building", then: nil, onFail: nil, isGated: false)],
    ]

    private static func definition(_ rules: [StateTable.Rules]) throws -> Definition {
        var definition = Definition()
        definition.phases = try rules.map { rule in
            var phase = PhaseDefinition(name: try Name(rule.name))
            phase.then = try rule.then.map { try Name($0) }
            phase.onFail = try rule.onFail.map { try Name($0) }
            phase.gate = rule.isGated ? .human : nil
            return phase
        }
        return definition
    }

    private static func id(_ number: Int) throws -> ObjectID {
        let digits = String(number, radix: 16)
        return try #require(ObjectID(hex: String(repeating: "0", count: 40 - digits.count) + digits))
    }

    private static func checkpoint(_ event: StateEvent, number: Int) throws -> Checkpoint {
        let id = try id(number)
        var trailers = [
            Trailer(key: TrailerKey.version, value: "1"), Trailer(key: TrailerKey.workflow, value: "demo"),
            Trailer(key: TrailerKey.kind, value: event.kind.rawValue),
        ]
        func add(_ key: String, _ value: String?) {
            if let value { trailers.append(Trailer(key: key, value: value)) }
        }
        add(TrailerKey.phase, event.phase)
        add(TrailerKey.reason, event.hasReason ? "because \(number)" : nil)
        add(TrailerKey.gate, event.isGate ? "human" : nil)
        add(TrailerKey.agent, event.agent)
        add(TrailerKey.attempt, event.agent.map { _ in String(event.attempt) })
        add(TrailerKey.branch, event.branch)
        add(TrailerKey.consent, event.isConsented ? "human:ann" : nil)
        for id in event.lifts { add(TrailerKey.block, id.hex) }
        add(TrailerKey.item, "item \(number % 3)")
        add(TrailerKey.decision, number % 5 == 0 ? "decision \(number % 4)" : nil)
        add("Wf-From-The-Future", "kept")
        // The clock goes back now and then: nothing of the fold may depend on it.
        let time = Timestamp(seconds: 1_771_750_800 + Int64(number % 7) * 60, offset: 60)
        return Checkpoint(
            id: id, tree: id, parents: [], time: time,
            message: CheckpointMessage(title: "event \(number)", trailers: trailers))
    }

    private static func fold(_ state: WorkflowState, _ checkpoint: Checkpoint, _ definition: Definition?)
        -> WorkflowState
    {
        do {
            return try state.applying(checkpoint, definition: definition)
        } catch {
            return state.refusing(checkpoint, because: error)
        }
    }

    /// What of a state the table knows.
    private static func isEqual(_ state: WorkflowState, _ table: StateTable) -> Bool {
        state.phases.map(\.name) == table.rules.map(\.name)
            && state.phases.allSatisfy { phase in
                phase.ownStatus.rawValue == (table.statuses[phase.name] ?? .pending).rawValue
                    && phase.visits.count == table.visits[phase.name] ?? 0
            }
            && state.currentName == table.inHand && state.branch == table.branch && state.isComplete == table.isComplete
            && (state.endReason != nil) == table.isEnded
            && state.blocks.map { StateTable.Hold($0) } == table.holds
            && state.blocks.allSatisfy { $0.phase == table.inHand }
            && Dictionary(uniqueKeysWithValues: state.agents.map { ($0.name, $0.isOpen) })
                == table.agents.mapValues { $0.stage == .open }
    }

    @Test("a random history folds, or is refused, as a second table of the transitions says")
    func histories() throws {
        let definitions = try Self.tables.map { try Self.definition($0) }
        let first = environment("GIT_WF_TEST_SEED") ?? UInt64.random(in: 0..<1_000_000_000)
        var counts = (folded: 0, refused: 0)
        for seed in first..<(first + (environment("GIT_WF_TEST_COUNT") ?? 100)) {
            var random = DocumentGenerator(seed: seed)
            var table = StateTable(rules: Self.tables[0])
            let begin = try Self.checkpoint(StateEvent(kind: .workflowStarted, phase: "planning"), number: 1)
            var state = try WorkflowState(beginning: begin, definition: definitions[0])
            var history: [(Checkpoint, Definition?)] = []
            let cut = Int.random(in: 0..<40, using: &random)
            var prefix = state
            for number in 2..<(2 + Int.random(in: 1...40, using: &random)) {
                var event = StateEvent.random(from: table, names: Self.names, using: &random)
                event.id = try Self.id(number)
                let checkpoint = try Self.checkpoint(event, number: number)
                let definition = event.definition.map { definitions[$0] }
                let allowed = table.allowed
                let isAllowed = table.take(event, definitions: Self.tables)
                var inPlace = state
                do {
                    try inPlace.apply(checkpoint, definition: definition)
                } catch {
                    #expect(inPlace == state, "seed \(seed), event \(number): \(event) was refused half-way")
                }
                do {
                    let next = try state.applying(checkpoint, definition: definition)
                    #expect(inPlace == next, "seed \(seed), event \(number): \(event)")
                    #expect(isAllowed, "seed \(seed), event \(number): \(event) was folded")
                    #expect(next.count == state.count + 1)
                    state = next
                    counts.folded += 1
                } catch {
                    #expect(!isAllowed, "seed \(seed), event \(number): \(event) was refused: \(error)")
                    if event.agent == nil, !event.kind.rawValue.hasPrefix("agent") {
                        #expect(error.allowed == allowed, "seed \(seed), event \(number): \(event)")
                    }
                    let refused = state.refusing(checkpoint, because: error)
                    #expect(refused.refusals.last?.id == checkpoint.id && refused.count == state.count + 1)
                    #expect(refused.phases == state.phases && refused.decisions == state.decisions)
                    state = refused
                    counts.refused += 1
                }
                history.append((checkpoint, definition))
                if history.count == cut { prefix = state }
                guard Self.isEqual(state, table) else {
                    Issue.record("seed \(seed), event \(number): \(event) led elsewhere")
                    break
                }
            }
            // A cache holds a state that was written and read again, and the rest is folded onto it.
            var resumed = try Self.writtenAndRead(cut <= history.count && cut > 0 ? prefix : state)
            if cut <= history.count && cut > 0 {
                for (checkpoint, definition) in history.dropFirst(cut) {
                    resumed = Self.fold(resumed, checkpoint, definition)
                }
            }
            #expect(resumed == state, "seed \(seed): a prefix and then the rest")
            #expect(try Self.writtenAndRead(state) == state, "seed \(seed): written and read")
        }
        print("state machine: from seed \(first), \(counts.folded) events folded, \(counts.refused) refused")
        #expect(counts.folded > counts.refused / 4 && counts.refused > 0)
    }

    private static func writtenAndRead(_ state: WorkflowState) throws -> WorkflowState {
        var written = StoredBytes()
        written.add(state)
        var store = StoredBytes(written.bytes)
        let read = try store.read(WorkflowState.self)
        #expect(store.isAtEnd)
        return read
    }

    private func environment(_ name: String) -> UInt64? {
        ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) }
    }
}
