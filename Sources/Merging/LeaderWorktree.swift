internal import Agents
internal import Git
internal import GitValues
internal import Journal
internal import Operations
internal import Snapshots
internal import Workflow

/// The leader's worktree, brought from one commit's tree to another's without losing what is in it.
struct LeaderWorktree {
    let journal: Journal
    let todo: TodoMerge
    /// What the worktree has.
    let present: ObjectID
    /// HEAD's tree.
    let old: ObjectID

    private var repository: Repository { journal.repository }
    private var git: GitProgram { journal.repository.git }

    /// What has to be written; nothing of it would overwrite anything that HEAD does not have.
    struct Plan {
        /// What `git read-tree` goes to. The TODO file is as in HEAD there, where it is carried over by us.
        let tree: ObjectID
        /// The TODO file as the index shall have it, where it is carried over.
        let staged: TreeEntry?
        /// The same for the file on disk.
        let file: TreeChange?
    }

    /// Paths that are in the way.
    struct Dirt: Error {
        let paths: [RepositoryPath]
        let detail: String
    }

    /// Computes what brings the worktree to `new`.
    /// - Parameters:
    ///   - new: the merged tree.
    ///   - item: is ticked in the TODO file on disk too, when that is not the committed one.
    /// - Returns: what has to be written; nothing is yet.
    /// - Throws: `Dirt` where files that are not committed are in the way.
    func plan(to new: ObjectID, item: RecordedItem?) throws -> Plan {
        let staged = try stagedPaths()
        var target = new
        var stagedTodo: TreeEntry?
        var file: TreeChange?
        let (committed, merged) = (try todo.entry(in: old), try todo.entry(in: new))
        let onDisk = try todo.entry(in: present)
        let isStaged = staged.contains(todo.path)
        if let onDisk, onDisk != committed || isStaged {
            var result: TreeEntry? = onDisk
            if let committed, let merged, merged != committed {
                result = try todo.joined(base: committed, ours: onDisk, theirs: merged)
                stagedTodo =
                    isStaged
                    ? try stagedEntry().flatMap { try todo.joined(base: committed, ours: $0, theirs: merged) }
                    : merged
                target = try repository.tree(new, with: [todo.path: committed])
                if result == nil || stagedTodo == nil {
                    throw Dirt(
                        paths: [todo.path],
                        detail: "\(todo.path) has changes that are not committed, which the agent's "
                            + "changes of it contradict")
                }
            }
            if let joined = result {
                let ticked = try todo.ticked(joined, item: item)
                if ticked != onDisk { file = TreeChange(path: todo.path, old: onDisk, new: ticked) }
            }
        }
        try check(to: target, staged: staged)
        return Plan(tree: target, staged: stagedTodo, file: file)
    }

    /// - Throws: `Dirt` where a path that changes between HEAD and `tree` is not as HEAD has it.
    private func check(to tree: ObjectID, staged: Set<RepositoryPath>) throws {
        let changes = try repository.changes(from: old, to: tree)
        var paths = Set(changes.map(\.path)).intersection(staged)
        paths.formUnion(
            Set(changes.map(\.path)).intersection(try repository.changes(from: old, to: present).map(\.path)))
        let files = changes.filter { $0.old?.mode != .gitlink && $0.new?.mode != .gitlink && !paths.contains($0.path) }
        let blockers = try WorktreeWriter(repository: repository, git: git).blockers(of: files)
        if paths.isEmpty, blockers.isEmpty { return }
        let all = paths.union(blockers.map(\.path)).sorted()
        let reason = blockers.first.map { "\($0.path): \($0.reason)" }
        throw Dirt(
            paths: all,
            detail: reason ?? "\(all.listed()) \(all.count == 1 ? "has" : "have") changes that are not committed")
    }

    /// The paths whose index entry is not HEAD's.
    func stagedPaths() throws -> Set<RepositoryPath> {
        let listed = try git.succeed(
            "compare the index with HEAD",
            ["--no-optional-locks", "diff-index", "--cached", "--name-only", "-z", "--ignore-submodules=none", "HEAD"],
            in: journal.place)
        return Set(listed.output.split(separator: 0).map { RepositoryPath(bytes: $0) })
    }

    private func stagedEntry() throws -> TreeEntry? {
        let shown = try git.run(["rev-parse", "--verify", "--quiet", ":0:\(todo.path)"], in: journal.place)
        guard shown.status == 0, let id = ObjectID(hex: shown.text) else { return nil }
        return TreeEntry(path: todo.path, mode: .file, id: id)
    }

    /// All that ``apply(_:)`` writes.
    func changes(_ plan: Plan) throws -> [TreeChange] {
        try repository.changes(from: old, to: plan.tree).filter { $0.path != todo.path && !$0.isOfRepository }
            + [plan.file].compactMap { $0 }
    }

    /// Brings index and files over.
    /// - Throws: `Dirt` where git refuses; nothing is written then.
    func apply(_ plan: Plan) throws {
        try refresh()
        try repository.pending.makeVisible()
        let result = try git.run(["read-tree", "-m", "-u", old.hex, plan.tree.hex], in: journal.place)
        guard result.status == 0 else { throw Dirt(paths: [], detail: GitProgram.reason(of: result)) }
        try carry(plan)
    }

    /// The TODO file's part of a plan.
    func carry(_ plan: Plan) throws {
        if let staged = plan.staged { try stage(staged) }
        if let file = plan.file { try WorktreeWriter(repository: repository, git: git).apply([file]) }
        if plan.staged != nil { try refresh() }
    }

    /// Has git look at the files again: an entry without stat data counts as changed for `read-tree` and `merge --abort`.
    func refresh() throws {
        // Its status only says that some files are not as staged.
        _ = try git.run(["update-index", "-q", "--refresh"], in: journal.place)
    }

    /// Gives a path one entry in the user's index.
    func stage(_ entry: TreeEntry) throws { try Operation(journal).stage(entry) }
}

extension TreeChange {
    /// Whether one side is a repository of its own, whose files are not ours.
    fileprivate var isOfRepository: Bool { old?.mode == .gitlink || new?.mode == .gitlink }
}
