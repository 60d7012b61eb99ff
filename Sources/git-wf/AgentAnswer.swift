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
    struct Question: Encodable {
        let text: String
        let options: [String]
    }
    /// How many paths.
    struct Changed: Encodable {
        let committed: Int
        let uncommitted: Int
        let untracked: Int
    }
    struct Scope: Encodable {
        let within: Int
        let outside: [String]
    }

    let name: String
    let spec: String?
    let item: String?
    let itemId: String?
    let state: String
    let process: String
    let place: String?
    let branch: String
    let worktree: String?
    let attempt: Int
    let pid: Int32?
    let started: JSONTime?
    let finished: JSONTime?
    let exit: Int?
    let result: Result?
    let question: Question?
    let changed: Changed?
    let scope: Scope?
    let lastCheckpoint: ReferenceAnswer?
    let commit: String?
    /// Only where it does.
    let conflicts: Bool?
    let problem: String?
    let reason: String?

    init(_ agent: Agent) {
        name = agent.name.text
        spec = agent.spec
        item = agent.item?.text
        itemId = agent.item?.id.hex
        state = agent.state.rawValue
        process = agent.process.state.rawValue
        place = agent.place?.rawValue
        branch = agent.branch
        worktree = agent.worktree?.string
        attempt = agent.attempt
        pid = agent.process.pid
        exit = agent.process.exit
        started = agent.started.map { JSONTime($0) }
        finished = agent.finished.map { JSONTime($0) }
        result = agent.result.map {
            Result(
                status: $0.status, summary: $0.summary, lines: $0.lines, decisions: $0.decisions, tests: $0.tests,
                issues: $0.issues)
        }
        question = agent.question.map { Question(text: $0.text, options: $0.options) }
        changed = agent.changes.map {
            Changed(
                committed: $0.committed.count, uncommitted: $0.uncommitted.count, untracked: $0.untracked.count)
        }
        lastCheckpoint = agent.lastCheckpoint.map { ReferenceAnswer($0) }
        scope = agent.scope.map { Scope(within: $0.within, outside: $0.outside.map(\.description)) }
        commit = agent.commit?.hex
        conflicts = agent.isConflicted ? true : nil
        problem = agent.problem
        reason = agent.reason
    }
}
