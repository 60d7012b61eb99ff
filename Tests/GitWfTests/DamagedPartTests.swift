import SystemPackage
import TestSupport
import Testing

@Suite("One damaged part is named, and stops nothing else")
struct DamagedPartTests {
    /// What a crash, a disk or somebody else makes of a ref.
    enum Damage: String, CaseIterable, Sendable {
        case empty, garbage, symbolic, dangling, blob, cut, zeros, foreign

        func apply(to ref: String, in repo: TestRepository) throws {
            let file = ".git/\(ref)"
            switch self {
            case .empty: try repo.write(file, "")
            case .garbage: try repo.write(file, "\0\0garbage\n")
            case .symbolic: try repo.write(file, "ref: refs/heads/main\n")
            case .dangling: try repo.write(file, "0123456789012345678901234567890123456789\n")
            case .blob: try repo.write(file, try repo.git("rev-parse", "HEAD:a.txt").text + "\n")
            case .cut: try repo.write(file, String(try repo.text(file).prefix(20)))
            case .zeros: try repo.write(file, [UInt8](repeating: 0, count: 41))
            case .foreign: try repo.write(file, try repo.git("rev-parse", "HEAD").text + "\n")
            }
        }
    }

    /// Two workflows, two agents, automatic checkpoints.
    private static func begun() throws -> TestRepository {
        let repo = try TestRepository.begun(hooks: true)
        for name in ["one", "two"] {
            let agent = repo.worktree(at: FilePath(try repo.done("agent", "start", name).lines[0]))
            try agent.commit("\(name).txt", "\(name)\n")
            try agent.done("checkpoint", "kept of \(name)")
            try agent.done("agent", "report", "--status", "complete", "--summary", "s")
        }
        try repo.done("checkpoint", "kept")
        try repo.commit("b.txt", "b\n")
        return repo
    }

    private static let questions = [
        ["status"], ["status", "--json"], ["resume"], ["next"], ["log"], ["log", "--agents"], ["log", "--auto"],
        ["agent", "list"], ["agent", "results"], ["workflows", "list"], ["gc", "-n"], ["gc"],
        ["checkpoint", "goes on"],
        ["todo", "list"], ["phase", "list"], ["merge", "-n", "two"], ["doctor"], ["hooks", "status"],
    ]

    @Test("an agent's lane", arguments: Damage.allCases)
    func agent(damage: Damage) throws {
        let repo = try Self.begun()
        let ref = "refs/wf/demo/agents/one"
        let tip = try repo.id(ref)
        try damage.apply(to: ref, in: repo)
        for question in Self.questions {
            let output = try repo.wf(question)
            let expected = question == ["doctor"] ? 0...1 : 0...0
            #expect(expected.contains(output.status), "\(question): \(output.errorText)")
        }
        #expect(try repo.json("status")["warnings"]?.list.compactMap(\.text).contains { $0.contains(ref) } == true)
        #expect(try repo.json("agent", "list")["agents"]?[0]?["problem"]?.text?.contains(ref) == true)
        try repo.git("commit", "-q", "--allow-empty", "-m", "with hooks")
        #expect(try repo.json("hooks", "status")["misses"]?.list == [])
        #expect(try repo.wf("fsck").status == 1)
        let merged = try repo.wf("merge", "--all")
        #expect(merged.status == 0 && merged.errorText.contains("one is left out"), "\(merged.errorText)")
        #expect(repo.exists("two.txt") && !repo.exists("one.txt"))
        try repo.done("fsck", "--repair")
        #expect(try repo.id(ref) == tip)
        try repo.done("fsck")
        try repo.done("merge", "--all")
        #expect(repo.exists("one.txt"))
    }

    @Test("the leader's lane", arguments: Damage.allCases)
    func leader(damage: Damage) throws {
        let repo = try Self.begun()
        try repo.git("checkout", "-q", "-b", "other")
        try repo.done("init", "--name", "other", "--template", "minimal", "--no-hooks")
        try repo.git("checkout", "-q", "main")
        let tip = try repo.id(repo.lane)
        try damage.apply(to: repo.lane, in: repo)
        let output = try repo.wf("status")
        #expect(output.status == 128 && output.errorText.contains(repo.lane), "\(output.errorText)")
        #expect(output.errorText.contains("git wf fsck --repair"))
        let list = try repo.done("workflows", "list").text
        #expect(list.contains("other") && list.contains("demo  cannot be read"))
        try repo.done("--workflow", "other", "status")
        try repo.git("commit", "-q", "--allow-empty", "-m", "git goes on")
        #expect(try repo.wf("fsck").status == 1)
        try repo.done("fsck", "--repair")
        #expect(try repo.git("rev-list", "--first-parent", repo.lane).lines.contains(tip))
        #expect(try repo.done("log").text.contains("kept"))
        try repo.done("fsck")
    }

    @Test("automatic checkpoints", arguments: Damage.allCases)
    func segment(damage: Damage) throws {
        let repo = try Self.begun()
        let ref = try repo.segment()
        let tip = try repo.id(ref)
        try damage.apply(to: ref, in: repo)
        for question in Self.questions where question != ["doctor"] {
            let output = try repo.wf(question)
            #expect(output.status == 0, "\(question): \(output.errorText)")
        }
        try repo.commit("c.txt", "c\n")
        #expect(try repo.json("hooks", "status")["misses"]?.list == [])
        #expect(try repo.json("log", "--auto", "--kind", "auto")["checkpoints"]?.list.isEmpty == false)
        #expect(try repo.wf("fsck").status == 1)
        try repo.done("fsck", "--repair")
        #expect(try repo.git("rev-list", "--first-parent", ref).lines.contains(tip))
    }

    @Test("an agent's branch, worktree and cache")
    func rest() throws {
        for damage in ["branch", "head", "index", "link", "cache"] {
            let repo = try Self.begun()
            let folder = repo.file("../repo.wf/demo/one")
            switch damage {
            case "branch": try repo.write(".git/refs/heads/wf/demo/one", "")
            case "head": try repo.write(".git/worktrees/one/HEAD", "")
            case "index": try repo.write(".git/worktrees/one/index", "garbage")
            case "link": try Files.write(Array("garbage\n".utf8), to: folder.appending(".git"))
            default:
                for name in ["leader.state", "agents/one.state"] {
                    try repo.write(".git/wf/cache/demo/\(name)", "garbage")
                }
            }
            for question in Self.questions where question != ["doctor"] {
                let output = try repo.wf(question)
                #expect(output.status == 0, "\(damage), \(question): \(output.errorText)")
            }
            let agents = try #require(repo.json("agent", "list")["agents"])
            #expect(agents[1]?["place"]?.text == "ok" && agents[1]?["problem"] == nil)
            if damage != "cache" {
                #expect(agents[0]?["place"]?.text != "ok" || agents[0]?["problem"] != nil, "\(damage)")
            }
            try repo.done("merge", "two")
        }
    }

    @Test(
        "a commit of somebody else's on the lane is passed by, and stays held",
        arguments: [["HEAD", "LANE"], ["LANE"], ["LANE~1", "LANE"], ["LANE", "HEAD"]], [true, false])
    func foreign(parents: [String], repairs: Bool) throws {
        let repo = try Self.begun()
        let tip = try repo.id(repo.lane)
        let names = parents.flatMap { ["-p", $0.replacing("LANE", with: repo.lane)] }
        let one = try repo.git(["commit-tree", "-m", "theirs"] + names + ["HEAD^{tree}"]).text
        let theirs = try repo.git("commit-tree", "-m", "theirs again", "-p", one, "HEAD^{tree}").text
        try repo.git("update-ref", repo.lane, theirs)
        let warnings = try repo.json("status")["warnings"]?.list.compactMap(\.text) ?? []
        #expect(warnings.contains { $0.contains(theirs.prefix(7)) && $0.contains("fsck --repair") })
        #expect(try repo.json("log")["checkpoints"]?[0]?["id"]?.text == tip)
        let problems = try repo.wf("fsck")
        #expect(problems.status == 1 && problems.text.contains("is no checkpoint"))
        if repairs {
            try repo.done("fsck", "--repair")
            #expect(try repo.git("rev-list", "--first-parent", repo.lane).lines.contains(tip))
            #expect(try repo.id("refs/wf-kept/demo/foreign/\(theirs)") == theirs)
        } else {
            // The next checkpoint goes on from both.
            try repo.done("checkpoint", "on")
            #expect(try repo.id("\(repo.lane)^") == tip)
            #expect(try repo.gitStatus("merge-base", "--is-ancestor", theirs, repo.lane) == 0)
        }
        try repo.done("fsck")
        try repo.remove(".git/wf/cache")
        try repo.done("status")
    }
}
