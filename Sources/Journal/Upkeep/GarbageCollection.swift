internal import Files
internal import Git
package import GitValues
package import Snapshots
internal import SystemPackage
package import Workflow

/// What `git wf gc` drops: whole segments of automatic checkpoints, of all workflows, whose newest is older than
/// `wf.keepAuto`. The newest segment of each worktree, which is still appended to, stays.
package struct GarbageCollection {
    /// A segment to drop.
    package struct Segment {
        package let ref: String
        package let tip: ObjectID
        /// How many checkpoints it has.
        package let checkpoints: Int
        package let newest: Timestamp
        /// The file of the lock under which it is appended to.
        let lock: FilePath
    }

    /// A segment that stays because it cannot be read.
    package struct Unreadable {
        package let ref: String
        package let reason: String
    }

    package let keepAuto: WorkflowDuration
    package internal(set) var unreadable: [Unreadable] = []
    package internal(set) var segments: [Segment] = []
    /// Commits that nothing but these segments holds, and that are no automatic checkpoints. What is behind them is held
    /// with them, and not named.
    package internal(set) var kept: [ObjectID] = []
    /// The checkpoints that hold those from now on; none before it was done, and where there are none.
    package internal(set) var recorded: [Checkpoint] = []
}

extension Journal {
    /// How many commits one checkpoint takes as parents: more make graphs hard to read.
    private static let keptLimit = 100

    /// What a collection would drop, and what it would have to keep. Changes nothing.
    package func planCollection() throws -> GarbageCollection {
        var plan = GarbageCollection(keepAuto: try keepAuto())
        var doomed: Set<ObjectID> = []
        for segments in try repository.segments(under: LaneRefs.root) {
            for (place, end) in segments.dropLast() {
                do {
                    guard let (segment, members) = try droppable(place, end: end, keepAuto: plan.keepAuto) else {
                        continue
                    }
                    plan.segments.append(segment)
                    doomed.formUnion(members)
                } catch let error as GitError {
                    plan.unreadable.append(.init(ref: place.ref, reason: error.description))
                }
            }
        }
        for (name, reason) in try repository.brokenReferences(under: LaneRefs.root) {
            plan.unreadable.append(.init(ref: name, reason: reason))
        }
        if !plan.segments.isEmpty { plan.kept = try heldOnly(by: plan.segments, besides: doomed) }
        return plan
    }

    /// Drops what is to be dropped. What nothing else holds first becomes a parent of a checkpoint of this worktree's lane.
    /// - Parameter snapshot: taken where such a checkpoint is needed.
    package func collectGarbage(snapshot: () throws -> Snapshot) throws -> GarbageCollection {
        let locks = repository.commonDirectory.appending("wf").appending("locks")
        return try FileLock.hold(locks.appending("gc"), access: repository.access) { _ in
            var plan = try planCollection()
            if !plan.kept.isEmpty { plan.recorded = try hold(plan.kept, with: snapshot()) }
            for segment in plan.segments { try drop(segment) }
            return plan
        }
    }

    /// How long automatic checkpoints are kept.
    private func keepAuto() throws -> WorkflowDuration {
        guard let text = try repository.config(.keepAuto) else { return WorkflowDuration(seconds: 30 * 86_400) }
        guard let duration = WorkflowDuration(parsing: text) else {
            throw GitError(
                .invalid, doing: "read wf.keepAuto", reason: "\(text.quoted) is no duration; 30d and 12h are some")
        }
        return duration
    }

    /// A segment that is old enough, with the ids of its checkpoints; `nil` for a young one, and for what is none of ours or
    /// was written by a newer version.
    private func droppable(
        _ place: SegmentPlace, end: LaneEnd, keepAuto: WorkflowDuration
    ) throws -> (GarbageCollection.Segment, [ObjectID])? {
        var members: [ObjectID] = []
        var newest: Timestamp?
        // A commit of somebody else's is theirs to take away.
        if end.isForeign { return nil }
        let tip = end.ref
        var next: ObjectID? = tip
        while let id = next {
            let checkpoint = try checkpoint(id)
            guard checkpoint.kind == .auto, checkpoint.version <= Checkpoint.currentVersion,
                checkpoint.workflow == place.workflow.text, checkpoint.lane == place.lane.text,
                checkpoint[TrailerKey.worktree] == place.worktree
            else { return nil }
            if newest == nil {
                newest = checkpoint.time
                if WorkflowDuration(from: checkpoint.time, to: surroundings.now) <= keepAuto { return nil }
            }
            members.append(id)
            let previous = checkpoint.previous
            // The first of a segment names the lane's tip as its only predecessor.
            next = previous == checkpoint.id(of: TrailerKey.after) ? nil : previous
        }
        guard let newest else { return nil }
        let owner = Binding(workflow: place.workflow, lane: place.lane, branch: nil, worktree: place.worktree)
        let lock = Journal(
            repository: repository, surroundings: surroundings, workflow: place.workflow, lane: place.lane,
            binding: owner, branch: nil, actor: nil
        ).segmentLockFile
        let segment = GarbageCollection.Segment(
            ref: place.ref, tip: tip, checkpoints: members.count, newest: newest, lock: lock)
        return (segment, members)
    }

    /// The commits that no ref but those of some segments leads to, without the segments' own and without those that
    /// lie behind another one.
    private func heldOnly(by segments: [GarbageCollection.Segment], besides own: Set<ObjectID>) throws -> [ObjectID] {
        let lines = try repository.git.succeed(
            "find what only old segments hold",
            ["--git-dir=\(repository.commonDirectory)", "rev-list", "--parents"] + segments.map(\.tip.hex) + ["--not"]
                + segments.map { "--exclude=\($0.ref)" } + ["--glob=refs/*"],
            in: repository.commonDirectory, variables: GitProgram.literally
        ).text.split(separator: "\n")
        var kept: [ObjectID] = []
        var behind: Set<ObjectID> = []
        for line in lines {
            let ids = line.split(separator: " ").compactMap { ObjectID(hex: String($0)) }
            guard let id = ids.first, !own.contains(id) else { continue }
            kept.append(id)
            behind.formUnion(ids.dropFirst())
        }
        return kept.filter { !behind.contains($0) }
    }

    /// Records commits as parents of this worktree's lane. The kind is one that means nothing for the state: `checkpoint`
    /// would hide the last one that somebody asked for from the next brief.
    private func hold(_ commits: [ObjectID], with snapshot: Snapshot) throws -> [Checkpoint] {
        let drafts = stride(from: 0, to: commits.count, by: Self.keptLimit).map { start in
            let some = commits[start..<min(start + Self.keptLimit, commits.count)]
            var draft = Draft(
                .rewritten, "Kept \(some.count) commit\(some.count == 1 ? "" : "s") of old automatic checkpoints")
            draft.parents = some.map { (key: TrailerKey.kept, id: $0) }
            return draft
        }
        return try append(drafts, snapshot: snapshot)
    }

    /// Deletes the ref of a segment, unless it moved. By git, which finishes that also when this process is killed: what a
    /// killed one leaves locked would stop every gc.
    private func drop(_ segment: GarbageCollection.Segment) throws {
        _ = try FileLock.hold(segment.lock, access: repository.access) { _ in
            try repository.git.succeed(
                "delete \(segment.ref)",
                [
                    "--git-dir=\(repository.commonDirectory)", "-c", "core.hooksPath=/dev/null", "update-ref",
                    "--no-deref",
                    "-d", segment.ref, segment.tip.hex,
                ], in: repository.commonDirectory)
        }
    }
}
