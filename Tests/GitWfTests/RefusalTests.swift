import SystemPackage
import TestSupport
import Testing

@Suite("What cannot be done is refused in one sentence, and nothing changes")
struct RefusalTests {
    static let commands: [[String]] = [
        ["status"], ["next"], ["checkpoint", "x"], ["log"], ["show"], ["diff"], ["restore", "a.txt"], ["undo"],
        ["phase"],
        ["phase", "complete"], ["block", "x"], ["unblock"], ["approve"], ["reject", "--reason", "x"], ["decide", "x"],
        ["todo"], ["todo", "done", "1"], ["todo", "add", "x"], ["status", "--json"], ["phase", "start", "testing"],
        ["phase", "fail", "--reason", "x"],
    ]

    @Test("outside of a repository")
    func noRepository() throws {
        let folder = try TestRepository().beside("plain")
        try folder.write("a.txt", "one\n")
        for command in Self.commands + [["init"], ["workflows"], ["hooks"], ["hooks", "install"]] {
            let output = try folder.wf(command)
            #expect(output.status == 128 && (output.stdout == [] || command.contains("--json")), "\(command)")
            #expect(output.errorText == "git wf: not in a git repository\nhint: git init makes one", "\(command)")
        }
        #expect(Files.names(in: folder.path) == ["a.txt"])
    }

    @Test("in a bare repository")
    func bare() throws {
        let repo = try TestRepository(bare: true)
        let names = Set(Files.names(in: repo.path))
        for command in Self.commands + [["init"]] {
            let output = try repo.wf(command)
            #expect(output.status == 128 && (output.stdout == [] || command.contains("--json")), "\(command)")
            #expect(output.errorText == "git wf: this repository is bare: it has no worktree to work in", "\(command)")
        }
        #expect(Set(Files.names(in: repo.path)) == names)
    }

    @Test("without a workflow")
    func noWorkflow() throws {
        let repo = try TestRepository()
        try repo.commit("a.txt", "one\n")
        for command in Self.commands {
            try repo.refuses(
                command, status: 128, says: ["no workflow was begun here", "hint: git wf init begins one"])
        }
        #expect(!repo.exists(".git/wf"))
    }

    @Test("an unknown workflow is named beside those that there are")
    func unknownWorkflow() throws {
        let repo = try TestRepository.begun("minimal")
        try repo.refuses(["status", "--workflow", "other"], status: 128, says: ["no workflow other", "demo"])
        try repo.refuses(["--workflow", "other", "checkpoint", "x"], status: 128, says: ["no workflow other", "demo"])
        try repo.refuses(
            ["status"], status: 128, says: ["no workflow other"], environment: ["GIT_WF_WORKFLOW": "other"])
    }

    @Test("a repository without a commit works")
    func unborn() throws {
        let repo = try TestRepository()
        try repo.write("a.txt", "one\n")
        try repo.done("init", "--name", "demo")
        try repo.write("a.txt", "")
        try repo.done("checkpoint", "emptied")
        try repo.done("restore", "a.txt")
        #expect(try repo.text("a.txt") == "one\n")
        try repo.done("undo")
        #expect(try repo.text("a.txt") == "")
        #expect(try repo.git("show", "\(repo.lane):a.txt").text == "")
        #expect(try repo.id("HEAD") == "")
        for command in [["status"], ["log"], ["show"], ["diff"], ["phase", "complete"], ["todo", "done", "1"]] {
            try repo.done(command)
        }
        try repo.commit("a.txt", "two\n")
        #expect(try repo.json("log", "--auto")["checkpoints"]?[0]?["trigger"]?.text == "commit")
    }

    @Test("without an identity checkpoints use git-wf's own")
    func noIdentity() throws {
        var repo = try TestRepository()
        try repo.commit("a.txt", "one\n")
        for name in repo.environment.keys where name.hasSuffix("_NAME") || name.hasSuffix("_EMAIL") {
            repo.environment[name] = nil
        }
        try repo.git("config", "user.useConfigOnly", "true")
        try repo.done("init", "--name", "demo")
        try repo.done("checkpoint", "work")
        #expect(
            try repo.git("log", "-1", "--format=%an <%ae> %cn", repo.lane).text == "git-wf <git-wf@localhost> git-wf")
        try repo.git("config", "user.name", "Ann")
        try repo.git("config", "user.email", "ann@example.com")
        try repo.done("checkpoint", "work")
        #expect(try repo.git("log", "-1", "--format=%an <%ae>", repo.lane).text == "Ann <ann@example.com>")
    }

    @Test("names that cannot be names")
    func names() throws {
        let repo = try TestRepository()
        try repo.commit("a.txt", "one\n")
        let names = [
            "../x", "a..b", "a\u{1b}[31mb", "a\nb", String(repeating: "a", count: 300), "Feature", "x/y", "-x", ".x",
            "x.lock",
            "x.", "ü", "a b",
        ]
        for name in names { try repo.refuses(["init", "--name=\(name)"], status: 128, says: ["cannot be a name"]) }
        #expect(!repo.exists(".git/wf") && !repo.exists(".git/hooks/post-commit"))
    }

    @Test("a name beside one in other letters")
    func otherCase() throws {
        let repo = try TestRepository()
        try repo.commit("a.txt", "one\n")
        try repo.git("update-ref", "refs/wf/Feature/leader", "HEAD")
        try repo.refuses(["init", "--name", "feature"], status: 128, says: ["refs/wf/Feature/leader"])
    }

    @Test(
        "a branch or a ref where the lanes or the agents' branches must go",
        arguments: ["refs/heads/wf", "refs/heads/wf/x"])
    func inTheWay(ref: String) throws {
        let repo = try TestRepository()
        try repo.commit("a.txt", "one\n")
        try repo.git("update-ref", ref, "HEAD")
        try repo.refuses(["init", "--name", "x"], status: 128, says: [String(ref.dropFirst("refs/heads/".count))])
        #expect(!repo.exists(".git/wf") && !repo.exists(".git/hooks/post-commit"))
    }

    @Test("a definition that cannot be read")
    func definition() throws {
        let definitions = [
            ("[phase \"a\"]\n\tthen = b\n[phase \"c\"]\n\tcheck = x\n", "phase.c"),
            ("[include]\n\tpath = x\n", "include"),
            ("[includeIf \"gitdir:/\"]\n\tpath = x\n", "include"), ("[workflow\n\tname = x\n", ".wfconfig"),
            ("[workflow]\n\tname = ../x\n", "workflow.name"), ("[phase \"a\"]\n\tthen = a\n", "phase.a.then"),
            ("[phase \"Ä\"]\n\tgate = human\n", "phase"), ("[workflow]\n\tcolour = red\n", "workflow.colour"),
            ("[checkpoint]\n\tevery = soon\n", "checkpoint.every"), ("[phase \"a\"]\n\tgate = robot\n", "phase.a.gate"),
        ]
        let repo = try TestRepository()
        try repo.commit("a.txt", "one\n")
        for (text, key) in definitions {
            try repo.write(".wfconfig", text)
            try repo.refuses(["init", "--name", "demo"], status: 128, says: [".wfconfig", key])
        }
        #expect(!repo.exists(".git/wf") && !repo.exists("TODO.md") && !repo.exists(".git/hooks/post-commit"))
    }

    @Test("an unknown template or a home directory")
    func initRefuses() throws {
        var repo = try TestRepository()
        try repo.commit("a.txt", "one\n")
        try repo.refuses(["init", "--template", "nonsense"], status: 129, says: ["nonsense", "migration"])
        repo.environment["HOME"] = repo.path.string
        repo.environment["GIT_CONFIG_GLOBAL"] = "/dev/null"
        try repo.refuses(["init"], status: 128, says: ["home directory"])
        repo.environment["HOME"] = "\(repo.path)/"
        try repo.refuses(["init"], status: 128, says: ["home directory"])
    }

    @Test("a checkpoint of the root of the file system, or of a home directory that became one later")
    func placesNotTaken() throws {
        var repo = try TestRepository.begun("minimal")
        try repo.refuses(
            ["init", "--name", "root"], status: 128, says: ["the root of the file system"],
            environment: ["GIT_DIR": repo.file(".git").string, "GIT_WORK_TREE": "/"])
        repo.environment["HOME"] = repo.path.string
        try repo.refuses(["checkpoint", "x"], status: 128, says: ["home directory"])
        try repo.refuses(["restore", "a.txt"], status: 128, says: ["home directory"])
        try repo.done("status")
    }

    @Test("wrong usage has status 129 and says how it goes")
    func usage() throws {
        let usages: [[String]] = [
            ["nonsense"], ["status", "--nonsense"], ["phase", "nonsense"], ["checkpoint", "--trigger", "nonsense"],
            ["checkpoint", "x", "y"], ["checkpoint", "x", "-F", "a.txt"], ["restore"], ["restore", "--all"],
            ["restore", "--exact", "--from", "last", "a.txt"], ["restore", "--all", "--from", "last", "a.txt"],
            ["log", "-n", "x"], ["log", "-n", "-1"], ["log", "--kind", "nonsense"], ["log", "a", "b"],
            ["diff", "a", "b", "c"],
            ["block", "x", "--needs", "money"], ["todo", "done"], ["todo", "done", "one"], ["decide"], ["decide", " "],
            ["phase", "fail"], ["phase", "start"], ["reject"], ["block"], ["block", ""], ["todo", "add", " "],
            ["-C"], ["--workflow"], [],
        ]
        let repo = try TestRepository.begun("minimal")
        for arguments in usages { try repo.refuses(arguments, status: 129, says: []) }
    }

    @Test("help is an answer: of the whole, of each command, with an example", arguments: commands.compactMap(\.first))
    func help(command: String) throws {
        let repo = try TestRepository()
        for flag in ["-h", "--help"] {
            let output = try repo.wf(command, flag)
            #expect(
                output.status == 0 && output.errorText.isEmpty && output.text.contains("Example: git wf \(command)"))
        }
        let whole = try repo.git("wf", "-h")
        #expect(whole.text.contains(command) && whole.stderr == [])
        #expect(try repo.git("wf", "--version").text.hasPrefix("git-wf "))
    }
}
