package import Git
package import GitValues
package import Journal
internal import Snapshots
internal import SystemPackage
internal import Workflow

/// What an agent changed, from one base on: the last commit that its work shares with the leader's branch. So an agent that
/// merged the leader's branch is not blamed for what came with it.
///
///     leader   a ──── b ──── c          committed: b..3
///               ╲      ╲                uncommitted, untracked: what git status has beside 3
///     agent      1 ──── 2 ──── 3
package struct AgentChanges: Hashable, Sendable {
    package let committed: [RepositoryPath]
    /// Files that git knows and that are not as the branch has them.
    package internal(set) var uncommitted: [RepositoryPath] = []
    package internal(set) var untracked: [RepositoryPath] = []

    /// Each path once, in order.
    package var paths: [RepositoryPath] { Set(committed + uncommitted + untracked).sorted() }
}

extension AgentWork {
    /// How far the leader's branch is walked back for the merge that brought the work.
    private static let longestWalk = 1000

    /// The commit that the work begins at: the last one that its branch shares with the leader's; for what the leader's branch
    /// has already, the last one that both shared before that came.
    /// - Parameter leader: the commit of the leader's branch.
    /// - Returns: `nil` where neither the branch nor a record of it is left.
    func base(in repository: Repository, leader: ObjectID?) throws -> ObjectID? {
        if record?.commit == nil, let tip, let leader {
            guard let shared = try repository.mergeBase(leader, tip) else { return record?.base ?? tip }
            if shared != tip { return shared }
        }
        if let (leader, brought) = try merge(in: repository) { return try repository.mergeBase(leader, brought) ?? tip }
        guard let begun = record?.base, let end = record?.commit ?? leader else { return record?.base ?? tip }
        var next: ObjectID? = end
        for _ in 0..<Self.longestWalk {
            guard let id = next, id != begun, try repository.contains(id) else { break }
            // The leader's branch went on from the work itself: by a merge without a merge commit, or the agent has nothing
            // of its own beside what it took over.
            if id == tip { return record?.commit == nil ? tip : begun }
            let parents = try repository.commit(id).parents
            if let tip, parents.dropFirst().first == tip { return try repository.mergeBase(parents[0], tip) ?? begun }
            next = parents.first
        }
        return begun
    }

    /// The parents of the commit that merged it: the leader's, and what was brought.
    /// - Returns: `nil` where it was not merged, or the commit that is recorded is no merge of its work: that was on the
    ///   leader's branch already.
    private func merge(in repository: Repository) throws -> (leader: ObjectID, brought: ObjectID)? {
        guard let merge = record?.commit, try repository.contains(merge),
            case let parents = try repository.commit(merge).parents, parents.count == 2
        else { return nil }
        // Without the branch nothing contradicts the record.
        let isItsOwn = try tip.map { try repository.isDescendant($0, of: parents[1]) } ?? true
        return isItsOwn ? (parents[0], parents[1]) : nil
    }

    /// What its branch ends at; for one that was merged and whose branch is gone, what was merged.
    private func end(in repository: Repository) throws -> ObjectID? { try tip ?? merge(in: repository)?.brought }

    /// What it committed. Nothing is written for it.
    /// - Returns: `nil` where nothing is left to compare.
    package func changes(in repository: Repository, leader: ObjectID?) throws -> AgentChanges? {
        guard let base = try base(in: repository, leader: leader), let end = try end(in: repository) else { return nil }
        let (old, new) = (try repository.commit(base).tree, try repository.commit(end).tree)
        return AgentChanges(committed: try repository.changes(from: old, to: new).map(\.path))
    }

    /// What it did, as two trees.
    package struct Range: Hashable, Sendable {
        package let old: ObjectID
        /// With what is not committed in its worktree.
        package let new: ObjectID
        /// Whether something is not committed.
        package let isDirty: Bool
    }

    /// As ``changes(in:leader:)``, with what is not committed: it takes a snapshot of its worktree.
    package func range(_ journal: Journal, leader: ObjectID?) throws -> Range? {
        let repository = journal.repository
        guard let base = try base(in: repository, leader: leader), let end = try end(in: repository) else { return nil }
        let committed = try repository.commit(end).tree
        var present = committed
        if let folder, worktree?.branch == branch {
            let there = try journal.journal(of: name, in: folder)
            present = try there.takeSnapshot().tree
            // git and the leader's repository look at it.
            try there.repository.pending.makeVisible()
        }
        return Range(old: try repository.commit(base).tree, new: present, isDirty: present != committed)
    }

    /// Whether what it changed is what it may change.
    /// - Parameter todo: the path of the TODO file, which every agent may change.
    package func scope(of paths: [RepositoryPath], in repository: Repository, todo: String) throws -> AgentScope? {
        AgentScope(
            of: paths, spec: try spec(in: repository),
            granted: [todo] + (record?.granted ?? []))
    }
}
