/// What happened at a checkpoint: the value of `Wf-Kind`, which drives the transitions of the state.
package enum CheckpointKind: Hashable, Sendable {
    case workflowStarted, workflowCompleted, definitionChanged
    /// Asked for by whoever works.
    case checkpoint
    /// Taken by a hook or a timer; means nothing for the state.
    case auto
    case phaseStarted, phaseCompleted, phaseFailed
    case blocked, unblocked, approved, rejected
    case decision
    case itemAdded, itemStarted, itemDone, itemReopened, itemReworded
    /// An item overtook one of the same text, or one of several is gone; any other move is not recorded.
    case itemMoved
    /// A commit of the branch has the tick of an item that was done before.
    case itemCommitted
    case agentStarted, agentReported, agentFailed, agentMerged, agentConflicted, agentDropped
    /// Its process was ended; the agent is still open.
    case agentStopped
    /// One that was merged, refused, dropped or that failed is open again; one that reported is sent back.
    case agentReopened
    /// Its result was looked at and not taken.
    case agentRefused
    /// Its worktree was put aside; its record stays.
    case agentRemoved
    case agentAsked, agentAnswered
    /// An agent may change more than its spec says.
    case scopeGranted
    case restored, undone, rewritten
    /// The workflow belongs to another branch, or to one of another name, from now on.
    case branchRenamed
    /// Something was done that git cannot take back.
    case outside
    /// The lanes of two clones became one: its two parents are their tips.
    case lanesJoined
    /// The word of a newer version, kept as it is. Never one of the words above: `init(rawValue:)` sees to that.
    case other(String)
}

extension CheckpointKind: RawRepresentable {
    /// - Parameter rawValue: any text; what is not known becomes `other`.
    package init(rawValue: String) { self = Self.kinds[rawValue] ?? .other(rawValue) }

    /// The word as the trailer has it.
    package var rawValue: String {
        switch self {
        case .workflowStarted: "workflow-started"
        case .workflowCompleted: "workflow-completed"
        case .definitionChanged: "definition-changed"
        case .checkpoint: "checkpoint"
        case .auto: "auto"
        case .phaseStarted: "phase-started"
        case .phaseCompleted: "phase-completed"
        case .phaseFailed: "phase-failed"
        case .blocked: "blocked"
        case .unblocked: "unblocked"
        case .approved: "approved"
        case .rejected: "rejected"
        case .decision: "decision"
        case .itemAdded: "item-added"
        case .itemStarted: "item-started"
        case .itemDone: "item-done"
        case .itemReopened: "item-reopened"
        case .itemReworded: "item-reworded"
        case .itemMoved: "item-moved"
        case .itemCommitted: "item-committed"
        case .agentStarted: "agent-started"
        case .agentReported: "agent-reported"
        case .agentFailed: "agent-failed"
        case .agentMerged: "agent-merged"
        case .agentConflicted: "agent-conflicted"
        case .agentDropped: "agent-dropped"
        case .agentStopped: "agent-stopped"
        case .agentReopened: "agent-reopened"
        case .agentRefused: "agent-refused"
        case .agentRemoved: "agent-removed"
        case .agentAsked: "agent-asked"
        case .agentAnswered: "agent-answered"
        case .scopeGranted: "scope-granted"
        case .restored: "restored"
        case .undone: "undone"
        case .rewritten: "rewritten"
        case .branchRenamed: "branch-renamed"
        case .outside: "outside"
        case .lanesJoined: "lanes-joined"
        case .other(let word): word
        }
    }

    /// Every kind of this version, in the order of the documentation.
    package static let known: [CheckpointKind] = [
        .workflowStarted, .workflowCompleted, .definitionChanged, .checkpoint, .auto, .phaseStarted, .phaseCompleted,
        .phaseFailed, .blocked, .unblocked, .approved, .rejected, .decision, .itemAdded, .itemStarted, .itemDone,
        .itemReopened, .itemReworded, .itemMoved, .itemCommitted, .agentStarted, .agentReported, .agentFailed,
        .agentMerged,
        .agentConflicted,
        .agentDropped, .agentStopped, .agentReopened, .agentRefused, .agentRemoved, .agentAsked, .agentAnswered,
        .scopeGranted, .restored, .undone, .rewritten, .branchRenamed, .outside, .lanesJoined,
    ]

    private static let kinds = Dictionary(uniqueKeysWithValues: known.map { ($0.rawValue, $0) })

    /// Whether this version knows the word.
    package var isKnown: Bool {
        if case .other = self { false } else { true }
    }
}

extension CheckpointKind: CustomStringConvertible {
    package var description: String { rawValue }
}

extension CheckpointKind: Stored {
    package init(from store: inout StoredBytes) throws(StoredBytes.Damaged) {
        self.init(rawValue: try store.read())
    }

    package func write(to store: inout StoredBytes) {
        store.add(rawValue)
    }
}
