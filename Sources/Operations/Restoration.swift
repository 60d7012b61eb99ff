internal import Files
package import Git
package import Journal
package import GitValues
package import Snapshots
package import Workflow

/// What a restore would do, computed before anything is written.
package struct RestorePlan: Sendable {
    /// One path, and where its content comes from.
    package struct Step: Sendable {
        package let change: TreeChange
        /// A checkpoint, or a commit of HEAD's history.
        package let from: ObjectID
    }

    /// One for each path, in the order of the arguments.
    package var steps: [Step] = []
    /// Paths that are as asked for already, and where that is recorded.
    package var unchanged: [(path: RepositoryPath, from: ObjectID)] = []
    /// Paths that must not be touched, or cannot be; while there are any, nothing is done.
    package var blockers: [Examination.Obstacle] = []
    /// Paths that are left as they are while the others are restored.
    package var left: [Examination.Obstacle] = []
    /// Arguments that no checkpoint has anything for.
    package var unmatched: [String] = []
    /// The tree of files that the source holds as they were, where git's conversions would not give their bytes back.
    fileprivate(set) var unconverted: ObjectID?
    /// What stands where the steps lead; `nil` until it was looked at.
    package var examination: Examination?

    /// Adds a step, unless an argument before this one decided about the path.
    fileprivate mutating func add(_ changes: [TreeChange], from source: ObjectID, known: inout Set<RepositoryPath>) {
        for change in changes where known.insert(change.path).inserted {
            steps.append(Step(change: change, from: source))
        }
    }
}

/// A content that a path had.
package struct RestoreCandidate: Sendable {
    package let path: RepositoryPath
    package let id: ObjectID
    package let time: Timestamp
    package let actor: String
    package let size: Int
}

/// Finds out what a restore does, and where the files come from.
///
/// Without a source each argument is taken to the nearest earlier record in which what it names differs from what is there
/// now; ``RecordSearch`` says which that is. An argument is taken as a whole: all that a folder holds comes from one record.
///
/// What stands in the way makes room where the snapshot holds it: a file in the place of a folder always, a folder in the
/// place of a file where that file was named. Everything else that is not named stays, but for `--exact`; and what is ignored
/// now, or was by the rules of the source, is not removed by that either.
package struct Restoration {
    let journal: Journal
    let snapshot: Snapshot
    var repository: Repository { journal.repository }

    package init(_ journal: Journal, snapshot: Snapshot) {
        self.journal = journal
        self.snapshot = snapshot
    }

    /// What bringing all that a checkpoint has would do.
    /// - Parameter isExact: whether files that the checkpoint does not have are removed.
    package func plan(allFrom source: Checkpoint, isExact: Bool) throws -> RestorePlan {
        var plan = RestorePlan()
        let changes = try repository.changes(from: snapshot.tree, to: source.tree, within: EveryPath())
        plan.steps = changes.filter { isExact || $0.new != nil }.map { RestorePlan.Step(change: $0, from: source.id) }
        plan.unconverted = try unconverted(in: source)
        return try finished(plan, isNamed: false)
    }

    /// What bringing what `selections` mean from a checkpoint would do.
    package func plan(from source: Checkpoint, _ selections: [PathSelection]) throws -> RestorePlan {
        var plan = RestorePlan()
        plan.unconverted = try unconverted(in: source)
        var known: Set<RepositoryPath> = []
        for selection in selections {
            let changes = try repository.changes(from: snapshot.tree, to: source.tree, within: selection)
            let wanted = changes.filter { $0.new != nil }
            plan.add(wanted, from: source.id, known: &known)
            guard wanted.isEmpty else { continue }
            if try repository.holds(any: selection, in: source.tree) {
                plan.unchanged.append((selection.literal ?? RepositoryPath(bytes: selection.typed.bytes), source.id))
            } else {
                plan.unmatched.append(selection.text)
            }
        }
        return try finished(plan, isNamed: true)
    }

    private func unconverted(in source: Checkpoint) throws -> ObjectID? {
        try source.id(of: TrailerKey.unconverted).map { try repository.commit($0).tree }
    }

    /// What bringing each of `selections` to its nearest earlier content would do.
    package func plan(_ selections: [PathSelection]) throws -> RestorePlan {
        var plan = RestorePlan()
        var known: Set<RepositoryPath> = []
        for selection in selections {
            // Another worktree may append to the same lane; what it has is not what was here, unless nothing else is known.
            var search = try RecordSearch(journal, snapshot: snapshot, selection: selection, prefersOwn: true)
            guard let record = try search.next() else {
                plan.unmatched.append(selection.text)
                continue
            }
            plan.add(record.changes, from: record.id, known: &known)
        }
        return try finished(plan, isNamed: true)
    }

    /// All contents that the files of a selection had, newest first, as the search for an earlier one passes them.
    package func candidates(_ selection: PathSelection) throws -> [RestoreCandidate] {
        var seen: Set<TreeEntry> = []
        var candidates: [RestoreCandidate] = []
        var search = try RecordSearch(journal, snapshot: snapshot, selection: selection, prefersOwn: false)
        while let record = try search.next() {
            let entries = record.changes.compactMap(\.new).filter { $0.mode != .gitlink && seen.insert($0).inserted }
            if entries.isEmpty { continue }
            let commit = try repository.commit(record.id)
            let actor = Checkpoint(commit)?.actor ?? commit.author.name
            for entry in entries {
                candidates.append(
                    RestoreCandidate(
                        path: entry.path, id: record.id, time: commit.committer.time, actor: actor,
                        size: try repository.blobSize(entry.id)))
            }
        }
        return candidates
    }

    // MARK: What stands in the way

    /// Adds what has to make room, takes out what must stay, and looks at what is there.
    private func finished(_ plan: RestorePlan, isNamed: Bool) throws -> RestorePlan {
        var plan = plan
        plan.left += try takeOutIgnored(&plan.steps)
        let writer = try WorktreeWriter(repository: repository, git: journal.repository.git)
        while true {
            var room = try makingRoom(for: plan.steps, isNamed: isNamed)
            let inTheWay = try takeOutIgnored(&room)
            let steps = room + plan.steps
            let examination = try writer.examine(steps.map(\.change), in: snapshot.tree)
            // What is left needs no room.
            let left = Set(examination.left.map(\.path)).subtracting(plan.left.map(\.path))
            if !left.isEmpty {
                plan.left += examination.left.filter { left.contains($0.path) }
                plan.steps.removeAll { left.contains($0.change.path) }
                continue
            }
            for step in steps where examination.settled.contains(step.change.path) {
                plan.unchanged.append((step.change.path, step.from))
            }
            plan.steps = steps.filter { !examination.settled.contains($0.change.path) }
            plan.blockers = examination.blockers + inTheWay
            plan.examination = examination
            return plan
        }
    }

    /// Takes out steps that would remove what the source's own rules ignore.
    private func takeOutIgnored(_ steps: inout [RestorePlan.Step]) throws -> [Examination.Obstacle] {
        var ignored: Set<RepositoryPath> = []
        for (source, removals) in Dictionary(grouping: steps.filter { $0.change.new == nil }, by: \.from) {
            ignored.formUnion(
                try FormerRules.ignored(
                    removals.map(\.change.path), by: repository.commit(source).tree, in: repository,
                    git: journal.repository.git))
        }
        steps.removeAll { $0.change.new == nil && ignored.contains($0.change.path) }
        return ignored.sorted().map {
            Examination.Obstacle(path: $0, reason: "it was ignored in that checkpoint, so it is never removed")
        }
    }

    /// The removals that steps need: of a file that is in the place of a folder, and where `isNamed` says so, of a folder's
    /// files in the place of a file.
    private func makingRoom(for steps: [RestorePlan.Step], isNamed: Bool) throws -> [RestorePlan.Step] {
        var known = Set(steps.map(\.change.path))
        var seen: Set<RepositoryPath> = []
        var room: [RestorePlan.Step] = []
        func remove(_ entry: TreeEntry, for step: RestorePlan.Step) {
            // Another repository makes no room.
            guard entry.mode != .gitlink, known.insert(entry.path).inserted else { return }
            room.append(
                RestorePlan.Step(change: TreeChange(path: entry.path, old: entry, new: nil), from: step.from))
        }
        for step in steps where step.change.old == nil && step.change.new != nil {
            var parent = step.change.path.parent
            while let directory = parent, seen.insert(directory).inserted {
                if let entry = try repository.entry(at: directory, in: snapshot.tree), entry.mode != .directory {
                    remove(entry, for: step)
                }
                parent = directory.parent
            }
            guard isNamed, let entry = try repository.entry(at: step.change.path, in: snapshot.tree),
                entry.mode == .directory
            else { continue }
            let below = try repository.changes(
                from: Repository.emptyTree, to: snapshot.tree, within: PathsBelow(directory: step.change.path))
            for entry in below.compactMap(\.new) { remove(entry, for: step) }
        }
        return room
    }
}

/// A directory with all that it holds.
private struct PathsBelow: PathSelecting {
    let directory: RepositoryPath

    func contains(_ path: RepositoryPath) -> Bool { path.isInside(directory) }
    func mayContain(below other: RepositoryPath) -> Bool { other.isInside(directory) || directory.isInside(other) }
    var literal: RepositoryPath? { directory }
}
