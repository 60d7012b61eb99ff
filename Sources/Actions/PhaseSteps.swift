internal import Agents
internal import Git
internal import GitValues
internal import Journal
internal import Snapshots
internal import SystemPackage
internal import Workflow

/// What completing a phase is made of; `approve` finishes it as `phase complete` does.
struct PhaseSteps {
    let session: Session
    let state: WorkflowState

    /// The phase in hand.
    /// - Throws: `IllegalTransition` where it cannot be left, or `name` is another one.
    func requireInHand(_ name: String?, doing: String) throws -> String {
        let allowed = state.allowedCommands
        if let name, state.phase(name) == nil {
            throw IllegalTransition(
                "cannot \(doing) \(name.quoted): there is no such phase; the phases are "
                    + state.phases.map(\.name).joined(separator: ", "), allowed: allowed)
        }
        guard let current = state.currentName else {
            throw IllegalTransition(
                "cannot \(doing) \(name ?? "a phase"): none is in progress", allowed: allowed)
        }
        if let name, name != current {
            throw IllegalTransition("cannot \(doing) \(name): \(current) is in progress", allowed: allowed)
        }
        if let block = state.blocks.last {
            throw IllegalTransition("cannot \(doing) \(current): it is blocked: \(block.reason)", allowed: allowed)
        }
        return current
    }

    /// Whoever completes the workflow says why, where something is open.
    /// - Parameter command: the one that was tried.
    func requireWord(_ reason: String?, toLeave phase: String, command: String) throws {
        guard state.successor(of: phase) == nil, reason?.contains(where: { !$0.isWhitespace }) != true else { return }
        let open = try OpenWork(session, state: state)
        if open.isEmpty { return }
        throw ActionError(
            "\(phase) is the last phase, and \(open.text)", .refused,
            hint: "git wf \(command) --reason T completes \(state.name) all the same")
    }

    /// What is recorded behind a phase's completion: its successor's start, or the workflow's completion.
    /// - Parameter actions: what is to be done first then.
    func following(_ phase: String, next actions: [String] = []) -> [Draft] {
        if let next = state.successor(of: phase) {
            return [Draft(.phaseStarted, "Phase started: \(next)", phase: next).with(TrailerKey.next, actions)]
        }
        return [Draft(.workflowCompleted, "Workflow completed: \(state.name)", phase: phase)]
    }

    /// Commits a finished phase to the branch, where `checkpoint.commit` asks for it.
    /// - Returns: the snapshot to record: a new one, where the branch moved.
    /// - Throws: `ActionError` where git refused; the phase stays in progress.
    func committed(_ phase: String, snapshot: Snapshot) throws -> Snapshot {
        if state.definition.checkpoint.commit == .never { return snapshot }
        let made = try BranchCommit(session: session)
            .commit(title: "Complete \(phase)", body: "", state: state, snapshot: snapshot)
        return try made == nil ? snapshot : session.snapshot(for: state)
    }

    /// A command that was run.
    struct Check {
        let command: String
        let status: Int32
        let seconds: Int64

        /// As `Wf-Check` has it.
        func text(_ snapshot: Snapshot) -> String {
            "exit \(status), \(seconds) s, tree \(snapshot.tree.short): \(command)"
        }
    }

    /// What to record of a check that ran on a snapshot: that one, or one of now that says the same.
    /// - Throws: `ActionError` where what the check ran on is no longer there. Files that came since are left to the next
    ///   checkpoint, unless all that is there would be committed.
    func recordable(_ checked: Snapshot, phase: String) throws -> Snapshot {
        let present = try session.snapshot(for: state)
        if present.tree == checked.tree, present.head == checked.head { return present }
        let changes = try session.repository.changes(from: checked.tree, to: present.tree)
        if present.head == checked.head, state.definition.checkpoint.commit == .never,
            changes.allSatisfy({ $0.old == nil })
        {
            return checked
        }
        let what = changes.isEmpty ? "the branch" : changes.map(\.path).listed()
        throw ActionError(
            "\(phase) stays in progress: \(what) changed while its check ran, so the check says nothing of what is there now",
            .refused,
            hint: "git wf phase complete checks again; .gitignore is the place for what the check writes itself")
    }

    /// Runs the check of a phase, with its output on the terminal.
    /// - Returns: `nil` where the phase has none.
    func runCheck(of phase: String) throws -> Check? {
        let check = { (definition: Definition) in definition.phases.first { $0.name.text == phase }?.check }
        guard let command = try session.trustedCommand(check, of: state) else { return nil }
        guard let top = session.repository.workTree else { throw WorkspaceError.bare }
        session.narration.say("check: \(command)")
        let began = ContinuousClock.now
        let result = try session.repository.git.runUserCommand(command, in: top, output: session.narration.output)
        return Check(command: command, status: result.status, seconds: (ContinuousClock.now - began).components.seconds)
    }
}
