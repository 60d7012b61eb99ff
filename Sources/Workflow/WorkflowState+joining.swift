internal import GitValues

// What a join makes of a state: each side was written without knowledge of the other.

extension WorkflowState {
    /// Takes the sides of a tangle, from its base on, and the join.
    ///
    /// Decisions, items, agents and effects are united: each is there once, whoever recorded it. The rest follows the order of
    /// the tangle. A phase event that is not legal where it stands there changes no phase; it is named in a block on review,
    /// which holds from where the sides meet: before that nobody could know of it.
    /// - Parameters:
    ///   - definition: the recorded one that a checkpoint names.
    ///   - agent: the lane of the agent that a checkpoint merged, as it was then.
    package mutating func join(
        _ tangle: Tangle, definition: (Checkpoint) throws -> Definition?, agent: (Checkpoint) throws -> AgentState?
    ) throws {
        var union = DecisionUnion(of: tangle, from: decisions)
        var isBesideOthers = false
        for step in tangle.steps {
            if step.isMeeting, isBesideOthers {
                meet()
                isBesideOthers = false
            }
            if step.node.isJoin {
                count += 1
                union.take(step.node, agent: nil)
                continue
            }
            let checkpoint = step.node.checkpoint
            let refusals = self.refusals.count
            if step.isAlone {
                self = taking(checkpoint, definition: try definition(checkpoint))
            } else {
                takeBesideOthers(checkpoint, definition: try definition(checkpoint))
                isBesideOthers = true
            }
            let isRefused = step.isAlone && self.refusals.count > refusals
            let isMerge = checkpoint.kind == .agentMerged && !isRefused
            let isKnown = agents.contains { $0.name == checkpoint[TrailerKey.agent] }
            let merged = isMerge && isKnown ? try agent(checkpoint) : nil
            if let merged { items.unite(merged.items) }
            union.take(step.node, isRefused: isRefused, agent: merged)
        }
        if isBesideOthers { meet() }
        if let join = tangle.steps.last { decisions = union.log(behind: join.node.id) }
    }

    private func taking(_ checkpoint: Checkpoint, definition: Definition?) -> WorkflowState {
        do {
            return try applying(checkpoint, definition: definition)
        } catch {
            return refusing(checkpoint, because: error)
        }
    }

    /// From here on all writers know of each other.
    private mutating func meet() {
        blocks += disputes.map { $0.holding(shownPhase) }
        disputes = []
        // The newest tree is that of one side, and says nothing of what the other one's worktree holds.
        documents = nil
    }

    /// Takes one that was written where not all of this state was known.
    private mutating func takeBesideOthers(_ checkpoint: Checkpoint, definition: Definition?) {
        let added = checkpoint.kind == .itemAdded ? items.item(in: checkpoint)?.id : nil
        let known = added.flatMap { items.records[$0] }
        do {
            try pass(checkpoint, definition: definition)
        } catch {
            settle(checkpoint, refusal: error)
        }
        // Two clones that add the same item have one, and what either did stays done.
        if let added, let known { items.keep(known, of: added) }
        note(checkpoint)
    }

    private mutating func settle(_ checkpoint: Checkpoint, refusal: IllegalTransition) {
        switch checkpoint.kind {
        // The block was lifted on the other side as well.
        case .unblocked: break
        case .phaseStarted, .phaseCompleted, .phaseFailed, .workflowStarted, .workflowCompleted, .definitionChanged,
            .blocked, .approved, .rejected:
            disputes.append(
                Block(
                    id: checkpoint.id, needs: "review",
                    reason:
                        "\(checkpoint.kind) of \(checkpoint.id.short) has no effect beside what another clone recorded: "
                        + refusal.reason,
                    since: checkpoint.time, phase: checkpoint.phase ?? "", isGate: false, isDispute: true))
        default:
            let index = agents.firstIndex { $0.name == checkpoint[TrailerKey.agent] }
            if let index, checkpoint.kind == .agentMerged {
                // What was merged is in the branch, whatever was judged elsewhere.
                if agents[index].stage != .merged {
                    agents[index].setMerged(as: checkpoint.id(of: TrailerKey.commit), at: checkpoint.time)
                }
            } else if index == nil || checkpoint.kind == .agentStarted {
                refusals.append(Refusal(id: checkpoint.id, reason: refusal.description))
            }
        }
    }
}
