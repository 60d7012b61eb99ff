package import Files
internal import Git
package import GitValues
internal import Journal
package import Snapshots
package import Workflow

/// A checkpoint that is asked for.
package struct CheckpointRequest: Sendable {
    package var title: String?
    package var body: String
    /// What a successor must know, in the form of a checkpoint document; the lists below are added to it.
    package var document: CheckpointDocument?
    package var summary: [String]
    package var decisions: [String]
    package var next: [String]
    package var reads: [String]
    /// `PATH: STATE`
    package var files: [String]
    /// What was done that git cannot take back.
    package var outside: [String] = []
    /// Patterns of untracked files that are taken though they are large or look like secrets.
    package var allow: [TypedPath]
    /// Whether it is also committed to the branch.
    package var commits: Bool
    /// Whether nothing is recorded where nothing changed.
    package var isOnlyIfChanged: Bool
    /// Why an automatic one is taken; `nil` for one that means something.
    package var trigger: Trigger?

    package init(
        title: String?, body: String, document: CheckpointDocument?, summary: [String], decisions: [String],
        next: [String], reads: [String], files: [String], allow: [TypedPath], commits: Bool, isOnlyIfChanged: Bool,
        trigger: Trigger?
    ) {
        self.title = title
        self.body = body
        self.document = document
        self.summary = summary
        self.decisions = decisions
        self.next = next
        self.reads = reads
        self.files = files
        self.allow = allow
        self.commits = commits
        self.isOnlyIfChanged = isOnlyIfChanged
        self.trigger = trigger
    }
}

/// A checkpoint that was taken.
package struct TakenCheckpoint: Sendable {
    package let checkpoint: Checkpoint
    package let snapshot: Snapshot
    /// How many paths differ from the one before.
    package let changed: Int?
    /// Whether nothing was recorded, because nothing changed since ``checkpoint``.
    package var isUnchanged = false
    /// Repositories in the worktree that have what no checkpoint of this one holds.
    package var dirty: [RepositoryPath] = []
    /// Why the branch did not get its commit.
    package var refusal: ActionError?
}

/// Takes checkpoints that somebody asks for.
package struct Checkpointing {
    private let session: Session

    package init(_ session: Session) { self.session = session }

    /// - Returns: `nil` where an automatic one was not needed.
    package func take(_ request: CheckpointRequest) throws -> TakenCheckpoint? {
        let state = try session.state()
        var snapshot = try session.snapshot(for: state, allowing: request.allow)
        let journal = session.journal
        let newest = try journal.newest()
        if request.isOnlyIfChanged, try journal.isSame(snapshot, as: newest), let newest {
            return TakenCheckpoint(checkpoint: newest, snapshot: snapshot, changed: 0, isUnchanged: true)
        }
        let changed = try unlessMalformed {
            try newest.map { try session.repository.changeCount(from: $0.tree, to: snapshot.tree) } ?? 0
        }
        if let trigger = request.trigger {
            return try journal.appendAutomatic(
                trigger, title: request.title ?? "Automatic: \(trigger)", snapshot: snapshot
            ).map { TakenCheckpoint(checkpoint: $0, snapshot: snapshot, changed: changed) }
        }
        let draft = try draft(request, state: state, snapshot: snapshot)
        // What is wrong with the commit is said once the checkpoint is safe.
        var refusal: ActionError?
        if request.commits || state.definition.checkpoint.commit == .checkpoint {
            do {
                let made = try BranchCommit(session: session)
                    .commit(title: draft.title, body: draft.body, state: state, snapshot: snapshot)
                if made != nil { snapshot = try session.snapshot(for: state, allowing: request.allow) }
            } catch let error as ActionError {
                refusal = error
            }
        }
        let checkpoint = try journal.append([draft], snapshot: snapshot)[0]
        session.protectAgents(beside: "the leader's checkpoint \(checkpoint.id.short)")
        let dirty = try DirtyRepositories(session: session).find(in: snapshot)
        return TakenCheckpoint(
            checkpoint: checkpoint, snapshot: snapshot, changed: changed, dirty: dirty, refusal: refusal)
    }

    private func draft(_ request: CheckpointRequest, state: WorkflowState, snapshot: Snapshot) throws -> Draft {
        let context = try session.journal.context(for: snapshot, state: state)
        let files = try session.journal.fileStates(in: snapshot, state: state)
        var document: CheckpointDocument
        if let given = request.document {
            let inForce = try session.journal.inForce()
            document = given.filled(
                context: context, decisions: inForce.decisions, files: files, next: inForce.next)
        } else {
            let title = request.title ?? request.summary.first ?? request.next.first.map { "Next: \($0)" }
            document = CheckpointDocument(
                title: title ?? "Checkpoint", context: context, files: request.files.isEmpty ? files : [])
        }
        // What was in force before is recorded where it was said.
        let decisions = (request.document?.decisions ?? []) + request.decisions
        let next = (request.document?.next ?? []) + request.next
        document.context += request.reads
        document.summary += request.summary
        document.decisions += request.decisions
        document.files += request.files.map { CheckpointDocument.FileState(entry: $0) }
        document.next += request.next
        var draft = Draft(.checkpoint, document.title)
        draft.body = request.body
        draft.add(TrailerKey.read, document.context)
        draft.add(TrailerKey.summary, document.summary)
        draft.add(TrailerKey.decision, decisions)
        draft.add(TrailerKey.file, document.files.map(\.text))
        draft.add(TrailerKey.next, next)
        draft.add(TrailerKey.outside, request.outside)
        if let source = document.source {
            // The document itself is kept too, so that it comes back as it was written. What is added to it is written
            // where it belongs, in the form of the others.
            let added = request.reads + request.summary + request.decisions + request.files + request.next
            let blob = try session.repository.createBlob(added.isEmpty ? source : Array(document.text.utf8))
            let tree = try session.repository.createTree([("checkpoint.md", .file, blob)])
            draft.parents.append(
                (TrailerKey.document, try session.journal.attachment(tree: tree, title: "A checkpoint document")))
        }
        return draft
    }
}
