import GitValues
import Journal
internal import Workflow

// The documents that several commands answer with `--json`; the keys are fixed.

struct ItemAnswer: Encodable {
    let id: String?
    let number: Int
    let text: String
    let done: Bool
    let commit: String?
    let phase: String?
    let section: String?
    /// The open agent that works on it.
    let agent: String?

    init(_ item: TodoItem, state: WorkflowState) {
        id = item.id?.hex
        number = item.number
        text = item.text
        done = item.done
        commit = item.done ? state.commit(of: item) : nil
        phase = item.phase(among: state.phases.map(\.name))
        section = item.section
        agent = state.agent(on: item)
    }
}

struct ItemsAnswer: Encodable {
    let total: Int
    let done: Int
    let current: Int?
    let list: [ItemAnswer]

    init(_ todo: TodoList?, state: WorkflowState) {
        let items = todo?.items ?? []
        total = items.count
        done = items.count { $0.done }
        current = todo?.current(in: state)?.number
        list = items.map { ItemAnswer($0, state: state) }
    }
}

struct DecisionAnswer: Encodable {
    let id: String
    let text: String
    let because: String?
    let time: JSONTime
    let replaces: String?

    init(_ decision: Decision) {
        id = decision.id
        text = decision.text
        because = decision.because
        time = JSONTime(decision.time)
        replaces = decision.replaces
    }
}

/// A checkpoint that `status` or an agent names.
struct ReferenceAnswer: Encodable {
    let id: String
    let time: JSONTime
    let title: String
    let kind: String

    init(_ reference: WorkflowState.Reference) {
        id = reference.id.hex
        time = JSONTime(reference.time)
        title = reference.title
        kind = reference.kind.rawValue
    }
}

/// A checkpoint in `log`.
struct CheckpointAnswer: Encodable {
    let id: String
    let parents: [String]
    let tree: String
    let time: JSONTime
    let kind: String
    let phase: String?
    let actor: String
    let title: String
    let trigger: String?
    let item: String?
    let itemId: String?
    let commit: String?
    let agent: String?
    let decisions: [String]
    let next: [String]
    let trailers: [[String]]
    /// Of the paths that were asked for.
    let renames: [RenameAnswer]?

    struct RenameAnswer: Encodable {
        let from: String
        let to: String
    }

    init(_ checkpoint: Checkpoint, renames: [PathChange.Rename] = []) {
        id = checkpoint.id.hex
        parents = checkpoint.parents.map(\.hex)
        tree = checkpoint.tree.hex
        time = JSONTime(checkpoint.time)
        kind = checkpoint.kind.rawValue
        phase = checkpoint.phase
        actor = checkpoint.actor
        title = checkpoint.title
        trigger = checkpoint.trigger?.rawValue
        item = checkpoint[TrailerKey.item]
        itemId = checkpoint[TrailerKey.itemID]
        commit = checkpoint[TrailerKey.commit]
        agent = checkpoint[TrailerKey.agent]
        decisions = checkpoint.values(of: TrailerKey.decision)
        next = checkpoint.values(of: TrailerKey.next)
        trailers = checkpoint.message.trailers.filter { $0.key.hasPrefix("Wf-") }.map { [$0.key, $0.value] }
        self.renames =
            renames.isEmpty ? nil : renames.map { RenameAnswer(from: $0.from.description, to: $0.to.description) }
    }
}

/// A path that a restore or an undo brought back.
struct RestoredAnswer: Encodable {
    let path: String
    let from: String
    let action: String
    /// When that version was recorded, and its size in bytes.
    let time: JSONTime?
    let size: Int?
}
