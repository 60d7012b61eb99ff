internal import Files
internal import Git
package import GitValues
package import Journal
package import Operations
internal import Snapshots
package import SystemPackage
package import Workflow

/// Gives an agent its worktree, its branch and its lane.
///
/// The order is such that a kill leaves what another `agent start` takes up: first the worktree with its branch, then the
/// leader's record, which holds the spec, then the lane. Everything is checked before anything is written.
package struct AgentStart {
    /// What to start.
    package struct Request: Sendable {
        /// As typed.
        package var name: String
        /// A path, or the name of a file in `specs/`.
        package var spec: String?
        /// A revision; HEAD where it is not given.
        package var base: String?
        /// The number of an item in the TODO file.
        package var item: Int?
        /// Whether it may change what an agent at work may change too.
        package var allowsOverlap: Bool

        package init(
            name: String, spec: String? = nil, base: String? = nil, item: Int? = nil, allowsOverlap: Bool = false
        ) {
            self.allowsOverlap = allowsOverlap
            self.name = name
            self.spec = spec
            self.base = base
            self.item = item
        }
    }

    /// What there is now.
    package struct Started: Sendable {
        package let name: Name
        package let worktree: FilePath
        /// In full.
        package let branch: String
        package let base: ObjectID
        /// From the top of the worktree, absolute where it is outside; `nil` without a spec.
        package let spec: FilePath?
        package let item: String?
        package let attempt: Int
        package let warnings: [String]
        /// What to paste into a coding agent.
        package let prompt: String
    }

    let journal: Journal
    var repository: Repository { journal.repository }

    package init(_ journal: Journal) { self.journal = journal }

    /// - Throws: `AgentError` where the name is invalid or taken, the base or the spec is not there; nothing is written
    ///   then. `GitError` where git could not make the worktree; what was made is taken back.
    package func start(_ request: Request) throws -> Started {
        guard journal.lane == .leader else {
            throw AgentError(.refused, "agents are started by the leader: run this in the leader's worktree")
        }
        let name = try checkedName(request.name)
        let file = IntentFile(.agent(name), of: journal)
        return try file.alone { try start(name, request, file) }
    }

    private func start(_ name: Name, _ request: Request, _ file: IntentFile) throws -> Started {
        let state = try journal.leaderState()
        let place = try journal.worktreePath(of: name)
        let snapshot = try journal.takeSnapshot()
        let base = try base(request.base, head: snapshot.head.commit)
        let item = try item(request.item, state: state, snapshot: snapshot)
        let spec = try SpecSource.find(request.spec, agent: name, journal: journal)
        let overlaps = try overlaps(name, spec, state, isAllowed: request.allowsOverlap)
        let halfway = try recordOfInterruptedStart(name, base: base, spec: spec, item: item, state: state)

        let site = try NewWorktree(name, place: place, base: base, journal: journal)
        var intent = Intent(.agentStart, branch: snapshot.head.branch)
        intent.facts = site.facts
        intent.facts["spec"] = try spec.map { try Repository.blobID(of: $0.bytes).hex }
        try file.write(intent)
        var record = halfway
        var hookFailure: WorktreeMaking.HookFailure?
        do {
            hookFailure = try site.prepare()
            if record == nil {
                var draft = try draft(name, spec: spec, item: item, base: base)
                if !overlaps.isEmpty { draft.body = overlaps.map { "- \($0.text)" }.joined(separator: "\n") }
                _ = try journal.append([draft], snapshot: snapshot)
                record = try journal.leaderState().agent(name.text)
            }
        } catch {
            // Nothing records the agent, so nothing of it stays.
            if halfway == nil { try site.takeBack() }
            try file.remove()
            throw error
        }
        let specPlace = try beginLane(
            of: name, record: record, base: base, item: item, in: place, phase: state.shownPhase)
        try file.remove()
        return Started(
            name: name, worktree: place, branch: journal.refs.branch(of: name), base: base, spec: specPlace?.path,
            item: item?.text, attempt: record?.attempt ?? 1,
            warnings: try [hookFailure?.text].compactMap { $0 } + overlaps.map(\.text)
                + warnings(snapshot, base: base, spec: record?.spec),
            prompt: AgentPrompt(
                name, journal: journal, worktree: place, spec: specPlace?.path, item: item?.text
            ).text)
    }

    /// The last steps, once the leader's record is there: the spec is written into the worktree, and the lane begins.
    private func beginLane(
        of name: Name, record: AgentRecord?, base: ObjectID, item: RecordedItem?, in worktree: FilePath, phase: String
    ) throws -> SpecPlace? {
        let bytes = try record?.specCommit.flatMap { try repository.attachedSpec($0) }
        let there = try journal.journal(of: name, in: worktree)
        let specPlace = try bytes.map {
            try SpecPlace($0, path: record?.spec, base: base, worktree: there.repository)
        }
        if let bytes, let specPlace { try specPlace.write(bytes, in: there.repository) }
        let root = Draft(.agentStarted, "Agent \(name) started", phase: phase)
            .with(TrailerKey.agent, name.text).with(TrailerKey.attempt, String(record?.attempt ?? 1))
            .about(item).with(TrailerKey.specPath, record?.spec)
        try there.append([root], snapshot: there.takeSnapshot())
        return specPlace
    }

    /// Ends a start that was cut short: once the leader's record is there it is finished, else what was made is taken back.
    package func recover(_ intent: Intent) throws -> Recovery.Outcome? {
        guard let name = intent.facts["agent"].flatMap({ try? Name($0) }),
            let base = intent.facts["base"].flatMap({ ObjectID(hex: $0) })
        else { return nil }
        let what = "the start of the agent \(name), which was cut short"
        if try journal.tip(of: .agent(name)) != nil { return nil }
        let state = try journal.leaderState()
        let place = try journal.worktreePath(of: name)
        let site = NewWorktree(name, place: place, base: base, journal: journal, facts: intent.facts)
        if site.isBeingMade { return .goingOn("the start of the agent \(name)") }
        guard let record = state.agent(name.text) else {
            try RefLock(of: site.branch, in: journal.repository.commonDirectory).removeIfLeft(ofMoveTo: base)
            try site.takeBack()
            return .takenBack(what)
        }
        let spec = try record.specCommit.flatMap { try repository.attachedSpec($0) }
        guard record.base == base, try spec.map({ try Repository.blobID(of: $0).hex }) == intent.facts["spec"] else {
            return .givenUp(
                "\(what) was left as it is: the history says that \(name) was started otherwise; take another name")
        }
        guard OrdinaryFile.isThere(place.appending(".git")) else {
            return .givenUp(
                "\(what) was left as it is: its worktree is gone; git wf agent start \(name) makes it again")
        }
        _ = try beginLane(
            of: name, record: record, base: base, item: record.item, in: place, phase: state.shownPhase)
        return .finished(what)
    }

    // MARK: What is asked for

    /// Where the spec and that of an agent at work name the same.
    private func overlaps(_ name: Name, _ spec: SpecSource?, _ state: WorkflowState, isAllowed: Bool) throws
        -> [SpecOverlap]
    {
        guard let spec = spec.map({ Spec($0.bytes) }) else { return [] }
        let overlaps = try SpecFolder(journal).open(state).filter { $0.name != name.text }
            .flatMap { SpecOverlap.between((name: name.text, spec: spec), $0) }
        let refused = overlaps.filter { !$0.isDisjoint }
        guard isAllowed || refused.isEmpty else {
            throw AgentError(
                .refused, refused.map(\.text).joined(separator: "; "),
                hint: "git wf agent start \(name) --overlap starts it all the same, and records that")
        }
        return overlaps
    }

    private func checkedName(_ text: String) throws -> Name {
        let name: Name
        do {
            name = try Name(text)
        } catch {
            throw AgentError(.usage, "\(error)")
        }
        if name.text == "leader" {
            throw AgentError(.usage, "no agent can be called leader, which is the word for who starts them")
        }
        return name
    }

    /// What an `agent start` recorded that was cut short before the lane began.
    ///
    /// The record may have come with somebody else's lane, so it wins over nothing that is asked for now.
    private func recordOfInterruptedStart(
        _ name: Name, base: ObjectID, spec: SpecSource?, item: RecordedItem?, state: WorkflowState
    ) throws -> AgentRecord? {
        let record = state.agent(name.text)
        if try journal.tip(of: .agent(name)) != nil {
            let stage = record.map { $0.isOpen ? "" : ", which is \($0.stage.rawValue)" } ?? ""
            throw AgentError(
                .refused,
                "there is an agent \(name) already\(stage); its history is kept, so a new one needs another name")
        }
        guard let record else { return nil }
        guard record.stage == .started else {
            throw AgentError(
                .refused, "there was an agent \(name) already, which is \(record.stage.rawValue); take another name")
        }
        let recorded = try record.specCommit.flatMap { try repository.attachedSpec($0) }
        let isSame = record.base == base && record.item == item && record.spec == spec?.path && recorded == spec?.bytes
        if try isSame && wasRecordedHere(name) { return record }
        func described(_ base: ObjectID?, _ spec: String?, _ bytes: [UInt8]?, _ item: RecordedItem?) throws -> String {
            let id = try bytes.map { " (\(try Repository.blobID(of: $0).short))" } ?? ""
            var words = base.map { "at \($0.short)" } ?? "at no commit"
            words += spec.map { " with \($0.quoted)\(id)" } ?? " without a spec"
            if let item { words += " for \(item.text.quoted)" }
            return words
        }
        throw AgentError(
            .refused,
            "the history has a start of \(name) \(isSame ? "from another worktree " : "")that was never finished, "
                + "\(try described(record.base, record.spec, recorded, record.item)); what is asked for now is "
                + "\(try described(base, spec?.path, spec?.bytes, item)), so it needs another name")
    }

    /// Whether this worktree wrote the record of an agent's start.
    private func wasRecordedHere(_ name: Name) throws -> Bool {
        var history = try journal.history(of: .leader, withAutomatic: false)
        while let checkpoint = try history.next() {
            guard checkpoint.kind == .agentStarted, checkpoint[TrailerKey.agent] == name.text else { continue }
            return checkpoint[TrailerKey.worktree] == journal.binding.worktree
        }
        return false
    }

    private func base(_ revision: String?, head: ObjectID?) throws -> ObjectID {
        guard let revision else {
            if let head { return head }
            throw AgentError(
                .refused, "this repository has no commit yet, and an agent's branch begins at one: commit first")
        }
        if let base = try repository.resolveCommit(revision) { return base }
        throw AgentError(.usage, "\(revision.quoted) names no commit to begin at")
    }

    private func item(_ number: Int?, state: WorkflowState, snapshot: Snapshot) throws -> RecordedItem? {
        guard let number else { return nil }
        let path = RepositoryPath(state.definition.todo)
        guard let entry = try journal.file(path, in: snapshot.tree) else {
            throw AgentError(.usage, "there is no \(path) to take item \(number) from")
        }
        let recorded = try journal.recordedTodo(state)
        let items = state.items.identified(try repository.blob(entry.id), after: recorded).items
        guard let item = items.first(where: { $0.number == number }) else {
            throw AgentError(
                .usage,
                "there is no item \(number): \(path) has \(items.isEmpty ? "no box" : "items 1 to \(items.count)")")
        }
        return item.reference
    }

    private func draft(_ name: Name, spec: SpecSource?, item: RecordedItem?, base: ObjectID) throws -> Draft {
        let title = spec.map { Spec($0.bytes).title } ?? ""
        return Draft(.agentStarted, "Agent \(name) started" + (title.isEmpty ? "" : ": \(title)"))
            .with(TrailerKey.agent, name.text).with(TrailerKey.attempt, "1").about(item)
            .with(TrailerKey.specPath, spec?.path)
            .holding(TrailerKey.spec, try spec?.attachment(journal, agent: name))
            .holding(TrailerKey.base, base)
    }

    // MARK: What is said

    private func warnings(_ snapshot: Snapshot, base: ObjectID, spec: String?) throws -> [String] {
        var warnings: [String] = []
        let old = snapshot.headTree ?? Repository.emptyTree
        let missing = try repository.changes(from: old, to: snapshot.tree).map(\.path)
            .filter { $0 != spec.map { RepositoryPath($0) } }
        if !missing.isEmpty {
            warnings.append(
                "\(missing.count) change\(missing.count == 1 ? "" : "s") of yours "
                    + "\(missing.count == 1 ? "is" : "are") not committed, so the agent does not have "
                    + "\(missing.count == 1 ? "it" : "them"): \(missing.listed())")
        }
        if let head = snapshot.head.commit, base != head, try !repository.isDescendant(base, of: head) {
            warnings.append("the agent begins at \(base.short), which lacks commits of yours")
        }
        return warnings
    }
}
