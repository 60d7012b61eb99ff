import Glibc
import SystemPackage
import TestSupport
import Testing

/// `GIT_WF_TEST_COUNT` says how often, `GIT_WF_TEST_SEED` where it begins.
@Suite("The removal of an agent, disturbed")
struct RemovalKillTests {
    private static let first = testNumber("GIT_WF_TEST_SEED") ?? 1
    private static func seeds(_ count: UInt64) -> [UInt64] {
        (0..<(testNumber("GIT_WF_TEST_COUNT") ?? count)).map { first + $0 }
    }

    private static let calls = ["rename", "unlink", "unlinkat", "rmdir", "mkdir", "fsync", "openat", "execve"]

    /// An agent `x` of a workflow, and all that is in its worktree.
    private struct Agent {
        let repo: TestRepository
        let worktree: TestRepository
        let isClean: Bool
        let before: [String]
        let head: String

        init(isClean: Bool) throws {
            repo = try TestRepository.begun("minimal")
            try repo.commit(".gitignore", "*.log\n")
            worktree = repo.worktree(at: FilePath(try repo.done("agent", "start", "x").lines[0]))
            try worktree.commit("by-x", "committed\n")
            try worktree.done("checkpoint", "committed")
            self.isClean = isClean
            if !isClean {
                try worktree.write("run.log", "precious\n")
                try worktree.write("by-x", "staged\n")
                try worktree.git("add", "-A")
                try worktree.write("by-x", "edited\n")
                let inner = worktree.worktree(at: "inner")
                try Files.makeFolders(inner.path)
                try inner.git("init", "-q")
                try inner.commit("idea", "only here\n")
            }
            head = try worktree.git("rev-parse", "HEAD").text
            before = try Self.picture(repo, worktree, withGitDirectory: !isClean)
        }

        /// Names, modes and bytes in the worktree and in its git directory, but for what is ours there.
        static func picture(
            _ repo: TestRepository, _ worktree: TestRepository, withGitDirectory: Bool
        ) throws -> [String] {
            let places = [worktree.path] + (withGitDirectory ? [repo.file(".git/worktrees/x")] : [])
            let script = """
                find . -not -path './wf*' -not -path ./.wf -printf '%p %y %m %l\\n'
                find . -type f -not -path './wf*' -exec sha256sum {} +
                """
            return try places.flatMap { try repo.worktree(at: $0).run("sh", ["-c", script]).lines.sorted() }
        }

        var aside: [String] {
            Files.names(in: worktree.path.removingLastComponent()).filter { $0.hasPrefix(".x.") }
        }

        /// It stands and works, or it is removed: nothing in between.
        /// - Returns: whether it stands.
        func expectWhole(_ note: Comment) throws -> Bool {
            let stands = worktree.exists(".git")
            #expect(Files.names(in: repo.file(".git/wf/intents")) == [], note)
            #expect(try repo.id("refs/heads/wf/demo/x").isEmpty == !stands, note)
            #expect(worktree.exists(".") == stands, note)
            #expect(aside.count == (stands || isClean ? 0 : 1), "\(note): \(aside)")
            let listed = try repo.git("worktree", "list", "--porcelain").lines
            #expect(listed.contains("worktree \(worktree.path)") == stands, note)
            #expect(listed.contains { $0.hasPrefix("locked") } == !aside.isEmpty, note)
            let state = try repo.json("agent", "list")["agents"]?[0]?["state"]?.text
            #expect(state == (stands ? "open" : "dropped"), note)
            if stands { try expectSame(note) }
            return stands
        }

        func expectSame(_ note: Comment) throws {
            let now = try Self.picture(repo, worktree, withGitDirectory: !isClean)
            #expect(Set(now).symmetricDifference(before) == [] && now.count == before.count, note)
            #expect(try worktree.git("rev-parse", "HEAD").text == head, note)
            #expect(try worktree.git("symbolic-ref", "HEAD").text == "refs/heads/wf/demo/x", note)
        }
    }

    @Test(
        "killed at any call it is finished or taken back by the next command, and so is what brings the agent back",
        .enabled(if: RestoreSafetyTests.canTrace), arguments: seeds(8))
    func killed(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let agent = try Agent(isClean: random.below(2) == 0)
        let command = random.pick(["remove", "restore"])
        if command == "restore" { try agent.repo.done("agent", "remove", "x") }
        let (call, number) = (random.pick(Self.calls), random.below(12) + 1)
        let note: Comment = "seed \(seed): agent \(command), clean \(agent.isClean), killed at \(call) \(number)"
        // Only our own process: a git of its is not killed half-way.
        try agent.repo.run(
            "strace",
            [
                "-qq", "-o", "/dev/null", "-e", "inject=\(call):signal=KILL:when=\(number)", "git-wf", "agent", command,
                "x",
            ])
        usleep(200_000)
        try agent.repo.done("checkpoint", "goes on")
        if try !agent.expectWhole(note) {
            try agent.repo.done("agent", "restore", "x")
            try agent.expectSame(note)
        }
        try agent.repo.done("agent", "remove", "x")
        #expect(try !agent.expectWhole(note), note)
        #expect(try agent.repo.json("fsck")["problems"]?.list == [], note)
    }

    /// Where each name that was written is now: in a folder, or in a checkpoint of the agent's.
    private func missing(_ names: [String], _ agent: Agent) throws -> [String] {
        let folders =
            [agent.worktree.path] + agent.aside.map { agent.worktree.path.removingLastComponent().appending($0) }
        var found = Set(folders.flatMap { Files.names(in: $0) })
        for id in try agent.repo.git("rev-list", "refs/wf/demo/agents/x").lines {
            found.formUnion(try agent.repo.git("ls-tree", "--name-only", id).lines)
        }
        return names.filter { !found.contains($0) }
    }

    @Test("what is saved in its worktree at any step of it is kept, or in a checkpoint", arguments: seeds(6))
    func savedAtAStep(seed: UInt64) throws {
        let agent = try Agent(isClean: true)
        let folder = agent.worktree.path.removingLastComponent()
        let script = """
            #!/bin/sh
            echo >> \(folder)/../../calls
            if [ $(wc -l < \(folder)/../../calls) -eq \(seed) ]; then
                for d in \(folder)/x \(folder)/.x.*; do
                    if [ -d $d ]; then name=late.$(basename $d); echo x > $d/$name; echo $name >> \(folder)/../../saved; fi
                done
            fi
            exec /usr/bin/env PATH=${PATH#*:} git "$@"
            """
        try agent.repo.write("../beside/git", script, mode: 0o755)
        let path = "\(agent.repo.file("../beside").lexicallyNormalized()):\(agent.repo.environment["PATH"] ?? "")"
        try agent.repo.done("agent", "remove", "x", environment: ["PATH": path])
        let saved =
            agent.repo.exists("../saved") ? try agent.repo.text("../saved").split(separator: "\n").map(String.init) : []
        #expect(try missing(saved, agent) == [], "step \(seed): \(saved)")
    }

    @Test("what another process saves all the time is kept, or in a checkpoint", arguments: seeds(3))
    func savedAllTheTime(seed: UInt64) throws {
        let agent = try Agent(isClean: seed % 2 == 0)
        let folder = agent.worktree.path.removingLastComponent()
        let script = """
            i=0; while [ $i -lt 3000 ]; do i=$((i+1)); for d in \(folder)/x \(folder)/.x.*; do
            if [ -d $d ] && echo $i > $d/live.$i; then echo live.$i >> \(folder)/../../saved; fi; done; sleep 0.003; done
            """
        let writer = try agent.repo.run("sh", ["-c", "(\(script)) >/dev/null 2>&1 & echo $!"]).text
        defer { kill(Int32(writer) ?? 0, SIGKILL) }
        let output = try agent.repo.wf("agent", "remove", "x")
        kill(Int32(writer) ?? 0, SIGKILL)
        #expect(output.status == 0, "seed \(seed): \(output.errorText)")
        let saved = try agent.repo.text("../saved").split(separator: "\n").map(String.init)
        #expect(try !saved.isEmpty && missing(saved, agent) == [], "seed \(seed): \(saved.count) were saved")
    }

    @Test(
        "an intent that no removal wrote moves nothing and stops no command",
        arguments: ["agent-remove", "agent-restore"])
    func forgedIntent(word: String) throws {
        let repo = try TestRepository.begun("minimal")
        let worktree = repo.worktree(at: FilePath(try repo.done("agent", "start", "x").lines[0]))
        try repo.write("../mine/file", "precious\n")
        let mine = repo.file("../mine").lexicallyNormalized()
        let facts = [
            ["agent x", "worktree \(mine)", "id x", "removal 0123456789abcdef"],
            ["agent x", "worktree \(worktree.path)", "id ..", "removal 0123456789abcdef"],
            ["agent x", "worktree \(worktree.path)", "id x", "removal ../../x"],
            ["agent nobody", "worktree \(mine)", "id x", "removal 0123456789abcdef"],
            ["removed x", "agent x", "moves yes"],
        ]
        let id = try repo.worktreeID()
        for facts in facts {
            let fields =
                ["git-wf intent 2", "operation \(word)", "branch refs/heads/main"] + facts.map { "fact \($0)" } + [
                    "end"
                ]
            try repo.write(".git/wf/intents/demo.\(id).agent.x", fields.flatMap { Array($0.utf8) + [0] })
            let output = try repo.wf("checkpoint", "goes on")
            #expect(output.status == 0, "\(facts): \(output.errorText)")
            #expect(try repo.text("../mine/file") == "precious\n" && worktree.exists(".git"), "\(facts)")
            #expect(Files.names(in: repo.file(".git/wf/intents")) == [], "\(facts)")
        }
    }
}
