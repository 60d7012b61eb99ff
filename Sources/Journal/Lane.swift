package import Workflow

/// The chain of checkpoints of one worker, and where it is kept.
package enum Lane: Hashable, Sendable {
    case leader
    case agent(Name)

    /// As `Wf-Lane` and as messages have it.
    package var text: String {
        switch self {
        case .leader: "leader"
        case .agent(let name): "agents/\(name)"
        }
    }

    /// What a segment's path has for it. No agent may be called `leader`.
    var segmentName: String {
        switch self {
        case .leader: "leader"
        case .agent(let name): name.text
        }
    }

    package init?(text: String) {
        if text == "leader" {
            self = .leader
        } else if text.hasPrefix("agents/"), let name = try? Name(String(text.dropFirst("agents/".count))) {
            self = .agent(name)
        } else {
            return nil
        }
    }
}

/// The names of the refs of one workflow.
package struct LaneRefs: Sendable {
    package static let root = "refs/wf/"
    /// Where copies of other clones' lanes are, if somebody fetched them there.
    package static let remoteRoot = "refs/wf-remotes/"
    package static let branchRoot = "refs/heads/wf/"

    package let workflow: Name

    package init(workflow: Name) { self.workflow = workflow }

    package func lane(_ lane: Lane) -> String { "\(Self.root)\(workflow)/\(lane.text)" }

    package var agentLanes: String { "\(Self.root)\(workflow)/agents/" }

    /// Automatic checkpoints of a lane, of all worktrees that took some: the segments' common prefix.
    package func segments(of lane: Lane) -> String { "\(Self.root)\(workflow)/auto/\(lane.segmentName)/" }

    /// The branch that an agent commits to.
    package func branch(of agent: Name) -> String { "\(Self.branchRoot)\(workflow)/\(agent)" }

    /// The workflow and the agent that a branch belongs to; `nil` for a branch of the user's.
    package static func agentBranch(_ branch: String) -> (workflow: Name, agent: Name)? {
        guard branch.hasPrefix(branchRoot) else { return nil }
        let parts = branch.dropFirst(branchRoot.count).split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let workflow = try? Name(String(parts[0])), let agent = try? Name(String(parts[1]))
        else {
            return nil
        }
        return (workflow, agent)
    }
}
