internal import Files
package import Git
internal import GitValues
package import Journal
package import Snapshots
internal import SystemPackage
package import Workflow

/// Whatever takes several steps in a worktree, one at a time:
///
///     checkpoint of what is there ─▶ intent ─▶ files, index, branch ─▶ record ─▶ the intent goes
///
/// Each step leaves what the next one needs on disk, so that an operation which is cut short can be finished, by
/// ``Recovery``. Locks are taken in one order: this worktree's operations, the lane's, its segments', the packs'.
package struct Operation {
    package let journal: Journal
    private var repository: Repository { journal.repository }

    package init(_ journal: Journal) { self.journal = journal }

    private var file: IntentFile { IntentFile(.files, of: journal) }

    /// Runs `body` while no other operation goes on in this worktree. No code of the user's belongs into it.
    /// - Throws: `OperationError` where one was cut short and nobody ended it.
    package func alone<Result>(_ body: () throws -> Result) throws -> Result { try file.alone(body) }

    /// Does what an intent says: files, index and branch, all of them or none.
    /// - Parameters:
    ///   - batch: the files.
    ///   - following: what is there afterwards, where that is known.
    /// - Returns: the record of it.
    /// - Throws: with everything as it was, or with what to do about it.
    package func perform(
        _ intent: Intent, _ batch: WriteBatch, following: () throws -> Snapshot? = { nil }
    ) throws -> Checkpoint {
        try deferringSignals {
            // Whoever finishes this has to find what it leads to.
            if intent.move != nil { try repository.pending.makeVisible() }
            try file.write(intent)
            do {
                try carryOut(intent, batch)
            } catch {
                guard batch.takeBack() else {
                    throw OperationError(
                        "\(error); not all of it could be taken back", hint: Self.wayBack(intent.before))
                }
                try file.remove()
                throw error
            }
            batch.finish()
            return try record(intent, following)
        }
    }

    /// Brings files, index and branch over while git's own locks of the two are held: whatever was looked at before, nobody
    /// stages, commits or switches from here on, and a file that somebody edited since stops all.
    func carryOut(_ intent: Intent, _ batch: WriteBatch) throws {
        try IndexLock.hold(of: repository, by: file.holder) {
            let branch = try intent.move.map { try HeldReference($0.branch, at: $0.from, in: repository) }
            guard try repository.head().branch == intent.branch else {
                throw OperationError("another branch was checked out meanwhile; nothing was changed")
            }
            let index = try intent.index.map { try copy($0, intent) }
            // What is left of it is in nobody's way, and goes with the next one.
            defer { if index != nil { try? IndexCopy.remove(Self.copyName, of: repository) } }
            try batch.place()
            try index?.exchange()
            do {
                if let move = intent.move { try branch?.move(to: move.to, reason: reason(of: intent)) }
            } catch {
                try index?.exchange()
                throw error
            }
        }
    }

    /// As git does it, a submodule that comes has an empty directory, and one that goes takes that with it.
    private func settleSubmodules(_ move: IndexMove) throws {
        let writer = try WorktreeWriter(repository: repository, git: repository.git)
        for change in try repository.changes(from: move.from, to: move.to) {
            if change.new?.mode == .gitlink {
                try writer.makeDirectory(change.path)
            } else if change.old?.mode == .gitlink {
                writer.removeEmptied(change.path)
            }
        }
    }

    /// The user's index, brought over in a copy. What is staged beside it stays; where it is in the way, git refuses.
    private func copy(_ move: IndexMove, _ intent: Intent) throws -> IndexCopy {
        guard let top = repository.workTree else { throw WorkspaceError.bare }
        try repository.pending.makeVisible()
        let copy = try IndexCopy(Self.copyName, of: repository, at: top)
        // With -i: files are brought from elsewhere, edits included.
        try copy.succeed("take the index to \(move.to.short)", ["read-tree", "-i", "-m", move.from.hex, move.to.hex])
        for entry in intent.staged { try copy.succeed("stage \(entry.path)", Self.staging(entry)) }
        // A new path that a sparse checkout leaves out is not looked at, as git has it.
        let written = Set(intent.changes.map(\.path))
        let new = try repository.changes(from: move.from, to: move.to).filter {
            $0.old == nil && $0.new?.mode != .gitlink && !written.contains($0.path)
        }
        if !new.isEmpty, try repository.configFlag("core.sparseCheckout") == true {
            try copy.succeed(
                "leave out what is not checked out", ["update-index", "--skip-worktree", "-z", "--stdin"],
                input: new.flatMap { $0.path.bytes + [0] })
        }
        return copy
    }

    private static let copyName = "operation"

    /// Records an operation whose files are in their places.
    /// - Parameter snapshot: what is there now, where that is known.
    func record(_ intent: Intent, _ snapshot: () throws -> Snapshot?) throws -> Checkpoint {
        do {
            if let index = intent.index, let top = repository.workTree {
                try settleSubmodules(index)
                // Its status is whether anything differs, which is no matter here.
                _ = try journal.repository.git.run(["update-index", "-q", "--refresh"], in: top)
            }
            guard let draft = intent.draft else { throw OperationError("nothing says how it is recorded") }
            // What a merge brought into TODO.md is its result.
            let recorded = try journal.append(
                [draft], snapshot: snapshot() ?? journal.takeSnapshot(), newsLast: intent.word == .merge)
            guard let checkpoint = recorded.first else { throw OperationError("nothing was appended") }
            try file.remove()
            return checkpoint
        } catch {
            throw OperationError(
                "the files are in their places, but that could not be recorded: \(error); the next command that records "
                    + "something does it", hint: Self.wayBack(intent.before))
        }
    }

    // MARK: Steps

    /// Gives a path one entry in the user's index.
    package func stage(_ entry: TreeEntry) throws {
        guard let top = repository.workTree else { return }
        try repository.pending.makeVisible()
        try journal.repository.git.succeed("stage \(entry.path)", Self.staging(entry), in: top)
    }

    private static func staging(_ entry: TreeEntry) -> [String] {
        let mode = entry.mode == .executable ? "100755" : "100644"
        return ["update-index", "--add", "--cacheinfo", "\(mode),\(entry.id.hex),\(entry.path)"]
    }

    private func reason(of intent: Intent) -> String {
        intent.facts["reflog"] ?? "git-wf: \(intent.draft?.title ?? intent.word.rawValue)"
    }

    /// The command that brings back what was there before.
    static func wayBack(_ before: ObjectID?) -> String? {
        before.map { "git wf restore --from \($0.short) --all --exact brings back what was there before" }
    }

    /// Records what is there, with the bytes of files that a checkpoint alone could not give back as they are.
    package func checkpointBefore(
        _ trigger: Trigger, title: String, snapshot: Snapshot, holding examination: Examination?, writer: WorktreeWriter
    ) throws -> Checkpoint {
        let unconverted = try examination.flatMap { try writer.unconvertedTree(of: $0) }.map {
            try journal.attachment(tree: $0, title: "Files as they were, unconverted")
        }
        let held = unconverted.map { [(key: Optional(TrailerKey.unconverted), id: $0)] } ?? []
        let modes = FileModes(of: examination?.existing ?? [], below: writer.top)
        guard
            let before = try journal.appendAutomatic(
                trigger, title: title, snapshot: snapshot, holding: held, modes: modes)
        else {
            throw OperationError("could not record what is there before the \(trigger)")
        }
        return before
    }
}

/// Why an operation was not done, or not to its end.
package struct OperationError: ExplainedError {
    package let cause: String
    package let hint: String?

    package init(_ cause: String, hint: String? = nil) {
        self.cause = cause
        self.hint = hint
    }
}
