internal import GitValues
internal import Journal
internal import Snapshots
package import Workflow

/// Moves from one phase to the next, and what holds a phase: its check, its gate and blocks. Only the leader does.
///
/// Each action records what it did, and returns the state that the workflow has then.
package struct PhaseActions {
    /// What a blocked phase waits for.
    package enum Need: String, CaseIterable, Sendable {
        case input, review, external
    }

    private let session: Session

    package init(_ session: Session) { self.session = session }

    /// Starts a phase.
    /// - Parameter reason: why one that was visited starts again.
    package func start(_ name: String, reason: String?) throws -> WorkflowState {
        try session.requireLeader("move between phases")
        let state = try session.state()
        try session.requireDefined(state)
        return try record([
            Draft(.phaseStarted, "Phase started: \(name)", phase: name).with(TrailerKey.reason, reason)
        ])
    }

    /// Completes the phase in hand and starts the one that follows: after its check, and at its gate only once a human
    /// approved.
    /// - Parameters:
    ///   - reason: why the workflow is complete though something is open.
    ///   - next: what is to be done first in the phase that follows.
    /// - Throws: `ActionError` with code `.refused` where the check fails or the gate is closed, which is recorded; and where
    ///   the workflow would be complete with something open and without a reason.
    package func complete(_ name: String?, reason: String? = nil, next: [String] = []) throws -> WorkflowState {
        try session.requireLeader("move between phases")
        // A check or a gate that was just written into .wfconfig holds for this very step.
        let before = try session.state()
        try session.requireDefined(before)
        try session.journal.append([], snapshot: session.snapshot(for: before))
        let state = try session.state()
        let steps = PhaseSteps(session: session, state: state)
        let phase = try steps.requireInHand(name, doing: "complete")
        try steps.requireWord(reason, toLeave: phase, command: "phase complete")
        let checked = try session.snapshot(for: state)
        let check = try steps.runCheck(of: phase)
        if let check, check.status != 0 {
            try session.journal.append(
                [Draft(.checkpoint, "Check failed: \(check.command)").with(TrailerKey.check, check.text(checked))],
                snapshot: session.snapshot(for: state))
            throw ActionError(
                "\(phase) stays in progress: its check, \(check.command.quoted), ended with \(check.status)", .refused,
                hint: "git wf phase fail --reason T gives the phase up")
        }
        let snapshot = try check == nil ? checked : steps.recordable(checked, phase: phase)
        if state.definition.phases.first(where: { $0.name.text == phase })?.gate != nil,
            state.phase(phase)?.visits.last?.isApproved != true
        {
            let draft = Draft(.blocked, "Waiting at the gate of \(phase)", phase: phase)
                .with(TrailerKey.needs, Need.review.rawValue).with(TrailerKey.gate, "human")
                .with(TrailerKey.reason, "\(phase) is done and waits for approval")
                .with(TrailerKey.check, check?.text(snapshot))
            try session.journal.append([draft], snapshot: snapshot)
            throw ActionError(
                "\(phase) waits at its gate", .refused,
                hint: "a human runs git wf approve, or git wf reject --reason T")
        }
        let completed = Draft(.phaseCompleted, "Phase completed: \(phase)", phase: phase)
            .with(TrailerKey.check, check?.text(snapshot)).with(TrailerKey.reason, reason)
        return try record(
            [completed] + steps.following(phase, next: next), snapshot: steps.committed(phase, snapshot: snapshot))
    }

    /// Gives the phase in hand up; its `onFail` phase begins, where it has one.
    package func fail(_ name: String?, reason: String) throws -> WorkflowState {
        try session.requireLeader("move between phases")
        let state = try session.state()
        try session.requireDefined(state)
        let phase = try PhaseSteps(session: session, state: state).requireInHand(name, doing: "fail")
        var drafts = [Draft(.phaseFailed, "Phase failed: \(phase)", phase: phase).with(TrailerKey.reason, reason)]
        if let next = state.definition.phases.first(where: { $0.name.text == phase })?.onFail?.text {
            drafts.append(
                Draft(.phaseStarted, "Phase started: \(next)", phase: next)
                    .with(TrailerKey.reason, "\(phase) failed: \(reason)"))
        }
        return try record(drafts)
    }

    // MARK: Blocks and gates

    /// Says that the phase in hand cannot be left without something.
    /// - Parameter retry: after how long it is worth another try.
    package func block(_ reason: String, needs: Need, retry: WorkflowDuration? = nil) throws -> WorkflowState {
        try session.requireLeader("block a phase")
        return try record([
            Draft(.blocked, "Blocked: \(reason)").with(TrailerKey.needs, needs.rawValue)
                .with(TrailerKey.reason, reason).with(TrailerKey.retryAfter, retry.map { String($0.seconds) })
        ])
    }

    /// Lifts the newest block; where a join raised it, all that joins raised.
    package func unblock(answer: String?) throws -> WorkflowState {
        try session.requireLeader("lift a block")
        let lifted = try session.state().liftable.map(\.id.hex)
        return try record([
            Draft(.unblocked, "Unblocked\(answer.map { ": \($0)" } ?? "")").with(TrailerKey.answer, answer)
                .with(TrailerKey.block, lifted)
        ])
    }

    /// Sends a phase that waits at its gate back to work. Only a human may.
    package func reject(reason: String) throws -> WorkflowState {
        try session.requireLeader("reject a phase")
        let state = try session.state()
        guard state.blocks.contains(where: \.isGate) else {
            throw IllegalTransition("cannot reject: no phase waits at its gate", allowed: state.allowedCommands)
        }
        let human = try session.caller.human(in: session.repository, doing: "reject a phase")
        return try record([
            Draft(.rejected, "Rejected: \(reason)").with(TrailerKey.reason, reason)
                .with(TrailerKey.claimed, human.isClaimed ? "yes" : nil).by(human.actor)
        ])
    }

    /// Approves the phase that waits at its gate, and completes it. Only a human may.
    /// - Parameter reason: why the workflow is complete though something is open.
    package func approve(_ phase: String?, note: String?, reason: String? = nil) throws -> WorkflowState {
        try session.requireLeader("approve a phase")
        let state = try session.state()
        guard let gate = state.blocks.last(where: \.isGate) else {
            throw IllegalTransition("cannot approve: no phase waits at its gate", allowed: state.allowedCommands)
        }
        let human = try session.caller.human(in: session.repository, doing: "approve a phase")
        let name = phase ?? gate.phase
        var drafts = [
            Draft(.approved, "Approved: \(name)", phase: name).by(human.actor).with(TrailerKey.answer, note)
                .with(TrailerKey.claimed, human.isClaimed ? "yes" : nil)
        ]
        var snapshot = try session.snapshot(for: state)
        // Other blocks still hold the phase; then the approval alone is recorded.
        if !state.blocks.contains(where: { !$0.isGate }) {
            let steps = PhaseSteps(session: session, state: state)
            try steps.requireWord(reason ?? note, toLeave: gate.phase, command: "approve")
            snapshot = try steps.committed(gate.phase, snapshot: snapshot)
            drafts.append(
                Draft(.phaseCompleted, "Phase completed: \(gate.phase)", phase: gate.phase)
                    .with(TrailerKey.reason, reason))
            drafts += steps.following(gate.phase)
        }
        return try record(drafts, snapshot: snapshot)
    }

    private func record(_ drafts: [Draft], snapshot: Snapshot? = nil) throws -> WorkflowState {
        let last = try session.journal.append(drafts, snapshot: snapshot ?? session.snapshot(for: session.state())).last
        if let last { session.protectAgents(beside: "the leader's \(last.kind.rawValue)") }
        // Read again it might not be to be had, and what was recorded would look as if it had failed.
        return try session.journal.recordedState ?? session.state()
    }
}
