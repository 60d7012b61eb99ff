internal import Files
internal import Git
internal import GitValues
package import Journal
internal import Snapshots
internal import SystemPackage
package import Workflow

/// Records what an agent says that it did, in its own lane.
package struct AgentReport {
    /// What was recorded.
    package struct Recorded: Sendable {
        package let checkpoint: Checkpoint
        package let result: AgentState.Result
        /// What the agent should know: work that is not committed, paths outside of its spec.
        package let warnings: [String]
    }

    private let journal: Journal

    package init(_ journal: Journal) { self.journal = journal }

    /// - Parameters:
    ///   - report: its title is the summary. Lines added are computed, whatever it says.
    ///   - document: the bytes that it was read from, which are kept.
    /// - Returns: the result as it is recorded.
    /// - Throws: `AgentError` outside of an agent's worktree, and where the title is empty.
    package func record(_ report: Report, document: [UInt8]? = nil) throws -> Recorded {
        guard case .agent(let name) = journal.lane else {
            throw AgentError(
                .usage, "a report is an agent's, and this is not the worktree of one",
                hint: "git wf agent list names the worktrees")
        }
        guard report.title.contains(where: { !$0.isWhitespace }) else {
            throw AgentError(.usage, "a report needs a summary: --summary TEXT")
        }
        try requireOwn(name)
        return try write(report, of: name, document: document)
    }

    /// Makes the report of an agent whose process ended well without one, from what happened: what it committed, and how it ended. It says
    /// so, and that it is partial: nobody claims that the work is done.
    /// - Parameter ending: how its process ended.
    package func make(for name: Name, ending: String) throws -> Recorded {
        let state = try journal.leaderState()
        let work = try AgentWork(name, journal: journal, state: state, worktrees: [])
        let leader = try state.branch.flatMap { try journal.repository.reference($0) }
        let paths = try work.changes(in: journal.repository, leader: leader)?.committed ?? []
        let commits = paths.isEmpty ? "nothing committed" : "committed: \(paths.listed())"
        return try write(
            Report(
                title: "Made from what happened: \(ending), \(commits)", status: .partial,
                issues: ["the agent reported nothing itself"]), of: name, document: nil)
    }

    func write(_ report: Report, of name: Name, document: [UInt8]?) throws -> Recorded {
        let state = try journal.leaderState()
        let work = try AgentWork(name, journal: journal, state: state, worktrees: [])
        let snapshot = try journal.takeSnapshot()
        if let record = work.record, !record.isOpen {
            throw AgentError(
                .refused,
                "\(name) is \(record.stage.rawValue) already, so nobody would take this up",
                hint: "git wf agent start NAME starts another agent")
        }
        let leader = try state.branch.flatMap { try journal.repository.reference($0) }
        let base = try work.base(in: journal.repository, leader: leader)
        let old = try base.map { try journal.repository.commit($0).tree } ?? Repository.emptyTree
        let paths = try journal.repository.changes(from: old, to: snapshot.tree).map(\.path)
        let scope = try work.scope(of: paths, in: journal.repository, todo: state.definition.todo)

        var report = report
        report.linesAdded = try journal.repository.addedLines(from: old, to: snapshot.tree).text()
        var draft = Draft(.agentReported, "Report of \(name): \(report.title)", phase: state.shownPhase)
        draft.body = report.text
        draft.add(TrailerKey.agent, name.text)
        draft.add(TrailerKey.attempt, (work.record?.attempt).map(String.init))
        draft.add(TrailerKey.result, report.status.rawValue.lowercased())
        draft.add(TrailerKey.summary, report.title)
        draft.add(TrailerKey.decision, report.decisions)
        draft.add(TrailerKey.test, report.tests)
        draft.add(TrailerKey.issue, report.issues)
        draft.add(TrailerKey.lines, report.linesAdded)
        draft.add(TrailerKey.scope, scope?.trailers ?? [])
        if let document {
            let tree = try journal.repository.createTree([
                (name: "report.md", mode: .file, id: try journal.repository.createBlob(document))
            ])
            draft = draft.holding(TrailerKey.report, try journal.attachment(tree: tree, title: "The report of \(name)"))
        }
        guard let checkpoint = try journal.append([draft], snapshot: snapshot).first,
            let result = try journal.agentState(name)?.result
        else { throw AgentError(.failed, "the report of \(name) was not recorded") }
        return Recorded(checkpoint: checkpoint, result: result, warnings: try warnings(snapshot, scope: scope))
    }

    /// An agent speaks for itself only: in its own worktree, and by its name. A human at a terminal may do it for it.
    package func requireOwn(_ name: Name) throws {
        let worktrees = try LinkedWorktree.all(of: journal)
        let (place, branch) = (try journal.worktreePath(of: name), journal.refs.branch(of: name))
        let own =
            worktrees.first { $0.path == place && !$0.isGone && $0.isOwn } ?? worktrees.first { $0.holds(branch) }
        let directory = OrdinaryFile.resolved(journal.repository.gitDirectory)
        guard let own, OrdinaryFile.resolved(own.gitDirectory) == directory else {
            throw AgentError(
                .refused, "what \(name) says is recorded in its own worktree only, \(own?.path ?? place)")
        }
        let process = journal.surroundings.environment["GIT_WF_AGENT"] ?? ""
        if !process.isEmpty, process != name.text {
            throw AgentError(
                .refused, "this is the agent \(process.quoted), which speaks for itself and not for \(name)")
        }
        if case .human = journal.actor, !journal.isActorClaimed { return }
        guard journal.actor == .agent(name) else {
            throw AgentError(.refused, "\(name) speaks for itself, and not as \(journal.actor)")
        }
    }

    private func warnings(_ snapshot: Snapshot, scope: AgentScope?) throws -> [String] {
        var warnings: [String] = []
        let open = try journal.repository.changes(from: snapshot.headTree ?? Repository.emptyTree, to: snapshot.tree)
        if !open.isEmpty {
            warnings.append(
                "\(open.count) changed path\(open.count == 1 ? " is" : "s are") not committed: \(open.map(\.path).listed()); "
                    + "a merge commits what is left")
        }
        if let scope, !scope.outside.isEmpty {
            warnings.append("outside of the spec's files to modify: \(scope.outside.listed())")
        }
        return warnings
    }
}
