import SystemPackage
import TestSupport
import Testing

@Suite("Who acts")
struct WhoActsTests {
    private func waiting() throws -> TestRepository {
        let repo = try TestRepository()
        try repo.commit(".wfconfig", "[workflow]\n\tname = demo\n[phase \"review\"]\n\tgate = human\n")
        try repo.done("init", "--no-hooks")
        #expect(try repo.wf("phase", "complete", "--reason", "x").status == 1)
        return repo
    }

    private func isApproved(_ repo: TestRepository) throws -> Bool {
        try repo.json("status")["status"]?.text == "complete"
    }

    @Test(
        "a coding agent's own variables say that no human types",
        arguments: [
            "CLAUDECODE", "CLAUDE_CODE_ENTRYPOINT", "CODEX_SANDBOX", "CODEX_THREAD_ID", "GEMINI_CLI", "CURSOR_AGENT",
            "OPENCODE", "AI_AGENT", "GIT_WF_AGENT",
        ])
    func harness(variable: String) throws {
        let repo = try waiting()
        #expect(try repo.typed("approve", "--note", "x", environment: [variable: "1"]).status == 1)
        #expect(try !isApproved(repo))
    }

    @Test("what a user sets for an agent, and an editor in its terminal, says nothing: a human types there")
    func human() throws {
        let repo = try waiting()
        let editor = ["AIDER_MODEL": "sonnet", "CURSOR_TRACE_ID": "abc", "TERM_PROGRAM": "vscode", "CLAUDECODE": ""]
        let output = try repo.typed("approve", "--note", "x", environment: editor)
        #expect(output.status == 0, "\(output.text)")
        #expect(try isApproved(repo))
        let approved = try repo.json("log", "--kind", "approved")["checkpoints"]?[0]
        #expect(approved?["trailers"]?.list.contains { $0[0]?.text == "Wf-Claimed" } == false)
    }

    @Test("nobody is a human at a terminal by a word of their own: a leader, an agent or a hook is none")
    func named() throws {
        let repo = try waiting()
        for actor in ["leader", "agent:ann", "hook:x"] {
            #expect(try repo.typed("approve", "--note", "x", "--as", actor).status == 1)
        }
        #expect(try !isApproved(repo))
    }

    /// Where a level of configuration is set: in a file, by git's command line, or in the environment.
    private static let denied: [(files: [String], environment: [String: String], options: [String])] = [
        ([], [:], []),
        ([], [:], ["-c", "wf.claimedApproval=true"]),
        ([], ["GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "wf.claimedApproval", "GIT_CONFIG_VALUE_0": "true"], []),
        (["--local false"], [:], ["-c", "wf.claimedApproval=true"]),
        (["--local false", "--global true"], [:], []),
        (["--local true", "--global false"], [:], []),
        (["--local true", "--global false"], ["GIT_CONFIG_GLOBAL": "/dev/null"], []),
        (["--local true"], [:], ["-c", "wf.claimedApproval=false"]),
        (
            ["--local true"],
            ["GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "wf.claimedApproval", "GIT_CONFIG_VALUE_0": "false"], []
        ),
        (["--local true", "--local false"], [:], []),
        (["--local false", "--local true"], [:], []),
        (["--local nonsense"], [:], []),
    ]

    @Test("a human that is only claimed counts for nothing but where a file says so, and no level says otherwise")
    func claimed() throws {
        let repo = try waiting()
        func set(_ files: [String]) throws {
            for level in ["--local", "--global"] {
                _ = try repo.gitStatus("config", level, "--unset-all", "wf.claimedApproval")
            }
            for file in files {
                let words = file.split(separator: " ").map(String.init)
                try repo.git("config", words[0], "--add", "wf.claimedApproval", words[1])
            }
        }
        for (files, environment, options) in Self.denied {
            try set(files)
            for command in [
                ["approve", "--note", "x", "--as", "human:boss"], ["reject", "--reason", "x", "--as", "human:boss"],
            ] {
                let output = try repo.run("git", options + ["wf"] + command, environment: environment)
                #expect(output.status == 1 && output.errorText.contains("wf.claimedApproval"), "\(files) \(options)")
            }
            #expect(try !isApproved(repo), "\(files) \(environment) \(options)")
        }
        try set(["--local true", "--global yes"])
        #expect(
            try repo.run(
                "git", ["-c", "wf.claimedApproval=true", "wf", "approve", "--note", "x", "--as", "human:boss"]
            ).status == 0)
        #expect(try isApproved(repo))
    }

    // MARK: Agents

    @Test("an agent reports for itself only: in its worktree, by its name, whatever stands in its binding")
    func reports() throws {
        let repo = try TestRepository.begun()
        let report = ["agent", "report", "--status", "complete", "--summary", "done"]
        let (one, two) = (repo.beside("repo.wf/demo/one"), repo.beside("repo.wf/demo/two"))
        for name in ["one", "two"] { #expect(try repo.wf("agent", "start", name).status == 0) }
        for actor in ["leader", "agent:two", "human:ann", "hook:x"] {
            #expect(try one.wf(report + ["--as", actor]).status == 1, "\(actor)")
            #expect(try one.wf(report, environment: ["GIT_WF_ACTOR": actor]).status == 1, "\(actor)")
        }
        #expect(try one.wf(report, environment: ["GIT_WF_AGENT": "two"]).status == 1)
        #expect(try repo.wf(report).status != 0)
        for command in [["decide", "x"], ["checkpoint", "x"], ["todo", "done", "1"]] {
            #expect(try one.wf(command + ["--as", "agent:two"]).status == 1)
            #expect(try one.wf(command + ["--as", "leader"]).status == 1)
        }
        // Its binding is a file that it can write.
        let binding = try two.gitPath("wf").appending("binding")
        let text = String(decoding: try Files.read(binding), as: UTF8.self)
        try Files.write(
            Array(text.replacing("agents/two", with: "agents/one").replacing("demo/two", with: "demo/one").utf8),
            to: binding)
        let output = try two.wf(report)
        #expect(output.status == 1 && output.errorText.contains("its own worktree only"), "\(output.errorText)")
        #expect(try repo.json("agent", "list")["agents"]?.texts("state") == ["open", "open"])
        #expect(try one.wf(report, environment: ["GIT_WF_AGENT": "one", "GIT_WF_ACTOR": "agent:one"]).status == 0)
        #expect(try repo.json("agent", "list")["agents"]?.texts("state") == ["reported", "open"])
    }

    @Test("an agent changes no hooks, in its worktree or in its environment")
    func hooks() throws {
        let repo = try TestRepository.begun(hooks: true)
        #expect(try repo.wf("agent", "start", "one").status == 0)
        let one = repo.beside("repo.wf/demo/one")
        let before = try repo.contents(of: ".git/hooks")
        let environment = ["GIT_WF_AGENT": "one"]
        for command in [["hooks", "uninstall"], ["hooks", "install"]] {
            try one.refuses(command, status: 1, says: ["agent one", "hooks"])
            try repo.refuses(command, status: 1, says: ["agent one", "hooks"], environment: environment)
        }
        // Neither a workflow of its own nor a binding that is gone makes it a leader.
        try one.refuses(["init", "--name", "mine", "--no-hooks"], status: 1, says: ["agent one"])
        try Files.removeTree(one.gitPath("wf").appending("binding"))
        try one.git("switch", "-q", "--detach")
        for command in [["hooks", "uninstall"], ["phase", "complete"], ["trust"]] {
            #expect(try one.wf(command).status == 1, "\(command)")
        }
        #expect(try repo.json("status")["phase"]?.text == "planning")
        #expect(try repo.contents(of: ".git/hooks") == before)
        #expect(try one.wf("hooks", "status").status == 0)
        let fresh = try TestRepository(name: "fresh")
        try fresh.commit("a.txt", "one\n")
        try fresh.refuses(["init", "--name", "demo"], status: 1, says: ["hooks"], environment: environment)
        #expect(try fresh.wf(["init", "--name", "demo", "--no-hooks"], environment: environment).status == 0)
    }
}
