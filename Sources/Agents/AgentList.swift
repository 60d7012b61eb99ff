internal import Git
package import GitValues
package import Journal
package import SystemPackage
package import Workflow

/// An agent as users see it: the leader's record joined with its own lane and its worktree.
package struct Agent: Hashable, Sendable {
    package enum State: String, Hashable, Sendable {
        /// Its worktree waits for it, or it works there by itself.
        case ready
        /// A process of ours works in its worktree.
        case running
        case reported, failed
        /// Its lane or its worktree is gone, and it never reported.
        case lost
        case merged, conflicted, dropped, refused
    }

    package let name: Name
    package let state: State
    /// The path of its spec.
    package let spec: String?
    package let item: String?
    /// In full.
    package let branch: String
    /// Where its worktree is, or was.
    package let worktree: FilePath?
    package let attempt: Int
    package let started: Timestamp?
    package let finished: Timestamp?
    package let result: AgentState.Result?
    /// How many paths it changed, what it did not commit included; `nil` where its branch is gone.
    package let changed: Int?
    package let scope: AgentScope?
    /// The merge commit.
    package let commit: ObjectID?
    /// Why it failed or was dropped.
    package let reason: String?
}

/// The agents of a workflow.
package struct AgentList {
    private let journal: Journal

    package init(_ journal: Journal) { self.journal = journal }

    /// All of them, in the order in which they were started; lanes that the leader's does not know come last.
    /// - Parameter readsWorktrees: whether what is not committed yet counts as changed. It takes a snapshot of each worktree,
    ///   which a command that must not write anything cannot do.
    package func agents(readsWorktrees: Bool = true) throws -> [Agent] {
        let state = try journal.leaderState()
        let known = state.agents.compactMap { try? Name($0.name) }
        let unknown = try journal.agentNames().filter { !known.contains($0) }
        if known.isEmpty, unknown.isEmpty { return [] }
        let worktrees = try LinkedWorktree.all(of: journal)
        let head = try leaderCommit(state)
        return try (known + unknown).map { name in
            let work = try AgentWork(name, journal: journal, state: state, worktrees: worktrees)
            let range =
                try work.record?.stage == .dropped
                ? nil : work.range(journal, leader: head, readsWorktree: readsWorktrees)
            return try agent(work, range: range, todo: state.definition.todo)
        }
    }

    private func leaderCommit(_ state: WorkflowState) throws -> ObjectID? {
        if let branch = state.branch, let commit = try journal.repository.reference(branch) { return commit }
        return try journal.repository.head().commit
    }

    private func agent(_ work: AgentWork, range: AgentWork.Range?, todo: String) throws -> Agent {
        let changes = try range.map { try journal.repository.changes(from: $0.old, to: $0.new) }
        let result = work.lane?.result
        return Agent(
            name: work.name, state: Self.state(of: work), spec: work.record?.spec, item: work.record?.item,
            branch: work.branch, worktree: work.worktree?.path,
            attempt: work.record?.attempt ?? work.lane?.attempt ?? 1,
            started: work.record?.started ?? work.lane?.started, finished: work.record?.finished ?? result?.time,
            result: result, changed: changes?.count,
            scope: try changes.flatMap {
                AgentScope(of: $0, spec: try work.spec(in: journal.repository), always: [RepositoryPath(todo)])
            },
            commit: work.record?.commit, reason: work.record?.reason)
    }

    static func state(of work: AgentWork) -> Agent.State {
        switch work.record?.stage {
        case .merged: return .merged
        case .dropped: return .dropped
        case .conflicted: return .conflicted
        case .failed: return .failed
        case .refused: return .refused
        case .started, .reopened, nil: break
        }
        if let result = work.lane?.result { return result.status == "failed" ? .failed : .reported }
        return work.lane == nil || work.folder == nil ? .lost : .ready
    }
}
