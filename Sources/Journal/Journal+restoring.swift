package import Git
package import Snapshots
internal import SystemPackage
package import Workflow

/// What a restore or an undo did.
package struct RestoreResult: Sendable {
    /// The checkpoint that holds what was there before; an undo brings it back.
    package let before: Checkpoint
    /// The checkpoint that records it.
    package let checkpoint: Checkpoint
    package let changes: [TreeChange]
}

extension Journal {
    /// Does what a plan says: a checkpoint of what is there, then the files, then the record of it.
    /// - Parameter snapshot: what the plan was made from.
    package func restore(_ plan: RestorePlan, snapshot: Snapshot) throws -> RestoreResult {
        let changes = plan.steps.map(\.change)
        let names = changes.map(\.path.text)
        let writer = try WorktreeWriter(repository: repository, git: surroundings.git)
        // What cannot be written fails before anything is recorded.
        let batch = try writer.prepare(changes, unconverted: plan.unconverted, examination: plan.examination)
        let before = try checkpointBefore(
            .restore, title: "Before restoring \(Self.list(names))", snapshot: snapshot,
            holding: plan.examination, writer: writer)
        try place(batch, before: before) {}

        var draft = Draft(.restored, "Restored \(Self.list(names))")
        for (source, group) in Self.grouped(plan.steps) {
            draft.add(TrailerKey.from, source.hex)
            draft.add(TrailerKey.path, group.prefix(Self.pathLimit).map(\.change.path.text))
            draft.parents.append((nil, source))
        }
        if changes.count > Self.pathLimit { draft.body = "\(changes.count) paths in all." }
        draft.parents.append((TrailerKey.undo, before.id))
        let recorded = try record(draft, of: changes, since: snapshot, before: before, writer: writer)
        return RestoreResult(before: before, checkpoint: recorded, changes: changes)
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

// MARK: Steps of a restore and of an undo

extension Journal {
    /// Records what is there, with the bytes of files that a checkpoint alone could not give back as they are.
    func checkpointBefore(
        _ trigger: Trigger, title: String, snapshot: Snapshot, holding examination: Examination?, writer: WorktreeWriter
    ) throws -> Checkpoint {
        let unconverted = try examination.flatMap { try writer.unconvertedTree(of: $0) }.map {
            try attachment(tree: $0, title: "Files as they were, unconverted")
        }
        let held = unconverted.map { [(key: Optional(TrailerKey.unconverted), id: $0)] } ?? []
        guard let before = try appendAutomatic(trigger, title: title, snapshot: snapshot, holding: held) else {
            throw SnapshotError("could not record what is there before the \(trigger)")
        }
        return before
    }

    /// Brings files to their places, and what belongs to them.
    /// - Parameter body: what comes with them, such as the index; where it fails, the files are taken back too.
    func place(_ batch: WriteBatch, before: Checkpoint, _ body: () throws -> Void) throws {
        do {
            try batch.place()
            try body()
        } catch {
            guard batch.takeBack() else {
                throw SnapshotError(
                    "\(error); not all of it could be taken back: git wf restore --from \(before.id.short) --all --exact "
                        + "brings back what was there")
            }
            noteTakenBack(before)
            throw error
        }
        batch.finish()
    }

    /// Records an operation whose files are in their places.
    func record(
        _ draft: Draft, of changes: [TreeChange], since snapshot: Snapshot, before: Checkpoint, writer: WorktreeWriter
    ) throws -> Checkpoint {
        do {
            // The first snapshot's memory is of the files before; it was kept with the checkpoint of those.
            snapshotter = nil
            let limit = try fileSizeLimit(state()?.definition.checkpoint.maxFileSize)
            let after = try snapshot.following(changes, by: writer, maximumFileSize: limit.bytes)
            let recorded = try append([draft], snapshot: after ?? takeSnapshot())
            if let checkpoint = recorded.first { return checkpoint }
            throw SnapshotError("nothing was appended")
        } catch {
            throw SnapshotError(
                "the files are in their places, but that could not be recorded: \(error); git wf restore --from "
                    + "\(before.id.short) --all --exact brings back what was there before")
        }
    }
}

// MARK: Interruptions

extension Journal {
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
            case .auto where checkpoint.trigger == .restore || checkpoint.trigger == .undo:
                return try isTakenBack(checkpoint) ? nil : checkpoint
            default: continue
            }
        }
        return nil
    }

    /// How many checkpoints back an operation that was cut short is looked for.
    private static let interruptionDepth = 50

    /// Notes that the operation after a checkpoint failed and left everything as it was. A note that is lost costs a warning.
    private func noteTakenBack(_ before: Checkpoint) {
        do {
            try StateFile.write(Array("\(before.id.hex)\n".utf8), to: takenBackFile)
        } catch {
            notes.append("\(error)")
        }
    }

    private var takenBackFile: FilePath { repository.gitDirectory.appending("wf").appending("taken-back") }

    private func isTakenBack(_ before: Checkpoint) throws -> Bool {
        try StateFile.read(takenBackFile) == Array("\(before.id.hex)\n".utf8)
    }
}
