internal import Git
internal import GitValues
package import Journal
package import Workflow

/// The agents of a workflow, as `status`, `agent list`, `next` and `resume` show them: with the same facts and the same counts.
package struct AgentList {
    private let journal: Journal
    private let process: (Name, AgentRecord?) throws -> AgentProcess?

    /// - Parameter process: what is known of an agent's process by whoever watches over it; `nil` for what the leader's lane
    ///   says.
    package init(_ journal: Journal, process: @escaping (Name, AgentRecord?) throws -> AgentProcess? = { _, _ in nil })
    {
        self.journal = journal
        self.process = process
    }

    /// How many worktrees are looked at beside each other.
    private static let parallelLooks = 8

    /// All of them, in the order in which they were started; lanes that the leader's does not know come last.
    package func agents() throws -> [Agent] {
        let state = try journal.leaderState()
        let known = state.agents.compactMap { try? Name($0.name) }
        let names = try known + journal.agentNames().filter { !known.contains($0) }
        if names.isEmpty { return [] }
        let worktrees = try LinkedWorktree.all(of: journal)
        let leader = try leaderCommit(state)
        var agents: [Agent] = []
        var rest = names[...]
        while !rest.isEmpty {
            let works = try rest.prefix(Self.parallelLooks).map {
                try AgentWork($0, journal: journal, state: state, worktrees: worktrees)
            }
            rest = rest.dropFirst(Self.parallelLooks)
            let statuses = try WorktreeStatus.all(
                works.map { $0.isOnItsBranch ? $0.worktree : nil }, git: journal.repository.gitElsewhere)
            for (work, status) in zip(works, statuses) {
                agents.append(try agent(work, leader: leader, status: status, todo: state.definition.todo))
            }
        }
        return agents
    }

    private func leaderCommit(_ state: WorkflowState) throws -> ObjectID? {
        if let branch = state.branch, let commit = try journal.repository.reference(branch) { return commit }
        return try journal.repository.head().commit
    }

    private func agent(_ work: AgentWork, leader: ObjectID?, status: WorktreeStatus?, todo: String) throws -> Agent {
        var problems = [work.damage, status?.problem.map { "git cannot look at its worktree: \($0)" }].compactMap { $0 }
        var changes: AgentChanges?
        var scope: AgentScope?
        do {
            changes = try work.changes(in: journal.repository, leader: leader)
            changes?.uncommitted = status?.uncommitted ?? []
            changes?.untracked = status?.untracked ?? []
            scope = try changes.flatMap { try work.scope(of: $0.paths, in: journal.repository, todo: todo) }
        } catch let error as GitError {
            // The others are shown all the same.
            problems.append("\(error)")
        }
        var newest = work.lane?.lastCheckpoint
        if work.lane != nil, work.record?.isOpen == true {
            var history = try journal.history(of: .agent(work.name), withAutomatic: true)
            newest = try history.next().map { WorkflowState.Reference($0) }
        }
        let process = try process(work.name, work.record) ?? AgentProcess(recordedIn: work.record)
        let isOver = work.record?.isOpen == false
        return Agent(
            name: work.name, state: work.progress, process: process,
            place: isOver && work.place == .lost ? nil : work.place, spec: work.record?.spec, item: work.record?.item,
            branch: work.branch, worktree: work.worktree?.path,
            attempt: work.record?.attempt ?? work.lane?.attempt ?? 1,
            started: work.record?.started ?? work.lane?.started,
            finished: (isOver ? work.record?.finished : nil) ?? work.result?.time ?? work.record?.finished,
            result: work.result, question: work.question, changes: changes,
            scope: scope,
            lastCheckpoint: newest, commit: work.record?.commit,
            isConflicted: work.record?.stage == .conflicted,
            problem: problems.isEmpty ? nil : problems.joined(separator: "; "), reason: work.record?.reason)
    }
}
