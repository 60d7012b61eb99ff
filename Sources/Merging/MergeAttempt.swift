internal import Agents
internal import Git
internal import GitValues
internal import Journal

/// A merge that was computed in memory: objects were written, no ref, index or file.
struct MergeAttempt {
    /// The merged tree; files of ``conflicts`` have git's markers in it.
    let tree: ObjectID
    /// In order.
    let conflicts: [RepositoryPath]

    /// - Parameters:
    ///   - ours: the leader's commit.
    ///   - theirs: the agent's.
    ///   - todo: whose boxes are united.
    /// - Throws: `MergeError` for unrelated histories.
    init(ours: ObjectID, theirs: ObjectID, todo: TodoMerge) throws {
        let journal = todo.journal
        let repository = journal.repository
        let bases = try repository.mergeBases(ours, theirs)
        guard let base = bases.first else {
            throw MergeError(
                .refused,
                "\(ours.short) and \(theirs.short) have no common history, so they are not merged",
                hint: "git merge --allow-unrelated-histories does that")
        }
        let (baseTree, ourTree) = (try repository.commit(base).tree, try repository.commit(ours).tree)
        let theirTree = try repository.commit(theirs).tree
        let united = bases.count == 1 ? try todo.united(base: baseTree, ours: ourTree, theirs: theirTree) : nil
        if bases.count == 1, try !repository.needsMergeDriver, try repository.rewrites.isEmpty {
            // What is united is settled; the rest is joined as if they had not touched it.
            var rest = theirTree
            if united != nil { rest = try repository.tree(theirTree, with: [todo.path: todo.entry(in: baseTree)]) }
            if let joined = try repository.joinedTree(base: baseTree, ours: ourTree, theirs: rest) {
                tree = try united.map { try repository.tree(joined, with: [todo.path: $0]) } ?? joined
                conflicts = []
                return
            }
        }
        try repository.pending.makeVisible()
        let result = try journal.repository.git.run(
            ["merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", ours.hex, theirs.hex],
            in: journal.place)
        let fields = result.output.split(separator: 0, omittingEmptySubsequences: false)
        guard result.status == 0 || result.status == 1, let first = fields.first,
            let merged = ObjectID(hex: String(decoding: first, as: UTF8.self))
        else {
            throw GitError(
                .program(status: result.status), doing: "merge \(theirs.short)", reason: GitProgram.reason(of: result))
        }
        let named = fields.dropFirst().prefix { !$0.isEmpty }.map { RepositoryPath(bytes: $0) }
        let paths = result.status == 0 ? [] : Set(named).sorted()
        if let united {
            tree = try repository.tree(merged, with: [todo.path: united])
            conflicts = paths.filter { $0 != todo.path }
        } else {
            tree = merged
            conflicts = paths
        }
        if result.status == 1, paths.isEmpty {
            throw GitError(.other(1), doing: "merge \(theirs.short)", reason: "git found a conflict and named no path")
        }
    }
}

extension Repository {
    /// Whether the user's configuration asks for more than a merge of unchanged bytes.
    fileprivate var needsMergeDriver: Bool {
        get throws { try configFlag("merge.renormalize") ?? false }
    }
}
