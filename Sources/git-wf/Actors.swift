import Git
import GitValues
import Glibc
import Journal
import Workflow

/// Who acts: what was said, and whether it is known to be true.
struct Actors {
    let environment: [String: String]
    let git: GitProgram

    /// Variables that coding agents set for the processes that they start.
    static let agentVariables = [
        "CLAUDECODE", "CLAUDE_CODE_ENTRYPOINT", "GIT_WF_AGENT", "CODEX_SANDBOX", "CODEX_THREAD_ID", "GEMINI_CLI",
        "CURSOR_AGENT",
        "CURSOR_TRACE_ID", "AIDER_MODEL", "OPENCODE", "AI_AGENT",
    ]

    /// What `--as` or `GIT_WF_ACTOR` says; `nil` where neither does.
    func named(_ option: String?) throws -> Actor? {
        guard let text = option ?? environment["GIT_WF_ACTOR"], !text.isEmpty else { return nil }
        return try Actor(parsing: text)
    }

    /// Whether a human types: a terminal on standard input, outside of any coding agent's environment.
    var isHumanPresent: Bool {
        isatty(0) == 1 && !Self.agentVariables.contains { environment[$0].map { !$0.isEmpty } ?? false }
    }

    /// The human who acts, for what only a human may do.
    /// - Returns: who, and whether that was only said.
    /// - Throws: `Failure` where nobody can be taken for a human.
    func human(_ option: String?, in repository: Repository, doing: String) throws -> (actor: Actor, isClaimed: Bool) {
        let named = try named(option)
        if let named, case .human = named {
            if isHumanPresent { return (named, false) }
            if try repository.configFlag("wf.claimedApproval") == false {
                throw Failure(
                    "only a human may \(doing), at a terminal: wf.claimedApproval is false, so --as \(named) alone does not count",
                    status: .no)
            }
            return (named, true)
        }
        guard named == nil, isHumanPresent else {
            throw Failure(
                "only a human may \(doing), in a terminal of their own; git wf status shows them what waits",
                status: .no)
        }
        let name = try repository.config("user.name") ?? environment["USER"] ?? "someone"
        return ((try? Actor(parsing: "human:\(name)")) ?? .human("someone"), false)
    }
}
