package import Git
internal import GitValues
package import Journal
package import Snapshots
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
        return try operating {
            let before = try checkpointBefore(
                .restore, title: "Before restoring \(Self.list(names))", snapshot: snapshot,
                holding: plan.examination, writer: writer)
            var draft = Draft(.restored, "Restored \(Self.list(names))")
            for (source, group) in Self.grouped(plan.steps) {
                draft.add(TrailerKey.from, source.hex)
                draft.add(TrailerKey.path, group.prefix(Self.pathLimit).map(\.change.path.text))
                draft.parents.append((nil, source))
            }
            if changes.count > Self.pathLimit { draft.body = "\(changes.count) paths in all." }
            draft.parents.append((TrailerKey.undo, before.id))
            let intent = Intent(
                draft, before: before.id, unconverted: plan.unconverted, move: nil, changes: changes)
            let recorded = try perform(intent, batch, since: snapshot, writer: writer)
            return RestoreResult(before: before, checkpoint: recorded, changes: changes)
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
}
