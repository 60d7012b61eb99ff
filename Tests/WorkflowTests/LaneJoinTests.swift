import GitValues
import TestSupport
import Testing
import Workflow

/// `GIT_WF_TEST_COUNT` says how many histories are tried; a failure names the seed, which `GIT_WF_TEST_SEED` takes to try that
/// one again.
@Suite("A lane that was joined")
struct LaneJoinTests {
    /// What of a state may differ where the same tips came together by more joins.
    private func apart(_ told: LaneModel.Told) -> LaneModel.Told {
        var told = told
        told.count = 0
        return told
    }

    @Test("a random history of three writers says what its definition says, whoever joined, in whatever order")
    func histories() throws {
        var counts = (checkpoints: 0, joins: 0, disputes: 0, orders: 0)
        for seed in testSeeds(count: 50) {
            var history = try LaneHistory(seed: seed)
            let tips = history.writers.map(\.tip)
            // What a writer folded as it went is what is folded from the first checkpoint on.
            for writer in history.writers {
                #expect(try history.state(at: writer.tip) == writer.state, "seed \(seed): a writer's own state")
            }
            var joined: [(tip: ObjectID, state: WorkflowState)] = []
            for (first, second, third) in [(0, 1, 2), (1, 2, 0), (2, 0, 1), (1, 0, 2)] {
                let tip = try history.join(history.join(tips[first], tips[second]), tips[third])
                joined.append((tip, try history.state(at: tip)))
            }
            let pairs = try [(0, 1), (1, 2)].map { try history.join(tips[$0.0], tips[$0.1]) }
            let twice = try history.join(pairs[0], pairs[1])
            let model = LaneModel(history)
            for tip in tips + joined.map(\.tip) + [twice] {
                let told = try #require(model.told(at: tip))
                let state = try history.state(at: tip)
                #expect(LaneModel.Told(state).differences(from: told) == [], "seed \(seed): the state at \(tip.short)")
                try expectAllOnce(state, of: history, at: tip, seed: seed)
            }
            let one = joined[0].state
            #expect(joined[3].tip == joined[0].tip && joined[3].state == one, "seed \(seed): who joined")
            for other in joined {
                // Where one tip follows another, another order may take fewer joins.
                if other.state.count == one.count {
                    #expect(other.state == one, "seed \(seed): the order of joins")
                } else {
                    #expect(
                        apart(.init(other.state)).differences(from: apart(.init(one))) == [],
                        "seed \(seed): the order of joins")
                }
            }
            let same = try history.state(at: twice)
            #expect(
                apart(.init(same)).differences(from: apart(.init(one))) == [],
                "seed \(seed): a tip that was joined twice")
            #expect(try writtenAndRead(one) == one, "seed \(seed): written and read")
            counts.checkpoints += history.nodes.count
            counts.joins += history.nodes.filter(\.isJoin).count
            counts.disputes += one.blocks.filter(\.isDispute).count
            counts.orders += Set(joined.map(\.tip)).count
        }
        print(
            "joined lanes: \(counts.checkpoints) checkpoints, \(counts.joins) joins, \(counts.disputes) blocks on review, "
                + "\(counts.orders) joins of all tips")
        #expect(counts.joins > 0 && counts.disputes > 0)
    }

    /// From what was recorded, without the order: nothing is in a state twice, and nothing is missing.
    private func expectAllOnce(_ state: WorkflowState, of history: LaneHistory, at tip: ObjectID, seed: UInt64) throws {
        let nodes = Dictionary(uniqueKeysWithValues: history.nodes.map { ($0.id, $0) })
        var below: Set<ObjectID> = []
        var waiting = [tip]
        while let id = waiting.popLast() {
            if below.insert(id).inserted { waiting += nodes[id]?.parents ?? [] }
        }
        let refused = Set(state.refusals.map(\.id))
        let taken = history.nodes.filter { below.contains($0.id) && !refused.contains($0.id) }.map(\.checkpoint)
        let texts = state.decisions.decisions.map(\.text)
        #expect(Set(texts).count == texts.count, "seed \(seed): a decision is there twice")
        #expect(Set(state.agents.map(\.name)).count == state.agents.count, "seed \(seed): an agent is there twice")
        let replaced = Set(taken.flatMap { $0.values(of: TrailerKey.replaces) })
        for checkpoint in taken {
            // A text whose record nobody replaced, nor any other record of it, is in force.
            for text in checkpoint.values(of: TrailerKey.decision) {
                let records = taken.filter { $0.values(of: TrailerKey.decision).contains(text) }.map(\.id.hex)
                let isReplaced = replaced.contains { id in records.contains { id.hasPrefix($0) } }
                #expect(isReplaced || texts.contains(text), "seed \(seed): \(text) is missing")
            }
            let name = checkpoint[TrailerKey.agent] ?? ""
            if checkpoint.kind == .agentMerged, let agent = history.agents[name] {
                #expect(state.agent(name) != nil, "seed \(seed): the agent \(name) is missing")
                for decision in agent.decisions.decisions {
                    #expect(texts.contains(decision.text), "seed \(seed): \(decision.text) is missing")
                }
                for id in agent.items.records.keys {
                    #expect(state.items.records[id]?.isDone == true, "seed \(seed): the item \(id.hex) is missing")
                }
            }
            if checkpoint.kind == .itemDone, let id = checkpoint[TrailerKey.itemID].flatMap({ ItemID(hex: $0) }) {
                let record = state.items.records[id]
                #expect(record != nil, "seed \(seed): the item \(id.hex) is missing")
                // Nobody took it back, knowing that it was done.
                let isTakenBack = taken.contains { other in
                    other.kind == .itemReopened && other[TrailerKey.itemID] == id.hex
                        || other.kind == .itemAdded && other[TrailerKey.itemID] == id.hex
                            && history.isBelow(checkpoint.id, other.id)
                }
                #expect(isTakenBack || record?.isDone == true, "seed \(seed): that \(id.hex) is done is missing")
            }
        }
        let effects = taken.flatMap { $0.values(of: TrailerKey.outside) }
        #expect(Set(effects) == Set(state.outside.map(\.text)) && effects.count == state.outside.count)
    }

    private func writtenAndRead(_ state: WorkflowState) throws -> WorkflowState {
        var store = StoredBytes()
        store.add(state)
        return try store.read()
    }
}
