package import Git
internal import GitValues
package import Workflow

/// Other clones' lanes as a fetch brought them: `refs/wf-remotes/<remote>/<workflow>/…`.
///
/// They come from elsewhere, so a lane begins from one only once it was checked. Nothing of ours moves them.
package struct LaneCopies {
    package let remote: String
    private let tips: [LanePlace: ObjectID]

    /// Where the lanes of a remote are copied to.
    package static func root(of remote: String) -> String { "\(LaneRefs.remoteRoot)\(remote)/" }

    private init(_ remote: String, in repository: Repository) throws {
        self.remote = remote
        let prefix = Self.root(of: remote)
        let copies = try repository.references(under: prefix).compactMap { reference in
            LanePlace(ref: LaneRefs.root + reference.name.dropFirst(prefix.count)).map { ($0, reference.target) }
        }
        tips = Dictionary(copies, uniquingKeysWith: { first, _ in first })
    }

    /// Those of each remote that some came from, `origin` first.
    package static func all(in repository: Repository) throws -> [LaneCopies] {
        try repository.remotes().sorted { ($0 == "origin" ? "" : $0) < ($1 == "origin" ? "" : $1) }
            .map { try LaneCopies($0, in: repository) }.filter { !$0.tips.isEmpty }
    }

    /// The workflows whose leader's lane is among them, by name.
    package var workflows: [Name] { tips.keys.filter { $0.lane == .leader }.map(\.workflow).sorted() }

    /// What this clone would begin its lanes of a workflow with. Writes nothing.
    /// - Throws: `LaneCopyError` where the leader's lane is not as it should be.
    package func checked(_ workflow: Name, in workspace: Workspace) throws -> CheckedLanes {
        let place = LanePlace(workflow, .leader)
        guard let tip = tips[place] else {
            throw LaneCopyError(workflow, remote: remote, "it is not there", of: .leader)
        }
        if let problem = try LaneCheck.problems(of: tip, as: place, in: workspace).first {
            throw LaneCopyError(workflow, remote: remote, "\(problem.id.prefix(12)): \(problem.text)", of: .leader)
        }
        let journal = Journal(
            repository: workspace.repository, surroundings: workspace.surroundings, workflow: workflow, lane: .leader,
            binding: nil, branch: nil, actor: nil)
        guard case .leader(let state) = try journal.foldedFromRoot(.leader, tip: tip).state else {
            throw LaneCopyError(workflow, remote: remote, "it begins as another kind of lane does", of: .leader)
        }
        var lanes = [(lane: Lane.leader, tip: tip)]
        var leftOut: [LaneCopyError] = []
        for agent in state.agents {
            guard let name = try? Name(agent.name), let tip = tips[LanePlace(workflow, .agent(name))] else { continue }
            if let problem = try LaneCheck.problems(of: tip, as: LanePlace(workflow, .agent(name)), in: workspace).first
            {
                leftOut.append(
                    LaneCopyError(
                        workflow, remote: remote, "\(problem.id.prefix(12)): \(problem.text)", of: .agent(name)))
            } else {
                lanes.append((.agent(name), tip))
            }
        }
        return CheckedLanes(remote: remote, workflow: workflow, state: state, lanes: lanes, leftOut: leftOut)
    }
}

/// Lanes of another clone that were found to be whole and legal.
package struct CheckedLanes {
    package let remote: String
    package let workflow: Name
    package let state: WorkflowState
    private let lanes: [(lane: Lane, tip: ObjectID)]
    /// The lanes of agents that nothing begins from, with what is wrong.
    package let leftOut: [LaneCopyError]

    fileprivate init(
        remote: String, workflow: Name, state: WorkflowState, lanes: [(lane: Lane, tip: ObjectID)],
        leftOut: [LaneCopyError]
    ) {
        self.remote = remote
        self.workflow = workflow
        self.state = state
        self.lanes = lanes
        self.leftOut = leftOut
    }

    /// The agents whose histories are among them; they are written in the other clone.
    package var agents: [Name] {
        lanes.compactMap { if case .agent(let name) = $0.lane { name } else { nil } }
    }

    /// Begins this clone's lanes with them: the leader's last, since with that the workflow is here. What is there stays.
    package func begin(in repository: Repository) throws {
        let refs = LaneRefs(workflow: workflow)
        let kept = KeptRefs(workflow: workflow)
        for (lane, tip) in lanes.reversed() where try repository.reference(refs.lane(lane)) == nil {
            try repository.keep(tip, at: kept.begun(lane))
            try repository.setReference(
                refs.lane(lane), to: tip, expecting: nil, reason: "git-wf: begun from \(remote)")
        }
    }
}

/// Why no lane begins from another clone's.
package struct LaneCopyError: ExplainedError {
    package let cause: String
    package var hint: String? { nil }

    init(_ workflow: Name, remote: String, _ reason: String, of lane: Lane) {
        cause =
            "the history of \(workflow) that came from \(remote) cannot be taken up (\(lane.text)): \(reason)"
    }
}
