import Workflow
import Actions
import Git
import Glibc

extension Invocation {
    /// Variables that coding agents set for the processes that they start.
    private static let agentVariables = [
        "CLAUDECODE", "CLAUDE_CODE_ENTRYPOINT", "GIT_WF_AGENT", "CODEX_SANDBOX", "CODEX_THREAD_ID", "GEMINI_CLI",
        "CURSOR_AGENT",
        "CURSOR_TRACE_ID", "AIDER_MODEL", "OPENCODE", "AI_AGENT",
    ]

    /// Who runs the command.
    /// - Parameter option: what `--as` says; else `GIT_WF_ACTOR` counts.
    func caller(named option: String?) throws -> Caller {
        let text = option ?? environment["GIT_WF_ACTOR"] ?? ""
        // A terminal on standard input, outside of any coding agent's environment.
        let isHuman =
            isatty(0) == 1 && !Self.agentVariables.contains { environment[$0].map { !$0.isEmpty } ?? false }
        return Caller(
            named: text.isEmpty ? nil : try Actor(parsing: text), isHumanPresent: isHuman, userName: environment["USER"]
        )
    }
}

extension HarnessSession {
    /// What a coding agent's harness says in the environment of its commands; what the user says goes first.
    init(environment: [String: String]) {
        func first(_ names: String...) -> String? {
            names.lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
        }
        self.init(
            id: first("GIT_WF_SESSION", "CLAUDE_CODE_SESSION_ID", "CODEX_THREAD_ID"),
            subagent: first("GIT_WF_SUBAGENT"))
    }
}

extension Narration {
    /// On the terminal of this process.
    static let terminal = Narration(output: .narrated) { Terminal.standard.narrate($0) }
}
