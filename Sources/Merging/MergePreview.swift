internal import Agents
internal import Git
package import GitValues
internal import Journal
package import Workflow

/// What merging agents would come to; nothing of the user's is changed.
package struct MergePreview: Sendable {
    /// Agents that conflict with each other, or one that conflicts with the leader's branch, and where.
    package struct Pair: Hashable, Sendable {
        /// One name for a conflict with the leader's branch.
        package let agents: [Name]
        package let paths: [RepositoryPath]
    }

    package let pairs: [Pair]
    /// The order in which the fewest of them stop at a conflict.
    package let order: [Name]
}

extension MergeQueue {
    /// Tries every agent against the leader's branch, and every two against each other, with what they did not commit.
    package func preview(_ names: [Name]) throws -> MergePreview {
        let position = try position()
        let todo = try TodoMerge(journal)
        let tips = try names.map { try presentCommit(of: open($0)) }
        var pairs: [MergePreview.Pair] = []
        var conflicting: [Name: Set<Name>] = [:]
        var withLeader: Set<Name> = []
        for (index, name) in names.enumerated() {
            let paths = try MergeAttempt(ours: position.head, theirs: tips[index], todo: todo).conflicts
            if !paths.isEmpty {
                pairs.append(MergePreview.Pair(agents: [name], paths: paths))
                withLeader.insert(name)
            }
            for other in names.indices where other > index {
                let paths = try MergeAttempt(ours: tips[index], theirs: tips[other], todo: todo).conflicts
                if paths.isEmpty { continue }
                pairs.append(MergePreview.Pair(agents: [name, names[other]], paths: paths))
                conflicting[name, default: []].insert(names[other])
                conflicting[names[other], default: []].insert(name)
            }
        }
        return MergePreview(pairs: pairs, order: Self.order(names, conflicting: conflicting, last: withLeader))
    }

    /// The branch's tip, or a commit of what the worktree has where that is more. No ref holds it.
    private func presentCommit(of work: AgentWork) throws -> ObjectID {
        guard let range = try work.range(journal, leader: nil), let tip = work.tip else {
            throw MergeError(.refused, "the branch of \(work.name) is gone")
        }
        guard range.isDirty else { return tip }
        let signature = try journal.signature()
        return try repository.createCommit(
            tree: range.new, parents: [tip], author: signature, committer: signature,
            message: Array("What \(work.name) did not commit\n".utf8))
    }

    /// First as many as get along with all before them, those with the fewest conflicts first; then the others.
    static func order(_ names: [Name], conflicting: [Name: Set<Name>], last: Set<Name>) -> [Name] {
        let byConflicts = names.enumerated().sorted { one, other in
            func key(_ entry: (offset: Int, element: Name)) -> (Int, Int, Int) {
                (last.contains(entry.element) ? 1 : 0, conflicting[entry.element]?.count ?? 0, entry.offset)
            }
            return key(one) < key(other)
        }.map(\.element)
        var clean: [Name] = []
        var rest: [Name] = []
        for name in byConflicts {
            let isApart = conflicting[name, default: []].isDisjoint(with: clean) && !last.contains(name)
            if isApart { clean.append(name) } else { rest.append(name) }
        }
        return clean + rest
    }
}
