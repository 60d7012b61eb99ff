internal import Agents
internal import Files
package import Git
internal import GitValues
package import Journal
internal import Snapshots
package import Workflow

/// Brings agents' work onto the leader's branch, one after the other.
///
/// Each merge is computed in memory first. What is clean is written as a commit, the worktree is brought over, the branch
/// is moved from the commit that was read to the new one, and the merge is recorded; every step is such that the next
/// command finishes what a kill left. At a conflict the real `git merge` runs in the leader's worktree, so that what the
/// user finds there is git's own. A checkpoint of the leader's worktree goes before each.
package struct MergeQueue {
    package struct Options: Sendable {
        /// A command that must succeed on each merged result before the branch moves.
        package var verify: String?
        /// Where its output goes.
        package var verifyOutput: ChildProcess.Output

        package init(verify: String? = nil, verifyOutput: ChildProcess.Output = .collected) {
            self.verify = verify
            self.verifyOutput = verifyOutput
        }
    }

    let journal: Journal
    var options: Options
    var repository: Repository { journal.repository }
    var git: GitProgram { journal.surroundings.git }

    package init(_ journal: Journal, options: Options = Options()) {
        self.journal = journal
        self.options = options
    }

    // MARK: Which agents

    /// The agents that `--all` means, in the order of their reports: those that reported anything but a failure and are
    /// neither merged nor dropped.
    /// - Returns: also those that have not reported, in the order of their starts; they may still be at work.
    package func candidates() throws -> (reported: [Name], unreported: [Name]) {
        let agents = try journal.leaderState().agents.filter(\.isOpen)
        var reported: [(name: Name, time: Timestamp)] = []
        var unreported: [Name] = []
        for agent in agents {
            guard let name = try? Name(agent.name) else { continue }
            guard let result = try journal.agentState(name)?.result else {
                unreported.append(name)
                continue
            }
            if result.status != "failed" { reported.append((name, result.time)) }
        }
        // A stable order: two of one second stay in the order of their starts.
        let order = reported.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }
        return (order.map(\.element.name), unreported)
    }

    /// An agent that can be merged.
    /// - Throws: `AgentError`, `MergeError`.
    func open(_ name: Name) throws -> AgentWork {
        let work = try AgentWork(named: name.text, journal: journal)
        guard let record = work.record else {
            throw MergeError(
                .refused, "the leader's history does not know the agent \(name); git wf agent list shows who it knows")
        }
        guard record.isOpen else { throw MergeError(.refused, "\(name) is \(record.stage.rawValue) already") }
        guard work.tip != nil else {
            throw MergeError(
                .refused,
                "the branch of \(name), \(work.branch.shortBranch), is gone; git wf log agent/\(name) "
                    + "shows what its lane holds")
        }
        return work
    }

    // MARK: Merging

    /// Merges agents in the order given, until one cannot be merged.
    /// - Throws: `MergeError`, `AgentError` where a name or the leader's worktree does not allow it.
    package func merge(_ names: [Name]) throws -> MergeOutcome {
        try FileLock.hold(journal.lockFile("merge"), access: repository.access) { _ in
            _ = try position()
            try recover()
            for name in names { _ = try open(name) }
            return try run(names, MergeOutcome())
        }
    }

    /// Where the leader stands.
    struct Position {
        let state: WorkflowState
        let branch: String
        let head: ObjectID
    }

    /// - Throws: `MergeError` where the leader's worktree is in no state to be merged into.
    func position() throws -> Position {
        guard journal.lane == .leader else {
            throw MergeError(.refused, "agents are merged by the leader: run this in the leader's worktree")
        }
        let state = try journal.leaderState()
        if let operation = repository.operation {
            let isOurs = operation == "merge"
            throw MergeError(
                .refused,
                "git is in the middle of a \(operation); "
                    + (isOurs
                        ? "git wf merge --continue goes on with it, git wf merge --abort takes it back"
                        : "finish it first"))
        }
        let head = try repository.head()
        guard let branch = head.branch, branch == state.branch else {
            let own = state.branch?.shortBranch ?? "no branch"
            throw MergeError(
                .refused,
                "\(head.branch?.shortBranch ?? "no branch") is checked out, and the workflow is on \(own)"
                    + (state.branch == nil ? "" : ": git switch \(own)"))
        }
        guard let commit = head.commit else { throw MergeError(.refused, "this branch has no commit yet") }
        return Position(state: state, branch: branch, head: commit)
    }

    func run(_ names: [Name], _ outcome: MergeOutcome) throws -> MergeOutcome {
        var outcome = outcome
        for (index, name) in names.enumerated() {
            let rest = Array(names[(index + 1)...])
            switch try mergeOne(name, remaining: rest, notes: &outcome.notes) {
            case .merged(let merged): outcome.merged.append(merged)
            case .nothing: continue
            case .stopped(let stopped):
                outcome.stopped = stopped
                outcome.remaining = rest
                return outcome
            }
        }
        return outcome
    }

    enum Step {
        case merged(MergeOutcome.Merged)
        case stopped(MergeOutcome.Stopped)
        case nothing
    }

    private func mergeOne(_ name: Name, remaining: [Name], notes: inout [String]) throws -> Step {
        let position = try position()
        var work = try open(name)
        if let note = try Leftovers(journal: journal).commit(of: work) {
            notes.append(note)
            work = try open(name)
        }
        guard let tip = work.tip else { return .nothing }
        if try repository.isDescendant(position.head, of: tip) {
            if tip == work.record?.base {
                notes.append("\(name) has nothing to merge: its branch has no commit of its own")
                return .nothing
            }
            notes.append("the work of \(name) is on \(position.branch.shortBranch) already")
            let before = try checkpointBefore("Before recording that \(name) is merged")
            return .merged(try record(work, commit: position.head, before: before.id, verify: nil))
        }
        let snapshot = try journal.takeSnapshot()
        guard
            let before = try journal.appendAutomatic(.merge, title: "Before merging \(name)", snapshot: snapshot)
        else { throw MergeError(.failed, "no checkpoint could be taken before merging \(name)") }
        let todo = TodoMerge(journal: journal, path: RepositoryPath(position.state.definition.todo))
        let attempt = try MergeAttempt(ours: position.head, theirs: tip, todo: todo)
        let merge = OneMerge(
            work: work, tip: tip, position: position, before: before, snapshot: snapshot, todo: todo,
            item: Self.finishedItem(work), remaining: remaining)
        do {
            return attempt.conflicts.isEmpty ? try advance(merge, attempt) : try stopAtConflict(merge, attempt)
        } catch let dirt as LeaderWorktree.Dirt {
            return .stopped(try stopped(merge, dirt))
        }
    }

    /// What one merge works with.
    struct OneMerge {
        let work: AgentWork
        let tip: ObjectID
        let position: Position
        let before: Checkpoint
        let snapshot: Snapshot
        let todo: TodoMerge
        /// The item to tick.
        let item: String?
        let remaining: [Name]

        var name: Name { work.name }
        var journal: Journal { todo.journal }

        func worktree() throws -> LeaderWorktree {
            LeaderWorktree(
                journal: journal, todo: todo, present: snapshot.tree,
                old: try journal.repository.commit(position.head).tree)
        }

        func progress(_ stage: MergeProgress.Stage, commit: ObjectID?, verify: String?) -> MergeProgress {
            MergeProgress(
                stage: stage, agent: name, head: position.head, tip: tip, commit: commit, before: before.id, left: nil,
                verify: verify, remaining: remaining)
        }
    }

    /// The item of an agent, unless it says itself that it is not done.
    static func finishedItem(_ work: AgentWork) -> String? {
        let status = work.lane?.result?.status
        return status == nil || status == "complete" ? work.record?.item : nil
    }

    /// A clean merge: commit, verify, worktree, branch, record.
    private func advance(_ merge: OneMerge, _ attempt: MergeAttempt) throws -> Step {
        let worktree = try merge.worktree()
        let tree = try merge.todo.ticked(tree: attempt.tree, item: merge.item)
        let plan = try worktree.plan(to: tree, item: merge.item)
        let signature = try journal.signature()
        let commit = try repository.createCommit(
            tree: tree, parents: [merge.position.head, merge.tip], author: signature, committer: signature,
            message: Array((try message(merge.work) + "\n").utf8))
        var verification: Verification?
        if let command = options.verify {
            let verified = try Verifier(journal: journal, output: options.verifyOutput).verify(command, commit: commit)
            guard verified.exit == 0 else { return .stopped(try stopped(merge, verified)) }
            verification = verified
        }
        return try deferringSignals {
            // Whoever finishes this has to find the commit.
            try repository.pending.makeVisible()
            try merge.progress(.advancing, commit: commit, verify: nil).write(journal)
            do {
                try worktree.apply(plan)
            } catch let dirt as LeaderWorktree.Dirt {
                try MergeProgress.clear(journal)
                throw dirt
            }
            try repository.setReference(
                merge.position.branch, to: commit, expecting: merge.position.head,
                reason: "merge \(merge.work.branch.shortBranch): git-wf")
            let merged = try record(merge.work, commit: commit, before: merge.before.id, verify: verification)
            try MergeProgress.clear(journal)
            return .merged(merged)
        }
    }

    // MARK: Recording

    /// What the merge commit says.
    func message(_ work: AgentWork) throws -> String {
        let summary = try work.lane?.result?.summary ?? work.spec(in: repository)?.title ?? ""
        let line = summary.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        return "Merge agent \(work.name)" + (line.isEmpty ? "" : ": \(line)")
    }

    func checkpointBefore(_ title: String) throws -> Checkpoint {
        guard let before = try journal.appendAutomatic(.merge, title: title, snapshot: journal.takeSnapshot()) else {
            throw MergeError(.failed, "no checkpoint could be taken")
        }
        return before
    }

    /// Records that an agent is merged. What its lane says becomes part of the leader's state with it.
    func record(
        _ work: AgentWork, commit: ObjectID, before: ObjectID, verify: Verification?
    ) throws -> MergeOutcome.Merged {
        let scope = try scope(of: work)
        let draft = Draft(.agentMerged, try message(work).replacing("Merge agent", with: "Merged agent"))
            .with(TrailerKey.agent, work.name.text).with(TrailerKey.item, Self.finishedItem(work))
            .with(TrailerKey.scope, scope?.trailers ?? [])
            .with(
                TrailerKey.verify,
                verify.map { "\($0.command) (exit \($0.exit), \($0.seconds) s, tree \($0.tree.hex))" }
            )
            .holding(TrailerKey.commit, commit).holding(TrailerKey.laneTip, work.laneTip)
            .holding(TrailerKey.undo, before)
        let written = try journal.append([draft], snapshot: journal.takeSnapshot(), newsLast: true)
        guard let checkpoint = written.first else {
            throw MergeError(.failed, "the merge of \(work.name) was not recorded")
        }
        return MergeOutcome.Merged(
            agent: work.name, commit: commit, verify: verify, outOfScope: scope?.outside ?? [],
            checkpoint: checkpoint.id)
    }

    /// What the agent's branch changed, beside its spec.
    private func scope(of work: AgentWork) throws -> AgentScope? {
        guard let tip = work.tip, let base = work.record?.base else { return nil }
        let changes = try repository.changes(from: repository.commit(base).tree, to: repository.commit(tip).tree)
        let todo = RepositoryPath(try journal.leaderState().definition.todo)
        return AgentScope(of: changes, spec: try work.spec(in: repository), always: [todo])
    }

    // MARK: Stops

    private func stopped(_ merge: OneMerge, _ dirt: LeaderWorktree.Dirt) throws -> MergeOutcome.Stopped {
        MergeOutcome.Stopped(
            agent: merge.name, reason: .dirty, paths: dirt.paths,
            outOfScope: try scope(of: merge.work)?.outside ?? [], sides: [], verify: nil,
            detail:
                "\(dirt.detail), which the merge of \(merge.name) needs untouched; commit or put it aside, then merge again"
        )
    }

    private func stopped(_ merge: OneMerge, _ verification: Verification) throws -> MergeOutcome.Stopped {
        MergeOutcome.Stopped(
            agent: merge.name, reason: .verify, paths: [], outOfScope: try scope(of: merge.work)?.outside ?? [],
            sides: [],
            verify: verification,
            detail: "\(verification.command) gave \(verification.exit) on the merged result; the branch was not moved")
    }

    func stopped(_ merge: OneMerge, conflicts: [RepositoryPath]) throws -> MergeOutcome.Stopped {
        let base = try repository.mergeBase(merge.position.head, merge.tip) ?? merge.position.head
        func diff(_ side: ObjectID, _ path: RepositoryPath) throws -> String {
            try git.succeed(
                "show a side of \(path)",
                ["diff", "--no-color", "--no-ext-diff", base.hex, side.hex, "--", ":(top,literal)\(path)"],
                in: journal.place
            ).text
        }
        return MergeOutcome.Stopped(
            agent: merge.name, reason: .conflict, paths: conflicts,
            outOfScope: try scope(of: merge.work)?.outside ?? [],
            sides: try conflicts.map {
                MergeOutcome.Sides(path: $0, ours: try diff(merge.position.head, $0), theirs: try diff(merge.tip, $0))
            },
            verify: nil,
            detail: "\(merge.name) conflicts in \(conflicts.listed()); resolve it in the worktree, then "
                + "git wf merge --continue, or take it back with git wf merge --abort")
    }
}
