internal import Agents
internal import Files
internal import Git
internal import GitValues
internal import Journal
internal import Operations
internal import Snapshots
internal import SystemPackage
internal import Workflow

/// The leader's worktree, brought from one commit's tree to another's without losing what is in it.
struct LeaderWorktree {
    let journal: Journal
    let todo: TodoMerge
    /// What the worktree has.
    let present: ObjectID
    /// HEAD's tree.
    let old: ObjectID
    let writer: WorktreeWriter

    private var repository: Repository { journal.repository }
    private var git: GitProgram { journal.repository.git }

    init(_ todo: TodoMerge, present: ObjectID, old: ObjectID) throws {
        (journal, self.todo, self.present, self.old) = (todo.journal, todo, present, old)
        writer = try WorktreeWriter(repository: journal.repository, git: journal.repository.git)
    }

    /// What has to be written; nothing of it would overwrite anything that HEAD does not have.
    struct Plan {
        /// What the index goes to. The TODO file is as in HEAD there, where it is carried over by us.
        let tree: ObjectID
        /// The TODO file as the index shall have it, where it is carried over.
        let staged: TreeEntry?
        /// The same for the file on disk.
        let file: TreeChange?
        /// All that is written.
        let changes: [TreeChange]
        /// What stands there.
        let examination: Examination
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
        let changes = try repository.changes(from: old, to: target)
        try requireUntouched(changes, staged: staged)
        let written = changes.compactMap(\.ofFile) + [file].compactMap { $0 }
        let examination = try writer.examine(written)
        try requireRoom(examination)
        let left = Set(examination.left.map(\.path))
        return Plan(
            tree: target, staged: stagedTodo, file: file, changes: written.filter { !left.contains($0.path) },
            examination: examination)
    }

    /// - Throws: `Dirt` where a path that changes is not as HEAD has it, in the index or the worktree.
    private func requireUntouched(_ changes: [TreeChange], staged: Set<RepositoryPath>) throws {
        let changed = Set(changes.map(\.path))
        let touched = staged.union(try repository.changes(from: old, to: present).map(\.path))
        // Where a submodule makes room for files, what is in it would be theirs.
        let filled = try changes.filter { change in
            try change.old?.mode == .gitlink && WorktreeWriter.isThere(change.path, below: journal.place)
                && changed.contains { $0 != change.path ? $0.isInside(change.path) : change.new != nil }
                && !Folder.names(in: FilePath(bytes: journal.place.bytes + [UInt8(ascii: "/")] + change.path.bytes))
                    .isEmpty
        }
        let paths = changed.intersection(touched).union(filled.map(\.path)).sorted()
        guard paths.isEmpty else {
            throw Dirt(
                paths: paths,
                detail: "\(paths.listed()) \(paths.count == 1 ? "has" : "have") changes that are not committed")
        }
    }

    /// - Throws: `Dirt` where something is in the way.
    private func requireRoom(_ examination: Examination) throws {
        let settled = examination.settled.map { Examination.Obstacle(path: $0, reason: WorktreeWriter.unheld) }
        let blockers = (examination.blockers + settled).sorted { $0.path < $1.path }
        if let first = blockers.first {
            throw Dirt(paths: blockers.map(\.path), detail: "\(first.path): \(first.reason)")
        }
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

    /// The TODO file's part of a plan.
    func carry(_ plan: Plan) throws {
        if let staged = plan.staged { try Operation(journal).stage(staged) }
        if let file = plan.file { try writer.apply([file]) }
        if plan.staged != nil { try refresh() }
    }

    /// Has git look at the files again: an entry without stat data counts as changed for `read-tree` and `merge --abort`.
    func refresh() throws {
        // Its status only says that some files are not as staged.
        _ = try git.run(["update-index", "-q", "--refresh"], in: journal.place)
    }

}

extension TreeChange {
    /// What it means for files: a submodule's are not ours. `nil` where it means nothing.
    fileprivate var ofFile: TreeChange? {
        let (old, new) = (old?.mode == .gitlink ? nil : old, new?.mode == .gitlink ? nil : new)
        return old == nil && new == nil ? nil : TreeChange(path: path, old: old, new: new)
    }
}
