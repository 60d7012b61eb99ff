internal import Git
internal import GitValues
package import Journal
internal import Workflow

extension AgentWork {
    /// What the newest checkpoint of its lane has and its branch has not, for an agent whose worktree is gone: what it had not
    /// committed.
    /// - Returns: a sentence that names the paths; `nil` where there are none.
    package func notOnBranch(_ journal: Journal) throws -> String? {
        var history = try journal.history(of: .agent(name), withAutomatic: true)
        guard let newest = try history.next(), let head = newest.head else { return nil }
        let repository = journal.repository
        let tree = try repository.commit(tip ?? head).tree
        let paths = try repository.changes(from: repository.commit(head).tree, to: newest.tree).filter { change in
            guard let new = change.new else { return false }
            return try repository.entry(at: change.path, in: tree) != new
        }.map(\.path)
        if paths.isEmpty { return nil }
        return
            "the worktree of \(name) is gone, and its newest checkpoint, \(newest.id.short), has what its branch does not: "
            + "\(paths.listed()); git wf agent restore \(name) brings the worktree back with it"
    }
}
