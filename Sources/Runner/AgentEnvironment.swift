/// What the environment of an agent's command has of ours: what programs need to find themselves, their user and the network, and no
/// more. What one of them needs beside that, `agents.env` names.
struct AgentEnvironment {
    let variables: [String: String]

    private static let names: Set<String> = [
        "PATH", "HOME", "USER", "LOGNAME", "SHELL", "TERM", "COLORTERM", "LANG", "LANGUAGE", "TZ", "TMPDIR",
        "SSH_AUTH_SOCK",
        "SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY",
        "http_proxy",
        "https_proxy", "no_proxy", "all_proxy",
        // Who the user is to git, and where git finds that.
        "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL",
        "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL", "GIT_SSH", "GIT_SSH_COMMAND", "GIT_ASKPASS",
        // How coding agents are told who pays.
        "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_BASE_URL", "CLAUDE_CODE_OAUTH_TOKEN",
        "CLAUDE_CONFIG_DIR",
        "OPENAI_API_KEY", "OPENAI_BASE_URL", "CODEX_HOME", "CURSOR_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY",
        "GH_TOKEN", "GITHUB_TOKEN", "COPILOT_GITHUB_TOKEN",
    ]
    private static let prefixes = ["LC_", "XDG_"]

    /// - Parameter more: names that are let through beside the usual ones.
    init(_ environment: [String: String], more: Set<String> = []) {
        variables = environment.filter { name, _ in
            Self.names.contains(name) || more.contains(name) || Self.prefixes.contains { name.hasPrefix($0) }
        }
    }
}
