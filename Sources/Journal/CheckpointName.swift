internal import Git
internal import GitValues
package import Workflow

/// Why a name does not name a checkpoint.
package struct CheckpointNameError: ExplainedError {
    package let cause: String
    package let hint: String?

    init(_ cause: String, hint: String? = nil) {
        self.cause = cause
        self.hint = hint
    }
}

extension Journal {
    /// The checkpoint that a user's word names: `last` (the newest that is not automatic) or `tip` (the newest of any
    /// kind), either with `~N`; `phase/NAME`, the last of that phase; `agent/NAME`, that lane's tip; an id, whole or
    /// abbreviated; or any revision of git's that names a checkpoint.
    package func resolve(_ name: String) throws -> Checkpoint {
        if name.hasPrefix("phase/") { return try last(ofPhase: String(name.dropFirst("phase/".count))) }
        if name.hasPrefix("agent/") {
            let agent = String(name.dropFirst("agent/".count))
            guard let valid = try? Name(agent), let tip = try tip(of: .agent(valid)) else {
                throw CheckpointNameError("there is no agent \(agent.quoted)", hint: "git wf agent list names them")
            }
            return try checkpoint(tip)
        }
        let parts = name.split(separator: "~", maxSplits: 1, omittingEmptySubsequences: false)
        if let base = parts.first, base == "last" || base == "tip" {
            guard let steps = parts.count == 1 ? 0 : (parts[1].isEmpty ? 1 : Int(parts[1])), steps >= 0 else {
                throw CheckpointNameError("\(name.quoted) should be \(base)~ and a number, as in \(base)~2")
            }
            return try checkpoint(back: steps, withAutomatic: base == "tip", name: name)
        }
        guard let commit = try commit(named: name) else {
            throw CheckpointNameError(
                "\(name.quoted) names no checkpoint",
                hint: "git wf log shows their ids, and last, tip, last~2, "
                    + "phase/NAME and agent/NAME are names too")
        }
        guard let checkpoint = try checkpointOfLane(commit) else {
            throw CheckpointNameError(
                "\(name.quoted) is the commit \(commit.short), which is not a checkpoint",
                hint: "git show \(name):PATH prints a file of a commit")
        }
        return checkpoint
    }

    /// The commit that a revision names; of several objects whose ids begin alike only checkpoints are meant.
    private func commit(named name: String) throws -> ObjectID? {
        do {
            return try repository.resolveCommit(name)
        } catch let error as GitError where error.code == .ambiguous {
            let objects = try repository.git.succeed(
                "look up \(name)", ["rev-parse", "--disambiguate=\(name)"],
                in: repository.workTree ?? repository.commonDirectory)
            let found = try objects.text.split(separator: "\n").compactMap { ObjectID(hex: $0) }
                .filter { try repository.isCommit($0) && checkpointOfLane($0) != nil }
            if found.count < 2 { return found.first }
            throw CheckpointNameError(
                "\(name.quoted) could be the checkpoint \(found.map(\.hex).joined(separator: " or "))")
        }
    }

    /// What a commit says of itself decides, since only a walk through the whole lane could tell whether it is there.
    /// - Returns: `nil` where it is not of a lane.
    private func checkpointOfLane(_ commit: ObjectID) throws -> Checkpoint? {
        guard let checkpoint = Checkpoint(try repository.commit(commit)), checkpoint.workflow != nil,
            checkpoint.lane.flatMap({ Lane(text: $0) }) != nil
        else { return nil }
        return checkpoint
    }

    private func checkpoint(back steps: Int, withAutomatic: Bool, name: String) throws -> Checkpoint {
        var seen = 0
        var history = try history(of: lane, withAutomatic: withAutomatic)
        while let checkpoint = try history.next() {
            if seen == steps { return checkpoint }
            seen += 1
        }
        throw CheckpointNameError(
            "\(name.quoted) goes back too far: there \(seen == 1 ? "is 1 checkpoint" : "are \(seen) checkpoints")")
    }

    private func last(ofPhase phase: String) throws -> Checkpoint {
        if let known = try state()?.phase(phase)?.lastCheckpoint { return try checkpoint(known) }
        // A phase that the definition no longer has.
        var history = try history(of: .leader, withAutomatic: false)
        while let checkpoint = try history.next() {
            if checkpoint.phase == phase { return checkpoint }
        }
        throw CheckpointNameError("no checkpoint was taken in a phase \(phase.quoted)")
    }
}
