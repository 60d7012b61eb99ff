package import Git
package import GitValues
package import Workflow

/// What git or an operation set aside, each held by a ref of its own: `refs/wf-kept/<workflow>/<purpose>/…`.
///
/// No lane has these commits as parents, and nothing of ours sends them: whoever gets a lane gets nothing that its user
/// put away. A ref is written before the checkpoint that names what it holds.
package struct KeptRefs: Sendable {
    package static let root = "refs/wf-kept/"

    private let prefix: String

    package init(workflow: Name) { prefix = "\(Self.root)\(workflow)/" }

    /// A stash that git made for a while, named in `Wf-Autostash`.
    package func autostash(_ id: ObjectID) -> String { "\(prefix)autostash/\(id)" }

    /// An entry of git's stash, from the first checkpoint on that saw it there.
    package func stash(_ id: ObjectID) -> String { "\(stashes)\(id)" }

    /// What the refs of all entries of the stash begin with.
    package var stashes: String { "\(prefix)stash/" }

    /// What the worktree of a removed agent had beside its branch and its files; refs below this.
    /// - Parameter removal: which one: an agent may be removed, brought back, and removed again.
    package func removed(_ agent: Name, _ removal: String) -> String { "\(prefix)removed/\(agent)/\(removal)" }

    /// A commit of somebody else's that a lane's ref was taken back from.
    package func foreign(_ id: ObjectID) -> String { "\(prefix)foreign/\(id)" }

    /// The tip of a lane when it came from another clone. An agent's is written there only.
    func begun(_ lane: Lane) -> String { "\(prefix)begun/\(lane.text)" }
}

extension Journal {
    /// Has refs hold what stands in git's stash, which all worktrees share and any of them may drop.
    func keepStashes() {
        do {
            guard try repository.reference("refs/stash") != nil else { return }
            let refs = KeptRefs(workflow: workflow)
            for entry in try repository.reflog(of: "refs/stash") where try repository.contains(entry.new) {
                try repository.keep(entry.new, at: refs.stash(entry.new))
            }
        } catch {
            // A checkpoint holds the files all the same.
            note("what is stashed is held by git alone: \(error)")
        }
    }
}

extension Repository {
    /// Has a ref hold a commit, unless it does so by now.
    package func keep(_ commit: ObjectID, at ref: String) throws {
        let present = try reference(ref)
        if present == commit { return }
        do {
            try setReference(ref, to: commit, expecting: present, reason: "git-wf: keep")
        } catch let error as GitError {
            // Another process may have kept the same.
            guard try reference(ref) == commit else { throw error }
        }
    }
}
