internal import Git
internal import GitValues
internal import Journal
internal import Snapshots
package import Workflow

/// What a restore or an undo did.
package struct RestoreResult: Sendable {
    /// The checkpoint that holds what was there before; an undo brings it back.
    package let before: Checkpoint
}

extension Restoration {
    /// Does what a plan says: a checkpoint of what is there, then the files, then the record of it.
    package func perform(_ plan: RestorePlan) throws -> RestoreResult {
        let changes = plan.steps.map(\.change)
        let names = Self.list(changes.map(\.path.text))
        let writer = try WorktreeWriter(repository: repository, git: journal.repository.git)
        // What cannot be written fails before anything is recorded.
        let batch = try writer.prepare(changes, unconverted: plan.unconverted, examination: plan.examination)
        let operation = Operation(journal)
        return try operation.alone {
            let before = try operation.checkpointBefore(
                .restore, title: "Before restoring \(names)", snapshot: snapshot, holding: plan.examination,
                writer: writer)
            var draft = Draft(.restored, "Restored \(names)")
            try WrittenPaths(plan.steps.map { WrittenPaths.Entry(path: $0.change.path, from: $0.from) })
                .record(in: &draft, journal: journal)
            draft.parents.append((TrailerKey.undo, before.id))
            var intent = Intent(.restore, branch: snapshot.head.branch)
            intent.draft = draft
            intent.before = before.id
            intent.unconverted = plan.unconverted
            intent.changes = changes
            _ = try operation.perform(intent, batch, since: snapshot, writer: writer)
            return RestoreResult(before: before)
        }
    }

    private static func list(_ names: [String]) -> String {
        names.count <= 2 ? names.joined(separator: " and ") : "\(names[0]) and \(names.count - 1) more paths"
    }
}

extension Operation {
    /// As the other, where it is known what was there before.
    /// - Parameter snapshot: that.
    func perform(_ intent: Intent, _ batch: WriteBatch, since snapshot: Snapshot, writer: WorktreeWriter) throws
        -> Checkpoint
    {
        try perform(intent, batch) {
            let limit = try journal.fileSizeLimit(journal.state()?.definition.checkpoint.maxFileSize)
            return try snapshot.following(intent.changes, by: writer, maximumFileSize: limit.bytes)
        }
    }
}
