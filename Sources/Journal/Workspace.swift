internal import Files
package import Git
internal import GitValues
package import SystemPackage
package import Workflow

/// Why no workflow could be found for a command.
package enum WorkspaceError: ExplainedError, Hashable {
    case noWorkflow(hasDefinition: Bool, remote: String?)
    /// Their histories came from a remote, and no lane of this clone begins with them yet.
    case notTakenUp([Name], remote: String)
    case unknown(Name, known: [Name])
    case ambiguous([Name])
    case bare
    /// An agent's lane is written where its worktree is, which is elsewhere.
    case notItsWorktree(agent: Name, folder: FilePath?)

    package var cause: String {
        switch self {
        case .noWorkflow(hasDefinition: true, _?):
            "this clone has a .wfconfig but not the history of its workflow"
        case .noWorkflow(hasDefinition: true, nil): "there is a .wfconfig but no workflow was begun here"
        case .noWorkflow(hasDefinition: false, _): "no workflow was begun here"
        case .notTakenUp(let names, let remote):
            "the history of \(Self.list(names)) came from \(remote), and no work here goes on from it yet"
        case .unknown(let name, let known):
            "there is no workflow \(name)" + (known.isEmpty ? "" : "; there is \(Self.list(known))")
        case .ambiguous(let names): "several workflows could be meant: \(Self.list(names))"
        case .bare: "this repository is bare: it has no worktree to work in"
        case .notItsWorktree(let agent, let folder):
            "the history of the agent \(agent) is written only in its own worktree, which is "
                + (folder.map { "\($0)" } ?? "in another clone") + ", so nothing is recorded here"
        }
    }

    package var hint: String? {
        switch self {
        case .noWorkflow(hasDefinition: true, let remote?):
            "git fetch \(remote) 'refs/wf/*:\(LaneCopies.root(of: remote))*' brings it, then git wf init takes it up; "
                + "git wf init --name NEW begins afresh"
        case .noWorkflow(hasDefinition: true, nil): "git wf init begins it"
        case .notTakenUp: "git wf init checks it and takes it up"
        case .noWorkflow: "git wf init begins one"
        case .unknown(_, let known): known.isEmpty ? "git wf init begins one" : nil
        case .ambiguous: "say which with --workflow NAME"
        case .bare, .notItsWorktree: nil
        }
    }

    private static func list(_ names: [Name]) -> String { names.map(\.text).joined(separator: ", ") }
}

/// A repository with the workflows in it: where a command begins.
package struct Workspace {
    package let repository: Repository
    package let surroundings: Surroundings

    /// Opens the repository that the command runs in. Variables that bind git to a repository count, as they do for git.
    package init(_ surroundings: Surroundings) throws {
        let environment = surroundings.environment
        func place(_ variable: String) -> FilePath? {
            environment[variable].flatMap { $0.isEmpty ? nil : FilePath($0) }
        }
        repository = try Repository.open(
            in: surroundings.directory, gitDirectory: place("GIT_DIR"), workTree: place("GIT_WORK_TREE"),
            environment: environment)
        self.surroundings = surroundings
    }

    /// The names of all workflows that have a leader's lane here, also of those whose lane cannot be read.
    package func workflows() throws -> [Name] {
        let names =
            try repository.references(under: LaneRefs.root).map(\.name)
            + repository.brokenReferences(under: LaneRefs.root).map(\.name)
        return Set(names).sorted().compactMap { name in
            LanePlace(ref: name).flatMap { $0.lane == .leader ? $0.workflow : nil }
        }
    }

    /// The states of all workflows, and what cannot be read of the others.
    package func states() throws -> (
        read: [(name: Name, state: WorkflowState)], unreadable: [(name: Name, error: any Error)]
    ) {
        var read: [(name: Name, state: WorkflowState)] = []
        var unreadable: [(name: Name, error: any Error)] = []
        for name in try workflows() {
            do {
                let journal = try journal(name, lane: .leader, binding: nil, actor: nil)
                if let state = try journal.state() { read.append((name, state)) }
            } catch {
                unreadable.append((name, error))
            }
        }
        return (read, unreadable)
    }

    /// The journal of the workflow that this worktree works for.
    ///
    /// That is the one named on the command line or by `GIT_WF_WORKFLOW`; else the one of the branch that is checked
    /// out; else the one that the worktree was last bound to; else the only one that is not complete. An agent's worktree
    /// stays the agent's, whatever is checked out in it, and no other becomes that by a look at the agent's branch.
    /// - Throws: `WorkspaceError` where there is none, or several.
    package func journal(workflow named: Name? = nil, actor: Actor? = nil) throws -> Journal {
        if repository.isBare { throw WorkspaceError.bare }
        let branch = try repository.head().branch
        let binding = try Binding.read(in: repository)
        if let named, try !has(named) { throw WorkspaceError.unknown(named, known: try workflows()) }
        if let (workflow, agent) = ownAgent(binding, branch: branch), named == nil || named == workflow,
            try named != nil
                || repository.state(ofReference: LaneRefs(workflow: workflow).lane(.agent(agent))) != .missing
        {
            let refusal = try binding == nil ? ownWorktree(of: agent, workflow) : nil
            return try journal(workflow, lane: .agent(agent), binding: binding, actor: actor, refusal: refusal)
        }
        if let named { return try journal(named, lane: .leader, binding: binding, actor: actor) }
        // The quick way, which hooks take: nothing has to be folded.
        if let binding, let bound = binding.branch, bound == branch, try has(binding.workflow) {
            return Journal(
                repository: repository, surroundings: surroundings, workflow: binding.workflow, lane: binding.lane,
                binding: binding, branch: bound, actor: actor)
        }
        return try journal(choose(branch: branch, binding: binding), lane: nil, binding: binding, actor: actor)
    }

    /// The agent that a worktree belongs to: the one that it is bound to; else the one whose place it is at, since an agent can
    /// write to its binding; where it is bound to nothing, which may have been lost, the one whose branch is checked out. The main
    /// worktree is never an agent's.
    private func ownAgent(_ binding: Binding?, branch: String?) -> (workflow: Name, agent: Name)? {
        if let binding, case .agent(let name) = binding.lane { return (binding.workflow, name) }
        guard repository.isLinkedWorktree else { return nil }
        return placedAgent ?? (binding == nil ? branch.flatMap { LaneRefs.agentBranch($0) } : nil)
    }

    /// The agent whose worktree belongs where this one is: `../<repo>.wf/<workflow>/<agent>`, seen from the main worktree.
    private var placedAgent: (workflow: Name, agent: Name)? {
        guard let common = OrdinaryFile.resolved(repository.commonDirectory), common.lastComponent == ".git",
            var inside = repository.workTree.flatMap({ OrdinaryFile.resolved($0) })
        else { return nil }
        let main = common.removingLastComponent()
        let folder = main.removingLastComponent().appending("\(main.lastComponent?.string ?? "").wf")
        guard inside.removePrefix(folder), inside.components.count == 2 else { return nil }
        let names = inside.components.compactMap { try? Name($0.string) }
        return names.count == 2 ? (names[0], names[1]) : nil
    }

    /// The agent that this worktree belongs to; `nil` for one of the user's.
    package func agent() throws -> Name? {
        try ownAgent(Binding.read(in: repository), branch: repository.head().branch)?.agent
    }

    /// Why an agent's lane is not written from a worktree that only has its branch: another worktree is known to be its own, or
    /// it is in another clone.
    private func ownWorktree(of agent: Name, _ workflow: Name) throws -> WorkspaceError? {
        let folder = try Binding.folder(boundTo: .agent(agent), of: workflow, besides: repository)
        let isElsewhere = try repository.reference(KeptRefs(workflow: workflow).begun(.agent(agent))) != nil
        return folder != nil || isElsewhere ? .notItsWorktree(agent: agent, folder: folder) : nil
    }

    private func has(_ workflow: Name) throws -> Bool {
        try repository.state(ofReference: LaneRefs(workflow: workflow).lane(.leader)) != .missing
    }

    /// The workflow of a branch of the user's, by what the lanes say.
    private func choose(branch: String?, binding: Binding?) throws -> Name {
        let names = try workflows()
        if names.isEmpty { throw try noWorkflow() }
        if names.count == 1 { return names[0] }
        let (states, unreadable) = try states()
        let ofBranch = try states.filter { _, state in
            guard let branch, let own = state.branch else { return false }
            return try own == branch || repository.newName(of: own) == branch
        }
        let open = ofBranch.filter { !$0.state.isComplete }
        if let only = open.only ?? (open.isEmpty ? ofBranch.max { $0.state.started < $1.state.started } : nil) {
            return only.name
        }
        if let binding, names.contains(binding.workflow) { return binding.workflow }
        if let only = states.filter({ !$0.state.isComplete }).only { return only.name }
        // One that cannot be read may be the one that is meant.
        if let first = unreadable.first { throw first.error }
        throw WorkspaceError.ambiguous(names)
    }

    /// Whether the definition came with a clone: it is tracked, and there is somewhere that its history may be.
    package func isClone() throws -> Bool {
        guard let commit = try repository.head().commit, try !repository.remotes().isEmpty else { return false }
        return try repository.entry(at: ".wfconfig", in: repository.commit(commit).tree) != nil
    }

    /// Why there is no workflow here, and what to do.
    package func noWorkflow() throws -> WorkspaceError {
        for copies in try LaneCopies.all(in: repository) where !copies.workflows.isEmpty {
            return .notTakenUp(copies.workflows, remote: copies.remote)
        }
        let top = repository.workTree ?? surroundings.directory
        let hasDefinition = try RootedFile(".wfconfig", in: top).read() != nil
        return .noWorkflow(hasDefinition: hasDefinition, remote: try isClone() ? repository.remotes().first : nil)
    }

    /// - Parameter lane: `nil` for what the binding says, the leader's where it says nothing of this workflow.
    private func journal(
        _ workflow: Name, lane: Lane?, binding: Binding?, actor: Actor?, refusal: WorkspaceError? = nil
    ) throws -> Journal {
        let bound = binding?.workflow == workflow ? binding?.lane : nil
        let lane = lane ?? bound ?? .leader
        let probe = Journal(
            repository: repository, surroundings: surroundings, workflow: workflow, lane: lane, binding: binding,
            branch: binding?.branch, actor: actor)
        let branch =
            switch lane {
            case .leader: try probe.state()?.branch
            case .agent(let name): LaneRefs(workflow: workflow).branch(of: name)
            }
        return Journal(
            repository: repository, surroundings: surroundings, workflow: workflow, lane: lane, binding: binding,
            branch: branch, actor: actor, refusal: refusal)
    }

    /// Gives this worktree an id with which it works for the workflow of its branch. Until it records something its files do
    /// not speak for the lane: a clone's are the branch's, which may be older.
    package func bindToTakenUp() throws {
        let journal = try journal()
        var binding = journal.binding
        binding.branch = nil
        binding.takenUp = try repository.head().commit
        try binding.write(in: repository)
    }

    /// The journal of a workflow that does not exist yet.
    package func journal(beginning workflow: Name, actor: Actor?) throws -> Journal {
        let branch = try repository.head().branch
        let binding = Binding(
            workflow: workflow, lane: .leader, branch: branch,
            worktree: try Binding.worktreeID(in: repository.gitDirectory))
        try binding.write(in: repository)
        return Journal(
            repository: repository, surroundings: surroundings, workflow: workflow, lane: .leader, binding: binding,
            branch: branch, actor: actor)
    }
}

extension Array {
    /// The element of a list that has one.
    fileprivate var only: Element? { count == 1 ? self[0] : nil }
}
