internal import Files
internal import Git
internal import GitValues
internal import Glibc
package import Journal
internal import Operations
internal import SystemPackage
package import Workflow

/// Lets go of the worktrees of removed agents, once they were kept for `wf.keepRemoved`.
///
/// What is in them goes; their commits stay held by refs, and one that has commits which could not be held stays itself.
package struct LettingGo {
    /// What became of one.
    package struct Outcome: Sendable {
        package let removed: RemovedWorktree
        /// Why it stays; `nil` where it is gone.
        package let reason: String?

        package init(removed: RemovedWorktree, reason: String?) {
            self.removed = removed
            self.reason = reason
        }

        package var isGone: Bool { reason == nil }

        package var line: String {
            let what = "the worktree of the removed agent \(removed.agent)"
            return reason.map { "\(what) stays in \(removed.folder): \($0)" } ?? "let go of \(what)"
        }
    }

    private let journal: Journal

    package init(_ journal: Journal) { self.journal = journal }

    package func keepRemoved() throws -> WorkflowDuration {
        guard let text = try journal.repository.config(.keepRemoved) else {
            return WorkflowDuration(seconds: 14 * 86_400)
        }
        guard let duration = WorkflowDuration(parsing: text) else {
            throw GitError(
                .invalid, doing: "read wf.keepRemoved", reason: "\(text.quoted) is no duration; 14d and 12h are some")
        }
        return duration
    }

    /// Those that were kept for long enough, of all workflows. Nothing is changed.
    package func due() throws -> [RemovedWorktree] {
        let duration = try keepRemoved()
        return try RemovedWorktree.all(in: journal.repository).filter { removed in
            guard !removed.reasons.isEmpty, removed.removed.advanced(by: duration) < journal.surroundings.now,
                let worktree = try removed.worktree(journal)
            else { return false }
            // Somebody may have gone on working there: what is newer than the removal is kept for as long.
            var status = stat()
            let file = RemovedWorktree.file(in: removed.gitDirectory).path
            guard stat(file.string, &status) == 0 else { return false }
            let last = try RemovalLook(of: worktree, journal: journal).lastChange
            return last <= status.st_ctim.tv_sec + 1 || last + Int(duration.seconds) < time(nil)
        }
    }

    /// Lets go of those that are due.
    package func run() throws -> [Outcome] {
        try due().map { removed in
            do {
                return try IntentFile(.agent(removed.agent), of: journal).alone { try letGo(removed) }
            } catch let error as any CustomStringConvertible & Error {
                return Outcome(removed: removed, reason: error.description)
            }
        }
    }

    /// Lets go of one, whenever it was removed.
    func letGo(_ removed: RemovedWorktree) throws -> Outcome {
        guard let worktree = try removed.worktree(journal) else { return Outcome(removed: removed, reason: nil) }
        let look = try RemovalLook(of: worktree, journal: journal)
        let unheld = try look.hold(branch: removed.branch, at: removed.keptRef).unheld
        if let reason = unheld.first { return Outcome(removed: removed, reason: reason) }
        let processes = try FolderUse.processes(in: worktree.path)
        if !processes.isEmpty {
            return Outcome(removed: removed, reason: "the process \(processes.listed()) still works in it")
        }
        guard try look.isUnchanged(), try look.remove() else {
            return Outcome(removed: removed, reason: "something in it changes")
        }
        journal.removeEmptyFolders(above: removed.path)
        return Outcome(removed: removed, reason: nil)
    }
}
