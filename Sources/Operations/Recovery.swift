internal import Files
internal import Git
internal import GitValues
internal import Glibc
package import Journal
internal import Snapshots
internal import SystemPackage
internal import Workflow

/// Ends what was cut short in a worktree: finishes it, takes it back, or gives it up with nothing written, and says which.
///
/// Only the worktree's own next command that records something does so; others report it.
package struct Recovery {
    /// How an operation that was cut short ended.
    package enum Outcome: Sendable {
        case finished(String)
        case takenBack(String)
        /// Something changed since, so it was left as it was.
        case givenUp(String, hint: String? = nil)
        /// A git that was started for it is still at work.
        case goingOn(String)

        /// One line for people.
        package var line: String {
            switch self {
            case .finished(let what): "finished \(what)"
            case .takenBack(let what): "took back \(what)"
            case .givenUp(let why, let hint): hint.map { "\(why); \($0)" } ?? why
            case .goingOn(let what): "\(what) is not over yet: git is still at work on it"
            }
        }
    }

    /// Ends an operation of a room above.
    /// - Returns: `nil` where nothing had to be done. The intent goes then, and after any outcome.
    package typealias Handler = (Intent) throws -> Outcome?

    private let journal: Journal
    private let operation: Operation
    private var repository: Repository { journal.repository }
    private var git: GitProgram { journal.repository.git }

    package init(_ journal: Journal) {
        self.journal = journal
        operation = Operation(journal)
    }

    /// Something of this worktree that was cut short: it may be as before it, as after it, or some of each.
    package func interrupted() throws -> Intent? {
        for file in try IntentFile.all(of: journal) where file.slot != .waiting {
            if let intent = try file.ifFree({ try file.read() }) { return intent }
        }
        return nil
    }

    /// Ends what was cut short here, and what waits though its reason is over.
    /// - Parameter handlers: of the operations that rooms above know.
    package func run(_ handlers: [Intent.Word: Handler] = [:]) throws -> [Outcome] {
        try IntentFile.all(of: journal).compactMap { file in
            try file.ifFree {
                guard let intent = try file.read() else { return nil }
                return try deferringSignals {
                    try IndexLock.removeIfLeft(in: repository, by: file.holder)
                    let outcome = try handlers[intent.word].map { try $0(intent) } ?? end(intent)
                    if case .goingOn = outcome { return outcome }
                    // What waits stays as long as its handler has nothing to say.
                    if file.slot != .waiting || outcome != nil { try file.remove() }
                    return outcome
                }
            }
        }
    }

    // MARK: Files, index and branch

    /// What is left to do of an operation on files.
    private struct Rest {
        var changes: Set<TreeChange> = []
        /// Files that no tree has, because they are ignored.
        var ignored: Set<RepositoryPath> = []
        /// What is neither as before nor as after.
        var changed: String?
    }

    private func end(_ intent: Intent) throws -> Outcome? {
        // Without a record it is of a room above, which nobody brought.
        guard intent.draft != nil else {
            return .givenUp(
                "\(intent.word.phrase) that was cut short was left as it is", hint: Operation.wayBack(intent.before))
        }
        if let move = intent.move {
            try RefLock(of: move.branch, in: repository.commonDirectory).removeIfLeft(ofMoveTo: move.to)
            try RefLock(of: "HEAD", in: repository.gitDirectory).removeIfLeft(ofMoveTo: nil)
        }
        let title = intent.draft?.title ?? ""
        let what = "\(intent.word.phrase) that was cut short"
        if try isRecorded(intent) { return nil }
        if let move = intent.move, try !repository.contains(move.to) {
            // Nothing held it, and a gc of git's took it.
            return .givenUp("\(what) and its commit is gone (\(title))", hint: Operation.wayBack(intent.before))
        }
        let snapshot = try journal.takeSnapshot()
        let writer = try WorktreeWriter(repository: repository, git: git)
        var rest = try rest(of: intent, snapshot: snapshot, writer: writer)
        // A file of ours may have to go where the last file of a directory just went.
        for change in intent.changes where change.new == nil && !rest.changes.contains(change) {
            writer.removeEmptied(above: change.path)
        }
        let examination = try writer.examine(
            Array(rest.changes), in: snapshot.tree, takesBack: intent.word != .restore, ignored: rest.ignored)
        rest.changed = rest.changed ?? examination.blockers.first?.path.text
        let unheld = try rest.changes.first { try !isHeld($0, by: intent.before) }
        rest.changed = rest.changed ?? unheld?.path.text
        if let changed = rest.changed {
            return .givenUp(
                "\(what) was left as it is (\(title)): \(changed) changed since", hint: Operation.wayBack(intent.before)
            )
        }
        let left = intent.changes.filter { rest.changes.contains($0) && !examination.settled.contains($0.path) }
        let batch = try writer.prepare(
            left, unconverted: intent.unconverted, examination: examination, modes: intent.modes)
        var open = intent
        // Index and branch go together; they are the last.
        if let move = intent.move, snapshot.head.commit != move.from { (open.move, open.index) = (nil, nil) }
        do {
            try operation.carryOut(open, batch)
        } catch {
            batch.takeBack()
            throw error
        }
        batch.finish()
        let recorded = try operation.record(intent) { nil }
        let more = intent.facts["remaining"].map { $0.isEmpty ? "" : "; still to merge: \($0)" } ?? ""
        return .finished("\(what): \(recorded.id.short) \(recorded.title)\(more)")
    }

    private func rest(of intent: Intent, snapshot: Snapshot, writer: WorktreeWriter) throws -> Rest {
        var rest = Rest()
        for change in intent.changes {
            let entry = try repository.file(at: change.path, in: snapshot.tree)
            if entry == change.new, change.new != nil, change.new != change.old { continue }
            // Where the trees do not tell, as of an ignored file, its bytes do.
            if try (entry == change.new || entry == nil) && writer.isDone(change, unconverted: intent.unconverted) {
                continue
            }
            rest.changes.insert(change)
            if entry == nil, change.old != nil, WorktreeWriter.isFile(change.path, below: writer.top) {
                rest.ignored.insert(change.path)
            } else if entry != change.old {
                rest.changed = rest.changed ?? change.path.text
            }
        }
        if let move = intent.move {
            let isThere = snapshot.head.branch == move.branch && [move.from, move.to].contains(snapshot.head.commit)
            if !isThere { rest.changed = rest.changed ?? "the branch" }
        } else if snapshot.head.branch != intent.branch {
            rest.changed = rest.changed ?? "the branch that is checked out"
        }
        if let operation = snapshot.operation {
            rest.changed = rest.changed ?? "git is in the middle of a \(operation), which"
        }
        return rest
    }

    /// Whether what a change replaces is in the checkpoint that was taken before it: an intent may be anybody's.
    private func isHeld(_ change: TreeChange, by before: ObjectID?) throws -> Bool {
        guard let old = change.old else { return true }
        guard let checkpoint = try before.map({ try journal.checkpoint($0) }) else { return false }
        let apart = try checkpoint.id(of: TrailerKey.unconverted).map { try repository.commit($0).tree }
        return try repository.file(at: change.path, in: checkpoint.tree) == old
            || apart.flatMap { try repository.file(at: change.path, in: $0) } != nil
    }

    /// Whether the operation's record is in the lane, and only its intent was left.
    private func isRecorded(_ intent: Intent) throws -> Bool {
        guard let before = intent.before else { return false }
        var history = try journal.history(of: journal.lane, withAutomatic: false)
        // Nothing of this worktree's is recorded behind an operation before its intent is gone; others may append meanwhile.
        for _ in 0..<1000 {
            guard let checkpoint = try history.next() else { return false }
            if checkpoint.id(of: TrailerKey.undo) == before { return true }
        }
        return false
    }
}

extension Intent.Word {
    /// With its article.
    package var phrase: String {
        switch self {
        case .undo: "an undo"
        case .agentStart: "the start of an agent"
        case .agentRemove: "the removal of an agent"
        case .agentRestore: "bringing an agent back"
        case .conflict: "a merge"
        case .restore, .redo, .merge, .commit: "a \(rawValue)"
        }
    }
}
