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
/// Nothing goes that is not held elsewhere: the worktree only after a checkpoint of it, the branch only while a lane
/// reaches its tip.
package struct AgentRemove {
    /// What was removed.
    package struct Removed: Sendable {
        package let name: Name
        /// The checkpoint that holds what the worktree had; `nil` where its folder was gone.
        package let checkpoint: ObjectID?
        /// The worktree that is gone now.
        package let worktree: FilePath?
        /// Whether the branch is gone now.
        package let isBranchDeleted: Bool
        /// Whether the agent counts as dropped from now on; a merged one stays merged.
        package let isDropped: Bool
        package let warnings: [String]
    }

    private let journal: Journal
    private var repository: Repository { journal.repository }

    package init(_ journal: Journal) { self.journal = journal }

    /// - Parameters:
    ///   - text: the agent's name, as typed.
    ///   - isForced: whether files go that nobody else holds.
    /// - Returns: what is gone, and what stays.
    /// - Throws: `AgentError`, with nothing removed.
    package func remove(_ text: String, isForced: Bool = false) throws -> Removed {
        guard journal.lane == .leader else {
            throw AgentError(.refused, "agents are removed by the leader: run this in the leader's worktree")
        }
        let name = try AgentWork(named: text, journal: journal).name
        let file = IntentFile(.agent(name), of: journal)
        return try file.alone {
            let work = try AgentWork(named: text, journal: journal)
            var checkpoint: Checkpoint?
            if let folder = work.folder {
                guard work.worktree?.branch == work.branch || work.worktree?.branch == nil else {
                    throw AgentError(
                        .refused,
                        "\(folder) is on \(work.worktree?.branch?.shortBranch ?? "no branch"), not on "
                            + work.branch.shortBranch,
                        hint: "git switch \(work.branch.shortBranch), there, switches it back")
                }
                checkpoint = try secure(work, folder: folder, isForced: isForced)
            }
            var intent = Intent(.agentRemove, branch: try repository.head().branch)
            intent.facts = ["agent": name.text]
            intent.facts["checkpoint"] = checkpoint?.id.hex
            if let worktree = work.worktree {
                intent.facts["worktree"] = worktree.path.string
                if work.folder != nil { intent.facts["aside"] = try Self.aside(worktree.path).string }
            }
            try file.write(intent)
            do {
                try removeWorktree(intent)
            } catch {
                try file.remove()
                throw error
            }
            let removed = try record(work, checkpoint: checkpoint?.id)
            try file.remove()
            return removed
        }
    }

    /// Where a worktree goes before it is removed: nothing writes there by its old name.
    private static func aside(_ path: FilePath) throws -> FilePath {
        let token = String(UInt64.random(in: .min ... .max), radix: 36)
        return path.removingLastComponent().appending(".\(path.lastComponent?.string ?? "").\(token)")
    }

    /// Moves the folder aside, has git forget the worktree, and removes the folder. Each step may be done already.
    private func removeWorktree(_ intent: Intent) throws {
        guard let path = intent.facts["worktree"].map({ FilePath($0) }) else { return }
        let aside = intent.facts["aside"].map { FilePath($0) }
        if let aside, !OrdinaryFile.isThere(aside), OrdinaryFile.isThere(path) { try Folder.move(path, to: aside) }
        if try LinkedWorktree.all(of: journal).contains(where: { $0.path == path }) {
            do {
                try journal.surroundings.git.succeed(
                    "remove the worktree \(path)", ["worktree", "remove", "--force", path.string], in: journal.place)
            } catch {
                if let aside, OrdinaryFile.isThere(aside) { try Folder.move(aside, to: path) }
                throw error
            }
        }
        if let aside { Folder.removeAll(aside) }
        Folder.removeIfEmpty(path.removingLastComponent())
        Folder.removeIfEmpty(path.removingLastComponent().removingLastComponent())
    }

    /// Ends a removal that was cut short: where the folder was aside by then it is finished, else nothing was removed.
    package func recover(_ intent: Intent) throws -> Recovery.Outcome? {
        guard let text = intent.facts["agent"] else { return nil }
        let what = "the removal of the agent \(text), which was cut short"
        let path = intent.facts["worktree"].map { FilePath($0) }
        if let path, OrdinaryFile.isThere(path) { return .takenBack(what) }
        try removeWorktree(intent)
        let work = try AgentWork(named: text, journal: journal)
        try RefLock(of: work.branch, in: repository.commonDirectory).removeIfLeft(ofMoveTo: nil)
        _ = try record(work, checkpoint: intent.facts["checkpoint"].flatMap { ObjectID(hex: $0) })
        return .finished(what)
    }

    /// Records that the agent is dropped, and deletes its branch where a lane holds what it leads to.
    private func record(_ work: AgentWork, checkpoint: ObjectID?) throws -> Removed {
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
                            + "git branch -D \(work.branch.shortBranch) deletes it later")
                }
            } else {
                warnings.append("the branch \(work.branch.shortBranch) stays: no lane holds \(tip.short)")
            }
        }
        return Removed(
            name: work.name, checkpoint: checkpoint, worktree: work.worktree?.path, isBranchDeleted: isBranchDeleted,
            isDropped: isDropped, warnings: warnings)
    }

    /// Takes the checkpoint that holds what the worktree has.
    private func secure(_ work: AgentWork, folder: FilePath, isForced: Bool) throws -> Checkpoint {
        guard work.laneTip != nil, work.worktree?.branch == work.branch else {
            throw AgentError(
                .refused,
                work.laneTip == nil
                    ? "\(work.name) has no lane that could hold its work" : "\(folder) is on no branch",
                hint: work.laneTip == nil
                    ? "git worktree remove \(folder) removes its worktree"
                    : "git switch \(work.branch.shortBranch), there, then remove it")
        }
        let there = try journal.journal(of: work.name, in: folder)
        let snapshot = try there.takeSnapshot()
        if let operation = snapshot.operation, !isForced {
            throw AgentError(
                .refused, "git is in the middle of a \(operation) in \(folder); finish it or abort it there first")
        }
        if !isForced {
            let unheld = try UnheldFiles(
                worktree: folder, leader: journal.place, git: journal.surroundings.git, repository: there.repository
            ).find(snapshot)
            if !unheld.isEmpty {
                throw AgentError(
                    .refused,
                    "\(unheld.count) file\(unheld.count == 1 ? "" : "s") in \(folder) that no checkpoint holds "
                        + "would be lost: \(unheld.listed()); copy what you need, then give --force")
            }
        }
        let draft = Draft(.checkpoint, "Before \(work.name) is removed")
        guard let checkpoint = try there.append([draft], snapshot: snapshot).first else {
            throw AgentError(.failed, "no checkpoint of \(work.name) could be taken")
        }
        return checkpoint
    }

    /// Whether a lane reaches a commit.
    private func isHeld(_ commit: ObjectID, by agent: Name) throws -> Bool {
        for lane in [Lane.agent(agent), .leader] {
            if let tip = try journal.tip(of: lane), try repository.isDescendant(tip, of: commit) { return true }
        }
        return false
    }
}
