internal import Git
internal import GitValues
internal import Journal
internal import Snapshots
internal import SystemPackage
internal import Workflow

/// The records in which what a user names has another content than now, newest first.
///
/// Work in a worktree is newer than the commit it is based on, so what HEAD has stands behind the checkpoints that were
/// taken since the commit that brought it:
///
///     newest ─▶ checkpoints since that commit ─▶ HEAD's content ─▶ older checkpoints ─▶ oldest
///
/// What restores and undos recorded does not count. Where what is there now came from a restore that is still in effect,
/// the search goes on behind that restore's source: asked again, it goes one further back.
///
///     recorded     one   two   three   (now: four)
///     restore                  three
///     restore            two
///     undo                     three
///     restore            two
///     restore      one
///
/// Where no checkpoint has the paths at all, HEAD's history is looked through as `git log -- path` does.
struct RecordSearch {
    struct Record {
        let id: ObjectID
        /// What would bring it here.
        let changes: [TreeChange]
    }

    private enum Stage { case checkpoints, head, commits, end }

    private let journal: Journal
    private let snapshot: Snapshot
    private let selection: PathSelection
    /// Whether only what this worktree recorded counts, and HEAD, where it recorded anything.
    private var isOwnOnly: Bool
    /// Whether other worktrees recorded something in this lane.
    private var isForeignKnown = false
    private var stage = Stage.checkpoints
    private var history: History
    /// A checkpoint that waits until HEAD's content was looked at.
    private var waiting: Checkpoint?
    /// HEAD's content of the paths is as old as the commit that brought it, which may be far below HEAD.
    private var pendingHead: ObjectID?
    private var lastTree: ObjectID?
    /// Whether anything was recorded in this worktree.
    private var isOwnKnown = false
    /// Whether any record has the paths.
    private var isAnyKnown = false
    /// The source of the restore that brought what is there, until it is met.
    private var skipsUntil: ObjectID?
    /// Whether it is known which restore brought what is there, or that none did.
    private var isOriginKnown = false
    /// Restores and undos that undos took back.
    private var takenBack: Set<ObjectID> = []
    private var commits: CommitsOfPaths?

    private var repository: Repository { journal.repository }

    /// - Parameter prefersOwn: whether what other worktrees recorded in the lane counts only where there is nothing else.
    init(_ journal: Journal, snapshot: Snapshot, selection: PathSelection, prefersOwn: Bool) throws {
        self.journal = journal
        self.snapshot = snapshot
        self.selection = selection
        isOwnOnly = prefersOwn
        history = try journal.history(of: journal.lane, withAutomatic: true)
        pendingHead = snapshot.head.commit
    }

    /// The next older record; `nil` at the end.
    mutating func next() throws -> Record? {
        while true {
            switch stage {
            case .checkpoints:
                guard let checkpoint = try waiting ?? history.next() else {
                    stage = .head
                    continue
                }
                waiting = nil
                if let record = try examine(checkpoint) { return record }
            case .head:
                stage = .commits
                if isOwnKnown || !isOwnOnly || !isForeignKnown, let record = try examineHead() { return record }
            case .commits:
                if let source = skipsUntil, Checkpoint(try repository.commit(source)) != nil {
                    // It is of another lane, so nothing here stands behind it.
                    try beginAgain()
                    isOriginKnown = true
                } else if isOwnOnly, isForeignKnown {
                    try beginAgain()
                    isOwnOnly = false
                } else if commits != nil || skipsUntil != nil || !isAnyKnown, let record = try examineCommits() {
                    return record
                } else {
                    stage = .end
                }
            case .end: return nil
            }
        }
    }

    private mutating func beginAgain() throws {
        history = try journal.history(of: journal.lane, withAutomatic: true)
        pendingHead = snapshot.head.commit
        lastTree = nil
        skipsUntil = nil
        isOriginKnown = false
        takenBack = []
        stage = .checkpoints
    }

    // MARK: Checkpoints

    private mutating func examine(_ checkpoint: Checkpoint) throws -> Record? {
        let isOwn = checkpoint[TrailerKey.worktree] == journal.binding.worktree
        if !isOwn { isForeignKnown = true }
        if isOwnOnly, !isOwn {
            reach(checkpoint.id)
            return nil
        }
        isOwnKnown = true
        if let pending = pendingHead, checkpoint.head != pending {
            if try isSameInHead(as: checkpoint.head) {
                pendingHead = checkpoint.head
            } else if let record = try examineHead() {
                waiting = checkpoint
                return record
            }
        }
        if checkpoint.isOfRestore {
            if isOwn { try note(checkpoint) }
            reach(checkpoint.id)
            return nil
        }
        return try examine(checkpoint.id, tree: checkpoint.tree)
    }

    private mutating func examine(_ id: ObjectID, tree: ObjectID) throws -> Record? {
        if skipsUntil != nil {
            reach(id)
            return nil
        }
        if tree == lastTree { return nil }
        lastTree = tree
        // One that git would not have made has nothing to give back.
        let compared = try unlessMalformed {
            let changes = try repository.changes(from: snapshot.tree, to: tree, within: selection).filter {
                $0.new != nil
            }
            return try (changes, isAnyKnown || !changes.isEmpty || repository.holds(any: selection, in: tree))
        }
        guard let (changes, isKnown) = compared else { return nil }
        isAnyKnown = isKnown
        if changes.isEmpty { return nil }
        // What is there now came after this one, so no older restore brought it.
        isOriginKnown = true
        return Record(id: id, changes: changes)
    }

    private mutating func reach(_ id: ObjectID) {
        if id == skipsUntil { skipsUntil = nil }
    }

    /// Finds out whether a restore brought what is there, and from where.
    private mutating func note(_ checkpoint: Checkpoint) throws {
        if isOriginKnown || takenBack.contains(checkpoint.id) { return }
        switch checkpoint.kind {
        case .undone: if let undid = checkpoint.id(of: TrailerKey.undid) { takenBack.insert(undid) }
        case .restored:
            guard let source = try source(in: checkpoint) else { return }
            isOriginKnown = true
            let isOver = try unlessMalformed {
                let isPresent = try repository.changes(from: checkpoint.tree, to: snapshot.tree, within: selection)
                    .isEmpty
                // A restore of some of a folder's files leaves the source with something to give for the others.
                let left = try repository.changes(
                    from: snapshot.tree, to: repository.commit(source).tree, within: selection)
                return isPresent && left.allSatisfy { $0.new == nil }
            }
            if isOver == true { skipsUntil = source }
        default: break
        }
    }

    /// Where a restore took the last of the paths from; `nil` where it was about others.
    private func source(in restored: Checkpoint) throws -> ObjectID? {
        try WrittenPaths(of: restored, in: repository).entries.last { selection.contains($0.path) }?.from
    }

    // MARK: HEAD

    private mutating func examineHead() throws -> Record? {
        guard pendingHead != nil, let head = snapshot.head.commit, let tree = snapshot.headTree else { return nil }
        pendingHead = nil
        // A restore from HEAD may have been one from an older HEAD.
        if let source = skipsUntil, Checkpoint(try repository.commit(source)) == nil, try isSameInHead(as: source) {
            skipsUntil = nil
            return nil
        }
        return try examine(head, tree: tree)
    }

    private func isSameInHead(as commit: ObjectID?) throws -> Bool {
        guard let commit, let tree = snapshot.headTree else { return false }
        return try unlessMalformed {
            try repository.changes(from: repository.commit(commit).tree, to: tree, within: selection).isEmpty
        } ?? false
    }

    /// Looks through HEAD's history, or that behind the commit which the last restore took its content from.
    private mutating func examineCommits() throws -> Record? {
        guard let start = skipsUntil ?? snapshot.head.commit, let top = repository.workTree else { return nil }
        var commits = try commits ?? CommitsOfPaths(selection, from: start, git: journal.repository.git, top: top)
        skipsUntil = nil
        defer { self.commits = commits }
        while let id = try commits.next() {
            if let record = try examine(id, tree: repository.commit(id).tree) { return record }
        }
        return nil
    }
}

/// The commits that changed paths, newest first, as the user's own git finds them.
private struct CommitsOfPaths {
    private let selection: PathSelection
    private let start: ObjectID
    private let git: GitProgram
    private let top: FilePath
    private var found: ArraySlice<ObjectID>
    private var isComplete: Bool

    /// How many are asked for first: the history may be long, and the first mostly is the one.
    private static let first = 16

    init(_ selection: PathSelection, from start: ObjectID, git: GitProgram, top: FilePath) throws {
        self.selection = selection
        self.start = start
        self.git = git
        self.top = top
        found = []
        isComplete = false
        found = try list(["--max-count=\(Self.first)"])[...]
        isComplete = found.count < Self.first
    }

    mutating func next() throws -> ObjectID? {
        if found.isEmpty, !isComplete {
            found = try list(["--skip=\(Self.first)"])[...]
            isComplete = true
        }
        return found.popFirst()
    }

    private func list(_ limits: [String]) throws -> [ObjectID] {
        let result = try git.succeed(
            "look through the history of \(selection.text)",
            ["rev-list", "--full-history"] + limits + [start.hex, "--"], paths: selection.gitArguments, in: top)
        return result.text.split(separator: "\n").compactMap { ObjectID(hex: $0) }
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
}
