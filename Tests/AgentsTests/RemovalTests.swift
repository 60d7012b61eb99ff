import Agents
import Git
import GitValues
import Glibc
import Journal
import Merging
import SystemPackage
import TestSupport
import Testing
import Workflow
import WorkflowFixture

@Suite("Removing an agent loses nothing")
struct RemovalTests {
    private func begun() throws -> (WorkflowFixture, TestRepository) {
        let fixture = try WorkflowFixture([".gitignore": "*.log\n", "a.txt": "1\n2\n3\n4\n5\n", "b.txt": "b\n"])
        return (fixture, try fixture.start("login"))
    }

    /// All that is below a folder: names, kinds, modes and bytes. What is ours in a git directory is not in it.
    private func picture(_ repo: TestRepository, _ folder: FilePath) throws -> [String] {
        let script = """
            find . -not -path './wf*' -printf '%p %y %m %l\\n'
            find . -type f -not -path './wf*' -exec sha256sum {} +
            """
        return try repo.worktree(at: folder).run("sh", ["-c", script]).lines.sorted()
    }

    private func places(_ fixture: WorkflowFixture, _ worktree: TestRepository) -> [FilePath] {
        [worktree.path, fixture.repo.file(".git/worktrees/login")]
    }

    private func expectWhole(_ repo: TestRepository, _ note: Comment) throws {
        try repo.git("reflog", "expire", "--expire=now", "--all")
        try repo.git("gc", "--prune=now", "-q")
        let faults = try repo.run("git", ["fsck", "--strict"]).lines.filter { !$0.hasPrefix("dangling") }
        #expect(faults == [], note)
    }

    @Test("whatever it holds comes back to the byte, or is held elsewhere", arguments: WorktreeHolding.all)
    func holds(_ holding: WorktreeHolding) throws {
        let (fixture, worktree) = try begun()
        let repo = fixture.repo
        try holding.make(worktree, fixture)
        let note: Comment = "\(holding)"
        let before = try places(fixture, worktree).map { try picture(repo, $0) }
        let head = try worktree.git("rev-parse", "HEAD").text
        let noted = try worktree.git("log", "-g", "--format=%H", "HEAD").lines
        let stashes = try repo.git("stash", "list", "--format=%H").lines

        let removed = try AgentRemove(fixture.journal()).remove("login")
        #expect(!worktree.exists("."), note)
        #expect((removed.kept != nil) == holding.isKept, "\(note): \(removed.kept?.reasons ?? [])")
        #expect(removed.kept?.reasons.isEmpty != true, note)
        #expect(try repo.git("branch", "--list", "wf/*").text == "", note)
        let listed = try repo.git("worktree", "list", "--porcelain").lines
        #expect(listed.contains { $0.hasPrefix("locked") } == holding.isKept, note)
        #expect(repo.exists("../repo.wf") == holding.isKept, note)
        #expect(Files.mode(of: repo.file(".git/worktrees/login")) == nil || holding.isKept, note)
        if !holding.isKept {
            // Else git keeps them itself, as those of a worktree.
            try expectWhole(repo, note)
            for id in noted + stashes { #expect(try repo.git("cat-file", "-t", id).text == "commit", note) }
        } else {
            try repo.git("worktree", "prune", "--expire=now")
            // Dates of tests are long past.
            for key in ["gc.reflogExpire", "gc.reflogExpireUnreachable"] { try repo.git("config", key, "never") }
            try repo.git("gc", "--prune=now", "-q")
        }

        let restored = try AgentRestore(fixture.journal()).restore("login")
        #expect((restored.checkpoint == nil) == holding.isKept && restored.isReopened, note)
        #expect(restored.warnings == [], note)
        if holding.isKept {
            let after = try places(fixture, worktree).map { try picture(repo, $0) }
            for (old, new) in zip(before, after) {
                #expect(Set(old).symmetricDifference(new) == [] && old.count == new.count, note)
            }
        } else {
            #expect(try worktree.git("status", "--porcelain").text == "", note)
        }
        #expect(try worktree.git("rev-parse", "HEAD").text == head, note)
        #expect(try fixture.list().map(\.state) == [.open], note)
        #expect(try RemovedWorktree.all(in: fixture.journal().repository).isEmpty, note)
        #expect(try !repo.git("worktree", "list", "--porcelain").text.contains("locked"), note)
        // And once more, which finds the same.
        #expect((try AgentRemove(fixture.journal()).remove("login").kept != nil) == holding.isKept, note)
        try expectWhole(repo, note)
    }

    @Test("commits of repositories inside are held by refs, where git finds them")
    func innerCommits() throws {
        let (fixture, worktree) = try begun()
        let repo = fixture.repo
        for name in ["pkg", "deep/store.log"] {
            let inner = worktree.worktree(at: FilePath(name))
            try Files.makeFolders(inner.path)
            try inner.git("init", "-q")
            try inner.commit("idea", "first \(name)\n")
            try inner.commit("idea", "reset away \(name)\n")
            try inner.git("reset", "-q", "--hard", "HEAD~1")
        }
        let lost = try worktree.worktree(at: "pkg").git("rev-parse", "HEAD@{1}:idea").text
        let removed = try AgentRemove(fixture.journal()).remove("login")
        #expect(
            removed.warnings.count == 2
                && removed.warnings.allSatisfy { $0.contains("refs/wf-kept/feature/removed/login/") })
        try repo.git("gc", "--prune=now", "-q")
        #expect(try repo.git("cat-file", "-p", lost).text == "reset away pkg")
        #expect(try repo.git("for-each-ref", "refs/wf-kept").lines.count == 2)
    }

    @Test(
        "a submodule's commits that the agent's branch names are handed to the leader's submodule",
        arguments: [false, true])
    func submodule(isForced: Bool) throws {
        let fixture = try WorkflowFixture()
        let repo = fixture.repo
        let library = repo.worktree(at: "../library")
        try Files.makeFolders(library.path)
        try library.git("init", "-q")
        try library.commit("l", "1\n")
        try repo.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", library.path.string, "lib")
        try repo.git("commit", "-qm", "lib")
        let worktree = try fixture.start("login")
        try worktree.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "update", "--init")
        let only = try worktree.worktree(at: "lib").commit("l", "only here\n")
        try worktree.git("commit", "-qam", "bump")
        try repo.git("merge", "-q", "wf/feature/login")
        _ = try AgentRemove(fixture.journal()).remove("login", isForced: isForced)
        #expect(!worktree.exists("."))
        #expect(try repo.worktree(at: "lib").git("cat-file", "-t", only).text == "commit")
        try repo.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "update")
        #expect(try repo.text("lib/l") == "only here\n")
    }

    @Test(
        "what stands in the way of a removal is named, and nothing is removed",
        arguments: ["lock", "worktree", "place"])
    func refused(_ why: String) throws {
        let (fixture, worktree) = try begun()
        switch why {
        case "lock": try fixture.repo.git("worktree", "lock", "--reason", "on a stick", worktree.path.string)
        case "worktree": try worktree.git("worktree", "add", "-q", "--detach", "inner")
        default: try worktree.git("switch", "-qc", "mine")
        }
        let before = try picture(fixture.repo, fixture.repo.path.removingLastComponent())
        let error = #expect(throws: AgentError.self) { try AgentRemove(fixture.journal()).remove("login") }
        #expect(error?.hint != nil && error?.description.contains("--force") == false)
        let besides = { (line: String) in line.contains("/wf/locks") || line.contains("scratch") }
        #expect(
            try picture(fixture.repo, fixture.repo.path.removingLastComponent()).filter { !besides($0) }
                == before.filter { !besides($0) })
    }

    @Test("a worktree that a process still works in is kept")
    func inUse() throws {
        let (fixture, worktree) = try begun()
        let pid = try worktree.run("sh", ["-c", "sleep 60 >/dev/null 2>&1 & echo $!"]).text
        defer { kill(Int32(pid) ?? 0, SIGKILL) }
        let removed = try AgentRemove(fixture.journal()).remove("login")
        #expect(removed.kept?.reasons.first?.contains(pid) == true)
    }

    @Test("with --force what was looked at goes, but no commit that nobody has")
    func forced() throws {
        let (fixture, worktree) = try begun()
        try worktree.write("run.log", "precious\n")
        let inner = worktree.worktree(at: "pkg")
        try Files.makeFolders(inner.path)
        try inner.git("init", "-q")
        let commit = try inner.commit("idea", "only here\n")
        let removed = try AgentRemove(fixture.journal()).remove("login", isForced: true)
        #expect(removed.kept == nil && !fixture.repo.exists("../repo.wf"))
        #expect(try fixture.repo.git("cat-file", "-t", commit).text == "commit")
    }

    @Test("a removal of one that is kept is refused, and --force lets it go")
    func again() throws {
        let (fixture, worktree) = try begun()
        try worktree.write("run.log", "precious\n")
        let kept = try #require(try AgentRemove(fixture.journal()).remove("login").kept)
        let error = #expect(throws: AgentError.self) { try AgentRemove(fixture.journal()).remove("login") }
        #expect(error?.hint == "git wf agent restore login brings it back")
        #expect(try Files.read(kept.folder.appending("run.log")) == Array("precious\n".utf8))
        _ = try AgentRemove(fixture.journal()).remove("login", isForced: true)
        #expect(Files.mode(of: kept.folder) == nil)
        #expect(try fixture.repo.git("worktree", "list").lines.count == 1)
    }

    @Test("nothing is brought back over an agent that stands, or over what is in its place")
    func inTheWay() throws {
        let (fixture, worktree) = try begun()
        #expect(throws: AgentError.self) { try AgentRestore(fixture.journal()).restore("login") }
        #expect(throws: AgentError.self) { try AgentRestore(fixture.journal()).restore("nobody") }
        try worktree.write("run.log", "precious\n")
        _ = try AgentRemove(fixture.journal()).remove("login")
        try worktree.write("other", "in the way\n")
        #expect(throws: AgentError.self) { try AgentRestore(fixture.journal()).restore("login") }
        #expect(try worktree.text("other") == "in the way\n")
        try fixture.repo.remove("../repo.wf/feature/login")
        #expect(try AgentRestore(fixture.journal()).restore("login").worktree == worktree.path)
        #expect(try worktree.text("run.log") == "precious\n")
    }

    @Test("what somebody commits in it while it is kept comes back with it")
    func goneOn() throws {
        let (fixture, worktree) = try begun()
        try worktree.write("run.log", "precious\n")
        let kept = try #require(try AgentRemove(fixture.journal()).remove("login").kept)
        let aside = fixture.repo.worktree(at: kept.folder)
        let commit = try aside.commit("late.txt", "late\n")
        _ = try AgentRestore(fixture.journal()).restore("login")
        #expect(try worktree.git("rev-parse", "wf/feature/login").text == commit)
        #expect(try worktree.git("symbolic-ref", "HEAD").text == "refs/heads/wf/feature/login")
        #expect(try worktree.text("late.txt") == "late\n")
    }

    @Test("one is let go of once wf.keepRemoved is over, and its commits stay held")
    func lettingGo() throws {
        var (fixture, worktree) = try begun()
        try worktree.write("run.log", "precious\n")
        let kept = try #require(try AgentRemove(fixture.journal()).remove("login").kept)
        let aside = fixture.repo.worktree(at: kept.folder)
        let late = try aside.commit("late.txt", "late\n")
        fixture.repo.time += 13 * 86_400
        #expect(try LettingGo(fixture.journal()).due().isEmpty)
        #expect(try LettingGo(fixture.journal()).run().isEmpty)
        #expect(aside.exists("run.log"))
        fixture.repo.time += 2 * 86_400
        #expect(try LettingGo(fixture.journal()).due().map(\.agent.text) == ["login"])
        #expect(try LettingGo(fixture.journal()).run().map(\.isGone) == [true])
        #expect(!fixture.repo.exists("../repo.wf") && !fixture.repo.exists(".git/worktrees"))
        try expectWhole(fixture.repo, "let go of")
        #expect(try fixture.repo.git("cat-file", "-t", late).text == "commit")
        // What no longer is kept comes back from the branch's last commit and the newest checkpoint.
        #expect(try AgentRestore(fixture.journal()).restore("login").checkpoint != nil)
        #expect(try worktree.text("a.txt") == "1\n2\n3\n4\n5\n" && !worktree.exists("run.log"))
    }

    @Test(
        "one that somebody goes on working in is kept for as long from then on, and one with what no ref can hold for ever"
    )
    func neverLetGo() throws {
        var (fixture, worktree) = try begun()
        let other = try fixture.start("other")
        try worktree.write("run.log", "precious\n")
        let inner = other.worktree(at: "pkg")
        try Files.makeFolders(inner.path)
        try inner.git("init", "-q")
        try inner.commit("idea", "only here\n")
        try inner.write(".git/HEAD", "ref: refs/heads/main\n")
        try inner.write(".git/refs/heads/broken", String(repeating: "1234", count: 10) + "\n")
        let kept = try ["login", "other"].map { try #require(try AgentRemove(fixture.journal()).remove($0).kept) }
        usleep(2_200_000)
        try Files.write(Array("more\n".utf8), to: kept[0].folder.appending("run.log"))
        fixture.repo.time += 30 * 86_400
        let outcomes = try LettingGo(fixture.journal()).run()
        #expect(outcomes.map(\.removed.agent.text) == ["other"] && outcomes.map(\.isGone) == [false])
        #expect(kept.allSatisfy { Files.mode(of: $0.folder) != nil })
    }
}

@Suite("An agent whose folder is gone")
struct LostWorktreeTests {
    private func lost() throws -> (WorkflowFixture, TestRepository) {
        let fixture = try WorkflowFixture()
        let worktree = try fixture.agent("login", writes: "y", "y\n")
        try worktree.write("a.txt", "staged\n")
        try worktree.git("add", "a.txt")
        try worktree.write("unsaved", "more\n")
        let there = try fixture.journal(in: worktree.path)
        try there.append([Draft(.checkpoint, "unsaved")], snapshot: there.takeSnapshot())
        try fixture.report(worktree, "done")
        try fixture.repo.remove("../repo.wf/feature/login")
        return (fixture, worktree)
    }

    @Test("a merge and a removal name what only its newest checkpoint has, and the command that brings it")
    func named() throws {
        let (fixture, worktree) = try lost()
        let notes = try MergeQueue(fixture.journal()).merge([Name("login")]).notes
        #expect(notes.contains { $0.contains("unsaved") && $0.contains("git wf agent restore login") }, "\(notes)")
        let removed = try AgentRemove(fixture.journal()).remove("login")
        #expect(
            removed.warnings.contains { $0.contains("a.txt, unsaved") && $0.contains("git wf agent restore login") })
        _ = try AgentRestore(fixture.journal()).restore("login")
        #expect(try worktree.text("unsaved") == "more\n" && worktree.text("a.txt") == "staged\n")
    }

    @Test("comes back with its index, its reflog and the files of its newest checkpoint", arguments: [false, true])
    func back(isRemovedFirst: Bool) throws {
        let (fixture, worktree) = try lost()
        let log = try fixture.repo.text(".git/worktrees/login/logs/HEAD")
        if isRemovedFirst { _ = try AgentRemove(fixture.journal()).remove("login") }
        let restored = try AgentRestore(fixture.journal()).restore("login")
        #expect(restored.checkpoint != nil && restored.isReopened == isRemovedFirst)
        #expect(try worktree.git("status", "--porcelain").lines == ["M  a.txt", "?? unsaved"])
        #expect(try worktree.text("unsaved") == "more\n")
        #expect(try fixture.repo.text(".git/worktrees/login/logs/HEAD") == log)
        #expect(try fixture.list().map(\.place) == [.ok])
    }

    @Test("and that git forgot is made anew")
    func pruned() throws {
        let (fixture, worktree) = try lost()
        try fixture.repo.git("worktree", "prune", "--expire=now")
        _ = try AgentRestore(fixture.journal()).restore("login")
        #expect(try worktree.text("unsaved") == "more\n" && worktree.text("y") == "y\n")
        #expect(try worktree.git("symbolic-ref", "HEAD").text == "refs/heads/wf/feature/login")
    }
}

@Suite("The folders beside the repository")
struct WorktreesFolderTests {
    private func mode(_ fixture: WorkflowFixture, _ name: String) -> UInt32 {
        (Files.mode(of: fixture.repo.file(name)) ?? 0) & 0o7777
    }

    @Test("are for their owner alone, or for those of core.sharedRepository", arguments: ["", "group"])
    func modes(shared: String) throws {
        let fixture = try WorkflowFixture()
        if !shared.isEmpty { try fixture.repo.git("config", "core.sharedRepository", shared) }
        _ = try fixture.start("login")
        for name in ["../repo.wf", "../repo.wf/feature", "../repo.wf/feature/login"] {
            #expect(mode(fixture, name) == (shared.isEmpty ? 0o700 : 0o2770), "\(name)")
        }
        // What is ours is taken as it is.
        _ = try fixture.start("other")
    }

    @Test(
        "are refused where others may write to them or where they are no folders",
        arguments: ["repo.wf", "repo.wf/feature"], ["group", "others", "link", "file"])
    func refused(name: String, how: String) throws {
        let fixture = try WorkflowFixture()
        let repo = fixture.repo
        let folder = repo.file("../\(name)").lexicallyNormalized()
        try Files.makeFolders(how == "link" || how == "file" ? folder.removingLastComponent() : folder)
        chmod(repo.file("../repo.wf").string, 0o700)
        switch how {
        case "group": chmod(folder.string, 0o770)
        case "others": chmod(folder.string, 0o757)
        case "link":
            try Files.makeFolders(repo.file("../elsewhere"))
            #expect(symlink(repo.file("../elsewhere").lexicallyNormalized().string, folder.string) == 0)
        default: try Files.write([], to: folder)
        }
        let error = #expect(throws: AgentError.self) { try fixture.start("login") }
        #expect(error?.description.contains(folder.string) == true)
        #expect(try repo.git("branch", "--list", "wf/*").text == "")
        #expect(try repo.git("worktree", "list").lines.count == 1)
        #expect(try fixture.list().isEmpty)
    }

    @Test("are refused where they are another user's", .enabled(if: geteuid() == 0))
    func foreign() throws {
        let fixture = try WorkflowFixture()
        let folder = fixture.repo.file("../repo.wf").lexicallyNormalized()
        try Files.makeFolders(folder)
        chmod(folder.string, 0o700)
        #expect(chown(folder.string, 65534, 65534) == 0)
        #expect(throws: AgentError.self) { try fixture.start("login") }
        #expect(!fixture.repo.exists("../repo.wf/feature"))
    }
}
