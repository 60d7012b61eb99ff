import Workflow
import Actions
import Git
import Glibc

extension Invocation {
    /// Variables that coding agents set for the processes that they start. What a user sets for an agent is none of them, nor
    /// what an editor sets in the terminals that a human types in.
    private static let harnessVariables = [
        "CLAUDECODE", "CLAUDE_CODE_ENTRYPOINT", "CLAUDE_CODE_SESSION_ID", "GIT_WF_AGENT", "CODEX_SANDBOX",
        "CODEX_THREAD_ID", "CODEX_CI", "GEMINI_CLI", "CURSOR_AGENT", "OPENCODE", "ANTIGRAVITY_AGENT", "AUGMENT_AGENT",
        "AI_AGENT",
    ]

    /// Who runs the command.
    /// - Parameter option: what `--as` says; else `GIT_WF_ACTOR` counts.
    func caller(named option: String?) throws -> Caller {
        let text = option ?? environment["GIT_WF_ACTOR"] ?? ""
        let isInHarness = Self.harnessVariables.contains { environment[$0].map { !$0.isEmpty } ?? false }
        return Caller(
            named: text.isEmpty ? nil : try Actor(parsing: text), isHumanPresent: isatty(0) == 1 && !isInHarness,
            isInHarness: isInHarness, userName: environment["USER"])
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
