package import Git
package import Journal
package import GitValues
package import Snapshots
package import Workflow

/// Why the last operation cannot be taken back.
package struct UndoError: Error, CustomStringConvertible {
    package let description: String
}

/// Which operation of a worktree an undo takes back.
///
/// Restores, merges and undos are operations, and each records what was there before it. So an undo right after an undo does
/// again what that took back:
///
///     A, B, C                     in effect: A B C
///     undo            ▶ C         in effect: A B
///     undo            ▶ that undo in effect: A B C
///
/// To go further back, `further` passes over undos and what they took back, and `redo` comes back, one at a time, as in an
/// editor; what a new operation follows can no longer be done again, and going further back passes over it:
///
///     undo            ▶ C         in effect: A B
///     undo --further  ▶ B         in effect: A
///     undo --redo     ▶ B again   in effect: A B
///     D                           in effect: A B D     (C can no longer be done again)
///     undo            ▶ D         in effect: A B
///     undo --further  ▶ B         in effect: A
///     undo --further  ▶ A         in effect: none
///     undo --redo     ▶ A again   in effect: A
///
/// Operations of other worktrees do not count, wherever they stand in the lane.
package enum UndoTarget: Sendable {
    /// The last operation, whatever it was.
    case last
    /// The last restore or merge that is in effect.
    case further
    /// The last undo that is in effect, while nothing new was done since.
    case redo
}

/// What an undo would take back.
package struct UndoPlan: Sendable {
    /// The checkpoint that recorded the operation.
    package let operation: Checkpoint
    /// What is undone, or done again: of an undo, the operation behind it.
    package let origin: Checkpoint
    /// Whether that is done again.
    package let isRedo: Bool
    /// The checkpoint of what was there before it.
    package let before: Checkpoint
    /// The commits that the branch goes from and to, where the operation moved it.
    package let move: BranchMove?
    package let changes: [TreeChange]
    package let blockers: [Examination.Obstacle]
    /// Paths that are left as they are.
    package let left: [Examination.Obstacle]
    /// Paths that were edited since the operation; the checkpoint before the undo is what holds those edits.
    package let edited: [RepositoryPath]
    let examination: Examination
}

// MARK: Which one

extension Journal {
    /// Finds an operation of this worktree.
    /// - Returns: `nil` where there is none.
    func operation(_ target: UndoTarget) throws -> Checkpoint? {
        var history = try history(of: lane, withAutomatic: false)
        var takenBack: Set<ObjectID> = []
        while let checkpoint = try history.next() {
            guard checkpoint[TrailerKey.worktree] == binding.worktree, checkpoint[TrailerKey.undo] != nil,
                [.restored, .undone, .agentMerged].contains(checkpoint.kind)
            else { continue }
            if target == .last { return checkpoint }
            guard checkpoint.kind == .undone, let undone = checkpoint.id(of: TrailerKey.undid) else {
                if target == .redo { return nil }
                if takenBack.contains(checkpoint.id) { continue }
                return checkpoint
            }
            // An undo that was taken back itself has no effect.
            if takenBack.contains(checkpoint.id) { continue }
            if target == .redo, try origin(of: checkpoint).isUndone { return checkpoint }
            takenBack.insert(undone)
        }
        return nil
    }

    /// The restore or merge that an undo is about, and whether it is undone after it; else it was done again.
    private func origin(of operation: Checkpoint) throws -> (operation: Checkpoint, isUndone: Bool) {
        var origin = operation
        var isUndone = false
        while origin.kind == .undone, let undid = origin.id(of: TrailerKey.undid) {
            origin = try checkpoint(undid)
            isUndone.toggle()
        }
        return (origin, isUndone)
    }
}

// MARK: Planning

extension Journal {
    /// Finds what an undo would do.
    /// - Throws: `UndoError` where there is nothing to take back, or the branch has moved since.
    package func planUndo(_ target: UndoTarget = .last, snapshot: Snapshot) throws -> UndoPlan {
        if let operation = snapshot.operation {
            throw UndoError(
                description: "cannot undo while git is in the middle of a \(operation); "
                    + (operation == "merge"
                        ? "git wf merge --abort, or git merge --abort, takes that back"
                        : "git \(operation) --abort takes that back"))
        }
        if let before = try interruptedOperation() {
            throw UndoError(
                description:
                    "the operation after \(before.id.short) (\(before.title)) was cut short; git wf undo finishes it, "
                    + "then takes it back"
            )
        }
        guard let operation = try operation(target),
            let before = try operation.id(of: TrailerKey.undo).map({ try checkpoint($0) })
        else { throw UndoError(description: nothing(target)) }
        let (origin, isUndone) = try origin(of: operation)
        let writer = try WorktreeWriter(repository: repository, git: surroundings.git)
        let (changes, ignored, unheld) = try changes(
            takingBack: operation, to: before, snapshot: snapshot, writer: writer)
        let examination = try writer.examine(changes, in: snapshot.tree, takesBack: true, ignored: ignored)
        let untouched = examination.settled.union(examination.left.map(\.path))
        let done = changes.filter { !untouched.contains($0.path) }
        return UndoPlan(
            operation: operation, origin: origin, isRedo: isUndone, before: before,
            move: try move(of: operation, before: before, snapshot: snapshot), changes: done,
            blockers: examination.blockers + unheld,
            left: examination.left,
            edited: try done.map(\.path).filter { path in
                try repository.file(at: path, in: snapshot.tree) != repository.file(at: path, in: operation.tree)
            },
            examination: examination)
    }

    private func nothing(_ target: UndoTarget) -> String {
        switch target {
        case .last: "nothing to undo: no restore, merge or undo was done in this worktree"
        case .further: "nothing further to undo: no restore or merge of this worktree is in effect"
        case .redo:
            "nothing to do again: the last operation of this worktree was no undo, or nothing is undone any more"
        }
    }

    private func move(
        of operation: Checkpoint, before: Checkpoint, snapshot: Snapshot
    ) throws -> BranchMove? {
        guard let from = operation.head, let to = before.head, from != to else { return nil }
        guard let branch = operation[TrailerKey.branch], snapshot.head.branch == branch, snapshot.head.commit == from
        else {
            throw UndoError(
                description:
                    "cannot undo \(operation.title.quoted): the branch has moved since; it was at \(from.short) "
                    + "and is at \(snapshot.head.commit?.short ?? "no commit"), so undoing it would lose what came after"
            )
        }
        return BranchMove(branch: branch, from: from, to: to)
    }

    /// The paths that an operation changed.
    ///
    /// A restore names them. Of others there are the two trees, which also differ in what became ignored, or ceased to be, and
    /// that was on disk before and after.
    private func paths(of operation: Checkpoint, before: Checkpoint) throws -> [RepositoryPath] {
        let named = operation.values(of: TrailerKey.path).map { RepositoryPath(text: $0) }
        if operation.kind != .agentMerged, !named.isEmpty, named.count < Self.pathLimit { return named }
        let changes = try repository.changes(from: operation.tree, to: before.tree, within: EveryPath())
        let removals = changes.filter { $0.new == nil }.map(\.path)
        var kept = try FormerRules.ignored(removals, by: before.tree, in: repository, git: surroundings.git)
        let skipped = before.values(of: TrailerKey.skipped)
        kept.formUnion(removals.filter { path in skipped.contains { $0.hasPrefix("\(path.text): ") } })
        // What a merge brought was not there, whatever the rules said of its name.
        if let old = before.head, let new = operation.head, old != new {
            let merged = try repository.changes(
                from: repository.commit(old).tree, to: repository.commit(new).tree, within: EveryPath())
            kept.subtract(merged.filter { $0.old == nil }.map(\.path))
        }
        return changes.map(\.path).filter { !kept.contains($0) }
    }

    /// What brings the paths of an operation back to what they were.
    ///
    /// The trees do not say all. A file that the operation wrote may be ignored, so that no snapshot has it; as long as it has
    /// what was written there, nothing is lost with it. And what git's conversions make of a file may be the same blob while
    /// its bytes are not.
    /// - Returns: also which of the paths are ignored files that the operation wrote, and those of somebody else.
    private func changes(
        takingBack operation: Checkpoint, to before: Checkpoint, snapshot: Snapshot, writer: WorktreeWriter
    ) throws -> (changes: [TreeChange], ignored: Set<RepositoryPath>, unheld: [Examination.Obstacle]) {
        guard let top = repository.workTree else { return ([], [], []) }
        let apart = try unconverted(of: before)
        let written = try written(by: operation)
        var paths = try paths(of: operation, before: before)
        if let apart {
            let known = Set(paths)
            paths += try repository.changes(from: Repository.emptyTree, to: apart, within: EveryPath()).map(\.path)
                .filter { !known.contains($0) }
        }
        var changes: [TreeChange] = []
        var ignored: Set<RepositoryPath> = []
        var unheld: [Examination.Obstacle] = []
        for path in paths {
            var old = try repository.file(at: path, in: snapshot.tree)
            let new =
                try repository.file(at: path, in: before.tree)
                ?? apart.flatMap { try repository.file(at: path, in: $0) }
            if old == nil, WorktreeWriter.isFile(path, below: top) {
                old = try written.lazy.compactMap { try repository.file(at: path, in: $0) }.first
                if old != nil {
                    ignored.insert(path)
                } else if new == nil {
                    unheld.append(Examination.Obstacle(path: path, reason: WorktreeWriter.unheld))
                }
            }
            let change = TreeChange(path: path, old: old, new: new)
            // A merge is git's, which looks at the blobs alone.
            let isWritten = old != nil && operation.kind != .agentMerged
            if try old != new || (isWritten && !writer.isDone(change, unconverted: apart)) { changes.append(change) }
        }
        return (changes, ignored, unheld)
    }

    /// The trees that an operation had what it wrote from.
    private func written(by operation: Checkpoint) throws -> [ObjectID] {
        switch operation.kind {
        case .restored:
            return try operation.values(of: TrailerKey.from).compactMap { ObjectID(hex: $0) }.map {
                try repository.commit($0).tree
            }
        case .undone:
            guard let undid = try operation.id(of: TrailerKey.undid).map({ try checkpoint($0) }),
                let source = try undid.id(of: TrailerKey.undo).map({ try checkpoint($0) })
            else { return [] }
            return try [source.tree] + [unconverted(of: source)].compactMap { $0 }
        default:
            return try operation.head.map { [try repository.commit($0).tree] } ?? []
        }
    }

    /// The files that a checkpoint holds as they were, beside its tree.
    private func unconverted(of checkpoint: Checkpoint) throws -> ObjectID? {
        try checkpoint.id(of: TrailerKey.unconverted).map { try repository.commit($0).tree }
    }
}

// MARK: Doing it

extension Journal {
    /// Takes an operation back: files, index, branch.
    package func undo(_ plan: UndoPlan, snapshot: Snapshot) throws -> RestoreResult {
        let operation = plan.operation
        let writer = try WorktreeWriter(repository: repository, git: surroundings.git)
        let unconverted = try unconverted(of: plan.before) ?? unconverted(of: operation)
        let batch = try writer.prepare(plan.changes, unconverted: unconverted, examination: plan.examination)
        return try operating {
            let before = try checkpointBefore(
                .undo, title: "Before undoing: \(operation.title)", snapshot: snapshot, holding: plan.examination,
                writer: writer)
            var draft = Draft(.undone, "\(plan.isRedo ? "Redid" : "Undid"): \(plan.origin.title)")
            draft.add(TrailerKey.undid, operation.id.hex)
            draft.add(TrailerKey.path, plan.changes.prefix(Self.pathLimit).map(\.path.text))
            if let agent = operation[TrailerKey.agent] {
                draft.add(TrailerKey.agent, agent)
                // Taking back what took a merge back merges again.
                let isMerge = operation.kind == .agentMerged || operation[TrailerKey.commit] != nil
                if !isMerge { draft.add(TrailerKey.commit, plan.before.head?.hex) }
            }
            draft.parents.append((TrailerKey.undo, before.id))
            let intent = Intent(
                draft, before: before.id, unconverted: unconverted, move: plan.move, changes: plan.changes)
            let recorded = try perform(intent, batch, since: snapshot, writer: writer)
            return RestoreResult(before: before, checkpoint: recorded, changes: plan.changes)
        }
    }
}

extension Repository {
    /// As `entry(at:in:)`, for files alone.
    func file(at path: RepositoryPath, in tree: ObjectID) throws -> TreeEntry? {
        try entry(at: path, in: tree).flatMap { $0.mode == .directory ? nil : $0 }
    }
}
