import Agents
import GitValues
import SystemPackage
import Workflow

/// An agent, in `status` and `agent list`.
struct AgentAnswer: Encodable {
    struct Result: Encodable {
        let status: String
        let summary: String
        let lines: String?
        let decisions: [String]
        let tests: [String]
        let issues: [String]
    }
    struct Scope: Encodable {
        let within: Int
        let outside: [String]
    }

    let name: String
    let spec: String?
    let item: String?
    let state: String
    let branch: String
    let worktree: String?
    let attempt: Int
    let started: JSONTime?
    let finished: JSONTime?
    let result: Result?
    let changed: Int?
    let scope: Scope?
    let commit: String?
    let reason: String?

    init(_ agent: Agent) {
        name = agent.name.text
        spec = agent.spec
        item = agent.item
        state = agent.state.rawValue
        branch = agent.branch
        worktree = agent.worktree?.string
        attempt = agent.attempt
        started = agent.started.map { JSONTime($0) }
        finished = agent.finished.map { JSONTime($0) }
        result = agent.result.map {
            Result(
                status: $0.status, summary: $0.summary, lines: $0.lines, decisions: $0.decisions, tests: $0.tests,
                issues: $0.issues)
        }
        changed = agent.changed
        scope = agent.scope.map { Scope(within: $0.within, outside: $0.outside.map(\.description)) }
        commit = agent.commit?.hex
        reason = agent.reason
    }
}
