internal import Agents
internal import Files
internal import Git
package import GitValues
internal import Journal
package import Operations
internal import Snapshots
internal import SystemPackage
package import Workflow

extension MergeQueue {
    /// Lets git begin the merge in the leader's worktree, so that `MERGE_HEAD`, the unmerged index and the markers are
    /// git's own, and stops there.
    func stopAtConflict(
        _ merge: OneMerge, _ attempt: MergeAttempt, before: Checkpoint, snapshot: Snapshot
    ) throws -> Step {
        let worktree = try merge.worktree(snapshot)
        let staged = try worktree.stagedPaths()
        // git merges into an index that is HEAD's only.
        if !staged.isEmpty {
            throw LeaderWorktree.Dirt(paths: staged.sorted(), detail: "\(staged.sorted().listed()) is staged")
        }
        // The TODO file is carried over by us where it can be; one that conflicts itself is git's matter.
        let isTodoOpen = attempt.conflicts.contains(merge.todo.path)
        let target = isTodoOpen ? attempt.tree : try merge.todo.ticked(tree: attempt.tree, item: merge.item)
        let plan = try worktree.plan(to: target, item: isTodoOpen ? nil : merge.item)
        let committed = try merge.todo.entry(in: worktree.old)
        let onDisk = try merge.todo.entry(in: worktree.present)
        if isTodoOpen, onDisk != committed {
            throw LeaderWorktree.Dirt(
                paths: [merge.todo.path], detail: "\(merge.todo.path) has changes that are not committed")
        }

        let draft = Draft(.agentConflicted, "Agent \(merge.name) conflicts")
            .with(TrailerKey.agent, merge.name.text).with(TrailerKey.path, attempt.conflicts.map(\.description))
        _ = try journal.append([draft], snapshot: snapshot)
        var waiting = WaitingMerge(
            agent: merge.name, branch: merge.position.branch, head: merge.position.head, tip: merge.tip,
            before: before.id, verify: options.verify, remaining: merge.remaining)
        if plan.staged != nil, let committed, let onDisk {
            waiting.todo = TreeChange(path: merge.todo.path, old: onDisk, new: committed)
        }
        try waiting.write(journal)
        let writer = try WorktreeWriter(repository: repository, git: git)
        if let todo = waiting.todo { try writer.apply([todo]) }
        let result = try git.run(
            journal.identity + [
                "-c", "merge.autoStash=false", "merge", "--no-ff", "--no-commit", "--no-edit", "--strategy=ort",
                "--quiet",
                "-m", message(merge.work), merge.tip.hex,
            ], in: journal.place)
        guard repository.operation == "merge" else {
            if let todo = waiting.todo { try writer.apply([todo.reversed]) }
            try WaitingMerge.clear(journal)
            throw LeaderWorktree.Dirt(paths: [], detail: GitProgram.reason(of: result))
        }
        if !isTodoOpen { try settleTodo(merge, worktree: worktree, target: target, plan: plan) }
        waiting.left = try checkpointBefore("The conflict of \(merge.name), as git left it").id
        try waiting.write(journal)
        return .stopped(try stopped(merge, conflicts: attempt.conflicts))
    }

    /// Puts the united and ticked TODO file in place of what git made of it.
    private func settleTodo(
        _ merge: OneMerge, worktree: LeaderWorktree, target: ObjectID, plan: LeaderWorktree.Plan
    ) throws {
        guard let wanted = try merge.todo.entry(in: target), try wanted != merge.todo.entry(in: worktree.old) else {
            return try worktree.carry(plan)
        }
        try Operation(journal).stage(wanted)
        let onDisk = plan.file?.new ?? wanted
        try WorktreeWriter(repository: repository, git: git)
            .apply([TreeChange(path: merge.todo.path, old: wanted, new: onDisk)])
        try worktree.refresh()
    }

    // MARK: Continue

    /// Goes on with the merge that stopped at a conflict, once it is resolved, then with the agents that were to follow.
    ///
    /// What the user did by hand meanwhile counts: a `git commit` is taken as the resolution, a `git merge --abort` leaves
    /// the agent open.
    /// - Throws: `MergeError` with code `.unresolved` while paths are open.
    package func resume() throws -> MergeOutcome {
        var outcome = MergeOutcome()
        let waiting = try waiting()
        var queue = self
        queue.options.verify = options.verify ?? waiting.verify
        if repository.operation == "merge" {
            if let stopped = try queue.finishConflict(waiting, &outcome) {
                outcome.stopped = stopped
                outcome.remaining = waiting.remaining
                return outcome
            }
        } else {
            try queue.finishByHand(waiting, &outcome)
        }
        return try queue.run(waiting.remaining, outcome)
    }

    /// Whether a merge waits to be gone on with.
    package var isWaiting: Bool {
        get throws { try repository.operation == "merge" || WaitingMerge.read(journal) != nil }
    }

    /// The merge that waits for its conflict to be resolved; found again from git and the lanes where its file is lost.
    private func waiting() throws -> WaitingMerge {
        if let waiting = try WaitingMerge.read(journal) { return waiting }
        let nothing = MergeError(.refused, "no merge is waiting to be continued", hint: "git wf merge NAME begins one")
        let present = try repository.head()
        guard let merging = try repository.reference("MERGE_HEAD"), let head = present.commit else { throw nothing }
        for agent in try journal.leaderState().agents where agent.isOpen {
            guard let name = try? Name(agent.name),
                try repository.reference(journal.refs.branch(of: name)) == merging
            else { continue }
            return WaitingMerge(
                agent: name, branch: present.branch, head: head, tip: merging,
                before: try lastBefore(name) ?? checkpointBefore("Before the merge of \(name) goes on").id)
        }
        throw nothing
    }

    /// The checkpoint that was taken before the merge in hand.
    private func lastBefore(_ name: Name) throws -> ObjectID? {
        var history = try journal.history(of: .leader, withAutomatic: true)
        while let checkpoint = try history.next() {
            if checkpoint.kind == .auto, checkpoint.trigger == .merge, checkpoint.title == "Before merging \(name)" {
                return checkpoint.id
            }
            if checkpoint.kind == .agentMerged { return nil }
        }
        return nil
    }

    /// - Returns: the stop, where the resolved result does not verify.
    private func finishConflict(
        _ waiting: WaitingMerge, _ outcome: inout MergeOutcome
    ) throws -> MergeOutcome.Stopped? {
        guard try repository.reference("MERGE_HEAD") == waiting.tip else {
            throw MergeError(
                .refused,
                "git merges something else than \(waiting.agent)",
                hint: "git status tells of that merge, and git merge --continue ends it")
        }
        let work = try AgentWork(named: waiting.agent.text, journal: journal)
        let tree = try Operation(journal).alone {
            try stageResolved(waiting, snapshot: journal.takeSnapshot())
            try tick(work)
            let tree = try git.succeed("write the merged tree", ["write-tree"], in: journal.place).text
            guard let id = ObjectID(hex: tree) else { throw MergeError(.failed, "git wrote no tree") }
            return id
        }
        var verification: Verification?
        if let command = options.verify {
            let signature = try journal.signature()
            let trial = try repository.createCommit(
                tree: tree, parents: [waiting.head, waiting.tip], author: signature, committer: signature,
                message: Array("To verify\n".utf8))
            let verified = try Verifier(journal: journal, output: options.verifyOutput).verify(command, commit: trial)
            guard verified.exit == 0 else {
                return MergeOutcome.Stopped(
                    agent: waiting.agent, reason: .verify, paths: [], outOfScope: [], sides: [], verify: verified,
                    detail: "\(command) gave \(verified.exit) on the merged result; nothing was committed")
            }
            guard try git.run(["write-tree"], in: journal.place).text == tree.hex else {
                throw MergeError(
                    .refused,
                    "what is staged changed while \(command) ran, so nothing was committed",
                    hint: "git wf merge --continue verifies it again")
            }
            verification = verified
        }
        // The user's hooks run here. A kill behind it is what a commit by hand looks like.
        try git.succeed(
            "commit the merge of \(waiting.agent)",
            journal.identity + ["commit", "--quiet", "--cleanup=strip", "-F", "-"], in: journal.place,
            input: Array((message(work) + "\n").utf8))
        guard let commit = try repository.head().commit else { throw MergeError(.failed, "git made no commit") }
        outcome.merged.append(try end(waiting, work, commit: commit, verify: verification))
        return nil
    }

    /// Records a merge whose conflict is resolved and committed.
    private func end(
        _ waiting: WaitingMerge, _ work: AgentWork, commit: ObjectID, verify: Verification?
    ) throws -> MergeOutcome.Merged {
        let merged = try record(work, commit: commit, before: waiting.before, verify: verify)
        try WaitingMerge.clear(journal)
        return merged
    }

    /// Stages what the user resolved.
    /// - Throws: `MergeError` with the paths that still have markers, or are as git left them.
    private func stageResolved(_ waiting: WaitingMerge, snapshot: Snapshot) throws {
        let unmerged = try git.unmergedPaths(in: journal.place)
        let left = try waiting.left.map { try repository.commit($0).tree }
        let open = try unmerged.filter { path in
            let entry = try repository.entry(at: path, in: snapshot.tree)
            if let left, try repository.entry(at: path, in: left) == entry { return true }
            guard let entry, entry.mode == .file || entry.mode == .executable else { return false }
            return Self.holdsMarkers(try repository.blob(entry.id))
        }
        guard open.isEmpty else {
            throw MergeError(
                .unresolved,
                "\(open.listed()) \(open.count == 1 ? "is" : "are") not resolved yet",
                hint: "edit what is between the markers, then git add the files that you have resolved", paths: open)
        }
        if unmerged.isEmpty { return }
        try git.succeed(
            "stage what is resolved", ["add", "--all", "--pathspec-from-file=-", "--pathspec-file-nul"],
            in: journal.place,
            input: unmerged.flatMap { Array(":(top,literal)".utf8) + $0.bytes + [0] })
    }

    /// Whether a file has git's conflict markers, at the beginnings of lines.
    static func holdsMarkers(_ bytes: [UInt8]) -> Bool {
        var hasStart = false
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            if line.starts(with: Array("<<<<<<< ".utf8)) { hasStart = true }
            if hasStart, line.starts(with: Array(">>>>>>> ".utf8)) { return true }
        }
        return false
    }

    /// Ticks the agent's item in the index and on disk, where the user's resolution left it open.
    private func tick(_ work: AgentWork) throws {
        let todo = try TodoMerge(journal, agent: work.lane)
        let snapshot = try journal.takeSnapshot()
        let shown = try git.run(["ls-files", "-s", "--", ":(top,literal)\(todo.path)"], in: journal.place)
        let words = shown.text.split { $0 == " " || $0 == "\t" }
        if words.count >= 3, words[2] == "0", words[0].hasPrefix("100"), let id = ObjectID(hex: words[1]) {
            let entry = TreeEntry(path: todo.path, mode: words[0] == "100755" ? .executable : .file, id: id)
            let ticked = try todo.ticked(entry, item: Self.finishedItem(work))
            if ticked != entry {
                try Operation(journal).stage(ticked)
            }
        }
        guard let onDisk = try todo.entry(in: snapshot.tree) else { return }
        let ticked = try todo.ticked(onDisk, item: Self.finishedItem(work))
        if ticked != onDisk {
            try WorktreeWriter(repository: repository, git: git)
                .apply([TreeChange(path: todo.path, old: onDisk, new: ticked)])
        }
    }

    /// The user committed the merge, or aborted it, with git.
    private func finishByHand(_ waiting: WaitingMerge, _ outcome: inout MergeOutcome) throws {
        switch try settle(waiting) {
        case .merged(let merged): outcome.merged.append(merged)
        case .aborted: outcome.notes.append("the merge of \(waiting.agent) was aborted with git; it stays open")
        case .over: break
        }
        try WaitingMerge.clear(journal)
    }

    private enum ByHand {
        case merged(MergeOutcome.Merged)
        case aborted
        /// Somebody recorded it.
        case over
    }

    private func settle(_ waiting: WaitingMerge) throws -> ByHand {
        let head = try repository.head()
        if head.branch == waiting.branch, let commit = head.commit,
            try repository.isDescendant(commit, of: waiting.tip)
        {
            let work = try AgentWork(named: waiting.agent.text, journal: journal)
            guard work.record?.isOpen == true else { return .over }
            let merge = try repository.firstCommit(upTo: commit, thatHolds: waiting.tip)
            return .merged(try record(work, commit: merge, before: waiting.before, verify: nil))
        }
        // The TODO file made room for git's, and nobody brought it back.
        if let todo = waiting.todo,
            try TodoMerge(journal).entry(in: journal.takeSnapshot().tree) == todo.new
        {
            try WorktreeWriter(repository: repository, git: git).apply([todo.reversed])
        }
        return .aborted
    }

    /// Ends a merge that no longer waits: it was committed or aborted with git, or never begun.
    /// - Returns: `nil` while it waits.
    package func endWaiting(_ intent: Intent) throws -> Recovery.Outcome? {
        guard journal.lane == .leader, let waiting = WaitingMerge(intent), repository.operation != "merge" else {
            return nil
        }
        let more =
            waiting.remaining.isEmpty
            ? "" : "; still to merge: \(waiting.remaining.map(\.text).joined(separator: " "))"
        switch try settle(waiting) {
        case .merged(let merged):
            return .finished(
                "the merge of \(waiting.agent), which was committed with git: \(merged.commit.short)\(more)")
        case .aborted: return .takenBack("the merge of \(waiting.agent), which was aborted; it stays open\(more)")
        case .over: return .finished("the merge of \(waiting.agent)\(more)")
        }
    }

    // MARK: Abort

    /// Takes back the merge that stopped at a conflict. What is in the worktree is in a checkpoint first.
    /// - Returns: the agent, which stays open, and the checkpoint.
    package func abort() throws -> (agent: Name, checkpoint: ObjectID) {
        try Operation(journal).alone {
            let waiting = try waiting()
            let kept = try checkpointBefore("Before the merge of \(waiting.agent) is aborted")
            guard repository.operation == "merge" else {
                _ = try settle(waiting)
                try WaitingMerge.clear(journal)
                return (waiting.agent, kept.id)
            }
            guard try repository.reference("MERGE_HEAD") == waiting.tip else {
                throw MergeError(
                    .refused, "git merges something else than \(waiting.agent)",
                    hint: "git status tells of that merge, and git merge --continue ends it")
            }
            let todo = try TodoMerge(journal)
            let path = todo.path
            let original = try todo.entry(in: repository.commit(waiting.before).tree)
            let committed = try todo.entry(in: repository.commit(waiting.head).tree)
            let writer = try WorktreeWriter(repository: repository, git: git)
            // git takes back no file that differs from the index; what it has is in the checkpoint.
            if let original, original != committed, let present = try todo.entry(in: kept.tree) {
                try git.succeed(
                    "reset \(path)",
                    // The user's hook would come after a checkout that is undone at once.
                    [
                        "-c", "core.hooksPath=/dev/null", "checkout", "--quiet", "HEAD", "--",
                        ":(top,literal)\(path)",
                    ], in: journal.place)
                try abortWithGit(waiting, kept: kept, writer: writer)
                try writer.apply([TreeChange(path: path, old: committed ?? present, new: original)])
            } else {
                try abortWithGit(waiting, kept: kept, writer: writer)
            }
            try WaitingMerge.clear(journal)
            return (waiting.agent, kept.id)
        }
    }
}

extension MergeQueue {
    /// `git merge --abort`; where git cannot do that, as with a directory in the place of a file, what the merge touched
    /// comes from the checkpoint before it.
    private func abortWithGit(_ waiting: WaitingMerge, kept: Checkpoint, writer: WorktreeWriter) throws {
        let result = try git.run(["merge", "--abort"], in: journal.place)
        if result.status == 0 { return }
        let (head, theirs) = (try repository.commit(waiting.head).tree, try repository.commit(waiting.tip).tree)
        let before = try repository.commit(waiting.before).tree
        let unmerged = try git.unmergedPaths(in: journal.place)
        let mergeResult = try waiting.left.map { try repository.commit($0).tree } ?? theirs
        let touched = Set(unmerged).union(try repository.changes(from: head, to: mergeResult).map(\.path))
        let changes = try repository.changes(from: kept.tree, to: before).filter { change in
            touched.contains { $0 == change.path || $0.isInside(change.path) || change.path.isInside($0) }
        }
        let examination = try writer.examine(changes, in: kept.tree, takesBack: true)
        guard examination.blockers.isEmpty else {
            throw MergeError(
                .failed, "git could not abort the merge: \(GitProgram.reason(of: result))",
                hint: "git wf restore --from \(waiting.before.short) --all --exact brings back what was there before",
                paths: examination.blockers.map(\.path))
        }
        let batch = try writer.prepare(changes, examination: examination)
        try batch.place()
        try git.succeed("take the index back", ["read-tree", "--reset", waiting.head.hex], in: journal.place)
        batch.finish()
        try git.succeed("end the merge", ["merge", "--quit"], in: journal.place)
        // Its status only says that some files are not as staged.
        _ = try git.run(["update-index", "-q", "--refresh"], in: journal.place)
    }
}

extension TreeChange {
    /// What takes this one back.
    fileprivate var reversed: TreeChange { TreeChange(path: path, old: new, new: old) }
}
