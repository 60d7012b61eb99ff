internal import Operations
internal import Agents
internal import Files
internal import Git
internal import GitValues
internal import Journal
internal import Snapshots
internal import Workflow

extension MergeQueue {
    /// Finishes a clean merge that was cut short, or takes it back, unless somebody is merging now.
    /// - Returns: what was done, in one line; `nil` where nothing was cut short, or where it is not for this worktree to say.
    package func finishInterrupted() throws -> String? {
        guard journal.lane == .leader, let progress = try MergeProgress.read(journal), progress.stage == .advancing
        else {
            return nil
        }
        return try FileLock.holdIfFree(journal.lockFile("merge"), access: repository.access) {
            do {
                let merged = try deferringSignals { try recover() }
                let what = "the merge of \(progress.agent) that was cut short"
                return merged.map { "finished \(what): \($0.commit.short)" } ?? "took back \(what)"
            } catch let error as MergeError where error.code == .refused {
                return "\(error)"
            }
        }
    }

    /// Finishes a clean merge that was cut short, or takes it back.
    /// - Returns: the merge, where it is finished now.
    /// - Throws: `MergeError`, with nothing written, where files were changed since; it names the checkpoint from before.
    @discardableResult
    func recover() throws -> MergeOutcome.Merged? {
        guard let progress = try MergeProgress.read(journal) else { return nil }
        guard progress.stage == .advancing, let commit = progress.commit else {
            // A conflict that is over, whose end nobody recorded.
            if repository.operation != "merge" { try MergeProgress.clear(journal) }
            return nil
        }
        guard try repository.contains(commit) else {
            // Nothing held it, and a gc of git's took it.
            try MergeProgress.clear(journal)
            throw MergeError(
                .refused,
                "the merge of \(progress.agent) was cut short and its commit is gone; "
                    + "git wf restore --from \(progress.before.short) --all --exact brings back files from before it")
        }
        let work = try AgentWork(named: progress.agent.text, journal: journal)
        let head = try repository.head()
        if let branch = head.branch { try journal.removeLeftLock(of: branch, to: commit) }
        if head.commit == progress.head {
            guard try finishWorktree(progress, commit: commit) else {
                try MergeProgress.clear(journal)
                return nil
            }
            guard let branch = head.branch else { throw MergeError(.failed, "HEAD is on no branch any more") }
            try repository.setReference(
                branch, to: commit, expecting: progress.head, reason: "merge \(work.branch.shortBranch): git-wf")
        } else if try head.commit.map({ try repository.isDescendant($0, of: commit) }) != true {
            throw MergeError(
                .refused,
                "the merge of \(progress.agent) was cut short and the branch has moved since; "
                    + "git wf restore --from \(progress.before.short) brings back files from before it")
        }
        var merged: MergeOutcome.Merged?
        if work.record?.isOpen == true {
            merged = try record(work, commit: commit, before: progress.before, verify: nil)
        }
        try MergeProgress.clear(journal)
        return merged
    }

    /// Brings a worktree that was on its way to the merge to one end of it.
    /// - Returns: whether that is the merge; else everything is as before.
    private func finishWorktree(_ progress: MergeProgress, commit: ObjectID) throws -> Bool {
        let todo = TodoMerge(journal: journal, path: RepositoryPath(try journal.leaderState().definition.todo))
        let old = try repository.commit(progress.head).tree
        let before = try repository.commit(progress.before).tree
        let planner = LeaderWorktree(journal: journal, todo: todo, present: before, old: old)
        let present = try journal.takeSnapshot().tree
        let target = try repository.commit(commit).tree
        let changes = try repository.changes(from: old, to: target).filter { $0.path != todo.path }
        var written: [TreeChange] = []
        for change in changes {
            let entry = try repository.entry(at: change.path, in: present)
            if entry == change.new {
                written.append(change)
            } else if entry != change.old {
                throw MergeError(
                    .refused,
                    "the merge of \(progress.agent) was cut short and \(change.path) changed since; "
                        + "git wf restore --from \(progress.before.short) brings back files from before it")
            }
        }
        let staged = try planner.stagedPaths()
        // git writes the index last, so an index that is over means that the files are.
        guard changes.allSatisfy({ staged.contains($0.path) }), written.count == changes.count, !changes.isEmpty else {
            try WorktreeWriter(repository: repository, git: git)
                .apply(written.map { TreeChange(path: $0.path, old: $0.new, new: $0.old) })
            return false
        }
        if try todo.entry(in: present) == todo.entry(in: before), try todo.entry(in: before) != todo.entry(in: old) {
            let work = try AgentWork(named: progress.agent.text, journal: journal)
            let onDisk = try todo.entry(in: before)
            if let onDisk, let committed = try todo.entry(in: old), let merged = try todo.entry(in: target),
                let joined = try todo.joined(base: committed, ours: onDisk, theirs: merged)
            {
                try planner.stage(merged)
                let ticked = try todo.ticked(joined, item: Self.finishedItem(work))
                try WorktreeWriter(repository: repository, git: git)
                    .apply([TreeChange(path: todo.path, old: onDisk, new: ticked)])
            }
        }
        return true
    }
}
