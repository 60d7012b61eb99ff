internal import Git
internal import Workflow

/// What `git wf fsck` finds: whether every lane is whole and says what the machine allows.
package struct LaneCheck {
    /// One ref of ours.
    package struct Lane: Sendable {
        package let ref: String
        /// How many checkpoints were read.
        package let checkpoints: Int
        package let isOK: Bool
    }

    /// Something that is wrong, and with which commit or ref.
    package struct Problem: Sendable {
        package let id: String
        package let text: String
    }

    private let workspace: Workspace
    private var repository: Repository { workspace.repository }
    /// Trees and blobs that were found to be there, with all below them.
    private var whole: Set<ObjectID> = []
    package private(set) var lanes: [Lane] = []
    package private(set) var problems: [Problem] = []

    /// Checks every lane and segment of a repository. Nothing is written.
    package init(_ workspace: Workspace) throws {
        self.workspace = workspace
        for reference in try workspace.repository.references(under: LaneRefs.root) {
            let before = problems.count
            let count = try walk(reference)
            lanes.append(Lane(ref: reference.name, checkpoints: count, isOK: problems.count == before))
        }
        for workflow in try workspace.workflows() { try compareFold(of: workflow) }
    }

    /// Trailers whose value is the id of an object that the checkpoint keeps alive.
    private static let idKeys = [
        TrailerKey.head, TrailerKey.index, TrailerKey.autostash, TrailerKey.after, TrailerKey.undo, TrailerKey.from,
        TrailerKey.undid, TrailerKey.spec, TrailerKey.report, TrailerKey.document, TrailerKey.definition,
        TrailerKey.base,
        TrailerKey.laneTip, TrailerKey.unconverted, TrailerKey.kept,
    ]

    private mutating func report(_ id: String, _ text: String) { problems.append(Problem(id: id, text: text)) }

    /// Reads a lane or a segment from its tip to its beginning.
    /// - Returns: how many checkpoints it has.
    private mutating func walk(_ reference: Reference) throws -> Int {
        let place = reference.name.dropFirst(LaneRefs.root.count).split(separator: "/")
        let isSegment = place.count == 4 && place[1] == "auto"
        let isLane = place.count == 2 && place[1] == "leader" || place.count == 3 && place[1] == "agents"
        guard isLane || isSegment else {
            report(reference.name, "this ref is at no place of ours")
            return 0
        }
        var next: ObjectID? = reference.target
        var count = 0
        while let id = next {
            guard let commit = try read(id) else {
                report(id.hex, "the commit is missing or damaged, so what is older in \(reference.name) cannot be read")
                return count
            }
            guard let checkpoint = Checkpoint(commit) else {
                report(id.hex, "the commit is in \(reference.name) and is no checkpoint")
                return count
            }
            count += 1
            try check(checkpoint)
            let previous = checkpoint.previous
            // The first of a segment names the lane's tip as its only predecessor.
            next = isSegment && previous == checkpoint.id(of: TrailerKey.after) ? nil : previous
        }
        return count
    }

    private mutating func check(_ checkpoint: Checkpoint) throws {
        if try !isWhole(checkpoint.tree, isTree: true) {
            report(checkpoint.id.hex, "objects of its tree are missing")
        }
        for trailer in checkpoint.message.trailers where Self.idKeys.contains(trailer.key) {
            guard let id = ObjectID(hex: trailer.value) else {
                report(checkpoint.id.hex, "\(trailer.key) is no id: \(trailer.value.quoted)")
                continue
            }
            if try !repository.contains(id) {
                report(checkpoint.id.hex, "\(trailer.key) names \(id.short), which is missing")
            }
        }
    }

    /// A missing or damaged object is an answer here.
    private func read(_ id: ObjectID) throws -> Commit? {
        do {
            return try repository.commit(id)
        } catch is GitError {
            return nil
        }
    }

    /// Whether a tree or a blob is there with all below it.
    private mutating func isWhole(_ id: ObjectID, isTree: Bool) throws -> Bool {
        if id == Repository.emptyTree || whole.contains(id) { return true }
        guard try repository.contains(id) else { return false }
        if isTree {
            let entries: [TreeEntry]
            do {
                entries = try repository.entries(of: id)
            } catch is GitError {
                return false
            }
            for entry in entries where entry.mode != .gitlink {
                if try !isWhole(entry.id, isTree: entry.mode == .directory) { return false }
            }
        }
        whole.insert(id)
        return true
    }

    /// Folds the leader's lane from its root, and compares that with what the cache says.
    private mutating func compareFold(of workflow: Name) throws {
        let journal = try workspace.journal(workflow: workflow)
        guard let tip = try journal.tip(of: .leader) else { return }
        do {
            guard case .leader(let folded) = try journal.foldedFromRoot(.leader, tip: tip).state else { return }
            for refusal in folded.refusals {
                report(refusal.id.hex, "not allowed, and without effect: \(refusal.reason)")
            }
            if let cached = journal.cache.load(WorkflowState.self, lane: .leader), cached.tip == tip,
                cached.state != folded
            {
                report(tip.hex, "the cache of \(workflow) says something else than its lane; it may be deleted")
            }
        } catch let error as IllegalTransition {
            report(tip.hex, "the lane of \(workflow) cannot be read: \(error.reason)")
        } catch let error as GitError {
            report(tip.hex, "the lane of \(workflow) cannot be read: \(error)")
        }
    }
}
