import GitValues
internal import Overview
import Workflow

/// `status --json`
struct StatusAnswer: Encodable {
    struct Phase: Encodable {
        let name: String
        let status: String
        let entered: JSONTime?
        let completed: JSONTime?
        let visits: Int
        let checkpoints: Int
        let gate: String?
    }
    struct Block: Encodable {
        let needs: String
        let reason: String
        let since: JSONTime
        let phase: String
    }

    let workflow: String
    let goal: String?
    let branch: String?
    let phase: String
    let status: String
    /// Why it was ended before its last phase.
    let ended: String?
    let started: JSONTime
    let lastCheckpoint: ReferenceAnswer
    let due: Bool
    let dueReason: String?
    let phases: [Phase]
    let items: ItemsAnswer
    let blocks: [Block]
    let decisions: [DecisionAnswer]
    let next: [String]
    let agents: [AgentAnswer]
    let warnings: [String]
    let operation: String?
    /// What happened since the last checkpoint, where that is long ago.
    let since: [String]?

    init(_ standing: Standing) {
        let state = standing.state
        workflow = state.name
        goal = state.definition.goal
        branch = state.branch
        phase = state.shownPhase
        status = state.status.rawValue
        ended = state.endReason
        started = JSONTime(state.started)
        lastCheckpoint = ReferenceAnswer(state.lastCheckpoint)
        due = standing.due != nil
        dueReason = standing.due?.reason
        phases = state.phases.map { phase in
            Phase(
                name: phase.name, status: state.status(of: phase).rawValue,
                entered: phase.visits.last.map { JSONTime($0.entered) },
                completed: phase.visits.last?.completed.map { JSONTime($0) }, visits: phase.visits.count,
                checkpoints: phase.checkpoints,
                gate: state.definition.phases.first { $0.name.text == phase.name }?.gate?.rawValue)
        }
        items = ItemsAnswer(standing.todo, state: state)
        blocks = state.blocks.map {
            Block(needs: $0.needs, reason: $0.reason, since: JSONTime($0.since), phase: $0.phase)
        }
        decisions = state.decisions.decisions.map { DecisionAnswer($0) }
        next = state.next
        agents = standing.agents.map { AgentAnswer($0) }
        warnings = standing.warnings
        operation = standing.operation
        since = standing.since
    }
}
