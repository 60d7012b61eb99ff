package import Actions
internal import Agents
internal import Files
internal import Git
internal import GitValues
internal import Glibc
internal import Journal
internal import Merging
internal import Snapshots
internal import SystemPackage
package import Workflow

/// Gathers what a brief tells.
package struct BriefFacts {
    private let session: Session
    private let state: WorkflowState
    private var repository: Repository { session.repository }

    /// How many commits and checkpoints are read before the rest is only counted.
    private static let longest = 100
    /// Lines are counted while no more files changed than this.
    private static let countedFiles = 200

    package init(_ session: Session, state: WorkflowState) {
        self.session = session
        self.state = state
    }

    // MARK: The leader's

    package func leader(fittingTo limits: Brief.Limits) throws -> (Brief, [BriefFile]) {
        let todo = try session.journal.todo(state)
        var brief = LeaderBrief(state, todo: todo, now: session.surroundings.now)
        let last = try state.lastAskedFor.map { try session.journal.checkpoint($0.id) }
        var mentioned: [String] = []
        if let last {
            (brief.document, brief.remarks) = try CheckpointText(session).content(of: last)
            mentioned = last.values(of: TrailerKey.read) + (brief.document?.context ?? [])
        }
        brief.since = try since(last)
        let agents = try session.agents()
        brief.questions = agents.compactMap(\.asked)
        brief.agents = agents.map { agent in
            let worktree = agent.place == .ok ? agent.worktree.map { " (in \($0))" } : nil
            return agent.line() + (worktree ?? "")
        }
        if let merge = try StoppedMerge(session.journal) { brief.agents.insert(merge.text, at: 0) }
        brief.warnings = try Warnings(session, state: state, todo: todo).list
        if let operation = repository.operation { brief.warnings.append("git is in the middle of a \(operation)") }
        brief.files = try leaderFiles(todo: todo, mentioned: mentioned)
        return (brief.fitted(to: limits), brief.files)
    }

    private func since(_ last: Checkpoint?) throws -> WorkSince {
        var since = WorkSince()
        var history = try session.journal.history(of: session.journal.lane, withAutomatic: false)
        var read = 0
        var oldest = last
        while let checkpoint = try history.next(), checkpoint.id != last?.id {
            read += 1
            if read > Self.longest { break }
            if checkpoint.isEvent { since.events.append(checkpoint) }
            if last == nil { oldest = checkpoint }
        }
        if last == nil { since.olderEvents = max(0, state.count - Self.longest) }
        if let oldest { try addWork(since: oldest, to: &since) }
        return since
    }

    /// What happened since the last checkpoint of any kind, for whoever comes back after a while.
    func sinceLastCheckpoint(agents: [Agent]) throws -> [String] {
        let last = try session.journal.checkpoint(state.lastCheckpoint.id)
        var work = WorkSince()
        try addWork(since: last, to: &work)
        var lines: [String] = []
        let commits = work.commits.count + work.olderCommits
        if commits > 0 {
            lines.append(
                "\(commits) commit\(commits == 1 ? "" : "s"): \(work.commits.prefix(3).joined(separator: "; "))")
        }
        if !work.changes.isEmpty {
            let names = work.changes.prefix(4).map(\.path).joined(separator: ", ")
            let count = work.changes.count
            lines.append("\(count) file\(count == 1 ? "" : "s") changed: \(names)\(count > 4 ? ", …" : "")")
        }
        for agent in agents {
            guard let newest = agent.lastCheckpoint, newest.time > last.time else { continue }
            lines.append("agent \(agent.name), \(newest.time.shown(at: session.surroundings.now)): \(newest.title)")
        }
        return lines
    }

    private func addWork(since checkpoint: Checkpoint, to since: inout WorkSince) throws {
        if let head = try repository.head().commit, let base = checkpoint.head, head != base,
            try repository.contains(base)
        {
            var next: ObjectID? = head
            while let id = next, id != base, since.commits.count < Self.longest {
                if try repository.isDescendant(base, of: id) { break }
                let commit = try repository.commit(id)
                let subject = String(decoding: commit.message.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
                since.commits.append("\(id.short) \(subject)")
                next = commit.parents.first
            }
            if since.commits.count == Self.longest {
                since.olderCommits = max(0, try repository.aheadBehind(head, of: base).ahead - Self.longest)
            }
        }
        let tree = session.journal.isOwnWorktree ? try session.snapshot(for: state).tree : state.documents
        guard let tree, tree != checkpoint.tree,
            let changes = try unlessMalformed({ try repository.changes(from: checkpoint.tree, to: tree) })
        else { return }
        var added: [RepositoryPath: Int] = [:]
        var removed: [RepositoryPath: Int] = [:]
        let isCounted = changes.count <= Self.countedFiles
        if isCounted {
            for lines in try repository.addedLines(from: checkpoint.tree, to: tree) { added[lines.path] = lines.count }
            for lines in try repository.addedLines(from: tree, to: checkpoint.tree) {
                removed[lines.path] = lines.count
            }
        }
        since.changes = changes.map { change in
            WorkSince.Change(
                path: change.path.description,
                kind: change.old == nil ? .new : change.new == nil ? .removed : .changed,
                added: isCounted ? added[change.path, default: 0] : nil,
                removed: isCounted ? removed[change.path, default: 0] : nil)
        }
    }

    // MARK: An agent's

    package func agent(_ name: Name, fittingTo limits: Brief.Limits) throws -> (Brief, [BriefFile]) {
        let work = try AgentWork(name, journal: session.journal, state: state, worktrees: [])
        let spec = try work.spec(in: repository)
        var brief = AgentBrief(name.text, workflow: state.name, spec: spec)
        brief.branch = work.branch.shortBranch
        brief.attempt = work.record?.attempt ?? work.lane?.attempt ?? 1
        brief.item = work.record?.item?.text
        brief.next = work.lane?.next ?? []
        brief.result = work.result
        brief.question = work.question?.text
        if work.result == nil { brief.answer = work.record?.answer?.text }
        if brief.attempt > 1, work.result == nil { brief.reason = work.record?.reason }
        var files = ReadingList(session)
        if spec != nil { brief.specPath = specPath(work, in: files) }
        try files.addConventions()
        for path in spec?.reads ?? [] where !path.pattern.isGlob {
            try files.add(path.pattern.text, note: path.note ?? "named by the spec")
        }
        brief.files = files.files
        return (brief.fitted(to: limits), files.files)
    }

    /// Where the agent finds its spec: beside its work where the base lacked it, else at its own path.
    private func specPath(_ work: AgentWork, in files: ReadingList) -> String? {
        let inGit = repository.gitDirectory.appending("wf").appending("spec.md")
        if files.isFile(".wf/spec.md") { return ".wf/spec.md" }
        if let path = work.record?.spec, files.isFile(path) { return path }
        return OrdinaryFile.size(of: inGit) == nil ? nil : inGit.string
    }

    // MARK: Files

    private func leaderFiles(todo: TodoList?, mentioned: [String]) throws -> [BriefFile] {
        var files = ReadingList(session)
        try files.addConventions()
        try files.add(state.definition.todo, note: "the items")
        if let item = todo?.current(in: state) {
            let words = item.text.split { " `\"'(),;".contains($0) }
            for word in words where word.contains(where: { $0 == "." || $0 == "/" }) {
                try files.add(String(word), note: "named by the item in hand")
            }
        }
        for entry in mentioned {
            for path in ReadingList.paths(in: entry) { try files.add(path, note: "named by the checkpoint") }
        }
        for path in state.definition.resume.read { try files.add(path, note: "named by .wfconfig") }
        return files.files
    }
}

extension AddedLines {
    fileprivate var count: Int { ranges.reduce(0) { $0 + $1.count } }
}
