package import Git
package import Snapshots
package import Workflow

/// What a restore or an undo did.
package struct RestoreResult: Sendable {
    /// The checkpoint that holds what was there before; ``Journal/undo(_:)`` brings it back.
    package let before: Checkpoint
    /// The checkpoint that records it.
    package let checkpoint: Checkpoint
    package let changes: [TreeChange]
}

extension Journal {
    /// Does what a plan says: a checkpoint of what is there, then the files, then the record of it.
    /// - Parameter snapshot: what the plan was made from.
    package func restore(_ plan: RestorePlan, snapshot: Snapshot) throws -> RestoreResult {
        let steps = plan.steps
        let names = steps.map(\.change.path.text)
        guard
            let before = try appendAutomatic(
                .restore, title: "Before restoring \(Self.list(names))", snapshot: snapshot)
        else { throw SnapshotError("could not record what is there before the restore") }
        let writer = try WorktreeWriter(repository: repository, git: surroundings.git)
        let unconverted = try keepUnconverted(replacedBy: steps.map(\.change), writer: writer)
        try writer.apply(steps.map(\.change))

        var draft = Draft(.restored, "Restored \(Self.list(names))")
        for (source, group) in Self.grouped(steps) {
            draft.add(TrailerKey.from, source.hex)
            draft.add(TrailerKey.path, group.prefix(Self.pathLimit).map(\.change.path.text))
            draft.parents.append((nil, source))
        }
        if steps.count > Self.pathLimit { draft.body = "\(steps.count) paths in all." }
        draft.parents.append((TrailerKey.undo, before.id))
        let recorded = try append([draft.holding(TrailerKey.unconverted, unconverted)], snapshot: takeSnapshot())
        return RestoreResult(before: before, checkpoint: recorded[0], changes: steps.map(\.change))
    }

    /// Keeps the bytes of files that a checkpoint cannot give back as they are.
    /// - Returns: the attachment that holds them; `nil` where every file survives git's conversions.
    private func keepUnconverted(replacedBy changes: [TreeChange], writer: WorktreeWriter) throws -> ObjectID? {
        try writer.unconvertedTree(replacedBy: changes).map {
            try attachment(tree: $0, title: "Files as they were, unconverted")
        }
    }

    /// How many paths of one source a `restored` checkpoint names; the trees have them all.
    static let pathLimit = 500

    private static func grouped(_ steps: [RestorePlan.Step]) -> [(ObjectID, [RestorePlan.Step])] {
        var groups: [(ObjectID, [RestorePlan.Step])] = []
        for step in steps {
            if let index = groups.firstIndex(where: { $0.0 == step.from }) {
                groups[index].1.append(step)
            } else {
                groups.append((step.from, [step]))
            }
        }
        return groups
    }

    static func list(_ names: [String]) -> String {
        names.count <= 2 ? names.joined(separator: " and ") : "\(names[0]) and \(names.count - 1) more paths"
    }
}

/// Why the last operation cannot be taken back.
package struct UndoError: Error, CustomStringConvertible {
    package let description: String
}

/// What an undo would take back.
package struct UndoPlan: Sendable {
    /// The checkpoint that recorded the operation.
    package let operation: Checkpoint
    /// The checkpoint of what was there before it.
    package let before: Checkpoint
    /// The commits that the branch goes from and to, where the operation moved it.
    package let move: (branch: String, from: ObjectID, to: ObjectID)?
    package let changes: [TreeChange]
    package let blockers: [WorktreeWriter.Blocker]
    /// Paths that were edited since the operation; the checkpoint before the undo is what holds those edits.
    package let edited: [RepositoryPath]
}

extension Journal {
    /// Finds the last restore, merge or undo of this worktree.
    ///
    /// An undo is an operation like the others, so an undo right after it does again what it took back:
    ///
    ///     restore A ── undo ──▶ before A ── undo ──▶ A ── undo ──▶ before A
    ///
    /// - Throws: `UndoError` where there is none, or the branch has moved since.
    package func planUndo(snapshot: Snapshot) throws -> UndoPlan {
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
                    "the operation after \(before.id.short) (\(before.title)) was cut short, so there is nothing whole to "
                    + "undo; git wf restore --from \(before.id.short) --all --exact brings back what was there before it"
            )
        }
        guard let operation = try lastOperation(),
            let before = try operation.id(of: TrailerKey.undo).map({ try checkpoint($0) })
        else { throw UndoError(description: "nothing to undo: no restore, merge or undo was done in this worktree") }
        var move: (branch: String, from: ObjectID, to: ObjectID)?
        if let from = operation.head, let to = before.head, from != to {
            guard let branch = operation[TrailerKey.branch], snapshot.head.branch == branch,
                snapshot.head.commit == from
            else {
                throw UndoError(
                    description:
                        "cannot undo \(operation.title.quoted): the branch has moved since; it was at \(from.short) "
                        + "and is at \(snapshot.head.commit?.short ?? "no commit"), so undoing it would lose what came after"
                )
            }
            move = (branch, from, to)
        }
        let paths = try repository.changes(from: operation.tree, to: before.tree).map(\.path)
        let changes = try changes(at: paths, from: snapshot.tree, to: before.tree)
        let edited = try changes.map(\.path).filter { path in
            try repository.file(at: path, in: snapshot.tree) != repository.file(at: path, in: operation.tree)
        }
        let writer = try WorktreeWriter(repository: repository, git: surroundings.git)
        return UndoPlan(
            operation: operation, before: before, move: move, changes: changes,
            blockers: try writer.blockers(of: changes) + unheld(paths, snapshot: snapshot, before: before.tree),
            edited: edited)
    }

    /// Takes the operation back: files, index, branch.
    package func undo(_ plan: UndoPlan, snapshot: Snapshot) throws -> RestoreResult {
        let operation = plan.operation
        guard
            let before = try appendAutomatic(.undo, title: "Before undoing: \(operation.title)", snapshot: snapshot)
        else { throw SnapshotError("could not record what is there before the undo") }
        let writer = try WorktreeWriter(repository: repository, git: surroundings.git)
        let unconverted = try operation.id(of: TrailerKey.unconverted).map { try repository.commit($0).tree }
        let replaced = try keepUnconverted(replacedBy: plan.changes, writer: writer)
        if let move = plan.move, let top = repository.workTree {
            // The index alone, with `-i`: files are brought back from the checkpoint, which has them as they were, edits
            // included. What is staged elsewhere stays; where it is in the way, git refuses and nothing has changed yet.
            try surroundings.git.succeed(
                "take the index back to \(move.to.short)", ["read-tree", "-i", "-m", move.from.hex, move.to.hex],
                in: top)
            try writer.apply(plan.changes, unconverted: unconverted)
            try repository.setReference(
                move.branch, to: move.to, expecting: move.from, reason: "git-wf: undo of \(operation.id.short)")
            // Its status is whether anything differs, which is no matter here.
            _ = try surroundings.git.run(["update-index", "-q", "--refresh"], in: top)
        } else {
            try writer.apply(plan.changes, unconverted: unconverted)
        }

        var draft = Draft(.undone, "Undid: \(operation.title)")
        draft.add(TrailerKey.undid, operation.id.hex)
        if let agent = operation[TrailerKey.agent] {
            draft.add(TrailerKey.agent, agent)
            // Taking back what took a merge back merges again.
            let isMerge = operation.kind == .agentMerged || operation[TrailerKey.commit] != nil
            if !isMerge { draft.add(TrailerKey.commit, plan.before.head?.hex) }
        }
        draft.parents.append((TrailerKey.undo, before.id))
        let recorded = try append([draft.holding(TrailerKey.unconverted, replaced)], snapshot: takeSnapshot())
        return RestoreResult(before: before, checkpoint: recorded[0], changes: plan.changes)
    }

    /// Files that the undo would remove, were they in the snapshot: they came to be ignored or too large since.
    private func unheld(_ paths: [RepositoryPath], snapshot: Snapshot, before: ObjectID) throws -> [WorktreeWriter
        .Blocker]
    {
        guard let top = repository.workTree else { return [] }
        return try paths.compactMap { path in
            guard try repository.file(at: path, in: before) == nil,
                try repository.file(at: path, in: snapshot.tree) == nil, WorktreeWriter.isThere(path, below: top)
            else { return nil }
            return WorktreeWriter.Blocker(path: path, reason: "ignored or left out, so no checkpoint holds it")
        }
    }

    /// The checkpoint that a restore or an undo of this worktree took before it began, where nothing records its end: it was
    /// cut short, and the files may be as before it, as after it, or some of each.
    package func interruptedOperation() throws -> Checkpoint? {
        var history = try history(of: lane, withAutomatic: true)
        // Whatever was cut short is near the tip: the next operation of this worktree settles it.
        for _ in 0..<Self.interruptionDepth {
            guard let checkpoint = try history.next() else { return nil }
            guard checkpoint[TrailerKey.worktree] == binding.worktree else { continue }
            switch checkpoint.kind {
            case .restored, .undone: return nil
            case .auto where checkpoint.trigger == .restore || checkpoint.trigger == .undo: return checkpoint
            default: continue
            }
        }
        return nil
    }

    /// How many checkpoints back an operation that was cut short is looked for.
    private static let interruptionDepth = 50

    private func lastOperation() throws -> Checkpoint? {
        var history = try history(of: lane, withAutomatic: false)
        while let checkpoint = try history.next() {
            guard checkpoint[TrailerKey.worktree] == binding.worktree, checkpoint[TrailerKey.undo] != nil else {
                continue
            }
            switch checkpoint.kind {
            case .restored, .undone, .agentMerged: return checkpoint
            default: continue
            }
        }
        return nil
    }

    /// What brings `paths` from one tree's content to another's.
    private func changes(at paths: [RepositoryPath], from old: ObjectID, to new: ObjectID) throws -> [TreeChange] {
        try paths.compactMap { path in
            let change = TreeChange(
                path: path, old: try repository.file(at: path, in: old), new: try repository.file(at: path, in: new))
            return change.old == change.new ? nil : change
        }
    }
}

extension Repository {
    /// As `entry(at:in:)`, for files alone.
    fileprivate func file(at path: RepositoryPath, in tree: ObjectID) throws -> TreeEntry? {
        try entry(at: path, in: tree).flatMap { $0.mode == .directory ? nil : $0 }
    }
}
