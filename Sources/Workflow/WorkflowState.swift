package import GitValues

/// Where a workflow stands: a fold over the checkpoints of the leader's lane, and nothing else.
///
/// ```
///                 start                    complete
///     pending ───────────▶ in-progress ───────────────▶ complete
///                            │  ▲   ▲ │                     │
///                      block │  │   │ │ fail                │ start again, with a reason
///                            ▼  │   │ ▼                     ▼
///                         blocked   failed ──▶ its onFail   in-progress
/// ```
/// Completing a phase is followed by its successor's start; completing the last one by the workflow's completion.
package struct WorkflowState: Hashable, Sendable {
    /// The UUID that the first checkpoint gave it.
    package let id: String
    package let name: String
    /// The branch that it belongs to, in full: the one that it began on, until it was renamed or moved. `nil` where HEAD was
    /// detached at the beginning.
    package internal(set) var branch: String?
    package let started: Timestamp
    /// The definition in force: the recorded one, never the file on disk.
    package internal(set) var definition: Definition
    /// What the recorded file says, where something of it waits for a human's consent.
    package internal(set) var proposal: Definition?
    /// The file that was recorded last.
    package internal(set) var definitionBlob: ObjectID?
    package internal(set) var phases: [Phase]
    /// The name of the phase in hand; `nil` between two phases and when all is done.
    package internal(set) var currentName: String?
    /// The phase that completed or failed last; it decides which may start now.
    package internal(set) var leftName: String?
    package internal(set) var isComplete = false
    /// Why it was ended before its last phase was complete; `nil` where it was not.
    package internal(set) var endReason: String?
    package internal(set) var blocks: [Block] = []
    /// What is to be a block once the join is reached that is being folded; empty in any other state.
    var disputes: [Block] = []
    package internal(set) var decisions = DecisionLog()
    /// The next actions, of the latest checkpoint that gives any, as far as nothing says that they are done.
    package internal(set) var next: [String] = []
    /// Whether they were given before the phase in hand began.
    var isNextOlder = false
    package internal(set) var items: ItemLog
    package internal(set) var agents: [AgentRecord] = []
    /// What was done that git cannot take back, oldest first.
    package internal(set) var outside: [Effect] = []
    package internal(set) var lastCheckpoint: Reference
    /// The newest one that somebody asked for.
    package internal(set) var lastAskedFor: Reference?
    /// The newest tree whose TODO.md and `.wfconfig` speak for the workflow.
    package internal(set) var documents: ObjectID?
    /// How many checkpoints the lane has, those that were refused and joins included.
    package internal(set) var count = 0
    package internal(set) var refusals: [Refusal] = []

    /// The state after a lane's first checkpoint.
    /// - Parameter definition: the recorded one, which the checkpoint's `Wf-Definition` names.
    /// - Throws: `IllegalTransition` where the checkpoint does not begin a workflow.
    package init(beginning checkpoint: Checkpoint, definition: Definition?) throws(IllegalTransition) {
        guard checkpoint.kind == .workflowStarted, let name = checkpoint.workflow, let definition else {
            throw IllegalTransition("a workflow begins with a checkpoint of kind workflow-started", allowed: ["init"])
        }
        id = checkpoint[TrailerKey.id] ?? checkpoint.id.hex
        items = ItemLog(workflow: id)
        self.name = name
        branch = checkpoint[TrailerKey.branch]
        started = checkpoint.time
        self.definition = definition
        definitionBlob = checkpoint.id(of: TrailerKey.definition)
        phases = definition.phases.map { Phase(name: $0.name.text) }
        lastCheckpoint = Reference(checkpoint)
        if checkpoint.speaks(for: branch) { documents = checkpoint.tree }
        decisions.record(checkpoint)
        recordEffects(checkpoint)
        count = 1
        countInPhase(checkpoint)
    }

    // MARK: What it says

    package func phase(_ name: String) -> Phase? { phases.first { $0.name == name } }

    package var current: Phase? { currentName.flatMap { phase($0) } }

    /// A phase's status as users see it: a block shows on the phase that it holds.
    package func status(of phase: Phase) -> Status {
        phase.ownStatus == .inProgress && blocks.contains { $0.phase == phase.name } ? .blocked : phase.ownStatus
    }

    /// The workflow's status.
    package var status: Status {
        // After a join there may be a block though no phase is in hand.
        if !blocks.isEmpty { return .blocked }
        if isComplete { return .complete }
        if let current { return current.ownStatus }
        if let leftName, phase(leftName)?.ownStatus == .failed { return .failed }
        return .inProgress
    }

    /// How it came to its end, in words; `nil` while it goes on.
    package var end: String? { isComplete ? endReason.map { "ended: \(PlainText.line($0))" } ?? "complete" : nil }

    /// The phase that is in hand, or the one that was last.
    package var shownPhase: String { currentName ?? leftName ?? phases.first?.name ?? "" }

    package func agent(_ name: String) -> AgentRecord? { agents.first { $0.name == name } }

    /// The phase that follows `name`; `nil` after the last.
    package func successor(of name: String) -> String? { definition.phases.first { $0.name.text == name }?.then?.text }

    /// The blocks that `unblock` lifts: all that a join raised, where it raised the newest, else the newest. Gates are no such.
    package var liftable: [Block] {
        let all = blocks.filter { !$0.isGate }
        return all.last?.isDispute == true ? all.filter(\.isDispute) : all.suffix(1)
    }

    /// The phases that may start now without a reason: the first one, a completed one's successor, a failed one again or
    /// its `onFail`.
    package var startable: [String] {
        if currentName != nil { return [] }
        // One that was ended goes on by a decision only: with a phase that it was in.
        if endReason != nil { return [] }
        guard let leftName, let left = phase(leftName) else { return phases.first.map { [$0.name] } ?? [] }
        if left.ownStatus == .failed {
            return [leftName] + [definition.phases.first { $0.name.text == leftName }?.onFail?.text].compactMap { $0 }
        }
        return successor(of: leftName).map { [$0] } ?? []
    }
}

extension WorkflowState: Stored {
    package init(from store: inout StoredBytes) throws(StoredBytes.Damaged) {
        id = try store.read()
        name = try store.read()
        branch = try store.read()
        started = try store.read()
        definition = try store.read()
        proposal = try store.read()
        definitionBlob = try store.read()
        phases = try store.read()
        currentName = try store.read()
        leftName = try store.read()
        isComplete = try store.read()
        endReason = try store.read()
        blocks = try store.read()
        decisions = try store.read()
        next = try store.read()
        isNextOlder = try store.read()
        items = try store.read()
        agents = try store.read()
        outside = try store.read()
        lastCheckpoint = try store.read()
        lastAskedFor = try store.read()
        documents = try store.read()
        count = try store.read()
        refusals = try store.read()
    }

    package func write(to store: inout StoredBytes) {
        store.add(id)
        store.add(name)
        store.add(branch)
        store.add(started)
        store.add(definition)
        store.add(proposal)
        store.add(definitionBlob)
        store.add(phases)
        store.add(currentName)
        store.add(leftName)
        store.add(isComplete)
        store.add(endReason)
        store.add(blocks)
        store.add(decisions)
        store.add(next)
        store.add(isNextOlder)
        store.add(items)
        store.add(agents)
        store.add(outside)
        store.add(lastCheckpoint)
        store.add(lastAskedFor)
        store.add(documents)
        store.add(count)
        store.add(refusals)
    }
}
