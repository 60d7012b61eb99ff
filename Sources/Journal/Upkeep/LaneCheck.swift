internal import Git
internal import GitValues
internal import Workflow

/// What `git wf fsck` finds: whether every lane is whole and says what the machine allows, and whether each ref leads to all
/// that it should.
package struct LaneCheck {
    /// One ref of ours.
    package struct Lane: Sendable {
        package let ref: String
        /// How many checkpoints were read.
        package let checkpoints: Int
        package let isOK: Bool
    }

    /// Something that is wrong or worth knowing, and with which commit or ref.
    package struct Remark: Sendable {
        package let id: String
        package let text: String
    }

    let workspace: Workspace
    var repository: Repository { workspace.repository }
    /// Trees and blobs that were found to be there, with all below them.
    private var whole: Set<ObjectID> = []
    /// What was under the name of each of our refs when it was read.
    private(set) var states: [String: ReferenceState] = [:]
    /// The refs that lead to a commit of somebody else's in front of the lane.
    private(set) var detours: [String: LaneEnd] = [:]
    /// The newest checkpoint of each lane and segment when it was read.
    private(set) var tips: [String: ObjectID] = [:]
    /// The checkpoints of each lane and segment.
    private(set) var members: [String: Set<ObjectID>] = [:]
    /// The ids that trailers of this repository's own checkpoints name, each with one of those trailers. What somebody restored
    /// from may be anybody's.
    private(set) var named: [ObjectID: (key: String, by: ObjectID)] = [:]
    /// Commits that are not ours: those that the worktrees were on, stashes, and what was kept for the user.
    private(set) var commits: Set<ObjectID> = []
    private let isPartial: Bool
    /// A checkpoint that a newer version wrote.
    private var newer: ObjectID?
    package private(set) var lanes: [Lane] = []
    package private(set) var problems: [Remark] = []
    /// What is no problem.
    package private(set) var notes: [Remark] = []
    /// Where refs of lanes can be moved forward to.
    private(set) var lost: [LostTip] = []

    let origin: CheckpointOrigin

    private init(nothingOf workspace: Workspace) throws {
        self.workspace = workspace
        origin = try CheckpointOrigin(workspace.repository)
        isPartial = try workspace.repository.isPartialClone
    }

    /// What is wrong with a lane that ends at a commit; empty where it is whole, of this version, and says what the machine
    /// allows.
    static func problems(of tip: ObjectID, as place: LanePlace, in workspace: Workspace) throws -> [Remark] {
        var check = try LaneCheck(nothingOf: workspace)
        _ = try check.walk(place.ref, from: tip)
        if check.problems.isEmpty { try check.compareFold(of: place) }
        if let newer = check.newer { check.report(newer.hex, "a newer git-wf wrote it, which this one only reads") }
        return check.problems
    }

    /// Checks every lane and segment of a repository. Nothing is written.
    package init(_ workspace: Workspace) throws {
        try self.init(nothingOf: workspace)
        let broken = try workspace.repository.brokenReferences(under: LaneRefs.root)
        let unreadable = Set(broken.map(\.name))
        for (name, reason) in broken {
            states[name] = try repository.state(ofReference: name)
            report(name, "this ref cannot be read: \(reason)")
            lanes.append(Lane(ref: name, checkpoints: 0, isOK: false))
        }
        for reference in try workspace.repository.references(under: LaneRefs.root)
        where !unreadable.contains(reference.name) {
            let before = problems.count
            let count = try walk(reference.name, from: reference.target)
            lanes.append(Lane(ref: reference.name, checkpoints: count, isOK: problems.count == before))
        }
        // Before any fold, which would write a cache anew that knows of a later tip.
        lost = try findLost()
        for place in tips.keys.compactMap({ LanePlace(ref: $0) }).sorted() { try compareFold(of: place) }
        try noteUsersCommits()
    }

    /// Trailers whose value is the id of an object that the checkpoint keeps alive.
    private static let idKeys: Set<String> = [
        TrailerKey.head, TrailerKey.index, TrailerKey.after, TrailerKey.undo, TrailerKey.from,
        TrailerKey.undid, TrailerKey.spec, TrailerKey.report, TrailerKey.document, TrailerKey.definition,
        TrailerKey.base, TrailerKey.laneTip, TrailerKey.joins, TrailerKey.block, TrailerKey.unconverted,
        TrailerKey.kept, TrailerKey.paths,
    ]

    private static let commitKeys: Set<String> = [TrailerKey.head, TrailerKey.kept]

    mutating func report(_ id: String, _ text: String) { problems.append(Remark(id: id, text: text)) }

    package mutating func note(_ id: String, _ text: String) { notes.append(Remark(id: id, text: text)) }

    /// Reads a lane or a segment from its tip to its beginning.
    /// - Returns: how many checkpoints it has.
    private mutating func walk(_ ref: String, from tip: ObjectID) throws -> Int {
        let segment = SegmentPlace(ref: ref)
        guard let place = LanePlace(ref: ref) ?? segment.map({ LanePlace($0.workflow, $0.lane) }) else {
            report(ref, "this ref is at no place of ours")
            return 0
        }
        states[ref] = .at(tip)
        var ids: Set<ObjectID> = []
        defer { members[ref] = ids }
        var waiting = [tip]
        let owner = LaneOwner(place.workflow, place.lane, worktree: segment?.worktree)
        if let end = try repository.end(of: owner, at: tip) {
            tips[ref] = end.own
            waiting = [end.own]
            if end.isForeign {
                detours[ref] = end
                report(
                    tip.hex,
                    "the commit is in \(ref) and is no checkpoint of it; git wf fsck --repair takes the ref back to "
                        + end.own.short)
            }
        }
        while let id = waiting.popLast() {
            if ids.contains(id) { continue }
            guard let commit = try read(id) else {
                report(id.hex, "the commit is missing or damaged, so what is older in \(ref) cannot be read")
                continue
            }
            guard let checkpoint = Checkpoint(commit) else {
                report(id.hex, "the commit is in \(ref) and is no checkpoint")
                continue
            }
            ids.insert(id)
            if checkpoint.workflow.map({ $0 != place.workflow.text }) == true
                || checkpoint.lane.map({ $0 != place.lane.text }) == true
                || segment.map({ $0.worktree != checkpoint[TrailerKey.worktree] }) == true
            {
                report(id.hex, "the checkpoint is in \(ref) and says that it belongs elsewhere")
            }
            if checkpoint.version > Checkpoint.currentVersion { newer = newer ?? id }
            try check(checkpoint)
            if let stash = checkpoint.id(of: TrailerKey.autostash) { try checkKept(stash, by: checkpoint, of: place) }
            // The first of a segment names the lane's tip as its only predecessor.
            if segment != nil, checkpoint.previous == checkpoint.id(of: TrailerKey.after) { break }
            waiting += checkpoint.followed
        }
        return ids.count
    }

    private mutating func check(_ checkpoint: Checkpoint) throws {
        if let fault = try fault(of: checkpoint.tree) { report(checkpoint.id.hex, fault) }
        for trailer in checkpoint.message.trailers where Self.idKeys.contains(trailer.key) {
            guard let id = ObjectID(hex: trailer.value) else {
                report(checkpoint.id.hex, "\(trailer.key) is no id: \(trailer.value.quoted)")
                continue
            }
            if Self.commitKeys.contains(trailer.key) { commits.insert(id) }
            if trailer.key != TrailerKey.from, named[id] == nil, origin.isHere(checkpoint) {
                named[id] = (trailer.key, checkpoint.id)
            }
            if try !repository.contains(id) {
                report(checkpoint.id.hex, "\(trailer.key) names \(id.short), which is missing")
            }
        }
    }

    /// A stash is held by a ref, and whoever got the lane from elsewhere did not get that.
    private mutating func checkKept(_ stash: ObjectID, by checkpoint: Checkpoint, of place: LanePlace) throws {
        commits.insert(stash)
        let ref = KeptRefs(workflow: place.workflow).autostash(stash)
        let isThere = try repository.contains(stash)
        if try isThere && repository.reference(ref) == stash { return }
        let text =
            "\(TrailerKey.autostash) names \(stash.short), which "
            + (isThere ? "no ref holds; git update-ref \(ref) \(stash.short) '' does" : "is missing")
        if try isFromElsewhere(checkpoint, of: place.workflow) {
            note(checkpoint.id.hex, text)
        } else {
            report(checkpoint.id.hex, text)
        }
    }

    /// Whether another clone may have written a checkpoint: no worktree that is here did, and there are lanes of others.
    private func isFromElsewhere(_ checkpoint: Checkpoint, of workflow: Name) throws -> Bool {
        if let worktree = checkpoint[TrailerKey.worktree], try Binding.worktreeIDs(in: repository).contains(worktree) {
            return false
        }
        return try repository.reference(KeptRefs(workflow: workflow).begun(.leader)) != nil
            || LaneCopies.all(in: repository).contains { $0.workflows.contains(workflow) }
    }

    /// Whether all that a checkpoint holds and names is there.
    mutating func isWhole(_ checkpoint: Checkpoint) throws -> Bool {
        guard try fault(of: checkpoint.tree) == nil else { return false }
        return try checkpoint.message.trailers.allSatisfy { trailer in
            guard Self.idKeys.contains(trailer.key) else { return true }
            return try ObjectID(hex: trailer.value).map { try repository.contains($0) } ?? false
        }
    }

    /// A missing or damaged object is an answer here.
    func read(_ id: ObjectID) throws -> Commit? {
        do {
            return try repository.commit(id, .literal)
        } catch is GitError {
            return nil
        }
    }

    /// What is wrong with a tree or with anything below it: something is missing, or git would not have made it so.
    private mutating func fault(of tree: ObjectID, at depth: Int = 0) throws -> String? {
        if tree == Repository.emptyTree || whole.contains(tree) { return nil }
        if depth > Repository.deepestTree { return "its tree is more than \(Repository.deepestTree) directories deep" }
        let missing = "objects of its tree are missing"
        // In a partial clone a remote may have promised it; git's own fsck tells which it did not.
        if isPartial, try !repository.contains(tree) { return nil }
        let entries: [TreeEntry]
        do {
            entries = try repository.entries(of: tree)
        } catch is GitError {
            return missing
        }
        for entry in entries {
            do throws(UnsafePath) {
                _ = try WorktreePath(entry.path, isSymlink: entry.mode == .symlink)
                if entry.path.components.count > 1 { throw UnsafePath(entry.path, "a name has a slash") }
            } catch {
                return "in its tree, \(error)"
            }
            switch entry.mode {
            case .gitlink: continue
            case .directory: if let fault = try fault(of: entry.id, at: depth + 1) { return fault }
            case .file, .executable, .symlink: if try !isThere(entry.id) { return missing }
            }
        }
        whole.insert(tree)
        return nil
    }

    /// Whether a blob is there.
    private mutating func isThere(_ blob: ObjectID) throws -> Bool {
        if try !whole.contains(blob) && !repository.contains(blob) { return isPartial }
        whole.insert(blob)
        return true
    }

    /// What folds a lane; it is bound to nothing.
    func journal(of place: LanePlace) -> Journal {
        Journal(
            repository: repository, surroundings: workspace.surroundings, workflow: place.workflow, lane: place.lane,
            binding: nil, branch: nil, actor: nil)
    }

    /// Whether the machine allowed a checkpoint of the leader's lane where it was written: only a join put it beside others.
    private func isLegal(_ id: ObjectID, in journal: Journal) throws -> Bool {
        guard case .leader(let state) = try journal.foldedFromRoot(.leader, tip: id).state else { return false }
        return !state.refusals.contains { $0.id == id }
    }

    /// Folds a lane from its root, and compares that with what the cache says.
    private mutating func compareFold(of place: LanePlace) throws {
        guard let tip = tips[place.ref] else { return }
        let journal = journal(of: place)
        do {
            let isSame: Bool
            switch (try journal.foldedFromRoot(place.lane, tip: tip).state, place.lane) {
            case (.leader(let folded), .leader):
                for (number, refusal) in folded.refusals.enumerated() {
                    // Each takes a fold of its own, and whoever forges many must not keep us busy.
                    if try number < 50 && isLegal(refusal.id, in: journal) {
                        note(refusal.id.hex, "without effect beside what another clone recorded: \(refusal.reason)")
                    } else {
                        report(refusal.id.hex, "not allowed, and without effect: \(refusal.reason)")
                    }
                }
                isSame =
                    journal.cache.load(WorkflowState.self, lane: .leader)
                    .map { $0.tip != tip || $0.state == folded } ?? true
            case (.agent(let folded), .agent):
                isSame =
                    journal.cache.load(AgentState.self, lane: place.lane)
                    .map { $0.tip != tip || $0.state == folded } ?? true
            default: return report(place.ref, "it begins as another kind of lane does")
            }
            if !isSame {
                report(tip.hex, "the cache of \(place.ref) says something else than the lane; it may be deleted")
            }
        } catch let error as IllegalTransition {
            report(tip.hex, "\(place.ref) cannot be read: \(error.reason)")
        } catch let error as GitError {
            report(tip.hex, "\(place.ref) cannot be read: \(error)")
        }
    }
}

/// Where a lane is kept.
struct LanePlace: Hashable, Comparable {
    let workflow: Name
    let lane: Lane

    init(_ workflow: Name, _ lane: Lane) {
        self.workflow = workflow
        self.lane = lane
    }

    /// - Returns: `nil` for a ref that is no lane's.
    init?(ref: String) {
        guard ref.hasPrefix(LaneRefs.root) else { return nil }
        let parts = ref.dropFirst(LaneRefs.root.count).split(separator: "/", maxSplits: 1)
        guard parts.count == 2, let workflow = try? Name(String(parts[0])), let lane = Lane(text: String(parts[1]))
        else { return nil }
        self.init(workflow, lane)
    }

    /// Where a checkpoint of a lane says that it belongs; `nil` for an automatic one.
    init?(of checkpoint: Checkpoint) {
        guard checkpoint.kind != .auto, let workflow = checkpoint.workflow.flatMap({ try? Name($0) }),
            let lane = checkpoint.lane.flatMap({ Lane(text: $0) })
        else { return nil }
        self.init(workflow, lane)
    }

    var ref: String { LaneRefs(workflow: workflow).lane(lane) }

    static func < (left: LanePlace, right: LanePlace) -> Bool { left.ref < right.ref }
}
