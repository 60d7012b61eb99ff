internal import Files
internal import Git
package import GitValues
package import Journal
package import Operations
internal import Snapshots
package import SystemPackage
package import Workflow

/// Removes an agent's worktree and branch; its lane stays for ever.
///
/// The worktree is moved aside first, then it is looked at, then refs hold what nothing else does:
///
///     intent ─▶ lock, move aside ─▶ checkpoint, refs ─▶ wf-removed ─▶ record, branch ─▶ files, registration
///                                                                                       only of what is clean
///
/// What is not clean, or not held elsewhere, stays where it was moved, for `wf.keepRemoved`: ``AgentRestore`` brings it back as it
/// was. The branch goes only while a lane reaches its tip.
package struct AgentRemove {
    /// What was removed.
    package struct Removed: Sendable {
        package let name: Name
        /// The checkpoint that holds what the worktree had; `nil` where its folder was gone.
        package let checkpoint: ObjectID?
        /// The worktree that is gone now.
        package let worktree: FilePath?
        /// Where it is kept, until when, and why; `nil` where it went.
        package internal(set) var kept: RemovedWorktree?
        package internal(set) var keptUntil: Timestamp?
        /// Whether the branch is gone now.
        package let isBranchDeleted: Bool
        /// Whether the agent counts as dropped from now on; a merged one stays merged.
        package let isDropped: Bool
        package internal(set) var warnings: [String]
    }

    let journal: Journal
    var repository: Repository { journal.repository }

    package init(_ journal: Journal) { self.journal = journal }

    /// - Parameters:
    ///   - text: the agent's name, as typed.
    ///   - isForced: whether files go at once that no checkpoint holds. Commits that nobody else has never do.
    /// - Returns: what is gone, and what stays.
    /// - Throws: `AgentError`, with nothing removed.
    package func remove(_ text: String, isForced: Bool = false) throws -> Removed {
        guard journal.lane == .leader else {
            throw AgentError(.refused, "agents are removed by the leader: run this in the leader's worktree")
        }
        let name = try AgentWork(named: text, journal: journal).name
        let file = IntentFile(.agent(name), of: journal)
        var removed = try file.alone { try removeNow(name, isForced: isForced, file) }
        removed.warnings += try LettingGo(journal).run().filter(\.isGone).map(\.line)
        return removed
    }

    private func removeNow(_ name: Name, isForced: Bool, _ file: IntentFile) throws -> Removed {
        let work = try AgentWork(named: name.text, journal: journal)
        guard let worktree = work.worktree else { return try removeAgain(work, isForced: isForced) }
        try check(work, worktree)
        var intent = Intent(.agentRemove, branch: try repository.head().branch)
        intent.facts = [
            "agent": name.text, "worktree": worktree.path.string,
            "id": worktree.gitDirectory.lastComponent?.string ?? "", "removal": Binding.newID(),
        ]
        if isForced { intent.facts["forced"] = "yes" }
        if worktree.isGone { intent.facts["gone"] = "yes" }
        try file.write(intent)
        guard let step = try RemovalSteps(intent, journal: journal) else {
            throw AgentError(.failed, "the worktree \(worktree.path) cannot be moved aside")
        }
        do {
            try step.setAside()
            try step.secure(work)
        } catch {
            try step.takeBack()
            try file.remove()
            throw error
        }
        let removed = try end(step, work)
        try file.remove()
        return removed
    }

    /// What is left to do once all is held.
    private func end(_ step: RemovalSteps, _ work: AgentWork) throws -> Removed {
        let removal = try step.removal()
        try step.detach(removal)
        var removed = try record(work, path: step.path, checkpoint: step.checkpoint)
        if step.wasGone, let missing = try work.notOnBranch(journal) { removed.warnings.append(missing) }
        try step.end()
        removed.warnings += step.notes
        if let kept = try step.removal(), !kept.reasons.isEmpty {
            removed.kept = kept
            removed.keptUntil = try kept.removed.advanced(by: LettingGo(journal).keepRemoved())
        }
        return removed
    }

    /// An agent without a worktree: it was removed before, or git forgot about it.
    private func removeAgain(_ work: AgentWork, isForced: Bool) throws -> Removed {
        if let kept = try RemovedWorktree.kept(of: journal).first(where: { $0.agent == work.name }) {
            guard isForced else {
                throw AgentError(
                    .refused, "\(work.name) is removed already; its worktree is kept in \(kept.folder)",
                    hint: "git wf agent restore \(work.name) brings it back")
            }
            let outcome = try LettingGo(journal).letGo(kept)
            guard outcome.isGone else { throw AgentError(.refused, outcome.line) }
            return Removed(
                name: work.name, checkpoint: nil, worktree: kept.folder, isBranchDeleted: false, isDropped: false,
                warnings: [])
        }
        var removed = try record(work, path: nil, checkpoint: nil)
        if let missing = try work.notOnBranch(journal) { removed.warnings.append(missing) }
        return removed
    }

    /// - Throws: `AgentError` where the worktree is in no state to be moved.
    private func check(_ work: AgentWork, _ worktree: LinkedWorktree) throws {
        let path = worktree.path
        if worktree.isMain {
            throw AgentError(
                .refused, "\(work.branch.shortBranch) is checked out in the main worktree, \(path)",
                hint: "git switch -, there, goes back to the branch from before")
        }
        if !worktree.isGone, work.folder == nil {
            throw AgentError(
                .refused, "what stands in \(path) is not the worktree of \(work.name): it leads to another repository",
                hint: "git worktree repair, once the folder is moved back, mends a worktree that was moved")
        }
        if let reason = try worktree.lockReason {
            let words = reason.split(whereSeparator: \.isNewline).first.map { ": \($0)" } ?? ""
            throw AgentError(
                .refused, "the worktree \(path) is locked\(words)", hint: "git worktree unlock \(path) unlocks it")
        }
        guard worktree.branch == nil || worktree.branch == work.branch || worktree.isGone else {
            throw AgentError(
                .refused,
                "\(path) is on \(worktree.branch?.shortBranch ?? "no branch"), not on \(work.branch.shortBranch)",
                hint: "git switch \(work.branch.shortBranch), there, switches it back")
        }
        if let inner = try LinkedWorktree.registered(in: journal.repository).first(where: {
            var rest = $0.path
            return $0.gitDirectory != worktree.gitDirectory && rest.removePrefix(path)
        }) {
            throw AgentError(
                .refused, "another worktree, \(inner.path), lies in \(path)",
                hint: "git worktree move \(inner.path) PATH takes it elsewhere")
        }
        guard worktree.isGone || work.laneTip != nil else {
            throw AgentError(
                .refused, "\(work.name) has no lane that could hold its work",
                hint: "git worktree remove \(path) removes its worktree while nothing in it would be lost")
        }
    }

    /// Ends a removal that was cut short: where the worktree was aside by then it is finished, else nothing was removed.
    package func recover(_ intent: Intent) throws -> Recovery.Outcome? {
        guard let text = intent.facts["agent"] else { return nil }
        let what = "the removal of the agent \(text), which was cut short"
        guard let work = try AgentWork.known(text, journal) else { return .givenUp("\(what): nobody knows it") }
        try RefLock(of: work.branch, in: repository.commonDirectory).removeIfLeft(ofMoveTo: nil)
        guard let step = try RemovalSteps(intent, journal: journal) else {
            return .givenUp("\(what), is not one of ours")
        }
        guard step.isAside else {
            try step.takeBack()
            return .takenBack(what)
        }
        try step.setAside()
        if try step.removal() == nil {
            do {
                try step.secure(work)
            } catch {
                // What fails each time must not stop each command.
                try step.takeBack()
                return .takenBack("\(what): \(error)")
            }
        }
        _ = try end(step, work)
        return .finished(what)
    }

    /// Records that the agent is dropped, and deletes its branch where a lane holds what it leads to.
    private func record(_ work: AgentWork, path: FilePath?, checkpoint: ObjectID?) throws -> Removed {
        var warnings: [String] = []
        let isDropped = work.record?.isOpen == true
        if isDropped {
            // With the folder gone, commits that no hook saw are in no lane yet.
            let unheld = try work.tip.flatMap { try isHeld($0, by: work.name) ? nil : $0 }
            let draft = Draft(.agentDropped, "Agent \(work.name) dropped").with(TrailerKey.agent, work.name.text)
                .holding(TrailerKey.commit, unheld)
            try journal.append([draft], snapshot: journal.takeSnapshot())
        }
        if work.record?.stage == .merged, let tip = work.tip, let head = try repository.head().commit {
            let later = try repository.aheadBehind(tip, of: head).ahead
            if later > 0 {
                warnings.append(
                    "\(later) commit\(later == 1 ? "" : "s") of \(work.name) came after its merge and \(later == 1 ? "is" : "are") on "
                        + "no branch now; \((checkpoint ?? tip).short) holds them")
            }
        }
        var isBranchDeleted = false
        if let tip = work.tip {
            if let other = try LinkedWorktree.all(of: journal).first(where: { $0.holds(work.branch) }) {
                warnings.append("the branch \(work.branch.shortBranch) stays: it is checked out in \(other.path)")
            } else if try isHeld(tip, by: work.name) {
                do {
                    try repository.deleteReference(work.branch, expecting: tip)
                    isBranchDeleted = true
                } catch let error as GitError where error.code == .locked {
                    warnings.append(
                        "the branch \(work.branch.shortBranch) stays: somebody holds its lock; "
                            + "git branch -d \(work.branch.shortBranch) deletes it, once it is merged")
                } catch let error as GitError where error.code == .modified {
                    warnings.append("the branch \(work.branch.shortBranch) stays: somebody moved it just now")
                }
            } else {
                warnings.append("the branch \(work.branch.shortBranch) stays: no lane holds \(tip.short)")
            }
        }
        return Removed(
            name: work.name, checkpoint: checkpoint, worktree: path, isBranchDeleted: isBranchDeleted,
            isDropped: isDropped, warnings: warnings)
    }

    /// Whether a lane reaches a commit.
    private func isHeld(_ commit: ObjectID, by agent: Name) throws -> Bool {
        for lane in [Lane.agent(agent), .leader] {
            if let tip = try journal.tip(of: lane), try repository.isDescendant(tip, of: commit) { return true }
        }
        return false
    }
}

extension Timestamp {
    func advanced(by duration: WorkflowDuration) -> Timestamp {
        let (seconds, isTooLarge) = seconds.addingReportingOverflow(duration.seconds)
        return Timestamp(seconds: isTooLarge ? .max : seconds, offset: offset)
    }
}
