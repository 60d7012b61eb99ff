internal import Agents
package import Files
package import Git
package import Journal
internal import Merging
package import Operations
package import Snapshots
internal import SystemPackage
package import Workflow

/// What an action or a question works on: a repository, a workflow, a clock, and who asks.
package struct Session {
    package let surroundings: Surroundings
    package let workspace: Workspace
    package let journal: Journal
    package let caller: Caller
    package let narration: Narration
    /// What was cut short and has been ended.
    package private(set) var recovered: [Recovery.Outcome] = []

    package var repository: Repository { workspace.repository }

    /// - Parameter workflow: the one that was named; `nil` for that of the worktree.
    package init(_ surroundings: Surroundings, workflow: Name?, caller: Caller, narration: Narration) throws {
        self.surroundings = surroundings
        self.caller = caller
        self.narration = narration
        workspace = try Workspace(surroundings)
        journal = try workspace.journal(workflow: workflow, actor: caller.named)
        journal.note = narration.say
        if case .human = caller.named { journal.isActorClaimed = !caller.isHumanPresent }
    }

    /// Ends what was cut short in this worktree, before anything is changed, and says how.
    /// - Throws: `ActionError` where an agent would act in another's name.
    package mutating func finishInterrupted() throws {
        try requireOwnName()
        try endInterrupted()
    }

    /// As ``finishInterrupted()``, for whoever may act here in another's name.
    mutating func endInterrupted() throws {
        recovered = try Recovery(journal).run([
            .conflict: MergeQueue(journal).endWaiting, .agentStart: AgentStart(journal).recover,
            .agentRemove: AgentRemove(journal).recover, .agentRestore: AgentRestore(journal).recover,
            .commit: BranchCommit(session: self).recover,
        ])
        for outcome in recovered { narration.say(outcome.line) }
        if let line = try journal.followBranch() { narration.say(line) }
    }

    /// Takes a checkpoint of each open agent's worktree too, where the leader does something that a checkpoint goes with.
    /// - Parameter title: as in "Beside …".
    package func protectAgents(beside title: String) {
        guard journal.lane == .leader, journal.otherLane == nil else { return }
        do {
            let looking = ["/proc/self/exe", "--workflow", journal.workflow.text, "agent", "look"]
            for line in try AgentProtection(journal).take(title: "Beside \(title)", by: looking) { narration.say(line) }
        } catch {
            // What the leader did is done.
            narration.say("what the agents have was not recorded: \(error)")
        }
    }

    /// The workflow's state.
    package func state() throws -> WorkflowState {
        guard let state = try journal.state() else {
            throw WorkspaceError.unknown(journal.workflow, known: try workspace.workflows())
        }
        return state
    }

    /// A snapshot within the limits of the definition.
    /// - Parameter patterns: of untracked files that are in it in any case.
    package func snapshot(for state: WorkflowState, allowing patterns: [TypedPath] = []) throws -> Snapshot {
        try journal.takeSnapshot(definition: state.definition, allowing: patterns)
    }

    /// Fails while the `.wfconfig` on disk no longer has the phase in hand: the recorded definition stays in force, and a step
    /// that obeyed it would surprise whoever took the phase out.
    package func requireDefined(_ state: WorkflowState) throws {
        guard let current = state.currentName, journal.lane == .leader, let top = repository.workTree,
            try repository.head().branch == state.branch,
            let bytes = try? RootedFile(".wfconfig", in: top).read(),
            // A file that cannot be read is warned of by status; it changes nothing either.
            let new = try? Definition(
                entries: Repository.configEntries(of: bytes, file: ".wfconfig"), file: ".wfconfig"),
            !new.phases.contains(where: { $0.name.text == current })
        else { return }
        throw ActionError(
            ".wfconfig no longer has \(current), the phase in hand: put [phase \"\(current)\"] back, complete or fail the "
                + "phase, then take it out", .refused)
    }

    /// Fails in an agent's worktree for whoever is neither that agent nor a human.
    private func requireOwnName() throws {
        guard case .agent(let own) = journal.otherLane ?? journal.lane, let named = caller.named else { return }
        if case .human = named { return }
        if named != .agent(own) {
            throw ActionError("this is the worktree of the agent \(own), where nothing is done as \(named)", .refused)
        }
    }

    /// Fails in any worktree but the leader's.
    package func requireLeader(_ doing: String) throws {
        let owner = journal.otherLane ?? journal.lane
        guard owner == .leader else {
            throw ActionError("only the leader may \(doing); this is the worktree of \(owner.text)", .refused)
        }
    }
}

extension Session {
    /// What paths mean that a user typed: git's pathspecs, from where he is.
    package func selections(_ paths: [TypedPath]) throws -> [PathSelection] {
        guard let top = repository.workTree else { throw WorkspaceError.bare }
        if paths.contains("") { throw ActionError("an empty path names nothing; . is everything here", .usage) }
        do {
            return try PathSelection.selections(of: paths, from: surroundings.directory, top: top)
        } catch {
            throw ActionError(error.description, error.isOutside ? .impossible : .usage)
        }
    }
}
