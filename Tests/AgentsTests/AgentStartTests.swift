import Agents
import Git
import GitValues
import Journal
import Operations
import Snapshots
import SystemPackage
import TestSupport
import Testing
import Workflow
import WorkflowFixture

@Suite("Starting an agent")
struct AgentStartTests {
    private let spec = "# Spec: Login\n\n## Goal\nA login.\n\n## Files to Modify\n- src/\n"

    @Test("a start that was cut short takes back only a worktree that nothing came to", arguments: [false, true])
    func takeBack(isIgnoredThere: Bool) throws {
        let fixture = try WorkflowFixture([".gitignore": "*.log\n"])
        let head = try fixture.repo.git("rev-parse", "HEAD").text
        let worktree = fixture.folder("login")
        try fixture.repo.git("worktree", "add", "-q", "-b", "wf/feature/login", worktree.path.string)
        if isIgnoredThere { try worktree.write("run.log", "precious\n") }
        var intent = Intent(.agentStart, branch: "refs/heads/main")
        intent.facts = ["agent": "login", "base": head, "hadWorktree": "false", "hadBranch": "false"]
        _ = try AgentStart(fixture.journal()).recover(intent)
        #expect(worktree.exists(".") == isIgnoredThere)
        #expect(try fixture.repo.git("branch", "--list", "wf/*").lines.isEmpty == !isIgnoredThere)
        if isIgnoredThere { #expect(try worktree.text("run.log") == "precious\n") }
    }

    @Test("an agent gets a worktree beside the repository, a branch and a lane")
    func start() throws {
        let fixture = try WorkflowFixture()
        let started = try AgentStart(fixture.journal()).start(AgentStart.Request(name: "login", item: 2))
        #expect(started.worktree == fixture.folder("login").path)
        #expect(try fixture.folder("login").git("symbolic-ref", "HEAD").text == "refs/heads/wf/feature/login")
        #expect(started.item == "two")
        #expect(started.warnings.isEmpty)
        let lane = try fixture.repo.git("log", "--format=%s", "refs/wf/feature/agents/login").lines
        #expect(lane == ["Agent login started"])
        let agents = try fixture.list()
        #expect(agents.map(\.state) == [.open] && agents.map(\.place) == [.ok])
        #expect(agents.first?.changes?.paths == [])
        #expect(try fixture.status().isEmpty)
        #expect(try fixture.folder("login").git("status", "--porcelain", "-uall").lines.isEmpty)
        #expect(try fixture.journal(in: started.worktree).isOwnWorktree)
    }

    @Test("a spec that the base lacks is in the worktree, and neither in its status nor in its commits")
    func untrackedSpec() throws {
        let fixture = try WorkflowFixture()
        try fixture.repo.write("specs/login.md", spec)
        let started = try AgentStart(fixture.journal()).start(AgentStart.Request(name: "login"))
        let worktree = fixture.folder("login")
        #expect(started.spec == ".wf/spec.md")
        #expect(try worktree.text(".wf/spec.md") == spec)
        #expect(try worktree.git("status", "--porcelain", "-uall").lines.isEmpty)
        try worktree.write("src/a.c", "int a;\n")
        try worktree.git("add", "-A")
        try worktree.git("commit", "-qm", "x")
        #expect(try worktree.git("show", "--format=", "--name-only").lines == ["src/a.c"])
        #expect(try fixture.list().first?.scope?.outside == [])
    }

    @Test("a spec that the base has is read where it is")
    func trackedSpec() throws {
        let fixture = try WorkflowFixture(["specs/login.md": spec, "a.txt": "a\n"])
        let started = try AgentStart(fixture.journal()).start(AgentStart.Request(name: "login"))
        #expect(started.spec == "specs/login.md")
        #expect(!fixture.folder("login").exists(".wf"))
    }

    @Test("the spec that was given survives gc, and changes of the file do not reach it")
    func recordedSpec() throws {
        let fixture = try WorkflowFixture()
        try fixture.repo.write("specs/login.md", spec)
        _ = try fixture.start("login")
        try fixture.repo.write("specs/login.md", "# Spec: other\n")
        try fixture.repo.git("gc", "--prune=now", "-q")
        let journal = try fixture.journal()
        let work = try AgentWork(named: "login", journal: journal)
        #expect(try work.spec(in: journal.repository)?.title == "Login")
    }

    @Test("changes that the leader did not commit are named")
    func warnings() throws {
        let fixture = try WorkflowFixture()
        try fixture.repo.write("a.txt", "changed\n")
        let started = try AgentStart(fixture.journal()).start(AgentStart.Request(name: "login"))
        #expect(started.warnings.count == 1)
        #expect(started.warnings.first?.contains("a.txt") == true)
    }

    @Test(
        "a name that cannot be is refused, and nothing is written",
        arguments: ["../x", "a..b", "Feature", "leader", "", "x\u{7}"])
    func badNames(_ name: String) throws {
        let fixture = try WorkflowFixture()
        let before = try fixture.repo.git("for-each-ref").text
        #expect(throws: AgentError.self) { try fixture.start(name) }
        #expect(try fixture.repo.git("for-each-ref").text == before)
        #expect(!fixture.repo.exists("../repo.wf"))
    }

    @Test(
        "a branch in the way is named",
        arguments: ["wf", "wf/feature", "wf/feature/login", "wf/feature/login/x", "wf/feature/Login"])
    func clashes(_ branch: String) throws {
        let fixture = try WorkflowFixture()
        try fixture.repo.git("commit", "--allow-empty", "-qm", "next")
        try fixture.repo.git("branch", branch, "HEAD~1")
        let error = #expect(throws: AgentError.self) { try fixture.start("login") }
        #expect(error?.description.contains(branch) == true)
        #expect(!fixture.repo.exists("../repo.wf"))
    }

    @Test("a folder in the way stays as it is")
    func folderInTheWay() throws {
        let fixture = try WorkflowFixture()
        try fixture.repo.write("../repo.wf/feature/login/mine", "x")
        #expect(throws: AgentError.self) { try fixture.start("login") }
        #expect(try fixture.repo.text("../repo.wf/feature/login/mine") == "x")
        #expect(try fixture.repo.git("branch", "--list", "wf/*").lines.isEmpty)
    }

    @Test("an agent that exists is not started again")
    func twice() throws {
        let fixture = try WorkflowFixture()
        _ = try fixture.start("login")
        #expect(throws: AgentError.self) { try fixture.start("login") }
        #expect(try fixture.list().count == 1)
    }

    @Test("a start that was cut short is taken up", arguments: [false, true])
    func takenUp(hasRecord: Bool) throws {
        let fixture = try WorkflowFixture()
        let place = fixture.folder("login").path.string
        try fixture.repo.git("worktree", "add", "-q", "-b", "wf/feature/login", place)
        if hasRecord {
            let journal = try fixture.journal()
            let base = try journal.repository.head().commit
            try journal.append(
                [Draft(.agentStarted, "x").with(TrailerKey.agent, "login").holding(TrailerKey.base, base)],
                snapshot: journal.takeSnapshot())
            #expect(try fixture.list().map(\.lastCheckpoint) == [nil])
        }
        _ = try fixture.start("login")
        #expect(try fixture.list().map(\.state) == [.open])
        #expect(try fixture.journal().leaderState().agents.count == 1)
    }

    @Test(
        "what a record claims of a start wins over nothing that is asked for now",
        arguments: [
            ["base": "other"], ["spec": "other"], ["spec": "none"], ["item": "2"], ["worktree": "0123456789abcdef"],
        ])
    func forged(claims: [String: String]) throws {
        let fixture = try WorkflowFixture()
        try fixture.repo.write("specs/login.md", spec)
        let other = try fixture.repo.git("commit-tree", "HEAD^{tree}", "-p", "HEAD", "-m", "evil base").text
        let journal = try fixture.journal()
        let base = try #require(try claims["base"] == nil ? journal.repository.head().commit : ObjectID(hex: other))
        let text = claims["spec"] == "other" ? "# Spec: Evil\n" : spec
        let tree = try journal.repository.createTree([
            (name: "spec.md", mode: .file, id: try journal.repository.createBlob(Array(text.utf8)))
        ])
        var draft = Draft(.agentStarted, "x").with(TrailerKey.agent, "login").holding(TrailerKey.base, base)
        if claims["spec"] != "none" {
            draft = draft.with(TrailerKey.specPath, "specs/login.md")
                .holding(TrailerKey.spec, try journal.attachment(tree: tree, title: "spec"))
        }
        if let item = claims["item"] { draft = draft.with(TrailerKey.item, item) }
        if let worktree = claims["worktree"] {
            // As a fetch brings it: every word is right, but another worktree wrote it.
            let id = try #require(try journal.append([draft], snapshot: journal.takeSnapshot()).first?.id)
            let message = try fixture.repo.git("log", "-1", "--format=%B", id.hex).text
                .replacing(journal.binding.worktree, with: worktree)
            let lines = try fixture.repo.git("rev-list", "--parents", "-1", id.hex).text.split(separator: " ")
            let commit = try fixture.repo.git(
                ["commit-tree", "\(id)^{tree}"] + lines.dropFirst().flatMap { ["-p", String($0)] },
                stdin: Array(message.utf8)
            ).text
            try fixture.repo.git("update-ref", "refs/wf/feature/leader", commit)
        } else {
            try journal.append([draft], snapshot: journal.takeSnapshot())
        }
        let before = try fixture.repo.git("for-each-ref").text
        let error = #expect(throws: AgentError.self) { try fixture.start("login") }
        #expect(error?.description.contains("never finished") == true, "\(error?.description ?? "")")
        #expect(error?.description.contains(claims["worktree"] == nil ? "asked for now" : "another worktree") == true)
        #expect(try fixture.repo.git("for-each-ref").text == before)
        #expect(!fixture.repo.exists("../repo.wf/feature/login"))
        // Another name takes what is asked for.
        let started = try AgentStart(fixture.journal()).start(AgentStart.Request(name: "other", spec: "login"))
        #expect(try fixture.folder("other").text(#require(started.spec?.string)) == spec)
    }

    @Test("agents are started from a linked worktree too, and none from an agent's")
    func linkedLeader() throws {
        let fixture = try WorkflowFixture()
        _ = try fixture.start("one")
        #expect(throws: AgentError.self) {
            try AgentStart(fixture.journal(in: fixture.folder("one").path)).start(AgentStart.Request(name: "two"))
        }
        try fixture.repo.git("switch", "-q", "--detach")
        let linked = fixture.repo.worktree(at: "../linked")
        try fixture.repo.git("worktree", "add", "-q", linked.path.string, "main")
        let started = try AgentStart(fixture.journal(in: linked.path)).start(AgentStart.Request(name: "two"))
        #expect(started.worktree == fixture.folder("two").path)
    }

    @Test("ten agents start beside each other")
    func parallel() async throws {
        let fixture = try WorkflowFixture()
        let repo = fixture.repo
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<10 {
                group.addTask {
                    let there = Surroundings(
                        environment: repo.environment, directory: repo.path,
                        now: Timestamp(seconds: repo.time, offset: 0))
                    _ = try AgentStart(Workspace(there).journal()).start(AgentStart.Request(name: "a\(number)"))
                }
            }
            try await group.waitForAll()
        }
        #expect(try fixture.list().allSatisfy { $0.state == .open })
        #expect(try fixture.list().count == 10)
    }
}

extension WorkflowFixture {
    /// The worktree of an agent.
    func folder(_ name: String) -> TestRepository { repo.worktree(at: FilePath("../repo.wf/feature/\(name)")) }
}
