internal import Files
internal import Git
package import Journal
package import GitValues
internal import Glibc
internal import Snapshots
internal import SystemPackage
package import Workflow

// A restore and an undo, step by step:
//
//     checkpoint of what is there ─▶ intent ─▶ files, index, branch ─▶ record ─▶ the intent goes
//
// Each step leaves what the next one needs on disk, so that an operation which is cut short can be finished.

extension Journal {
    /// Runs an operation of this worktree, one at a time.
    func operating<Result>(_ body: () throws -> Result) throws -> Result {
        try FileLock.hold(operationLock, access: repository.access) { _ in try body() }
    }

    /// Does what an intent says.
    /// - Parameter snapshot: what was there before.
    /// - Returns: the record of it.
    /// - Throws: with everything as it was, or with what to do about it.
    func perform(_ intent: Intent, _ batch: WriteBatch, since snapshot: Snapshot, writer: WorktreeWriter) throws
        -> Checkpoint
    {
        try deferringSignals {
            try WholeFile.write(
                intent.encoded, to: intentFile, access: repository.access, isDurable: repository.pending.isDurable)
            do {
                try batch.place()
                if let move = intent.move { try self.move(move, because: intent.draft.title) }
            } catch {
                guard batch.takeBack() else {
                    throw SnapshotError(
                        "\(error); not all of it could be taken back: \(Self.wayBack(intent.before))")
                }
                try WholeFile.remove(intentFile)
                throw error
            }
            batch.finish()
            return try record(intent) {
                let limit = try fileSizeLimit(state()?.definition.checkpoint.maxFileSize)
                return try snapshot.following(intent.changes, by: writer, maximumFileSize: limit.bytes)
            }
        }
    }

    /// Records an operation whose files are in their places.
    /// - Parameter snapshot: what is there now, where that is known.
    private func record(_ intent: Intent, _ snapshot: () throws -> Snapshot?) throws -> Checkpoint {
        do {
            if intent.move != nil, let top = repository.workTree {
                // Its status is whether anything differs, which is no matter here.
                _ = try surroundings.git.run(["update-index", "-q", "--refresh"], in: top)
            }
            let recorded = try append([intent.draft], snapshot: snapshot() ?? takeSnapshot())
            guard let checkpoint = recorded.first else { throw SnapshotError("nothing was appended") }
            try WholeFile.remove(intentFile)
            return checkpoint
        } catch {
            throw SnapshotError(
                "the files are in their places, but that could not be recorded: \(error); the next git wf command that "
                    + "records something does it, or \(Self.wayBack(intent.before))")
        }
    }

    private static func wayBack(_ before: ObjectID) -> String {
        "git wf restore --from \(before.short) --all --exact brings back what was there before"
    }

    /// Takes index and branch over, both or neither.
    private func move(_ move: BranchMove, because title: String) throws {
        guard let top = repository.workTree else { return }
        // The index alone, with `-i`: files are brought back from the checkpoint, which has them as they were, edits
        // included. What is staged elsewhere stays; where it is in the way, git refuses.
        func takeIndex(from old: ObjectID, to new: ObjectID) throws {
            try surroundings.git.succeed(
                "take the index back to \(new.short)", ["read-tree", "-i", "-m", old.hex, new.hex], in: top)
        }
        try takeIndex(from: move.from, to: move.to)
        do {
            try repository.setReference(move.branch, to: move.to, expecting: move.from, reason: "git-wf: \(title)")
        } catch {
            try takeIndex(from: move.to, to: move.from)
            throw error
        }
    }

    private var operationLock: FilePath { lockFile("operation.\(binding.worktree)") }

    private var intentFile: FilePath {
        repository.commonDirectory.appending("wf").appending("intents").appending("\(workflow).\(binding.worktree)")
    }
}

// MARK: What was cut short

extension Journal {
    /// The checkpoint that a restore or an undo of this worktree took before it began, where that was cut short: the files may
    /// be as before it, as after it, or some of each.
    package func interruptedOperation() throws -> Checkpoint? {
        guard let intent = try readIntent() else { return nil }
        return try FileLock.holdIfFree(operationLock, access: repository.access) { try checkpoint(intent.before) }
    }

    /// Finishes a restore or an undo of this worktree that was cut short. Where something changed since, nothing is written.
    /// - Returns: what was done, in one line; `nil` where nothing was cut short.
    package func finishInterrupted() throws -> String? {
        TemporaryFile.removeLeft(in: intentFile.removingLastComponent(), prefix: WholeFile.prefix)
        guard try OrdinaryFile.read(intentFile) != nil else { return nil }
        return try FileLock.holdIfFree(operationLock, access: repository.access) {
            guard let intent = try readIntent() else { return nil }
            return try deferringSignals { try finish(intent) }
        }
    }

    /// One that is not whole is none: it was flushed before anything was done.
    private func readIntent() throws -> Intent? {
        try OrdinaryFile.read(intentFile).flatMap { Intent(parsing: $0) }
    }

    /// Removes the lock of a branch that one of our own processes left when it was killed while it moved the branch, as an
    /// intent of it says. Whoever else may have just made it has half a second to write something else, or to be done.
    package func removeLeftLock(of branch: String, to target: ObjectID) throws {
        let lock = RefLock(of: branch, in: repository.commonDirectory)
        for _ in 0..<250 {
            if try !lock.isOfMove(to: target.hex) { return }
            usleep(2000)
        }
        if try lock.isOfMove(to: target.hex) { try lock.remove() }
    }

    private func finish(_ intent: Intent) throws -> String? {
        if let move = intent.move { try removeLeftLock(of: move.branch, to: move.to) }
        let what = "\(intent.draft.kind == .undone ? "an undo" : "a restore") that was cut short"
        if try isRecorded(intent) {
            try WholeFile.remove(intentFile)
            return nil
        }
        let snapshot = try takeSnapshot()
        let writer = try WorktreeWriter(repository: repository, git: surroundings.git)
        var rest: Set<TreeChange> = []
        var ignored: Set<RepositoryPath> = []
        var changed: String?
        for change in intent.changes {
            let entry = try repository.file(at: change.path, in: snapshot.tree)
            if entry == change.new, change.new != nil, change.new != change.old { continue }
            // Where the trees do not tell, as of an ignored file, its bytes do.
            if try (entry == change.new || entry == nil) && writer.isDone(change, unconverted: intent.unconverted) {
                continue
            }
            rest.insert(change)
            if entry == nil, change.old != nil, WorktreeWriter.isFile(change.path, below: writer.top) {
                ignored.insert(change.path)
            } else if entry != change.old {
                changed = changed ?? change.path.text
            }
        }
        if let move = intent.move {
            let isThere = snapshot.head.branch == move.branch && [move.from, move.to].contains(snapshot.head.commit)
            if !isThere { changed = changed ?? "the branch" }
        }
        if let operation = snapshot.operation { changed = changed ?? "git is in the middle of a \(operation), which" }
        // A file of ours may have to go where the last file of a directory just went.
        for change in intent.changes where change.new == nil && !rest.contains(change) {
            writer.removeEmptied(above: change.path)
        }
        let examination = try writer.examine(
            Array(rest), in: snapshot.tree, takesBack: intent.draft.kind == .undone, ignored: ignored)
        changed = changed ?? examination.blockers.first?.path.text
        if let changed {
            try WholeFile.remove(intentFile)
            return "\(what) was left as it is (\(intent.draft.title)): \(changed) changed since; "
                + Self.wayBack(intent.before)
        }
        let left = intent.changes.filter { rest.contains($0) && !examination.settled.contains($0.path) }
        let batch = try writer.prepare(left, unconverted: intent.unconverted, examination: examination)
        do {
            try batch.place()
            if let move = intent.move, snapshot.head.commit == move.from {
                try self.move(move, because: intent.draft.title)
            }
        } catch {
            batch.takeBack()
            throw error
        }
        batch.finish()
        let recorded = try record(intent) { nil }
        return "finished \(what): \(recorded.id.short) \(recorded.title)"
    }

    /// Whether the operation's record is in the lane, and only its intent was left.
    private func isRecorded(_ intent: Intent) throws -> Bool {
        var history = try history(of: lane, withAutomatic: false)
        // Nothing of this worktree's is recorded behind an operation before its intent is gone; others may append meanwhile.
        for _ in 0..<1000 {
            guard let checkpoint = try history.next() else { return false }
            if checkpoint.id(of: TrailerKey.undo) == intent.before { return true }
        }
        return false
    }
}
