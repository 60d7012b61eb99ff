internal import Files
internal import Git
internal import GitValues
internal import Journal
internal import Operations
internal import Snapshots
internal import SystemPackage
internal import Workflow

/// The steps of a removal, each of which may have been done by one that was cut short.
final class RemovalSteps {
    private let journal: Journal
    private let agent: Name
    private let gitDirectory: FilePath
    private let removalID: String
    private let isForced: Bool
    /// Where the worktree stood.
    let path: FilePath
    /// Whether its folder was gone before.
    let wasGone: Bool
    /// Why one is kept that was being removed.
    static let interruption = "something changed while it was removed"
    /// The checkpoint of what it had.
    private(set) var checkpoint: ObjectID?
    /// What the user should know.
    private(set) var notes: [String] = []
    private var look: RemovalLook?

    /// - Returns: `nil` for an intent that no removal can have written.
    init?(_ intent: Intent, journal: Journal) throws {
        guard let path = intent.facts["worktree"], let id = intent.facts["id"],
            FilePath.Component(id)?.kind == .regular,
            let removal = intent.facts["removal"], Binding.isID(removal),
            let agent = intent.facts["agent"].flatMap({ try? Name($0) })
        else { return nil }
        self.journal = journal
        self.agent = agent
        self.path = FilePath(path)
        gitDirectory = journal.repository.commonDirectory.appending("worktrees").appending(id).lexicallyNormalized()
        removalID = removal
        isForced = intent.facts["forced"] != nil
        wasGone = intent.facts["gone"] != nil
        if let worktree = try worktree(),
            worktree.isMain || worktree.path.removingLastComponent() != self.path.removingLastComponent()
        {
            return nil
        }
    }

    private var aside: FilePath {
        wasGone ? path : path.removingLastComponent().appending(".\(path.lastComponent?.string ?? "").\(removalID)")
    }

    /// Whether the worktree is not at its place any more.
    var isAside: Bool {
        RemovedWorktree.file(in: gitDirectory).isThere || !wasGone && OrdinaryFile.isThere(aside)
            || !OrdinaryFile.isThere(gitDirectory)
    }

    /// What is recorded of it in its git directory.
    func removal() throws -> RemovedWorktree? {
        try worktree().flatMap { $0.isRemoved ? try RemovedWorktree($0) : nil }
    }

    private func worktree() throws -> LinkedWorktree? {
        try LinkedWorktree.registered(in: journal.repository).first { $0.gitDirectory == gitDirectory }
    }

    /// Locks the worktree, so that no `git worktree prune` forgets it, and moves it aside: nothing comes to it by its old name.
    /// An empty folder stands there meanwhile, so that whoever still saves something there finds a place for it.
    func setAside() throws {
        guard let worktree = try worktree() else { return }
        TemporaryFile.removeLeft(in: gitDirectory, prefix: WholeFile.prefix)
        if try worktree.lockReason == nil {
            let reason = RemovedWorktree.lockReason(agent)
            try worktree.lockFile.write(Array(reason.utf8), access: journal.repository.access)
        }
        if wasGone { return }
        _ = try worktree.moved(to: aside)
        try Folder.make(path)
    }

    /// Takes back what ``setAside()`` did.
    func takeBack() throws {
        guard let worktree = try worktree() else { return }
        TemporaryFile.removeLeft(in: gitDirectory, prefix: WholeFile.prefix)
        try RemovedWorktree.file(in: gitDirectory).remove()
        if !wasGone, worktree.path != path || OrdinaryFile.isThere(aside) {
            Folder.removeIfEmpty(path)
            // What somebody saved there meanwhile makes room.
            if OrdinaryFile.isThere(path), OrdinaryFile.isThere(aside) {
                try Folder.move(path, to: FilePath("\(path).\(removalID)"))
            }
            _ = try LinkedWorktree(aside, gitDirectory).moved(to: path)
        }
        if try worktree.lockReason == RemovedWorktree.lockReason(agent) { try worktree.lockFile.remove() }
    }

    /// Looks at what was moved, and has a checkpoint and refs hold it.
    func secure(_ work: AgentWork) throws {
        guard let worktree = try worktree() else { return }
        var look = try RemovalLook(of: worktree, journal: journal)
        let head = try OrdinaryFile.read(gitDirectory.appending("HEAD"), upTo: 8192) ?? []
        let headText = String(decoding: head, as: UTF8.self)
        var operation: String?
        if !wasGone {
            let there = try journal.journal(of: work.name, in: worktree)
            let snapshot = try there.takeSnapshot()
            operation = snapshot.operation
            checkpoint = try there.append([Draft(.checkpoint, "Before \(work.name) is removed")], snapshot: snapshot)
                .first?.id
        }
        let ref = KeptRefs(workflow: journal.workflow).removed(work.name, removalID)
        let held = try look.hold(branch: work.branch, at: ref)
        notes += held.notes
        held.unheld.forEach { look.keep($0) }
        if !isForced {
            // Who needs these commits may look for them where they were.
            held.own.forEach { look.keep($0) }
            try look.findReasons(work, head: headText, operation: operation, isResumed: false)
        }
        self.look = look
        try RemovedWorktree(
            worktree, agent: work.name, workflow: journal.workflow, path: path, removal: removalID, head: headText,
            branch: work.branch, tip: work.tip, removed: journal.surroundings.now,
            isDropped: work.record?.isOpen == true, reasons: look.reasons
        ).write(journal)
    }

    /// Takes HEAD off the agent's branch, which goes: it stays at the commit.
    func detach(_ removal: RemovedWorktree?) throws {
        guard let removal, let tip = removal.tip, removal.head == "ref: \(removal.branch)\n" else { return }
        try RootedFile("HEAD", in: gitDirectory).write(
            Array("\(tip)\n".utf8), access: journal.repository.access,
            isDurable: journal.repository.pending.isDurable)
    }

    /// Removes the worktree where nothing of it has to be kept, and what stands in its place.
    func end() throws {
        try removeClean()
        Folder.removeIfEmpty(path)
        journal.removeEmptyFolders(above: path)
        let late = wasGone ? [] : try Folder.names(in: path)
        if !late.isEmpty { notes.append("\(late.sorted().listed()) came to \(path) meanwhile, and stays there") }
    }

    private func removeClean() throws {
        guard var removal = try removal(), removal.reasons.isEmpty, let worktree = try worktree() else {
            // Of one that git forgot by now, what says so goes last.
            let isForgotten = !OrdinaryFile.isThere(gitDirectory.appending("gitdir"))
            if isForgotten, RemovedWorktree.file(in: gitDirectory).isThere {
                try LinkedWorktree.forget(gitDirectory)
            }
            return
        }
        func keep(_ reason: String) throws {
            removal.reasons = [reason]
            try removal.write(journal)
        }
        if look == nil { look = try lookAgain(removal, worktree) }
        guard let look, look.reasons.isEmpty else { return try keep(look?.reasons.first ?? Self.interruption) }
        guard try look.isUnchanged(), try look.remove() else { return try keep(Self.interruption) }
    }

    /// Looks at what another process left of a worktree that it was removing.
    private func lookAgain(_ removal: RemovedWorktree, _ worktree: LinkedWorktree) throws -> RemovalLook {
        var look = try RemovalLook(of: worktree, journal: journal)
        // Without its folder it had been looked at to the end; a part of its git directory may be gone too.
        if OrdinaryFile.isThere(worktree.path), !isForced {
            let work = try AgentWork(named: removal.agent.text, journal: journal)
            let operation = try journal.journal(of: removal.agent, in: worktree).repository.operation
            try look.findReasons(work, head: removal.head, operation: operation, isResumed: true)
        }
        return look
    }
}
