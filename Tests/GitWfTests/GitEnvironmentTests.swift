import Glibc
import SystemPackage
import TestSupport
import Testing

@Suite("The repository that git finds is the one that everything happens in")
struct GitEnvironmentTests {
    /// A way to have the files of one repository in the middle of another one.
    struct Binding: CustomTestStringConvertible, Sendable {
        let testDescription: String
        /// Makes the inner one, at `outer/etc`, and says how it is found.
        let make: @Sendable (TestRepository) throws -> [String: String]
    }

    static let bindings: [Binding] = [
        Binding(testDescription: "GIT_DIR of a bare repository, GIT_WORK_TREE") { outer in
            try outer.git("init", "-q", "--bare", "--initial-branch=main", "../dots.git")
            return ["GIT_DIR": outer.file("../dots.git").string, "GIT_WORK_TREE": outer.file("etc").string]
        },
        Binding(testDescription: "both relative") { outer in
            try outer.git("init", "-q", "--bare", "--initial-branch=main", "../dots.git")
            return ["GIT_DIR": "../../dots.git", "GIT_WORK_TREE": "."]
        },
        Binding(testDescription: "GIT_DIR alone") { outer in
            try outer.git("init", "-q", "--initial-branch=main", "../dots")
            return ["GIT_DIR": outer.file("../dots/.git").string]
        },
        Binding(testDescription: "GIT_DIR and core.worktree") { outer in
            try outer.git("init", "-q", "--initial-branch=main", "../dots")
            try outer.git("-C", "../dots", "config", "core.worktree", "../../outer/etc")
            return ["GIT_DIR": outer.file("../dots/.git").string]
        },
        Binding(testDescription: "a git directory elsewhere") { outer in
            try outer.git("init", "-q", "--initial-branch=main", "--separate-git-dir=../dots.git", "etc")
            return [:]
        },
        Binding(testDescription: "a linked worktree") { outer in
            try outer.git("init", "-q", "--initial-branch=trunk", "../dots")
            let dots = outer.beside("dots")
            try dots.git("commit", "-q", "--allow-empty", "-m", "first")
            try outer.remove("etc")
            try dots.git("worktree", "add", "-q", "-b", "main", outer.file("etc").string)
            return [:]
        },
        Binding(testDescription: "a linked worktree of relative paths") { outer in
            try outer.git("init", "-q", "--initial-branch=trunk", "../dots")
            let dots = outer.beside("dots")
            try dots.git("commit", "-q", "--allow-empty", "-m", "first")
            try outer.remove("etc")
            try dots.git(
                "-c", "worktree.useRelativePaths=true", "worktree", "add", "-q", "-b", "main", outer.file("etc").string)
            return [:]
        },
    ]

    @Test("every command works there, and nothing around it changes", arguments: bindings.indices)
    func commands(number: Int) throws {
        let outer = try TestRepository(name: "outer")
        try outer.commit("outer.txt", "o\n", message: "first")
        try outer.write("outer.txt", "half done\n")
        try Files.makeFolders(outer.file("etc"))
        let variables = try Self.bindings[number].make(outer)
        var repo = outer.worktree(at: "etc")
        repo.environment.merge(variables) { $1 }
        try repo.write("c.txt", "conf\n")
        try repo.git("add", "c.txt")
        try repo.git("commit", "-qm", "dots")
        let around = try outer.picture()
        try repo.done("init", "--name", "demo", "--template", "minimal", "--no-hooks")
        try repo.git("add", "-A")
        try repo.git("commit", "-qm", "Begin")
        try repo.write("c.txt", "more\n")
        try repo.done("checkpoint", "--commit", "Saved")
        #expect(try repo.git("log", "-1", "--format=%s").text == "Saved")
        #expect(try repo.git("status", "--porcelain").text == "")
        let path = try repo.done("agent", "start", "one").lines[0]
        var agent = repo.worktree(at: FilePath(path))
        for name in variables.keys { agent.environment[name] = nil }
        try agent.write("c.txt", "theirs\n")
        try agent.git("commit", "-qam", "work")
        try agent.done("agent", "report", "--status", "complete", "--summary", "s")
        for command in [
            ["status"], ["resume"], ["log"], ["log", "--", "c.txt"], ["log", "--graph"], ["agent", "list"], ["fsck"],
            ["merge", "-n", "one"], ["gc"], ["next"], ["workflows", "list"], ["hooks", "status"],
            ["diff", "last~1", "last"], ["merge", "one", "--verify", "test \"$(cat c.txt)\" = theirs"],
        ] { try repo.done(command) }
        #expect(try repo.text("c.txt") == "theirs\n")
        try repo.done("undo")
        #expect(try repo.text("c.txt") == "more\n")
        #expect(try repo.git("status", "--porcelain").text == "")
        try repo.write("c.txt", "ours\n")
        try repo.git("commit", "-qam", "ours")
        #expect(try repo.wf("merge", "one").status == 1)
        try repo.done("merge", "--abort")
        try repo.write("c.txt", "later\n")
        try repo.done("checkpoint", "later")
        try repo.done("restore", "--from", "last~1", "c.txt")
        let after = try outer.picture()
        #expect(after.refs == around.refs && after.gitFiles == around.gitFiles)
    }

    @Test("a repository is looked for as far up as git looks")
    func ceilings() throws {
        let repo = try TestRepository()
        try repo.commit("a/b/c/f", "x\n")
        let top = repo.path.string
        for place in ["", "a", "a/b/c"] {
            let here = repo.worktree(at: FilePath(place.isEmpty ? "." : place))
            for ceiling in [
                "", top, "\(top)/a", "\(top)/a/b", "\(top)/a/b/c", "/elsewhere:\(top)/a", repo.folder.path.string, "a",
                "\(top)/a/", ":\(top)/a",
            ] {
                let variables = ["GIT_CEILING_DIRECTORIES": ceiling]
                let git = try here.run("git", ["rev-parse", "--show-toplevel"], environment: variables).status == 0
                let output = try here.wf("workflows", "list", environment: variables)
                #expect(
                    output.errorText.contains("not in a git repository") != git,
                    "\(place) \(ceiling): \(output.errorText)")
            }
        }
    }

    @Test("what safe.directory allows git it allows us, and nothing else", .enabled(if: geteuid() == 0))
    func owners() throws {
        let repo = try TestRepository.begun()
        let top = repo.path.string
        try repo.run("chown", ["-R", "12345:12345", top])
        try repo.run("chmod", ["755", repo.folder.path.string])
        let file = repo.folder.path.appending("other")
        try Files.write(Array("[safe]\n\tdirectory = \(top)\n".utf8), to: file)
        var environments: [[String: String]] = [[:], ["GIT_CONFIG_GLOBAL": file.string]]
        for value in [top, "*", "\(top)/", "/elsewhere", "\(repo.folder.path)/*", "\(top)/*", "."] {
            environments.append([
                "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": value,
            ])
            environments.append(["GIT_CONFIG_PARAMETERS": "'safe.directory'='\(value)'"])
        }
        environments.append([
            "GIT_CONFIG_COUNT": "2", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*",
            "GIT_CONFIG_KEY_1": "safe.directory", "GIT_CONFIG_VALUE_1": "",
        ])
        environments.append(["GIT_DIR": "\(top)/.git"])
        var allowed = 0
        for variables in environments {
            let git = try repo.run("git", ["status", "-s"], environment: variables)
            let output = try repo.wf("status", environment: variables)
            #expect((git.status == 0) == (output.status == 0), "\(variables): \(output.errorText) \(git.errorText)")
            if git.status == 0 { allowed += 1 } else { #expect(output.errorText.contains("another user")) }
        }
        #expect(allowed > 4)
        let home = repo.folder.path.appending("home/.gitconfig")
        try Files.write(Array("[safe]\n\tdirectory = *\n".utf8), to: home)
        try repo.write("a.txt", "two\n")
        try repo.done("checkpoint", "allowed")
        try repo.done("agent", "start", "one")
    }

    @Test(
        "what a repository's format asks is met, or refused by its name",
        arguments: [
            ("extensions.refStorage", "files", true), ("extensions.refStorage", "reftable", false),
            ("extensions.refStorage", "files:///elsewhere", false), ("extensions.objectFormat", "sha1", true),
            ("extensions.objectFormat", "sha256", false), ("extensions.compatObjectFormat", "sha256", false),
            ("extensions.relativeWorktrees", "true", true), ("extensions.preciousObjects", "true", true),
            ("extensions.worktreeConfig", "true", true), ("extensions.partialClone", "origin", true),
            ("extensions.noop", "true", true), ("extensions.noop-v1", "true", true),
            ("extensions.submodulePathConfig", "true", true), ("extensions.ofTomorrow", "true", false),
        ])
    func formats(key: String, value: String, isKnown: Bool) throws {
        let repo = try TestRepository.begun()
        try repo.git("config", "core.repositoryFormatVersion", "1")
        try repo.git("config", key, value)
        let output = try repo.wf("workflows", "list")
        #expect((output.status == 0) == isKnown, "\(output.errorText)")
        if !isKnown {
            #expect(output.errorText.lowercased().contains(key.lowercased()), "\(output.errorText)")
            #expect(try repo.wf("hook", "post-commit").status == 0)
        }
    }

    @Test("another place for refs that the environment names is refused")
    func referenceBackend() throws {
        let repo = try TestRepository.begun()
        #expect(try repo.wf("status", environment: ["GIT_REFERENCE_BACKEND": "files"]).status == 0)
        for backend in ["reftable", "files:///elsewhere"] {
            let output = try repo.wf("status", environment: ["GIT_REFERENCE_BACKEND": backend])
            #expect(output.status == 128 && output.errorText.contains("GIT_REFERENCE_BACKEND=\(backend)"))
        }
    }

    @Test(
        "a partial clone is worked in without the remote, and a look fetches nothing",
        arguments: ["blob:none", "tree:0"])
    func partial(filter: String) throws {
        let origin = try TestRepository(name: "origin")
        for number in 1...3 {
            for name in ["a", "b"] { try origin.write("\(name)/\(number % 2)/f", "\(number)\n") }
            try origin.git("add", "-A")
            try origin.git("commit", "-qm", "\(number)")
        }
        try origin.git("config", "uploadpack.allowFilter", "true")
        try origin.git(
            "clone", "-q", "--no-local", "--sparse", "--filter=\(filter)", "file://\(origin.path)", "../clone")
        let clone = origin.beside("clone")
        try clone.git("sparse-checkout", "set", "--sparse-index", "a")
        try origin.run("mv", [origin.path.string, origin.file("../away").string])
        func missing() throws -> Int {
            try clone.git("rev-list", "--objects", "--all", "--missing=print").lines.count { $0.hasPrefix("?") }
        }
        let before = try missing()
        #expect(before > 0)
        try clone.done("init", "--name", "demo", "--template", "minimal", "--no-hooks")
        for command in [
            ["checkpoint", "one"], ["status"], ["resume"], ["log"], ["log", "--", "a/1/f"], ["log", "--graph"],
            ["fsck"],
            ["next"], ["show"], ["agent", "start", "two"], ["agent", "list"], ["gc"], ["gc", "-n"],
        ] {
            let output = try clone.wf(command)
            #expect(output.status == 0, "\(command): \(output.errorText)")
            #expect(!output.errorText.contains("does not appear to be a git repository"), "\(command)")
        }
        #expect(try missing() >= before)
    }
}
