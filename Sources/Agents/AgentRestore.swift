internal import Files
internal import Git
package import GitValues
internal import Glibc
package import Journal
package import Operations
internal import Snapshots
package import SystemPackage
package import Workflow

/// Brings the worktree of an agent back: one that was removed and is kept, as it was; any other, whose folder is gone, from the
/// agent's branch and its newest checkpoint.
package struct AgentRestore {
    /// What there is again.
    package struct Restored: Sendable {
        package let name: Name
        package let worktree: FilePath
        /// The checkpoint that its files came from; `nil` where the worktree itself came back.
        package let checkpoint: ObjectID?
        /// Whether the agent is open again.
        package let isReopened: Bool
        package internal(set) var warnings: [String] = []
    }

    private let journal: Journal
    private var repository: Repository { journal.repository }

    package init(_ journal: Journal) { self.journal = journal }

    /// - Parameter text: the agent's name, as typed.
    /// - Throws: `AgentError` where an agent of that name stands, or there is nothing to bring back.
    package func restore(_ text: String) throws -> Restored {
        guard journal.lane == .leader else {
            throw AgentError(.refused, "agents are brought back by the leader: run this in the leader's worktree")
        }
        let name = try AgentWork(named: text, journal: journal).name
        let file = IntentFile(.agent(name), of: journal)
        return try file.alone {
            let work = try AgentWork(named: name.text, journal: journal)
            if let folder = work.folder {
                throw AgentError(
                    .refused, "\(name) was not removed: its worktree is \(folder)",
                    hint: "git wf restore --from agent/\(name) PATH, there, brings files back")
            }
            let removed = try RemovedWorktree.kept(of: journal).first { $0.agent == name }
            let place = try place(of: work, removed)
            Folder.removeIfEmpty(place)
            try check(work, place: place, removed)
            var intent = Intent(.agentRestore, branch: try repository.head().branch)
            intent.facts = ["agent": name.text]
            intent.facts["removed"] = removed?.gitDirectory.lastComponent?.string
            if let removed, OrdinaryFile.isThere(removed.folder) { intent.facts["moves"] = "yes" }
            try file.write(intent)
            let restored: Restored
            do {
                restored = try bringBack(work, place, removed, moves: intent.facts["moves"] != nil)
            } catch {
                // What came back by then stays; nothing else was there.
                if !OrdinaryFile.isThere(place) { try file.remove() }
                throw error
            }
            try file.remove()
            return restored
        }
    }

    /// Ends one that was cut short: where the worktree is back it is finished, else nothing was done.
    package func recover(_ intent: Intent) throws -> Recovery.Outcome? {
        guard let text = intent.facts["agent"] else { return nil }
        let what = "bringing the agent \(text) back, which was cut short"
        guard let work = try AgentWork.known(text, journal) else { return .givenUp("\(what): nobody knows it") }
        let removed = try intent.facts["removed"].flatMap { id in
            try RemovedWorktree.all(in: journal.repository).first { $0.gitDirectory.lastComponent?.string == id }
        }
        let place = try place(of: work, removed)
        if let site = try base(of: work).map({ try site(of: work, place, base: $0) }), site.isBeingMade {
            return .goingOn("bringing the agent \(text) back")
        }
        if let tip = removed?.tip ?? work.tip {
            try RefLock(of: work.branch, in: repository.commonDirectory).removeIfLeft(ofMoveTo: tip)
        }
        guard OrdinaryFile.isThere(place) else { return .takenBack(what) }
        _ = try bringBack(work, place, removed, moves: intent.facts["moves"] != nil)
        return .finished(what)
    }

    private func place(of work: AgentWork, _ removed: RemovedWorktree?) throws -> FilePath {
        try removed?.path ?? work.worktree?.path ?? journal.worktreePath(of: work.name)
    }

    private func check(_ work: AgentWork, place: FilePath, _ removed: RemovedWorktree?) throws {
        if OrdinaryFile.isThere(place) {
            throw AgentError(
                .refused, "\(place) is in the way of the worktree of \(work.name)",
                hint: "mv \(place) ELSEWHERE makes room")
        }
        if let other = try LinkedWorktree.all(of: journal).first(where: { $0.holds(work.branch) && $0.path != place }) {
            throw AgentError(.refused, "the branch \(work.branch.shortBranch) is checked out in \(other.path)")
        }
        guard try removed != nil || work.laneTip != nil && base(of: work) != nil else {
            throw AgentError(
                .refused,
                "nothing is left of \(work.name) to bring back: it has neither a kept worktree nor a checkpoint",
                hint: "git wf fsck says what is missing")
        }
    }

    /// Each step may have been done by one that was cut short.
    /// - Parameter moves: whether the kept worktree itself comes back.
    private func bringBack(
        _ work: AgentWork, _ place: FilePath, _ removed: RemovedWorktree?, moves: Bool
    ) throws -> Restored {
        var warnings: [String] = []
        var checkpoint: ObjectID?
        _ = try journal.makeWorktreesFolder()
        if moves {
            // Without it only the last step was left to do.
            if let removed { try moveBack(removed, to: place, warnings: &warnings) }
        } else {
            checkpoint = try rebuild(work, place, removed, warnings: &warnings)
        }
        if let removed { TemporaryFile.removeLeft(in: removed.gitDirectory, prefix: WholeFile.prefix) }
        let isReopened = try reopen(work, wasDropped: removed?.isDropped ?? true)
        if let worktree = try removed?.worktree(journal) {
            if try worktree.lockReason == RemovedWorktree.lockReason(work.name) {
                try worktree.lockFile.remove()
            }
            try RemovedWorktree.file(in: worktree.gitDirectory).remove()
        }
        return Restored(
            name: work.name, worktree: place, checkpoint: checkpoint, isReopened: isReopened, warnings: warnings)
    }

    /// The kept worktree, under its old name.
    private func moveBack(_ removed: RemovedWorktree, to place: FilePath, warnings: inout [String]) throws {
        guard let worktree = try removed.worktree(journal) else { return }
        let moved = try worktree.moved(to: place)
        try attach(moved, removed, warnings: &warnings)
        // Files that a removal took before it found something that it did not know. Those that are there stay as they are.
        if removed.reasons.isEmpty || removed.reasons == [RemovalSteps.interruption] {
            try writeMissing(moved)
        }
    }

    /// Writes the files of a worktree's index that are not there.
    private func writeMissing(_ worktree: LinkedWorktree) throws {
        let git = journal.repository.gitElsewhere
        // Its status is also whether something was there already.
        let written = try git.run(
            ["checkout-index", "--all", "--quiet"], in: worktree.path, variables: worktree.variables)
        let listed = try git.succeed(
            "look for missing files", ["ls-files", "--deleted", "-z"], in: worktree.path, variables: worktree.variables)
        let missing = listed.output.split(separator: 0).map { RepositoryPath(bytes: $0) }
        guard missing.isEmpty else {
            throw AgentError(
                .failed, "\(missing.listed()) could not be written: \(GitProgram.reason(of: written))",
                hint: "once that is mended, the same command goes on")
        }
    }

    /// HEAD and the branch as they were; with commits that came since.
    private func attach(_ worktree: LinkedWorktree, _ removed: RemovedWorktree, warnings: inout [String]) throws {
        guard removed.tip != nil, removed.head == "ref: \(removed.branch)\n" else { return }
        let file = RootedFile("HEAD", in: worktree.gitDirectory)
        let text = try file.read(upTo: 8192).map { String(decoding: $0, as: UTF8.self) } ?? ""
        guard let commit = ObjectID(hex: text.prefix { !$0.isNewline }) else { return }
        if let present = try repository.reference(removed.branch) {
            guard present == commit else {
                warnings.append(
                    "HEAD stays at \(commit.short), because \(removed.branch.shortBranch) is at \(present.short) now")
                return
            }
        } else {
            try repository.setReference(
                removed.branch, to: commit, expecting: nil, reason: "git-wf: restore \(removed.agent)")
        }
        try file.write(Array(removed.head.utf8), access: repository.access)
    }

    // MARK: From the branch and the newest checkpoint

    /// The commit that a worktree made anew begins at.
    private func base(of work: AgentWork) throws -> ObjectID? {
        if let tip = work.tip { return tip }
        return try newest(work)?.head
    }

    private func newest(_ work: AgentWork) throws -> Checkpoint? {
        var history = try journal.history(of: .agent(work.name), withAutomatic: true)
        return try history.next()
    }

    private func site(of work: AgentWork, _ place: FilePath, base: ObjectID) throws -> NewWorktree {
        NewWorktree(work.name, place: place, base: base, journal: journal, facts: ["hadBranch": "true"])
    }

    private func rebuild(
        _ work: AgentWork, _ place: FilePath, _ removed: RemovedWorktree?, warnings: inout [String]
    ) throws -> ObjectID? {
        let known = try LinkedWorktree.registered(in: journal.repository).first {
            $0.path == place || $0.gitDirectory == removed?.gitDirectory
        }
        if let known {
            try refill(known, place, removed, warnings: &warnings)
        } else if let base = try base(of: work) {
            if let failure = try site(of: work, place, base: base).prepare() { warnings.append(failure.text) }
        }
        if let bytes = try work.record?.specCommit.flatMap({ try repository.attachedSpec($0) }),
            let base = work.record?.base
        {
            let there = try journal.journal(of: work.name, in: place)
            try SpecPlace(bytes, path: work.record?.spec, base: base, worktree: there.repository).write(
                bytes, in: there.repository)
        }
        guard let newest = try newest(work) else { return nil }
        let there = try journal.journal(of: work.name, in: place)
        let restoration = Restoration(there, snapshot: try there.takeSnapshot())
        let plan = try restoration.plan(allFrom: newest, isExact: true)
        if let blocker = plan.blockers.first {
            throw AgentError(.failed, "\(blocker.path) of \(work.name) cannot be brought back: \(blocker.reason)")
        }
        if !plan.steps.isEmpty { _ = try restoration.perform(plan) }
        return newest.id
    }

    /// A worktree whose git directory is there and whose folder is gone: a new folder, with the files of its index.
    private func refill(
        _ worktree: LinkedWorktree, _ place: FilePath, _ removed: RemovedWorktree?, warnings: inout [String]
    ) throws {
        if mkdir(place.string, 0o700) != 0, errno != EEXIST { throw FileError("create \(place)") }
        let link = RootedFile.gitLink(of: place)
        if !link.isThere { try link.write(Array("gitdir: \(worktree.gitDirectory)\n".utf8)) }
        let moved = try worktree.moved(to: place)
        if let removed { try attach(moved, removed, warnings: &warnings) }
        try writeMissing(moved)
    }

    /// Records that an agent that its removal dropped is open again.
    private func reopen(_ work: AgentWork, wasDropped: Bool) throws -> Bool {
        guard let record = work.record, record.stage == .dropped, wasDropped else { return false }
        let draft = Draft(.agentReopened, "Agent \(work.name) brought back").with(TrailerKey.agent, work.name.text)
            .with(TrailerKey.attempt, String(record.attempt))
        try journal.append([draft], snapshot: journal.takeSnapshot())
        return true
    }
}
