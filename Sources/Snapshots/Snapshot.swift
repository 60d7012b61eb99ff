package import Git
package import GitValues

/// The working tree at one moment, written as a tree.
package struct Snapshot: Sendable {
    /// A path that is not in the snapshot, and why.
    package struct Skipped: Hashable, Sendable {
        package let path: RepositoryPath
        package let reason: String
        /// Whether it would be in the snapshot if ``Snapshotter/Limits/allowed`` named it.
        package let isAllowable: Bool
    }

    /// The tree of everything that git would take with `git add -A`, less what was skipped.
    package let tree: ObjectID
    /// Where HEAD was.
    package let head: Repository.Head
    /// The tree of HEAD's commit; `nil` where there is none.
    package let headTree: ObjectID?
    /// What git was in the middle of.
    package let operation: String?
    /// What is staged, as a tree, when some of it is in neither HEAD nor ``tree``. Unmerged paths are under `stage1/`,
    /// `stage2/` and `stage3/`.
    package let stagedTree: ObjectID?
    /// Repositories of their own that were looked into, submodules among them: the snapshot has the commits that they are at.
    package let repositories: [RepositoryPath]
    /// What was left out, in the order of the paths.
    package let skipped: [Skipped]
    /// What the next one need not find out again; `nil` where nothing was looked at.
    let learned: LearnedIndex?

    /// Keeps what taking this one taught, once `checkpoint`, whose tree it is, is published: git's gc does not know the
    /// private index, so it may name only objects that a ref of ours holds.
    /// - Parameter ref: what holds the checkpoint.
    package func settle(on checkpoint: ObjectID, at ref: String = "") throws {
        try learned?.write(for: checkpoint, at: ref)
    }
}

/// What a scan found out about every file of a worktree.
final class LearnedIndex: @unchecked Sendable {
    private let known: KnownWorktree
    private let context: PrivateIndex.Context
    private let files: IndexFiles

    init(known: KnownWorktree, context: PrivateIndex.Context, files: IndexFiles) {
        self.known = known
        self.context = context
        self.files = files
    }

    func write(for checkpoint: ObjectID, at ref: String) throws {
        guard known.isNews(context) else { return }
        var context = context
        context.checkpoint = checkpoint
        context.ref = ref
        try files.writePrivate(known.root, known: known, context: context)
    }
}

/// Why a worktree cannot be snapshotted.
package struct SnapshotError: ExplainedError {
    package let cause: String
    package let hint: String?

    package init(_ cause: String, hint: String? = nil) {
        self.cause = cause
        self.hint = hint
    }
}
