internal import Agents
internal import Files
package import Git
internal import GitValues
package import Journal
internal import Operations
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
    var git: GitProgram { journal.repository.git }

    package init(_ journal: Journal, options: Options = Options()) {
        self.journal = journal
        self.options = options
    }

    // MARK: Which agents

    /// The agents that `--all` means, in the order of their reports: those that reported anything but a failure and are
    /// neither merged nor dropped.
    /// - Returns: also those that have not reported, in the order of their starts; they may still be at work. Those whose
    ///   histories cannot be read are neither.
    package func candidates() throws -> (
        reported: [Name], unreported: [Name], unreadable: [(name: Name, reason: String)]
    ) {
        let agents = try journal.leaderState().agents.filter(\.isOpen)
        var reported: [(name: Name, time: Timestamp)] = []
        var unreported: [Name] = []
        var unreadable: [(name: Name, reason: String)] = []
        for agent in agents {
            guard let name = try? Name(agent.name) else { continue }
            let result: AgentState.Result?
            do {
                result = try journal.agentState(name)?.result(for: agent)
            } catch {
                unreadable.append((name, "\(error)"))
                continue
            }
            guard let result else {
                unreported.append(name)
                continue
            }
            if result.status != "failed" { reported.append((name, result.time)) }
        }
        // A stable order: two of one second stay in the order of their starts.
        let order = reported.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }
        return (order.map(\.element.name), unreported, unreadable)
    }

    /// An agent that can be merged.
    /// - Throws: `AgentError`, `MergeError`.
    func open(_ name: Name) throws -> AgentWork {
        let work = try AgentWork(named: name.text, journal: journal)
        guard let record = work.record else {
            throw MergeError(
                .refused, "the leader's history does not know the agent \(name)",
                hint: "git wf agent list shows who it knows")
        }
        guard record.isOpen else { throw MergeError(.refused, "\(name) is \(record.stage.rawValue) already") }
        if let damage = work.damage {
            throw MergeError(
                .failed, "\(name) cannot be merged: \(damage)",
                hint: "git wf fsck names what is damaged, and --repair brings back what can be proven")
        }
        guard work.tip != nil else {
            throw MergeError(
                .refused,
                "the branch of \(name), \(work.branch.shortBranch), is gone",
                hint: "git wf log agent/\(name) "
                    + "shows what its lane holds")
        }
        return work
    }

    // MARK: Merging

    /// Merges agents in the order given, until one cannot be merged. One that is merged already is only noted, as git does.
    /// - Throws: `MergeError`, `AgentError` where a name or the leader's worktree does not allow it.
    package func merge(_ names: [Name]) throws -> MergeOutcome {
        _ = try position()
        var outcome = MergeOutcome()
        var rest: [Name] = []
        for name in names {
            if try AgentWork(named: name.text, journal: journal).record?.stage == .merged {
                outcome.notes.append("\(name) is merged already")
            } else {
                _ = try open(name)
                rest.append(name)
            }
        }
        return try run(rest, outcome)
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
                "git is in the middle of a \(operation)",
                hint: isOurs
                    ? "git wf merge --continue goes on with it, git wf merge --abort takes it back" : "finish it first")
        }
        let head = try repository.head()
        guard let branch = head.branch, branch == state.branch else {
            let own = state.branch?.shortBranch ?? "no branch"
            throw MergeError(
                .refused,
                "\(head.branch?.shortBranch ?? "no branch") is checked out, and the workflow is on \(own)",
                hint: state.branch.map { _ in "git switch \(own) goes there" })
        }
        guard let commit = head.commit else { throw MergeError(.refused, "this branch has no commit yet") }
        let unmerged = try git.unmergedPaths(in: journal.place)
        guard unmerged.isEmpty else {
            throw MergeError(
                .refused, "\(unmerged.listed()) \(unmerged.count == 1 ? "is" : "are") not resolved",
                hint: "git status shows them; git add marks what is resolved", paths: unmerged)
        }
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
        if let note = try Leftovers(journal: journal).commit(of: open(name)) { notes.append(note) }
        // The branch may move while a verification runs, which takes long.
        for _ in 0..<5 {
            if let step = try attempt(open(name), remaining: remaining, notes: &notes) { return step }
        }
        throw MergeError(
            .refused, "the branch moved again and again while \(name) was merged", hint: "git wf merge \(name)")
    }

    /// - Returns: `nil` where the branch moved meanwhile, and nothing was done.
    private func attempt(_ work: AgentWork, remaining: [Name], notes: inout [String]) throws -> Step? {
        let position = try position()
        let name = work.name
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
        let todo = try TodoMerge(journal, agent: work.lane)
        let attempt = try MergeAttempt(ours: position.head, theirs: tip, todo: todo)
        let item = Self.finishedItem(work)
        var merge = OneMerge(
            work: work, tip: tip, position: position, todo: todo, item: item, remaining: remaining)
        if attempt.conflicts.isEmpty {
            merge.tree = try todo.ticked(tree: attempt.tree, item: item)
            let stopped = try verify(&merge)
            if let stopped { return .stopped(stopped) }
        }
        do {
            return attempt.conflicts.isEmpty ? try advance(merge) : try stop(merge, at: attempt)
        } catch let dirt as LeaderWorktree.Dirt {
            return .stopped(try stopped(merge, dirt))
        }
    }

    /// What one merge works with.
    struct OneMerge {
        let work: AgentWork
        let tip: ObjectID
        let position: Position
        let todo: TodoMerge
        /// The item to tick.
        let item: RecordedItem?
        let remaining: [Name]
        /// The merged tree, of one that is clean, and its commit.
        var tree: ObjectID?
        var commit: ObjectID?
        var verification: Verification?

        var name: Name { work.name }
        var journal: Journal { todo.journal }

        func worktree(_ snapshot: Snapshot) throws -> LeaderWorktree {
            try LeaderWorktree(
                todo, present: snapshot.tree, old: try journal.repository.commit(position.head).tree)
        }
    }

    /// The item of an agent, unless it says itself that it is not done.
    static func finishedItem(_ work: AgentWork) -> RecordedItem? {
        let status = work.result?.status
        return status == nil || status == "complete" ? work.record?.item : nil
    }

    /// Makes the commit of a clean merge, and runs the verification on it: a user's command, so no lock is held.
    private func verify(_ merge: inout OneMerge) throws -> MergeOutcome.Stopped? {
        guard let tree = merge.tree else { return nil }
        let commit = try mergeCommit(of: merge, tree: tree)
        merge.commit = commit
        guard let command = options.verify else { return nil }
        // What cannot be merged need not be verified.
        do {
            _ = try merge.worktree(journal.takeSnapshot()).plan(to: tree, item: merge.item)
        } catch let dirt as LeaderWorktree.Dirt {
            return try stopped(merge, dirt)
        }
        let verified = try Verifier(journal: journal, output: options.verifyOutput).verify(command, commit: commit)
        merge.verification = verified
        return verified.exit == 0 ? nil : try stopped(merge, verified)
    }

    /// The commit of a clean merge. Where the user signs commits, git makes it.
    private func mergeCommit(of merge: OneMerge, tree: ObjectID) throws -> ObjectID {
        let parents = [merge.position.head, merge.tip]
        let signature = try journal.signature()
        let text = Array((try message(merge.work) + "\n").utf8)
        guard try repository.configFlag("commit.gpgSign") == true else {
            return try repository.createCommit(
                tree: tree, parents: parents, author: signature, committer: signature, message: text)
        }
        try repository.pending.makeVisible()
        let time = signature.time.iso8601
        let made = try git.succeed(
            "sign the merge of \(merge.name)",
            journal.identity + ["commit-tree", "-S", tree.hex] + parents.flatMap { ["-p", $0.hex] } + ["-F", "-"],
            in: journal.place, variables: ["GIT_AUTHOR_DATE": time, "GIT_COMMITTER_DATE": time], input: text)
        guard let commit = ObjectID(hex: made.text) else { throw MergeError(.failed, "git made no commit") }
        return commit
    }

    /// A clean merge: worktree, branch, record.
    /// - Returns: `nil` where the branch moved meanwhile, and nothing was done.
    private func advance(_ merge: OneMerge) throws -> Step? {
        guard let tree = merge.tree, let commit = merge.commit else { return .nothing }
        let snapshot = try journal.takeSnapshot()
        let worktree = try merge.worktree(snapshot)
        let plan = try worktree.plan(to: tree, item: merge.item)
        // The user's filters run here, under no lock.
        let batch = try worktree.writer.prepare(plan.changes, examination: plan.examination)
        let operation = Operation(journal)
        return try operation.alone {
            guard try repository.head().commit == merge.position.head else { return nil }
            let before = try operation.checkpointBefore(
                .merge, title: "Before merging \(merge.name)", snapshot: snapshot, holding: plan.examination,
                writer: worktree.writer)
            let branch = merge.position.branch
            var intent = Intent(.merge, branch: branch)
            intent.draft = try draft(
                merge.work, commit: commit, before: before.id, verify: merge.verification,
                wrote: plan.changes.map(\.path))
            intent.before = before.id
            intent.index = IndexMove(from: worktree.old, to: plan.tree)
            intent.staged = [plan.staged].compactMap { $0 }
            intent.move = BranchMove(branch: branch, from: merge.position.head, to: commit)
            intent.changes = plan.changes
            intent.facts["reflog"] = "merge \(merge.work.branch.shortBranch): git-wf"
            intent.facts["remaining"] = merge.remaining.map(\.text).joined(separator: " ")
            _ = try operation.perform(intent, batch)
            return .merged(try merged(merge.work, commit: commit, verify: merge.verification))
        }
    }

    /// A merge that conflicts, begun with git.
    /// - Returns: `nil` where the branch moved meanwhile, and nothing was done.
    private func stop(_ merge: OneMerge, at attempt: MergeAttempt) throws -> Step? {
        try Operation(journal).alone {
            guard try repository.head().commit == merge.position.head else { return nil }
            let snapshot = try journal.takeSnapshot()
            let paths = try repository.changes(
                from: repository.commit(merge.position.head).tree, to: attempt.tree
            ).map(\.path)
            guard
                let before = try journal.appendAutomatic(
                    .merge, title: "Before merging \(merge.name)", snapshot: snapshot,
                    modes: FileModes(of: paths, below: journal.place))
            else { throw MergeError(.failed, "no checkpoint could be taken before merging \(merge.name)") }
            return try stopAtConflict(merge, attempt, before: before, snapshot: snapshot)
        }
    }
}
