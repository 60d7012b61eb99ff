package import Git
package import Journal
package import GitValues
package import Snapshots
package import Workflow

/// Why the last operation cannot be taken back.
package struct UndoError: ExplainedError {
    package let cause: String
    package let hint: String?

    init(_ cause: String, hint: String? = nil) {
        self.cause = cause
        self.hint = hint
    }
}

/// Which operation of a worktree is taken back.
///
/// Undos go back one operation each, redos forward, as in an editor:
///
///     A, B, C          in effect: A B C
///     undo    ▶ C      in effect: A B
///     undo    ▶ B      in effect: A
///     redo    ▶ B      in effect: A B
///     D                in effect: A B D     (C can no longer be done again)
///     undo    ▶ D      in effect: A B
///     undo    ▶ B      in effect: A
///     redo    ▶ B      in effect: A B
///
/// Restores and merges are operations. Each undo and each redo is recorded with what was there before it, and names what it
/// took back, so that a redo takes back an undo. Operations of other worktrees do not count, wherever they stand in the lane.
package enum UndoTarget: Sendable {
    /// The last restore or merge that is in effect.
    case undo
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

/// Takes operations of a worktree back, and does them again: files, index, branch.
package struct Undoing {
    private let journal: Journal
    private let snapshot: Snapshot
    private var repository: Repository { journal.repository }
    private var git: GitProgram { journal.repository.git }

    /// - Parameter snapshot: what is there.
    package init(_ journal: Journal, snapshot: Snapshot) {
        self.journal = journal
        self.snapshot = snapshot
    }

    // MARK: Which one

    /// Finds an operation of this worktree.
    /// - Returns: `nil` where there is none.
    private func operation(_ target: UndoTarget) throws -> Checkpoint? {
        var history = try journal.history(of: journal.lane, withAutomatic: false)
        var takenBack: Set<ObjectID> = []
        while let checkpoint = try history.next() {
            guard checkpoint[TrailerKey.worktree] == journal.binding.worktree, checkpoint[TrailerKey.undo] != nil,
                [.restored, .undone, .agentMerged].contains(checkpoint.kind)
            else { continue }
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
            origin = try journal.checkpoint(undid)
            isUndone.toggle()
        }
        return (origin, isUndone)
    }

    // MARK: Planning

    /// Finds what an undo or a redo would do.
    /// - Throws: `UndoError` where there is nothing to take back, or the branch has moved since, or is another.
    package func plan(_ target: UndoTarget) throws -> UndoPlan {
        if let operation = snapshot.operation {
            throw UndoError(
                "cannot undo while git is in the middle of a \(operation)",
                hint: operation == "merge"
                    ? "git wf merge --abort takes that back" : "git \(operation) --abort takes that back")
        }
        if let intent = try Recovery(journal).interrupted() {
            throw UndoError(
                "\(intent.word.phrase) was cut short (\(intent.draft?.title ?? ""))",
                hint: "git wf undo finishes it, "
                    + "then takes it back")
        }
        guard let operation = try operation(target),
            let before = try operation.id(of: TrailerKey.undo).map({ try journal.checkpoint($0) })
        else { throw UndoError(nothing(target)) }
        try requireItsBranch(operation)
        let (origin, isUndone) = try origin(of: operation)
        let writer = try WorktreeWriter(repository: repository, git: git)
        let (changes, ignored, unheld) = try changes(
            takingBack: operation, to: before, writer: writer)
        let examination = try writer.examine(changes, in: snapshot.tree, takesBack: true, ignored: ignored)
        let untouched = examination.settled.union(examination.left.map(\.path))
        let done = changes.filter { !untouched.contains($0.path) }
        return UndoPlan(
            operation: operation, origin: origin, isRedo: isUndone, before: before,
            move: try move(of: operation, before: before), changes: done,
            blockers: examination.blockers + unheld,
            left: examination.left,
            edited: try done.map(\.path).filter { path in
                try repository.file(at: path, in: snapshot.tree) != repository.file(at: path, in: operation.tree)
            },
            examination: examination)
    }

    private func nothing(_ target: UndoTarget) -> String {
        switch target {
        case .undo: "nothing to undo: no restore or merge of this worktree is in effect"
        case .redo: "nothing to redo: nothing was undone in this worktree since its last restore or merge"
        }
    }

    /// What was done on another branch is not taken back here.
    private func requireItsBranch(_ operation: Checkpoint) throws {
        let branch = operation[TrailerKey.branch]
        // One that was renamed since is the same branch.
        guard branch != snapshot.head.branch, try branch.map({ try repository.reference($0) != nil }) ?? true else {
            return
        }
        throw UndoError(
            "cannot undo \(operation.title.quoted): it was done on \(branch.shownBranch), and this worktree is on "
                + snapshot.head.branch.shownBranch, hint: branch.map { "git switch \($0.shortBranch) goes there" })
    }

    private func move(of operation: Checkpoint, before: Checkpoint) throws -> BranchMove? {
        let merge = operation.kind == .agentMerged ? operation.id(of: TrailerKey.commit) : nil
        guard let from = merge ?? operation.head, let to = before.head, from != to else { return nil }
        guard let branch = snapshot.head.branch, snapshot.head.commit == from else {
            throw UndoError(
                "cannot undo \(operation.title.quoted): the branch has moved since; it was at \(from.short) "
                    + "and is at \(snapshot.head.commit?.short ?? "no commit"), so undoing it would lose what came after"
            )
        }
        if let merge, try repository.commit(merge).parents.first != to {
            throw UndoError(
                "cannot undo \(operation.title.quoted): it was merged by hand, onto commits that came after the checkpoint "
                    + "before it", hint: "git revert -m 1 \(merge.short) takes the merge back and keeps those")
        }
        return BranchMove(branch: branch, from: from, to: to)
    }

    /// What brings the paths of an operation back to what they were.
    ///
    /// The trees do not say all. A file that the operation wrote may be ignored, so that no snapshot has it; as long as it has
    /// what was written there, nothing is lost with it. And what git's conversions make of a file may be the same blob while
    /// its bytes are not.
    /// - Returns: also which of the paths are ignored files that the operation wrote, and those of somebody else.
    private func changes(
        takingBack operation: Checkpoint, to before: Checkpoint, writer: WorktreeWriter
    ) throws -> (changes: [TreeChange], ignored: Set<RepositoryPath>, unheld: [Examination.Obstacle]) {
        guard let top = repository.workTree else { return ([], [], []) }
        let apart = try unconverted(of: before)
        let written = try written(by: operation)
        var paths = try WrittenPaths(of: operation, in: repository).entries.map(\.path)
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
            guard let undid = try operation.id(of: TrailerKey.undid).map({ try journal.checkpoint($0) }),
                let source = try undid.id(of: TrailerKey.undo).map({ try journal.checkpoint($0) })
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

    // MARK: Doing it

    /// Takes an operation back: files, index, branch.
    package func perform(_ plan: UndoPlan) throws -> RestoreResult {
        let undone = plan.operation
        let writer = try WorktreeWriter(repository: repository, git: git)
        let unconverted = try unconverted(of: plan.before) ?? unconverted(of: undone)
        let modes = FileModes(lines: plan.before.values(of: TrailerKey.mode))
        let batch = try writer.prepare(
            plan.changes, unconverted: unconverted, examination: plan.examination, modes: modes)
        let operation = Operation(journal)
        return try operation.alone {
            let before = try operation.checkpointBefore(
                .undo, title: "Before undoing: \(undone.title)", snapshot: snapshot, holding: plan.examination,
                writer: writer)
            var draft = Draft(.undone, "\(plan.isRedo ? "Redid" : "Undid"): \(plan.origin.title)")
            draft.add(TrailerKey.undid, undone.id.hex)
            try WrittenPaths(plan.changes.map { WrittenPaths.Entry(path: $0.path) }).record(
                in: &draft, journal: journal)
            if let agent = undone[TrailerKey.agent] {
                draft.add(TrailerKey.agent, agent)
                // Taking back what took a merge back merges again.
                let isMerge = undone.kind == .agentMerged || undone[TrailerKey.commit] != nil
                if !isMerge { draft.add(TrailerKey.commit, plan.before.head?.hex) }
            }
            draft.parents.append((TrailerKey.undo, before.id))
            var intent = Intent(plan.isRedo ? .redo : .undo, branch: snapshot.head.branch)
            intent.draft = draft
            intent.before = before.id
            intent.unconverted = unconverted
            intent.move = plan.move
            intent.index = try plan.move.map {
                IndexMove(from: try repository.commit($0.from).tree, to: try repository.commit($0.to).tree)
            }
            intent.changes = plan.changes
            intent.modes = modes
            _ = try operation.perform(intent, batch, since: snapshot, writer: writer)
            return RestoreResult(before: before)
        }
    }
}
