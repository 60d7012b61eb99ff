package import Files
package import Git
package import GitValues
internal import Glibc
package import Snapshots
package import SystemPackage
package import Workflow

/// The lanes of one workflow, seen from one worktree.
///
/// A lane is append-only: a checkpoint is published by moving the lane's ref from the tip that was read to the new one,
/// under the lane's lock. What a lane says is folded from its first checkpoint on; the fold is cached by its tip.
package final class Journal {
    package let repository: Repository
    package let surroundings: Surroundings
    package let workflow: Name
    /// The lane that this worktree appends to.
    package let lane: Lane
    package private(set) var binding: Binding
    /// Who acts, where a draft does not say.
    package let actor: Actor
    /// Whether the actor is a human only by what was said; what is recorded says so then.
    package var isActorClaimed = false
    package let refs: LaneRefs
    let cache: StateCache
    /// What was folded in this process; each is good for the tip that it names.
    var folds: [Lane: Fold] = [:]
    /// Where lanes ended when they were read last; each is good for the ref that it names.
    var ends: [Lane: LaneEnd] = [:]
    /// The workflow's state behind what this process recorded last; `nil` before that.
    package private(set) var recordedState: WorkflowState?
    private let isBound: Bool
    /// The agent's lane that the worktree belongs to, where this is another one: it stays that agent's.
    package let otherLane: Lane?
    /// Whether this worktree works for the lane once something was appended from it.
    package var binds = true
    /// Why nothing may be appended to the lane from here; `nil` where that is allowed.
    private let refusal: WorkspaceError?
    /// Says what the user should know though the checkpoint was recorded.
    package var note: (String) -> Void = { _ in }

    package init(
        repository: Repository, surroundings: Surroundings, workflow: Name, lane: Lane, binding: Binding?,
        branch: String?, actor: Actor?, refusal: WorkspaceError? = nil
    ) {
        self.repository = repository
        self.refusal = refusal
        self.surroundings = surroundings
        self.workflow = workflow
        self.lane = lane
        isBound = binding?.workflow == workflow && binding?.lane == lane && binding?.branch == branch
        otherLane = binding.flatMap { bound in
            if case .agent = bound.lane, bound.workflow != workflow || bound.lane != lane { bound.lane } else { nil }
        }
        // One that could not be read is as good as none: nothing of it is believed.
        var own =
            binding
            ?? Binding(
                workflow: workflow, lane: lane, branch: branch,
                worktree: (try? Binding.worktreeID(in: repository.gitDirectory)) ?? Binding.newID())
        own.workflow = workflow
        own.lane = lane
        own.branch = branch
        self.binding = own
        self.actor =
            actor
            ?? {
                switch lane {
                case .leader: .leader
                case .agent(let name): .agent(name)
                }
            }()
        refs = LaneRefs(workflow: workflow)
        cache = StateCache(
            directory: repository.commonDirectory.appending("wf").appending("cache").appending(workflow.text),
            access: repository.access)
    }

    /// Whether this worktree is known to be the lane's own, so that its files speak for the lane.
    package var isOwnWorktree: Bool { isBound }

    // MARK: Reading

    /// A commit of a lane. One that is no checkpoint is read too: somebody pushed it, and the rest must stay readable.
    /// - Throws: `GitError` where the commit is missing.
    package func checkpoint(_ id: ObjectID) throws -> Checkpoint {
        Checkpoint(anyCommit: try repository.commit(id, .literal))
    }

    /// The names of all agents that have a lane.
    package func agentNames() throws -> [Name] {
        let names =
            try repository.references(under: refs.agentLanes).map(\.name)
            + repository.brokenReferences(under: refs.agentLanes).map(\.name)
        return Set(names).sorted().compactMap { try? Name(String($0.dropFirst(refs.agentLanes.count))) }
    }

    // MARK: Snapshots

    /// Takes a snapshot of this worktree. What of the untracked files is in it the user's configuration says, else the
    /// definition.
    /// - Parameters:
    ///   - definition: where the one in force is not recorded yet.
    ///   - patterns: untracked files that are taken though they are large or look like secrets, beside those that
    ///     `wf.allow` names and, where the user trusts it, `checkpoint.allow`.
    package func takeSnapshot(definition: Definition? = nil, allowing patterns: [TypedPath] = []) throws -> Snapshot {
        let definition = try definition ?? state()?.definition ?? Definition()
        let settings = definition.checkpoint
        // Patterns of a tracked file could take in what the user keeps out of the repository.
        let isTrusted = try settings.allow.isEmpty || state().map { try trust(of: $0).covers(definition) } ?? false
        let size = try fileSizeLimit(settings.maxFileSize)
        let count = try repository.config(.maxUntracked).flatMap { ByteSize(parsing: $0) }
        var limits = Snapshotter.Limits(
            maximumFileSize: size.bytes, maximumUntracked: count.map { Int($0.bytes) } ?? settings.maxUntracked,
            allowed: try ((isTrusted ? settings.allow : []) + repository.configValues(.allow)).map { TypedPath($0) }
                + patterns)
        limits.own = [StateDocument.name]
        WorktreeWriter.removeLeftTemporaries(in: repository)
        return try Snapshotter(of: repository, git: repository.git, limits: limits, home: surroundings.home).take()
    }

    /// - Parameter defined: what the definition says.
    package func fileSizeLimit(_ defined: ByteSize?) throws -> ByteSize {
        let configured = try repository.config(.maxFileSize).flatMap { ByteSize(parsing: $0) }
        return configured ?? defined ?? ByteSize(bytes: 10 << 20)
    }

    // MARK: Appending

    /// Records checkpoints at the tip of this worktree's lane, all of them or none.
    ///
    /// What the snapshot says about TODO.md and `.wfconfig` goes before them, where it is news.
    /// - Parameter newsLast: whether the news comes after the drafts, because they say what it is the result of.
    /// - Returns: those that were asked for, in their order.
    /// - Throws: `IllegalTransition` where the machine does not allow one of them.
    @discardableResult
    package func append(_ drafts: [Draft], snapshot: Snapshot, newsLast: Bool = false) throws -> [Checkpoint] {
        try bind()
        keepStashes()
        return try FileLock.hold(lockFile(lane.text), access: repository.access) { lock in
            try append(drafts, holding: lock, snapshot: snapshot, newsLast: newsLast)
        }
    }

    private func append(_ drafts: [Draft], holding lock: FileLock, snapshot: Snapshot, newsLast: Bool) throws
        -> [Checkpoint]
    {
        let ref = refs.lane(lane)
        let end = try end(of: lane)
        let tip = end?.own
        var fold = try folded(lane, tip: tip)
        try requireOwnVersion(fold.last, of: ref)
        // An agent works in the leader's phase.
        let leaderPhase = lane == .leader ? nil : try state()?.shownPhase
        // Somebody else's commit on the lane stays behind it, so that the ref goes forward for git too.
        var foreign = end.flatMap { $0.isForeign ? $0.ref : nil }
        func record(_ drafts: [Draft]) throws -> [Checkpoint] {
            try drafts.map { draft in
                let draft = draft.holding(TrailerKey.kept, foreign)
                foreign = nil
                let checkpoint = try write(
                    draft, after: fold.last, snapshot: snapshot, phase: fold.phase ?? leaderPhase)
                try advance(&fold, by: checkpoint)
                return checkpoint
            }
        }
        let noticed = fold
        if !newsLast { _ = try record(news(in: snapshot, since: noticed, for: fold)) }
        var drafts = drafts
        if case .empty = fold.state, !drafts.isEmpty { drafts[0].trailers += try firstItems(in: snapshot) }
        let written = try record(drafts)
        if newsLast { _ = try record(news(in: snapshot, since: noticed, for: fold)) }
        guard let last = fold.last, last.id != tip else { return [] }
        try publish(last.id, at: ref, expecting: end?.ref, reason: last.kind.rawValue, holding: lock)
        keepWhatWasLearned(from: snapshot, last.id, at: ref)
        fold.save(in: cache, lane: lane)
        folds[lane] = fold
        if case .leader(let state) = fold.state {
            recordedState = state
            if case .leader(let old) = noticed.state { tellOfWaiting(state, since: old) }
            follow(state, after: last)
            render(state, snapshot: snapshot)
        }
        return written
    }

    /// Records an automatic checkpoint beside the lane. It means nothing for the state, so nothing is checked; but where
    /// TODO.md changed since the lane last looked, that is recorded in the lane.
    /// - Parameters:
    ///   - isOnlyIfChanged: whether nothing is to be recorded where the newest checkpoint has the same content.
    ///   - held: further parents, as ``Draft/parents`` has them.
    ///   - modes: of files that are about to be replaced.
    ///   - autostash: a stash that git made for a while, which a ref holds from now on.
    /// - Returns: `nil` where nothing was recorded.
    package func appendAutomatic(
        _ trigger: Trigger, title: String, actor: Actor? = nil, snapshot: Snapshot, isOnlyIfChanged: Bool = false,
        holding held: [(key: String?, id: ObjectID)] = [], modes: FileModes = .none, autostash: ObjectID? = nil
    ) throws -> Checkpoint? {
        try bind()
        keepStashes()
        if let autostash { try repository.keep(autostash, at: KeptRefs(workflow: workflow).autostash(autostash)) }
        guard let tip = try tip(of: lane) else {
            throw GitError(.notFound, doing: "record a checkpoint", reason: "\(refs.lane(lane)) does not exist")
        }
        if try mayHaveNews(snapshot, since: checkpoint(tip)) { try append([], snapshot: snapshot) }
        return try FileLock.hold(segmentLockFile, access: repository.access) { lock in
            let after = try checkpoint(self.tip(of: lane) ?? tip)
            try requireOwnVersion(after, of: refs.lane(lane))
            var (place, last, end) = try segmentInHand()
            try requireOwnVersion(last, of: place.ref)
            if isOnlyIfChanged, try isSame(snapshot, as: last?.id(of: TrailerKey.after) == after.id ? last : after) {
                return nil
            }
            var sequence = (last?[TrailerKey.sequence].flatMap { Int($0) } ?? 0) + 1
            if sequence > SegmentPlace.length {
                place = place.next
                sequence = 1
                last = nil
                end = nil
            }
            var draft = Draft(.auto, title)
            draft.actor = actor
            draft.add(TrailerKey.trigger, trigger.rawValue)
            draft.add(TrailerKey.sequence, String(sequence))
            draft.add(TrailerKey.autostash, autostash?.hex)
            draft.add(TrailerKey.mode, modes.lines)
            draft.parents = [(TrailerKey.after, after.id)] + held
            if let end, end.isForeign { draft.parents.append((TrailerKey.kept, end.ref)) }
            let written = try write(draft, after: last, snapshot: snapshot, phase: after.phase)
            try publish(written.id, at: place.ref, expecting: end?.ref, reason: "auto \(trigger)", holding: lock)
            keepWhatWasLearned(from: snapshot, written.id, at: place.ref)
            do {
                if lane == .leader, let state = try state() { render(state, snapshot: snapshot) }
            } catch {
                note("workflow-state.md is as it was: \(error)")
            }
            return written
        }
    }

    /// Whether a snapshot says nothing that a checkpoint does not say.
    package func isSame(_ snapshot: Snapshot, as checkpoint: Checkpoint?) throws -> Bool {
        guard let checkpoint, checkpoint.tree == snapshot.tree, checkpoint.head == snapshot.head.commit,
            checkpoint[TrailerKey.branch] == snapshot.head.branch
        else { return false }
        let staged = try checkpoint.id(of: TrailerKey.index).map { try repository.commit($0).tree }
        return staged == snapshot.stagedTree
    }

    // MARK: Steps of an append

    /// What a newer version wrote means what only that one knows, so nothing is put behind it.
    private func requireOwnVersion(_ last: Checkpoint?, of ref: String) throws {
        guard let last, last.version > Checkpoint.currentVersion else { return }
        throw GitError(
            .invalid, doing: "record a checkpoint",
            reason: "a newer git-wf wrote to \(ref); update this one, which only reads it")
    }

    /// Remembers what this worktree works for, before anything is recorded for it.
    /// - Throws: `WorkspaceError` where the lane is written elsewhere only.
    private func bind() throws {
        if let refusal { throw refusal }
        if !isBound, otherLane == nil, binds { try binding.write(in: repository) }
    }

    /// The file of a lock: a lane's, or that of an operation on the whole workflow.
    package func lockFile(_ name: String) -> FilePath {
        // One flat name each: `agents/x` and `auto/x` would need directories.
        let flat = name.replacingSlashes
        return repository.commonDirectory.appending("wf").appending("locks").appending("\(workflow).\(flat)")
    }

    /// The file of the lock under which this worktree appends to its segments of the lane.
    var segmentLockFile: FilePath { lockFile("auto/\(lane.segmentName)/\(binding.worktree)") }

    private func publish(
        _ id: ObjectID, at ref: String, expecting tip: ObjectID?, reason: String, holding lock: FileLock
    ) throws {
        lock.begin(ref, to: id)
        var attempts = 0
        while true {
            do {
                try repository.setReference(ref, to: id, expecting: tip, reason: "git-wf: \(reason)")
                return lock.end()
            } catch let error as GitError where error.code == .locked && attempts < 500 {
                // `git pack-refs` holds a ref's lock for a moment; libgit2 does not wait for it.
                attempts += 1
                usleep(2000)
                if attempts == 250 { try lock.removeLeftLock(of: ref, in: repository.commonDirectory) }
            }
        }
    }

    /// After the ref: caches only, so that neither a kill nor a full disk loses anything but time.
    private func keepWhatWasLearned(from snapshot: Snapshot, _ published: ObjectID, at ref: String) {
        do {
            try snapshot.settle(on: published, at: ref)
        } catch {
            note("the next checkpoint has to look at every file again: \(error)")
        }
    }

    /// Says what of a definition that was recorded just now is not in force.
    private func tellOfWaiting(_ state: WorkflowState, since old: WorkflowState) {
        guard let proposal = state.proposal, state.definitionBlob != old.definitionBlob else { return }
        let count = DefinitionChange(from: state.definition, to: proposal).waiting.count
        let changes = count == 1 ? "1 change of .wfconfig is" : "\(count) changes of .wfconfig are"
        note("\(changes) not in force before a human says git wf trust; git wf status names what it is")
    }

    /// Keeps the worktree's binding with the workflow's branch; and once the lane has what this worktree's documents say, they
    /// are compared with that.
    private func follow(_ state: WorkflowState, after last: Checkpoint) {
        let old = binding
        binding.branch = state.branch
        if last.speaks(for: state.branch) { binding.takenUp = nil }
        if binding == old || otherLane != nil || !binds { return }
        do {
            try binding.write(in: repository)
        } catch {
            note("the next checkpoint may repeat what TODO.md says: \(error)")
        }
    }

    private func write(
        _ draft: Draft, after previous: Checkpoint?, snapshot: Snapshot, phase: String?
    ) throws -> Checkpoint {
        var trailers: [Trailer] = []
        func add(_ key: String, _ value: String?) {
            if let value { trailers.append(Trailer(key: key, value: value)) }
        }
        add(TrailerKey.version, String(Checkpoint.currentVersion))
        add(TrailerKey.workflow, workflow.text)
        add(TrailerKey.lane, lane.text)
        add(TrailerKey.worktree, binding.worktree)
        add(TrailerKey.kind, draft.kind.rawValue)
        add(TrailerKey.phase, draft.phase ?? phase)
        add(TrailerKey.actor, (draft.actor ?? actor).description)
        add(TrailerKey.session, surroundings.session?.id)
        add(TrailerKey.subagent, surroundings.session?.subagent)
        trailers += draft.trailers
        if isActorClaimed, draft.actor == nil { add(TrailerKey.claimed, "yes") }

        var parents = previous.map { [$0.id] } ?? []
        for (key, id) in draft.parents {
            if let key { add(key, id.hex) }
            if !parents.contains(id) { parents.append(id) }
        }
        add(TrailerKey.branch, snapshot.head.branch)
        // The first of a lane has no parent at all, so it can name nothing that only it would hold.
        let isRoot = previous == nil && draft.kind != .auto
        if let head = snapshot.head.commit, !isRoot {
            add(TrailerKey.head, head.hex)
            if previous?.head != head, !parents.contains(head) { parents.append(head) }
        }
        add(TrailerKey.operation, snapshot.operation)
        if let staged = snapshot.stagedTree, !isRoot {
            let kept = try previous?.id(of: TrailerKey.index).flatMap {
                try repository.commit($0).tree == staged ? $0 : nil
            }
            let index = try kept ?? attachment(tree: staged, title: "The index of a checkpoint")
            add(TrailerKey.index, index.hex)
            if kept == nil { parents.append(index) }
        }
        for skipped in snapshot.skipped { add(TrailerKey.skipped, "\(skipped.path.text): \(skipped.reason)") }

        let message = CheckpointMessage(title: draft.title, body: draft.body, trailers: trailers)
        let signature = try signature()
        let bytes = message.encoded()
        let id = try repository.createCommit(
            tree: snapshot.tree, parents: parents, author: signature, committer: signature, message: bytes)
        return Checkpoint(
            id: id, tree: snapshot.tree, parents: parents, time: signature.time,
            message: CheckpointMessage(parsing: bytes))
    }

    /// A commit that only keeps a tree alive.
    package func attachment(tree: ObjectID, title: String) throws -> ObjectID {
        let signature = try signature()
        return try repository.createCommit(
            tree: tree, parents: [], author: signature, committer: signature, message: Array((title + "\n").utf8))
    }

    /// As git names a committer; git-wf's own name where the user has none.
    package func signature() throws -> Signature {
        let environment = surroundings.environment
        func value(_ variable: String, _ key: String) throws -> String? {
            let named = try environment[variable] ?? repository.config(key)
            return named.flatMap { $0.isEmpty ? nil : $0 }
        }
        let name = try value("GIT_COMMITTER_NAME", "user.name")
        let email = try value("GIT_COMMITTER_EMAIL", "user.email")
        return Signature(
            name: name ?? "git-wf", email: email ?? (name == nil ? "git-wf@localhost" : ""), time: surroundings.now)
    }
}

extension String {
    fileprivate var replacingSlashes: String { String(map { $0 == "/" ? "." : $0 }) }
}
