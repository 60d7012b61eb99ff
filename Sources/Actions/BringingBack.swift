package import Files
internal import Git
package import GitValues
internal import Journal
package import Operations
internal import Snapshots
package import Workflow

/// What is to be restored.
package struct RestoreRequest: Sendable {
    /// The name of a checkpoint; `nil` for the nearest earlier content of each path.
    package var from: String?
    /// Every path that the checkpoint has.
    package var isAll: Bool
    /// Whether what the checkpoint does not have is removed.
    package var isExact: Bool
    /// As a user typed them.
    package var paths: [TypedPath]

    package init(from: String?, isAll: Bool, isExact: Bool, paths: [TypedPath]) {
        self.from = from
        self.isAll = isAll
        self.isExact = isExact
        self.paths = paths
    }
}

/// Which version of a file there is now.
package struct FileVersion: Sendable {
    /// The checkpoint or commit that it was taken from.
    package let from: ObjectID
    /// When that was recorded.
    package let time: Timestamp
    /// In bytes; `nil` for what is no file.
    package let size: Int?
}

/// What a restore did, or would do.
package struct RestoredFiles: Sendable {
    package let plan: RestorePlan
    /// What the paths that were written have now.
    package let versions: [RepositoryPath: FileVersion]
    /// The checkpoint that holds what was there; `nil` where nothing was done.
    package var before: Checkpoint?
    /// The contents to choose from; `nil` where nobody asked.
    package var candidates: [RestoreCandidate]?
    /// Why nothing would be done, of one that was only asked about.
    package var refusal: ActionError?
}

/// What an undo or a redo did, or would do.
package struct UndoneOperation: Sendable {
    package let plan: UndoPlan
    /// What the paths that were written have now.
    package let versions: [RepositoryPath: FileVersion]
    /// `nil` where nothing was done.
    package var result: RestoreResult?
    package var refusal: ActionError?
}

/// Brings files back, and takes operations back.
package struct BringingBack {
    private let session: Session

    package init(_ session: Session) { self.session = session }

    /// - Parameter isDryRun: whether nothing is to be changed.
    /// - Throws: `ActionError` where nothing is restored; of a dry run that is part of the answer.
    package func restore(_ request: RestoreRequest, isDryRun: Bool) throws -> RestoredFiles {
        let state = try session.state()
        let source = try request.from.map { try session.journal.resolve($0) }
        let selections = try session.selections(request.paths)
        let snapshot = try session.snapshot(for: state)
        let restoration = Restoration(session.journal, snapshot: snapshot)
        let plan =
            switch source {
            case let source? where request.isAll: try restoration.plan(allFrom: source, isExact: request.isExact)
            case let source?: try restoration.plan(from: source, selections)
            case nil: try restoration.plan(selections)
            }
        let refusal = refusal(of: plan, request, nothing: isDryRun ? "nothing would be" : "nothing was")
        let versions = try versions(plan.steps.map { ($0.change, $0.from) })
        if isDryRun {
            let candidates = try source == nil ? selections.flatMap { try restoration.candidates($0) } : []
            return RestoredFiles(plan: plan, versions: versions, candidates: candidates, refusal: refusal)
        }
        if let refusal { throw refusal }
        try warn(ofEffectsSince: plan.steps.map(\.from), in: state)
        let result = try plan.steps.isEmpty ? nil : restoration.perform(plan)
        return RestoredFiles(plan: plan, versions: versions, before: result?.before)
    }

    /// Says what stays as it is, though files go back to before it was done: git cannot take it back.
    private func warn(ofEffectsSince sources: [ObjectID], in state: WorkflowState) throws {
        let sources = Set(sources)
        for effect in state.outside
        where try sources.contains(where: { try session.repository.isDescendant(effect.id, of: $0) }) {
            session.narration.say(
                "warning: done outside of git since then, and not taken back by this: \(effect.text)")
        }
    }

    private func versions(_ changes: [(TreeChange, from: ObjectID)]) throws -> [RepositoryPath: FileVersion] {
        let repository = session.repository
        var times: [ObjectID: Timestamp] = [:]
        var versions: [RepositoryPath: FileVersion] = [:]
        for (change, from) in changes {
            guard let new = change.new else { continue }
            let time = try times[from] ?? repository.commit(from).committer.time
            times[from] = time
            let size = try new.mode == .gitlink ? nil : repository.blobSize(new.id)
            versions[change.path] = FileVersion(from: from, time: time, size: size)
        }
        return versions
    }

    /// Why nothing is done.
    private func refusal(of plan: RestorePlan, _ request: RestoreRequest, nothing: String) -> ActionError? {
        if !plan.blockers.isEmpty { return ActionError(nothing + " restored", blockers: plan.blockers) }
        if let missing = plan.unmatched.first {
            return ActionError(
                request.from == nil
                    ? "nothing earlier of \(missing.quoted) is recorded that differs from what is there"
                    : "that checkpoint has no \(missing.quoted)", .refused)
        }
        if !request.isAll, plan.steps.isEmpty, plan.unchanged.isEmpty, !plan.left.isEmpty {
            return ActionError("\(nothing) restored: \(plan.left.listed)", .refused)
        }
        return nil
    }

    /// - Parameter isDryRun: whether nothing is to be changed.
    package func undo(_ target: UndoTarget, isDryRun: Bool) throws -> UndoneOperation {
        let snapshot = try session.snapshot(for: session.state())
        let undoing = Undoing(session.journal, snapshot: snapshot)
        let plan = try undoing.plan(target)
        let refusal =
            plan.blockers.isEmpty
            ? nil : ActionError("nothing \(isDryRun ? "would be" : "was") undone", blockers: plan.blockers)
        let versions = try versions(plan.changes.map { ($0, plan.before.id) })
        if isDryRun { return UndoneOperation(plan: plan, versions: versions, refusal: refusal) }
        if let refusal { throw refusal }
        try warn(ofEffectsSince: [plan.before.id], in: session.state())
        return UndoneOperation(plan: plan, versions: versions, result: try undoing.perform(plan))
    }
}

extension ActionError {
    /// Nothing is done, because of what stands there.
    fileprivate init(_ nothing: String, blockers: [Examination.Obstacle]) {
        let isForbidden = blockers.contains { $0.isForbidden }
        self.init(
            "\(nothing), because these \(isForbidden ? "could not" : "must not") be touched: \(blockers.listed)",
            isForbidden ? .impossible : .refused)
    }
}

extension [Examination.Obstacle] {
    /// The first of them with their reasons.
    fileprivate var listed: String {
        let more = count > 5 ? " and \(count - 5) more" : ""
        return prefix(5).map { "\($0.path.text) (\($0.reason))" }.joined(separator: ", ") + more
    }
}
