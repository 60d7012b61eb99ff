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

    /// Does what an intent says.
    /// - Parameters:
    ///   - place: brings the files over, and the index where `placesIndex` says so.
    ///   - takeBack: undoes what `place` did, after an error. Whether everything is as before.
    ///   - following: what is there afterwards, where that is known.
    /// - Returns: the record of it.
    /// - Throws: with everything as it was, or with what to do about it.
    package func perform(
        _ intent: Intent, place: () throws -> Void, placesIndex: Bool = false, takeBack: (any Error) -> Bool,
        finish: () -> Void = {}, following: () throws -> Snapshot? = { nil }
    ) throws -> Checkpoint {
        try deferringSignals {
            // Whoever finishes this has to find what it leads to.
            if intent.move != nil { try repository.pending.makeVisible() }
            try file.write(intent)
            do {
                try place()
                try moveIndexAndBranch(intent, movesIndex: !placesIndex)
            } catch {
                guard takeBack(error) else {
                    throw OperationError(
                        "\(error); not all of it could be taken back", hint: Self.wayBack(intent.before))
                }
                try file.remove()
                throw error
            }
            finish()
            return try record(intent, following)
        }
    }

    /// Index and branch, both or neither.
    private func moveIndexAndBranch(_ intent: Intent, movesIndex: Bool) throws {
        let index = movesIndex ? intent.index : nil
        if let index { try take(index, staging: intent.staged) }
        guard let move = intent.move else { return }
        do {
            try self.move(move, of: intent)
        } catch {
            if let index { try take(index.reversed, staging: []) }
            throw error
        }
    }

    /// Records an operation whose files are in their places.
    /// - Parameter snapshot: what is there now, where that is known.
    func record(_ intent: Intent, _ snapshot: () throws -> Snapshot?) throws -> Checkpoint {
        do {
            if intent.index != nil, let top = repository.workTree {
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

    /// The index alone, with `-i`: files are brought from elsewhere, edits included. What is staged beside it stays; where it
    /// is in the way, git refuses.
    func take(_ index: IndexMove, staging entries: [TreeEntry]) throws {
        guard let top = repository.workTree else { return }
        try journal.repository.git.succeed(
            "take the index to \(index.to.short)", ["read-tree", "-i", "-m", index.from.hex, index.to.hex], in: top)
        for entry in entries { try stage(entry) }
    }

    /// Gives a path one entry in the user's index.
    package func stage(_ entry: TreeEntry) throws {
        guard let top = repository.workTree else { return }
        let mode = entry.mode == .executable ? "100755" : "100644"
        try repository.pending.makeVisible()
        try journal.repository.git.succeed(
            "stage \(entry.path)",
            ["update-index", "--add", "--cacheinfo", "\(mode),\(entry.id.hex),\(entry.path)"], in: top)
    }

    func move(_ move: BranchMove, of intent: Intent) throws {
        let reason = intent.facts["reflog"] ?? "git-wf: \(intent.draft?.title ?? intent.word.rawValue)"
        try repository.setReference(move.branch, to: move.to, expecting: move.from, reason: reason)
    }

    /// The command that brings back what was there before.
    static func wayBack(_ before: ObjectID?) -> String? {
        before.map { "git wf restore --from \($0.short) --all --exact brings back what was there before" }
    }

    /// Records what is there, with the bytes of files that a checkpoint alone could not give back as they are.
    func checkpointBefore(
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
