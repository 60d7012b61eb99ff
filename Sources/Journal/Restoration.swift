package import Git
package import Snapshots
package import Workflow

/// What a restore would do, computed before anything is written.
package struct RestorePlan: Sendable {
    /// One path, and where its content comes from.
    package struct Step: Sendable {
        package let change: TreeChange
        /// A checkpoint, or HEAD's commit.
        package let from: ObjectID
    }

    package var steps: [Step]
    /// Paths that are as asked for already, and where that is recorded.
    package var unchanged: [(path: RepositoryPath, from: ObjectID)]
    /// Paths that must not be touched.
    package var blockers: [WorktreeWriter.Blocker]
    /// Arguments that no checkpoint has anything for.
    package var unmatched: [String]
}

/// A content that a path had.
package struct RestoreCandidate: Sendable {
    package let path: RepositoryPath
    package let id: ObjectID
    package let time: Timestamp
    package let actor: String
    package let size: Int
}

/// Finds out where restored files come from.
///
/// Without a source each argument is taken to the nearest earlier record in which what it names differs from what is
/// there now. Work in a worktree is newer than the commit it is based on, so what HEAD has stands behind the checkpoints
/// that were taken since the commit that brought it:
///
///     newest ─▶ checkpoints since that commit ─▶ HEAD's content ─▶ older checkpoints ─▶ oldest
///
/// What restores and undos recorded does not count. Where what is there now came from a restore, the search goes on behind
/// that restore's source: asked again, it goes one further back.
package struct Restoration {
    private let journal: Journal
    private let snapshot: Snapshot
    private var repository: Repository { journal.repository }

    package init(_ journal: Journal, snapshot: Snapshot) {
        self.journal = journal
        self.snapshot = snapshot
    }

    /// What bringing `paths` (git's pathspecs, from the top of the worktree; empty for all) to a checkpoint would do.
    /// - Parameter isExact: whether files that the checkpoint does not have are removed.
    package func plan(from source: Checkpoint, paths: [String], isExact: Bool) throws -> RestorePlan {
        var plan = RestorePlan(steps: [], unchanged: [], blockers: [], unmatched: [])
        for argument in paths.isEmpty ? [nil] : paths.map(Optional.some) {
            let specs = argument.map { [$0] } ?? []
            let changes = try repository.changes(from: snapshot.tree, to: source.tree, paths: specs)
            let wanted = changes.filter { isExact || $0.new != nil }
            plan.steps += wanted.map { RestorePlan.Step(change: $0, from: source.id) }
            guard wanted.isEmpty, let argument else { continue }
            let path = RepositoryPath(argument)
            if let entry = try repository.entry(at: path, in: source.tree),
                try repository.entry(at: path, in: snapshot.tree) == entry
            {
                plan.unchanged.append((entry.path, source.id))
            } else if argument != "." {
                plan.unmatched.append(argument)
            }
        }
        return try finished(plan)
    }

    /// What bringing each of `paths` to its nearest earlier content would do.
    package func plan(paths: [String]) throws -> RestorePlan {
        var plan = RestorePlan(steps: [], unchanged: [], blockers: [], unmatched: [])
        for argument in paths {
            // Another worktree may append to the same lane; what it has is not what was here, unless nothing else is known.
            var found = false
            for isOwnOnly in [true, false] where !found {
                try search(argument, isOwnOnly: isOwnOnly) { id, changes in
                    plan.steps += changes.map { RestorePlan.Step(change: $0, from: id) }
                    found = true
                    return false
                }
            }
            if !found { plan.unmatched.append(argument) }
        }
        return try finished(plan)
    }

    /// All contents that the files named by `argument` had, newest first, as the search passes them.
    package func candidates(_ argument: String) throws -> [RestoreCandidate] {
        var seen: Set<TreeEntry> = []
        var candidates: [RestoreCandidate] = []
        try search(argument) { id, changes in
            for entry in changes.compactMap(\.new) where entry.mode != .gitlink && seen.insert(entry).inserted {
                let commit = try repository.commit(id)
                candidates.append(
                    RestoreCandidate(
                        path: entry.path, id: id, time: commit.committer.time,
                        actor: Checkpoint(commit)?.actor ?? commit.author.name, size: try repository.blobSize(entry.id))
                )
            }
            return true
        }
        return candidates
    }

    private func finished(_ plan: RestorePlan) throws -> RestorePlan {
        var plan = plan
        plan.blockers = try WorktreeWriter(repository: repository, git: journal.surroundings.git)
            .blockers(of: plan.steps.map(\.change))
        return plan
    }

    /// Goes back through everything recorded and hands each record in which `argument` has another content, with the
    /// changes that would bring it here.
    /// - Parameters:
    ///   - isOwnOnly: whether only what this worktree recorded counts, and HEAD, where it recorded anything.
    ///   - body: returns whether to go on.
    private func search(
        _ argument: String, isOwnOnly: Bool = false, _ body: (ObjectID, [TreeChange]) throws -> Bool
    ) throws {
        var skipsUntil = try sourceOfPresent(argument)
        func examine(_ id: ObjectID, tree: ObjectID) throws -> Bool {
            if let source = skipsUntil {
                if id == source { skipsUntil = nil }
                return true
            }
            let changes = try repository.changes(from: snapshot.tree, to: tree, paths: [argument]).filter {
                $0.new != nil
            }
            return changes.isEmpty ? true : try body(id, changes)
        }
        // HEAD's content of the path is as old as the commit that brought it, which may be far below HEAD.
        var pendingHead = snapshot.head.commit
        func examineHead() throws -> Bool {
            guard pendingHead != nil, let head = snapshot.head.commit, let tree = snapshot.headTree else { return true }
            pendingHead = nil
            return try examine(head, tree: tree)
        }
        func isSameInHead(as commit: ObjectID?) throws -> Bool {
            guard let commit, let tree = snapshot.headTree else { return false }
            return try repository.changes(from: repository.commit(commit).tree, to: tree, paths: [argument]).isEmpty
        }
        var history = try journal.history(of: journal.lane, withAutomatic: true)
        var isAnyExamined = !isOwnOnly
        while let checkpoint = try history.next() {
            if isOwnOnly, checkpoint[TrailerKey.worktree] != journal.binding.worktree {
                if checkpoint.id == skipsUntil { skipsUntil = nil }
                continue
            }
            isAnyExamined = true
            if let pending = pendingHead, checkpoint.head != pending {
                if try isSameInHead(as: checkpoint.head) {
                    pendingHead = checkpoint.head
                } else if try !examineHead() {
                    return
                }
            }
            if checkpoint.isOfRestore {
                if checkpoint.id == skipsUntil { skipsUntil = nil }
                continue
            }
            if try !examine(checkpoint.id, tree: checkpoint.tree) { return }
        }
        if isAnyExamined { _ = try examineHead() }
    }

    /// Where what is there now was restored from, when the last restore of `argument` is what is there now.
    private func sourceOfPresent(_ argument: String) throws -> ObjectID? {
        var history = try journal.history(of: journal.lane, withAutomatic: false)
        while let checkpoint = try history.next() {
            guard checkpoint.kind == .restored,
                let source = try checkpoint.source(ofPathsMatching: argument)
                    ?? source(ofPattern: argument, in: checkpoint)
            else { continue }
            let isPresent = try repository.changes(from: checkpoint.tree, to: snapshot.tree, paths: [argument]).isEmpty
            // A restore of some of a folder's files leaves the source with something to give for the others.
            let left = try repository.changes(
                from: snapshot.tree, to: repository.commit(source).tree, paths: [argument])
            return isPresent && left.allSatisfy { $0.new == nil } ? source : nil
        }
        return nil
    }
}

extension Restoration {
    /// Where a restore took the last of the paths from that a pattern, or all of the worktree, stands for.
    private func source(ofPattern argument: String, in restored: Checkpoint) throws -> ObjectID? {
        guard argument == "." || argument.contains(where: { "*?[".contains($0) }),
            let before = restored.id(of: TrailerKey.undo)
        else { return nil }
        let changes = try repository.changes(
            from: repository.commit(before).tree, to: restored.tree, paths: [argument])
        let paths = Set(changes.map(\.path.text))
        return restored.restoredPaths.last { paths.contains($0.path) }?.from
    }
}

extension Checkpoint {
    /// Whether it was recorded by a restore or an undo, or just before one.
    fileprivate var isOfRestore: Bool {
        switch kind {
        case .restored, .undone: true
        case .auto: trigger == .restore || trigger == .undo
        default: false
        }
    }

    /// The pairs that a `restored` checkpoint has: `Wf-From`, then the `Wf-Path`s that came from there.
    package var restoredPaths: [(path: String, from: ObjectID)] {
        var from: ObjectID?
        var pairs: [(path: String, from: ObjectID)] = []
        for trailer in message.trailers {
            switch trailer.key {
            case TrailerKey.from: from = ObjectID(hex: trailer.value)
            case TrailerKey.path: if let from { pairs.append((trailer.value, from)) }
            default: break
            }
        }
        return pairs
    }

    fileprivate func source(ofPathsMatching argument: String) -> ObjectID? {
        let directory = argument.hasSuffix("/") ? argument : argument + "/"
        return restoredPaths.last { $0.path == argument || $0.path.hasPrefix(directory) }?.from
    }
}
