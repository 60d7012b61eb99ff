import Glibc
import SystemPackage
import TestSupport
import Testing

/// Many agents at once, each of which does something else to be lost by.
@Suite("A crowd of agents")
struct AgentCrowdTests {
    private struct Member {
        let script: String
        /// As `agent list` shows it at the end.
        let state: String
        let process: String
        var place = "ok"
        var exit: Int?
        var count = 1
    }

    private static let mark = "87654.3\(getpid())"

    private static let kinds: [String: Member] = [
        "hang": Member(script: "write own.txt mine; hang", state: "open", process: "failed", exit: 143, count: 2),
        "crash": Member(script: "write own.txt mine; crash", state: "open", process: "failed", exit: 137, count: 2),
        "deaf": Member(
            script: "ignore-term; write own.txt mine; hang", state: "open", process: "failed", exit: 137, count: 2),
        "loud": Member(script: "print 100; report complete Said", state: "reported", process: "none"),
        "outside": Member(
            script: "write {leader}/outside.txt theirs; report complete Out", state: "reported", process: "none"),
        "daemon": Member(
            script: "write own.txt mine; daemon \(mark); report complete Left", state: "reported", process: "none",
            count: 2),
        "stash": Member(
            script: "write own.txt mine; stash; report complete Stashed", state: "reported", process: "none"),
        "switch": Member(
            script: "write own.txt mine; switch elsewhere; sleep 1.5; exit 4", state: "open", process: "failed",
            place: "switched", exit: 4),
        "delete": Member(
            script: "write own.txt mine; sleep 4; delete-worktree; exit 5", state: "open", process: "failed",
            place: "lost", exit: 5),
        "overwrite": Member(
            script: "write own.txt first; sleep 4; write own.txt second; report complete Wrote", state: "reported",
            process: "none"),
        "good": Member(
            script: "write own.txt mine; commit Work; report complete Done", state: "reported", process: "none",
            count: 18),
    ]

    @Test(
        "each ends in bounded time, in the state that is right; no process is left, and all that a look saw is in a lane"
    )
    func ends() throws {
        let repo = try TestRepository.begun()
        for (key, value) in [("look", "1s"), ("grace", "1s"), ("logSize", "1m")] {
            try repo.git("config", "-f", ".wfconfig", "agents.\(key)", value)
        }
        var members: [String: Member] = [:]
        for (kind, member) in Self.kinds {
            for number in 1...member.count {
                members["\(kind)\(number)"] = member
                try repo.write("specs/\(kind)\(number).md", "# Spec: \(kind)\n\n## Goal\nBe \(kind).\n")
                try Files.write(
                    Array(member.script.replacing("{leader}", with: repo.path.string).utf8),
                    to: repo.path.removingLastComponent().appending("\(kind)\(number).script"))
            }
        }
        #expect(members.count == 32)
        try repo.git("add", "-A")
        try repo.git("commit", "-qm", "Specs")
        try repo.done("checkpoint", "Specs")
        try repo.trust()

        let scripts = repo.path.removingLastComponent().appending("{name}.script")
        let clock = ContinuousClock()
        let begun = clock.now
        let run = try repo.wf([
            "agent", "run", "--all", "-j", "8", "--retries", "0", "--timeout", "12s", "--",
            TestRepository.scriptedAgent,
            "@\(scripts)",
        ])
        #expect(run.status == 1)
        #expect(begun.duration(to: clock.now) < .seconds(120))
        #expect(try repo.processes(with: Self.mark).isEmpty, "a process outlived its attempt")

        let agents = try repo.json("agent", "list")["agents"]?.list ?? []
        #expect(agents.count == 32)
        for agent in agents {
            let name = agent["name"]?.text ?? ""
            let member = try #require(members[name])
            let log = try repo.wf("agent", "log", name).text.suffix(300)
            #expect(agent["state"]?.text == member.state, "\(name): \(log)")
            #expect(agent["process"]?.text == member.process, "\(name): \(log)")
            #expect(agent["place"]?.text == member.place, "\(name)")
            if let exit = member.exit { #expect(agent["exit"]?.number == exit, "\(name)") }
        }
        // What each had when somebody looked is in its lane, whatever became of it.
        for name in ["hang1", "crash2", "deaf1", "delete1", "switch1", "daemon2"] {
            #expect(try contents(of: "own.txt", in: name, repo).contains("mine\n"), "\(name)")
        }
        #expect(try contents(of: "own.txt", in: "overwrite1", repo).isSuperset(of: ["first\n", "second\n"]))
        let kept = try repo.git("for-each-ref", "--format=%(objectname)", "refs/wf-kept/demo/stash").lines
        #expect(try kept.contains { try repo.git("show", "\($0)^3:own.txt").text == "mine" })
        // The log of the loud one is its newest part, and no more than was allowed.
        let log = repo.file(".git/wf/agents/demo/loud1/1.log")
        #expect(try Files.read(log).count <= 1 << 20)
        #expect(try repo.git("fsck", "--strict").status == 0)
        try repo.done("fsck")
    }

    /// What a file ever was in the checkpoints of an agent.
    private func contents(of path: String, in agent: String, _ repo: TestRepository) throws -> Set<String> {
        let refs = try repo.git(
            "for-each-ref", "--format=%(refname)", "refs/wf/demo/agents/\(agent)", "refs/wf/demo/auto/\(agent)"
        ).lines
        var found: Set<String> = []
        for id in try repo.git(["rev-list", "--first-parent"] + refs).lines {
            let file = try repo.run("git", ["show", "\(id):\(path)"])
            if file.status == 0 { found.insert(String(decoding: file.stdout, as: UTF8.self)) }
        }
        return found
    }
}
