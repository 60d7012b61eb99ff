internal import Git
package import GitValues
package import Snapshots
package import Workflow

/// What a checkpoint changed in the paths that were asked for.
package struct PathChange: Sendable {
    /// A file that has another name than before, as git sees it.
    package struct Rename: Hashable, Sendable {
        package let from: RepositoryPath
        package let to: RepositoryPath
    }

    /// Those that one of the paths came from, or went to.
    package let renames: [Rename]

    package init(renames: [Rename]) { self.renames = renames }
}

extension Journal {
    /// Compares a checkpoint's tree with that of the one before it, as `git log --first-parent -M` does. A join changes
    /// nothing: its tree is that of a checkpoint before it.
    /// - Returns: `nil` where nothing of `selections` changed.
    package func change(at checkpoint: Checkpoint, of selections: [PathSelection]) throws -> PathChange? {
        if checkpoint.isJoin { return nil }
        let old = try treeBefore(checkpoint)
        let compared = try unlessMalformed {
            try selections.flatMap { try repository.changes(from: old, to: checkpoint.tree, within: $0) }
        }
        guard let changes = compared, !changes.isEmpty else { return nil }
        // A name that comes or goes may be half of a rename, if there is another half.
        guard changes.contains(where: { $0.old == nil || $0.new == nil }) else { return PathChange(renames: []) }
        let whole = try unlessMalformed {
            try repository.changes(from: old, to: checkpoint.tree, within: EveryPath())
        }
        guard let all = whole, all.contains(where: { $0.old == nil }), all.contains(where: { $0.new == nil }) else {
            return PathChange(renames: [])
        }
        let renames = try renames(from: old, to: checkpoint.tree)
        return PathChange(
            renames: renames.filter { rename in
                selections.contains { $0.contains(rename.from) || $0.contains(rename.to) }
            })
    }

    /// The tree of the checkpoint before; of an agent's first one, that of the commit that its worktree began at.
    package func treeBefore(_ checkpoint: Checkpoint) throws -> ObjectID {
        let commits = try CommitReader(repository)
        if let previous = checkpoint.previous { return try commits.read(previous, \.tree) }
        guard checkpoint.kind == .agentStarted, let agent = checkpoint[TrailerKey.agent] else {
            return Repository.emptyTree
        }
        let base = try state()?.agent(agent)?.base
        // What is not known to have changed did not.
        return try base.flatMap { try repository.contains($0) ? commits.read($0, \.tree) : nil } ?? checkpoint.tree
    }

    /// All renames between two trees. The user's own git finds them: what is alike enough is its judgement.
    private func renames(from old: ObjectID, to new: ObjectID) throws -> [PathChange.Rename] {
        let result = try repository.git.run(
            ["diff-tree", "-r", "-z", "-M", "--diff-filter=R", "--name-status", old.hex, new.hex],
            in: repository.workTree ?? repository.commonDirectory, variables: GitProgram.literally)
        // In a partial clone contents are missing, and nothing is fetched for a look.
        if result.status != 0, try repository.isPartialClone { return [] }
        guard result.status == 0 else {
            throw GitError(
                .program(status: result.status), doing: "look for renames", reason: GitProgram.reason(of: result))
        }
        var fields = result.output.split(separator: 0)[...]
        var renames: [PathChange.Rename] = []
        while fields.popFirst() != nil, let from = fields.popFirst(), let to = fields.popFirst() {
            renames.append(PathChange.Rename(from: RepositoryPath(bytes: from), to: RepositoryPath(bytes: to)))
        }
        return renames
    }
}
