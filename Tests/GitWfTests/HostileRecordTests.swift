import Synchronization
import SystemPackage
import TestSupport
import Testing

/// `GIT_WF_TEST_COUNT` says how many repositories, `GIT_WF_TEST_SEED` where to begin.
@Suite("Records that somebody made up to do harm")
struct HostileRecordTests {
    /// What a user may run in a repository that he has from somebody else; each of the random ones runs some of them.
    private static let commands: [[String]] = [
        ["status"], ["resume"], ["next"], ["log"], ["log", "--agents", "--auto", "-n", "0"], ["log", "--", "a.txt"],
        ["log", "--graph"], ["show", "last"], ["diff"], ["diff", "last~1", "last", "--stat"], ["todo"], ["phase"],
        ["workflows"], ["agent", "list"], ["agent", "results"], ["agent", "diff", "worker"], ["doctor"], ["fsck"],
        ["gc", "-n"], ["restore", "-n", "."], ["restore", "."], ["restore", "--all", "--from", "last"],
        ["restore", "--all", "--exact", "--from", "last~1"], ["undo"], ["redo"], ["undo", "-n"],
        ["checkpoint", "mine"],
        ["checkpoint", "--trigger", "break", "--if-changed"], ["decide", "on"], ["todo", "add", "more"],
        ["phase", "complete"], ["merge", "-n"], ["merge", "worker"], ["agent", "remove", "worker"],
        ["agent", "start", "other"], ["fsck", "--repair"], ["gc"], ["hook", "post-commit"],
        ["workflows", "end", "demo", "--reason", "x"],
    ]

    @Test(
        "write nothing outside of the worktree or into git's own files, run nothing, end by no signal, and hang nothing",
        arguments: testSeeds(count: 8))
    func hostile(seed: UInt64) throws {
        var forger = try Forger(seed: seed)
        let repo = forger.repo
        let forged = try forger.forge()
        let before = try forger.surroundings()
        var commands: [[String]] = []
        for _ in 0..<10 { commands.append(forger.random.pick(Self.commands)) }
        for command in commands {
            func note(_ text: String = "") -> Comment {
                "seed \(seed): git wf \(command.joined(separator: " ")) after \(commands): \(forger.log): \(text)"
            }
            let output = try repo.run(
                "sh", ["-c", "exec timeout -s KILL 10 git-wf \"$@\"", "sh"] + command, timeout: 30)
            #expect([0, 1, 128, 129].contains(output.status), note("\(output.status) \(output.errorText.suffix(300))"))
            // A diff is git's own, with the bytes of the files.
            if !command.contains("diff") { #expect(output.isHarmless, note(output.text + output.errorText)) }
            #expect(try forger.surroundings() == before, note())
            #expect(!forger.hasRun, note("a command that was never trusted ran"))
        }
        let read = try repo.wf("log", "--json", "-n", "0", "--agents", "--auto")
        HostileCount.add(accepted: forged.contains { read.text.contains($0) })
    }
}

/// How many of the forged histories are read as such; at least half have to be, else little is tried.
private enum HostileCount {
    private static let counts = Mutex((all: 0, accepted: 0))

    static func add(accepted: Bool) {
        let (all, read) = counts.withLock { counts in
            counts.all += 1
            if accepted { counts.accepted += 1 }
            return (counts.all, counts.accepted)
        }
        if all >= 40 { #expect(2 * read >= all, "only \(read) of \(all) were taken for checkpoints") }
    }
}

/// Makes up lanes, trees, refs, intents and worktrees, as whoever a repository was fetched or unpacked from can.
private struct Forger {
    let repo: TestRepository
    var random: SeededGenerator
    private(set) var log: [String] = []
    private let agent: TestRepository
    private var blobs: [String] = []
    private var trees: [String] = []
    private var commits: [String] = []

    init(seed: UInt64) throws {
        random = SeededGenerator(seed: seed)
        repo = try TestRepository.begun("minimal")
        try repo.write("victim", "untouched\n")
        try repo.write("../victim", "untouched\n")
        try repo.done("checkpoint", "one")
        try repo.write("a.txt", "two\n")
        try repo.done("checkpoint", "two")
        agent = repo.worktree(at: FilePath(try repo.done("agent", "start", "worker").lines[0]))
        try agent.commit("by.txt", "work\n")
        try agent.done("agent", "report", "--status", "complete", "--summary", "done")
    }

    private var marker: FilePath { repo.folder.path.appending("ran") }
    var hasRun: Bool { Files.mode(of: marker) != nil }

    /// All that lies beside the worktree, and git's own files but for what holds history and our own records.
    func surroundings() throws -> [String: [UInt8]] {
        var found: [String: [UInt8]] = [:]
        func take(_ folder: FilePath, _ skipped: Set<String>) throws {
            for name in Files.names(in: folder) where !skipped.contains(name) {
                let path = folder.appending(name)
                switch (Files.mode(of: path) ?? 0) & 0o170000 {
                case 0o040000: try take(path, [])
                case 0o100000: found[path.string] = try Files.read(path)
                default: found[path.string] = Files.target(of: path)
                }
            }
        }
        let own: Set<String> = [
            "objects", "refs", "logs", "packed-refs", "wf", "index", "worktrees", "HEAD", "ORIG_HEAD", "wf-worktree",
            "COMMIT_EDITMSG", "AUTO_MERGE", "MERGE_HEAD", "MERGE_MSG", "MERGE_MODE", "gc.log",
        ]
        try take(repo.file(".git"), own)
        try take(repo.folder.path, ["repo", "repo.wf", "scratch", "home", "bin", "elsewhere", "tmp"])
        try take(repo.folder.path.appending("home"), [".local", ".cache"])
        return found
    }

    // MARK: Objects

    private func write(_ type: String, _ bytes: [UInt8]) throws -> String {
        try repo.git(["hash-object", "-t", type, "-w", "--literally", "--stdin"], stdin: bytes).text
    }

    private mutating func blob() throws -> String {
        let texts = [
            "[core]\n\tfsmonitor = touch \(marker)\n[filter \"x\"]\n\tclean = touch \(marker)\n\tsmudge = touch \(marker)\n",
            "#!/bin/sh\ntouch \(marker)\n", "* filter=x\n", "../victim", "/etc/passwd", ".git/config",
            "- [ ] one\n- [x] two\n",
            "[phase \"planning\"]\n\tcheck = touch \(marker)\n[merge]\n\tverify = touch \(marker)\n[workflow]\n\ttodo = .git/hooks/x\n",
            "[workflow]\n\ttodo = ../victim\n\tname = x\n", "", "\u{1b}]0;x\u{7}\u{202e}\u{e0041}\n", "one\n",
            "100644 paths\0- .git/hooks/pre-push\0- ../victim\0",
        ]
        let id = try write("blob", Array(random.pick(texts).utf8))
        blobs.append(id)
        return id
    }

    private static let names: [String] = [
        ".git", ".GIT", "git~1", ".git ", ".g\u{200c}it", "..", ".", "../victim", "/etc", "a.txt", ".wfconfig",
        "TODO.md",
        "AGENTS.md", ".gitattributes", ".gitignore", ".gitmodules", "hooks", "config", "pre-push", "post-commit", "d",
        "e", "spec.md",
        "report.md", "paths", "stage1", "-rf", "\u{1b}[31m", "x\ny", "workflow-state.md", "repo.wf", "\u{202e}txt",
        "a/b", "victim",
    ]

    private mutating func tree(_ depth: Int = 0) throws -> String {
        var bytes: [UInt8] = []
        for _ in 0..<random.below(4) + (depth == 0 ? 1 : 0) {
            let name = random.pick(Self.names)
            let kind = random.below(8)
            let isFolder = depth < 3 && kind < 3
            let id = try isFolder ? tree(depth + 1) : kind == 7 ? random.pick(commits + [repo.id("HEAD")]) : blob()
            let mode =
                isFolder
                ? "40000" : kind == 7 ? "160000" : random.pick(["100644", "100755", "120000", "100664", "644"])
            bytes += Array("\(mode) \(name)".utf8) + [0] + Self.raw(id)
        }
        let id = try write("tree", bytes)
        trees.append(id)
        return id
    }

    /// Of more directories than anybody has, or of more paths than fit anywhere.
    private mutating func monster() throws -> String {
        var tree = try write("tree", Array("100644 f".utf8) + [0] + Self.raw(blob()))
        let isDeep = random.below(2) == 0
        for _ in 0..<(isDeep ? 2200 : 9) {
            let names = isDeep ? ["d"] : (10..<20).map { "d\($0)" }
            let raw = Self.raw(tree)
            let entries: [[UInt8]] = names.map { Array("40000 \($0)".utf8) + [0] + raw }
            tree = try write("tree", Array(entries.joined()))
        }
        return tree
    }

    private static func raw(_ hex: String) -> [UInt8] {
        stride(from: 0, to: 40, by: 2).compactMap { start in
            UInt8(hex.dropFirst(start).prefix(2), radix: 16)
        }
    }

    // MARK: Records

    private static let kinds = [
        "workflow-started", "workflow-completed", "definition-changed", "checkpoint", "auto", "phase-started",
        "phase-completed",
        "phase-failed", "blocked", "unblocked", "approved", "rejected", "decision", "item-added", "item-started",
        "item-done",
        "item-reopened", "agent-started", "agent-reported", "agent-failed", "agent-merged", "agent-conflicted",
        "agent-dropped",
        "restored", "undone", "rewritten", "agent-removed", "agent-asked", "branch-renamed", "outside", "lanes-joined",
        "restored",
        "undone", "agent-started", "definition-changed", "nonsense",
    ]

    private static let idKeys = [
        "Wf-From", "Wf-Undo", "Wf-Undid", "Wf-Index", "Wf-Head", "Wf-Spec", "Wf-Report", "Wf-Document", "Wf-Definition",
        "Wf-Base",
        "Wf-Lane-Tip", "Wf-Joins", "Wf-Block", "Wf-Unconverted", "Wf-Kept", "Wf-Paths", "Wf-After", "Wf-Autostash",
        "Wf-Commit",
    ]

    private mutating func anyID() throws -> String {
        let known = try [repo.id("HEAD"), repo.id(repo.lane)] + commits + trees + blobs
        return random.below(12) == 0 ? String(repeating: "ab", count: 20) : random.pick(known)
    }

    private mutating func trailer() throws -> String {
        let paths = [
            ".git/hooks/pre-push", "../victim", "a.txt", "\"..\\057victim\"", "/etc/passwd", "d/.git/config", "TODO.md",
        ]
        switch random.below(9) {
        case 0...3: return "\(random.pick(Self.idKeys)): \(try anyID())"
        case 4: return "Wf-Path: \(random.pick(paths))"
        case 5: return "Wf-Mode: \(random.pick(["600", "777", "4755", "x"])) \(random.pick(paths))"
        case 6: return "Wf-Agent: \(random.pick(["worker", "other", "../x", "x y", "demo"]))"
        case 7: return "Wf-Worktree: \(random.below(2) == 0 ? try repo.worktreeID() : "ffff")"
        default:
            return random.pick([
                "Wf-Branch: refs/heads/main", "Wf-Branch: refs/../../victim", "Wf-Item: one",
                "Wf-Decision: \u{1b}[2J\u{e0041}",
                "Wf-Attempt: 99999999999999999999", "Wf-Result: complete", "Wf-Session: \u{202e}x", "Wf-Sequence: -1",
                "Wf-Needs: review", "Wf-Gate: human", "Wf-Operation: merge", "Wf-New-Branch: refs/heads/x",
                "Wf-Trigger: break",
                "Wf-Item-Order: x 1 2", "Wf-Id: 1", "Wf-Actor: human:boss", "Wf-Spec-Path: ../../victim",
                "Wf-Reason: x",
            ])
        }
    }

    private mutating func commit(on tip: String, lane: String, tree: String) throws -> String {
        var parents = tip.isEmpty ? [] : [tip]
        for _ in 0..<random.below(3) { parents.append(try anyID()) }
        let kind = random.pick(Self.kinds)
        var lines = [
            "Wf-Version: 1", "Wf-Workflow: demo", "Wf-Lane: \(lane)", "Wf-Phase: planning", "Wf-Actor: leader",
            "Wf-Kind: \(kind)",
        ]
        if random.below(3) > 0 { lines.append("Wf-Worktree: \(try repo.worktreeID())") }
        for _ in 0..<random.below(8) { lines.append(try trailer()) }
        let time = random.pick(["1795938800 +0000", "0 +0000", "99999999999999 +9999", "1795938800"])
        let text =
            "tree \(tree)\n" + parents.map { "parent \($0)\n" }.joined()
            + "author a <a@b> \(time)\ncommitter a <a@b> \(time)\n\n"
            + "Forged \(random.below(1000))\n\n" + lines.joined(separator: "\n") + "\n"
        log.append("\(lane) \(kind)")
        let id = try write("commit", Array(text.utf8))
        commits.append(id)
        return id
    }

    /// - Returns: the commits that were put where checkpoints are.
    mutating func forge() throws -> [String] {
        let worktree = try repo.worktreeID()
        for _ in 0...random.below(3) {
            let (ref, lane) = random.pick([
                (repo.lane, "leader"), (repo.lane, "leader"), ("refs/wf/demo/agents/worker", "agents/worker"),
                ("refs/wf/demo/agents/other", "agents/other"), ("refs/wf/demo/auto/leader/\(worktree)/0001", "leader"),
            ])
            let tip = try repo.id(ref)
            let tree =
                try random.below(12) == 0 ? monster() : random.below(3) == 0 ? repo.id("HEAD^{tree}") : self.tree()
            let made = try commit(on: tip, lane: lane, tree: tree)
            try point(ref, at: made)
        }
        let forged = commits
        if random.below(4) == 0 {
            let name = random.pick([
                "refs/wf/demo/x", "refs/wf-kept/demo/x", "refs/wf/other/leader", "refs/wf-remotes/up/demo/leader",
            ])
            try point(name, at: anyCommit())
            log.append(name)
        }
        if random.below(3) == 0 { try plantIntent(worktree) }
        if random.below(4) == 0 { try replaceWorktree() }
        if random.below(4) == 0 { try plantDefinition() }
        return forged
    }

    /// git writes no ref to what it cannot read; whoever packs an archive does.
    private func point(_ ref: String, at id: String) throws {
        if try repo.run("git", ["update-ref", ref, id]).status != 0 { try repo.write(".git/\(ref)", id + "\n") }
    }

    private mutating func anyCommit() throws -> String { random.pick(commits + [try repo.id("HEAD")]) }

    private mutating func plantIntent(_ worktree: String) throws {
        let word = random.pick([
            "restore", "undo", "redo", "merge", "commit", "conflict", "agent-start", "agent-remove",
        ])
        let zero = String(repeating: "0", count: 40)
        var fields = ["git-wf intent 2", "operation \(word)", "branch refs/heads/main"]
        if random.below(4) > 0 { fields += ["kind restored", "title x", "actor leader"] }
        fields.append("before \(try anyID())")
        if random.below(3) == 0 { fields.append("move \(try repo.id("HEAD")) \(try anyID()) refs/heads/main") }
        if random.below(3) == 0 { fields.append("index \(try anyID()) \(try anyID())") }
        for path in [".git/hooks/pre-push", "../victim", "d/.git/x", "a.txt"] where random.below(2) == 0 {
            fields.append("change 0 \(zero) 100755 \(try blob()) \(path)")
        }
        for (key, value) in [
            ("folder", "../victim"), ("agent", "worker"), ("worktree", "/etc"), ("place", "../.."),
            ("head", try anyID()),
        ]
        where random.below(2) == 0 {
            fields.append("fact \(key) \(value)")
        }
        fields.append("end")
        let ending = random.pick(["", "", ".waiting", ".commit", ".agent.worker"])
        let bytes = Array(fields.map { Array($0.utf8) + [UInt8(0)] }.joined())
        try Files.write(bytes, to: repo.file(".git/wf/intents/demo.\(worktree)\(ending)"))
        log.append("intent \(word)\(ending)")
    }

    /// Puts a repository of the agent's own making in the place of its worktree's link.
    private mutating func replaceWorktree() throws {
        let link = agent.file(".git")
        switch random.below(3) {
        case 0: try Files.write(Array("gitdir: \(repo.folder.path)/elsewhere\n".utf8), to: link)
        case 1:
            Files.removeTree(link)
            try agent.git(
                "init", "-q", environment: ["GIT_CEILING_DIRECTORIES": agent.path.removingLastComponent().string])
            try agent.write(
                ".git/config",
                "[core]\n\trepositoryformatversion = 0\n\tfsmonitor = touch \(marker)\n[filter \"x\"]\n\tclean = touch \(marker)\n"
            )
            try agent.write(".gitattributes", "* filter=x\n")
        default: Files.removeTree(link)
        }
        log.append("worktree")
    }

    private mutating func plantDefinition() throws {
        try repo.write(
            ".wfconfig",
            "[workflow]\n\tname = demo\n\ttodo = \(random.pick(["../victim", ".git/config", "TODO.md"]))\n[phase \"planning\"]\n"
                + "\tcheck = touch \(marker)\n[merge]\n\tverify = touch \(marker)\n[checkpoint]\n\tallow = *\n")
        log.append("definition")
    }
}
