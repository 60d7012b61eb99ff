package import Git
package import GitValues
package import Journal
internal import Snapshots
package import SystemPackage
package import Workflow

/// Everything that is known about one agent: what the leader recorded, what its lane says, where it works.
package struct AgentWork {
    package let name: Name
    /// `nil` where the leader's lane does not know it.
    package let record: AgentRecord?
    /// `nil` where its lane is gone or cannot be read.
    package let lane: AgentState?
    package let laneTip: ObjectID?
    /// Why the lane or the branch cannot be read.
    package let damage: String?
    package let branch: String
    /// The branch's tip; `nil` where the branch is gone.
    package let tip: ObjectID?
    /// Where the branch is checked out, or was.
    package let worktree: LinkedWorktree?
    package let place: AgentPlace

    /// - Parameters:
    ///   - name: the agent's.
    ///   - journal: of any worktree of the workflow.
    ///   - state: the leader's.
    ///   - worktrees: all of the repository.
    /// - Throws: `GitError` where the leader's refs cannot be read. What of the agent's cannot be read is ``damage``.
    package init(_ name: Name, journal: Journal, state: WorkflowState, worktrees: [LinkedWorktree]) throws {
        self.name = name
        record = state.agent(name.text)
        let branch = journal.refs.branch(of: name)
        self.branch = branch
        var damage: [String] = []
        func readable<Value>(_ body: () throws -> Value?) -> Value? {
            do {
                return try body()
            } catch {
                damage.append("\(error)")
                return nil
            }
        }
        let read = readable { (state: try journal.agentState(name), tip: try journal.tip(of: .agent(name))) }
        lane = read?.state
        laneTip = read?.tip
        tip = readable {
            let tip = try journal.repository.reference(branch)
            if let tip { _ = try journal.repository.commit(tip) }
            return tip
        }
        self.damage = damage.isEmpty ? nil : damage.joined(separator: "; ")
        let place = try journal.worktreePath(of: name)
        self.place = AgentPlace(path: place, branch: branch, worktrees: worktrees)
        worktree = worktrees.first { $0.holds(branch) } ?? worktrees.first { $0.path == place }
    }

    /// One agent of a workflow.
    /// - Throws: `AgentError` where nobody knows an agent of that name.
    package init(named text: String, journal: Journal) throws {
        let state = try journal.leaderState()
        guard let name = try? Name(text) else {
            throw AgentError(.usage, "there is no agent \(text.quoted)", hint: "git wf agent list names them")
        }
        try self.init(name, journal: journal, state: state, worktrees: LinkedWorktree.all(of: journal))
        if record == nil, lane == nil, damage == nil {
            throw AgentError(.usage, "there is no agent \(name)", hint: "git wf agent list names them")
        }
    }

    /// As ``init(named:journal:)``.
    /// - Returns: `nil` where nobody knows an agent of that name.
    static func known(_ text: String, _ journal: Journal) throws -> AgentWork? {
        do {
            return try AgentWork(named: text, journal: journal)
        } catch let error as AgentError where error.code == .usage {
            return nil
        }
    }

    /// The folder of its worktree, while that is there and the agent's.
    package var folder: FilePath? {
        place == .lost || place == .foreign || worktree?.isOwn != true ? nil : worktree?.path
    }

    /// Whether what its folder has beside HEAD is beside its branch.
    var isOnItsBranch: Bool { folder != nil && worktree?.holds(branch) == true }

    package var progress: AgentProgress { AgentProgress(record: record, lane: lane) }

    /// The result that the leader has to look at, or took.
    package var result: AgentState.Result? { lane?.result(for: record) }

    /// What it asked and nobody answered.
    package var question: AgentQuestion? { record?.question ?? lane?.question(for: record) }

    /// The spec that it was started with.
    package func spec(in repository: Repository) throws -> Spec? {
        guard let commit = record?.specCommit, let bytes = try repository.attachedSpec(commit) else { return nil }
        return Spec(bytes)
    }
}

extension Journal {
    /// The leader's state.
    /// - Throws: `WorkspaceError` where the workflow has none.
    package func leaderState() throws -> WorkflowState {
        guard let state = try state() else { throw WorkspaceError.noWorkflow(hasDefinition: false, remote: nil) }
        return state
    }
}

extension Repository {
    /// The bytes that an attachment commit holds as `spec.md`; `nil` where it is gone.
    package func attachedSpec(_ commit: ObjectID) throws -> [UInt8]? {
        guard try contains(commit), let entry = try entry(at: "spec.md", in: self.commit(commit).tree) else {
            return nil
        }
        return try blob(entry.id)
    }
}
