package import Actions
package import Agents
internal import Git
package import GitValues
internal import Glibc
internal import Journal
package import Merging
internal import Operations
package import Workflow

/// All that `status` says, gathered once.
package struct Standing {
    package let state: WorkflowState
    package let todo: TodoList?
    package let due: CheckpointPolicy.Due?
    package let warnings: [String]
    /// What was cut short: an operation of ours, else one that git is in the middle of.
    package let operation: String?
    package let agents: [Agent]
    package let automatic: Int
    /// A merge that waits for its conflict to be resolved.
    package let merge: StoppedMerge?
    /// What happened since the last checkpoint, where that is long ago; one line each; `nil` where
    /// it is not.
    package let since: [String]?
    package let now: Timestamp

    package init(_ session: Session, state: WorkflowState) throws {
        self.state = state
        now = session.surroundings.now
        todo = try session.journal.todo(state)
        due = try Self.due(session, state: state)
        automatic = try session.journal.automaticCount(of: session.journal.lane)
        agents = try session.agents()
        merge = try StoppedMerge(session.journal)
        let idle = WorkflowDuration(from: state.lastCheckpoint.time, to: session.surroundings.now)
        let isBack = idle >= .hours(8) && !state.isComplete && session.journal.lane == .leader
        since = isBack ? try BriefFacts(session, state: state).sinceLastCheckpoint(agents: agents) : nil
        let found = try Warnings(session, state: state, todo: todo)
        warnings = found.list
        operation = found.interrupted?.word.rawValue ?? session.repository.operation
    }
}

extension Standing {
    /// Why a checkpoint is due, when one is.
    package static func due(_ session: Session, state: WorkflowState) throws -> CheckpointPolicy.Due? {
        // What waits for somebody is nobody's to checkpoint.
        if state.isComplete || !state.blocks.isEmpty { return nil }
        let now = session.surroundings.now
        let policy = CheckpointPolicy(
            definition: state.definition, elapsed: WorkflowDuration(from: state.started, to: now))
        func due(workInHand: Bool) -> CheckpointPolicy.Due? {
            policy.due(
                now: now, lastCheckpoint: state.lastCheckpoint.time, started: state.started, workInHand: workInHand)
        }
        // Whether there is work in hand costs a look at every file, so it is asked only where it decides.
        guard let candidate = due(workInHand: true) else { return nil }
        return try due(workInHand: hasWorkInHand(session, state: state)) == nil ? nil : candidate
    }

    /// Whether anything differs from the last checkpoint, as far as git can tell without writing: a commit since, or a
    /// changed file.
    private static func hasWorkInHand(_ session: Session, state: WorkflowState) throws -> Bool {
        let last = try session.journal.checkpoint(state.lastCheckpoint.id)
        if try session.repository.head().commit != last.head { return true }
        let result = try session.repository.git.succeed(
            "look for changes",
            ["--no-optional-locks", "-c", "core.fsmonitor=false", "status", "--porcelain", "--no-renames"],
            in: session.repository.workTree ?? session.surroundings.directory)
        return !result.output.isEmpty
    }
}
