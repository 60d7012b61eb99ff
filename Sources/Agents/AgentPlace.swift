internal import SystemPackage

/// Whether an agent's worktree is where the workflow and git expect it.
package enum AgentPlace: String, Hashable, Sendable {
    /// It is at its place, on its branch or in the middle of a rebase of it.
    case ok
    /// Its folder is gone, or git does not know it any more.
    case lost
    /// Its branch is checked out in another folder.
    case moved
    /// Its folder is on another branch, or on none.
    case switched
    /// The folder belongs to another repository, or to another worktree of this one: nothing in it is the agent's.
    case foreign

    /// - Parameters:
    ///   - path: where the worktree belongs.
    ///   - branch: the agent's, in full.
    ///   - worktrees: all of the repository.
    init(path: FilePath, branch: String, worktrees: [LinkedWorktree]) {
        let there = worktrees.first { $0.path == path }
        let elsewhere = worktrees.first { $0.path != path && $0.holds(branch) }
        if let there, !there.isGone {
            self = !there.isOwn ? .foreign : there.holds(branch) ? .ok : elsewhere?.isOwn == true ? .moved : .switched
        } else if let elsewhere, !elsewhere.isGone {
            self = elsewhere.isOwn ? .moved : .foreign
        } else {
            self = there == nil && LinkedWorktree.isRepository(path) ? .foreign : .lost
        }
    }
}
