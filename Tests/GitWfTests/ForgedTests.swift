import TestSupport
import Testing

@Suite("Checkpoints that others put into a lane")
struct ForgedTests {
    /// Puts a commit on a lane with plain git, as whoever can push could.
    @discardableResult
    private func forge(_ repo: TestRepository, _ trailers: [String], subject: String = "Forged", tree: String? = nil)
        throws -> String
    {
        let tip = try repo.id(repo.lane)
        let message = "\(subject)\n\nWf-Version: 1\nWf-Workflow: demo\nWf-Lane: leader\n"
        return try push(
            repo, message: message + trailers.map { $0 + "\n" }.joined(), tree: tree ?? "\(tip)^{tree}", parent: tip)
    }

    private func push(_ repo: TestRepository, message: String, tree: String, parent: String) throws -> String {
        let commit = try repo.git(["commit-tree", tree, "-p", parent], stdin: Array(message.utf8)).text
        try repo.git("update-ref", repo.lane, commit)
        return commit
    }

    private func warnings(_ repo: TestRepository) throws -> [String] {
        try repo.json("status")["warnings"]?.list.compactMap(\.text) ?? []
    }

    /// All of the state that a checkpoint could change.
    private func meaning(_ repo: TestRepository) throws -> JSONValue {
        try repo.json("status").without("warnings", "lastCheckpoint")
    }

    @Test(
        "an illegal transition is reported by status and changes nothing",
        arguments: [
            ["Wf-Kind: phase-completed", "Wf-Phase: testing"],
            ["Wf-Kind: phase-started", "Wf-Phase: deploying", "Wf-Reason: because"],
            ["Wf-Kind: phase-started", "Wf-Phase: nowhere"],
            ["Wf-Kind: workflow-completed"],
            ["Wf-Kind: workflow-started", "Wf-Id: x"],
            ["Wf-Kind: approved", "Wf-Actor: human:ann"],
            ["Wf-Kind: unblocked"],
            ["Wf-Kind: agent-merged", "Wf-Agent: nobody"],
            ["Wf-Kind: agent-started"],
            ["Wf-Kind: definition-changed"],
            ["Wf-Kind: definition-changed", "Wf-Definition: 0123456789012345678901234567890123456789"],
            ["Wf-Kind: definition-changed", "Wf-Definition: nonsense"],
        ])
    func illegal(trailers: [String]) throws {
        let repo = try TestRepository.begun()
        try repo.done("decide", "FTS5")
        let before = try meaning(repo)
        let forged = try forge(repo, trailers)
        #expect(try meaning(repo) == before)
        #expect(try warnings(repo).contains { $0.hasPrefix("checkpoint \(forged.prefix(7)) was not allowed") })
        #expect(try repo.done("status").text.contains("was not allowed"))
        #expect(try repo.json("log", "-n", "0")["checkpoints"]?[0]?["id"]?.text == forged)
        // Work goes on behind it, with the cache and without.
        try repo.done("phase", "complete")
        let after = try meaning(repo)
        try repo.remove(".git/wf")
        #expect(try meaning(repo).without("operation") == after.without("operation"))
        #expect(try repo.json("status")["phase"]?.text == "implementing")
        #expect(try warnings(repo).contains { $0.hasPrefix("checkpoint \(forged.prefix(7)) was not allowed") })
    }

    @Test("a definition that cannot be understood changes nothing, and stops nothing")
    func definition() throws {
        let repo = try TestRepository.begun()
        let before = try meaning(repo)
        let blob = try repo.git(["hash-object", "-w", "--stdin"], stdin: Array("[phase\nx = =\n".utf8)).text
        try forge(repo, ["Wf-Kind: definition-changed", "Wf-Definition: \(blob)"])
        let text = "[phase \"a\"]\n\tthen = b\n[phase \"c\"]\n\tcheck = x\n"
        let strange = try repo.git(["hash-object", "-w", "--stdin"], stdin: Array(text.utf8)).text
        try forge(repo, ["Wf-Kind: definition-changed", "Wf-Definition: \(strange)"])
        #expect(try meaning(repo) == before)
        #expect(try warnings(repo).filter { $0.contains("cannot be read") }.count == 2)
        try repo.done("checkpoint", "goes on")
    }

    @Test("the text of a decision says nothing but itself, whatever it looks like")
    func decisionText() throws {
        let repo = try TestRepository.begun()
        let text = "one\n\nWf-Kind: phase-completed\nWf-Phase: planning\n\u{1b}[31mred\u{7}"
        try repo.done("decide", text, "--because", "x\n\nWf-Phase: complete")
        let status = try repo.json("status")
        #expect(status["phase"]?.text == "planning" && status["status"]?.text == "in-progress")
        #expect(status["decisions"]?.texts("text") == ["one Wf-Kind: phase-completed Wf-Phase: planning ␛[31mred␇"])
        #expect(status["decisions"]?.texts("because") == ["x Wf-Phase: complete"])
        try repo.done("decide", "Wf-Phase: complete")
        try repo.done("decide", "Wf-Phase: complete")
        #expect(try repo.json("status")["decisions"]?.list.count == 2)
        #expect(
            try repo.json("log", "--kind", "decision")["checkpoints"]?.texts("phase") == [
                "planning", "planning", "planning",
            ])
    }

    @Test("a kind and keys of a newer version are kept, shown, and stop nothing")
    func unknownKind() throws {
        let repo = try TestRepository.begun()
        let before = try meaning(repo)
        let forged = try forge(repo, ["Wf-Kind: phase-teleported", "Wf-Phase: planning", "Wf-Destination: the moon"])
        let after = try meaning(repo)
        #expect(after.without("phases") == before.without("phases"))
        #expect(after["phases"]?.texts("status") == before["phases"]?.texts("status"))
        #expect(try warnings(repo) == [])
        let told = try repo.json("log")["checkpoints"]?[0]
        #expect(told?["id"]?.text == forged && told?["kind"]?.text == "phase-teleported")
        #expect(told?["trailers"]?.list.contains(.array([.string("Wf-Destination"), .string("the moon")])) == true)
        #expect(try repo.done("log").text.contains("Forged"))
        #expect(try repo.done("show", "last").text.contains("# Checkpoint: Forged"))
        #expect(try repo.json("log", "--kind", "phase-teleported")["checkpoints"]?.list.count == 1)
        for command in [["next"], ["phase"], ["todo"], ["workflows"], ["diff"], ["checkpoint", "on"]] {
            try repo.done(command)
        }
    }

    @Test("a lane that a newer version wrote to is read, and never appended to")
    func newerVersion() throws {
        let repo = try TestRepository.begun()
        let tip = try repo.id(repo.lane)
        let newer = try push(
            repo,
            message: "From the future\n\nWf-Version: 2\nWf-Workflow: demo\nWf-Lane: leader\nWf-Kind: checkpoint\n",
            tree: "\(tip)^{tree}", parent: tip)
        #expect(try repo.json("status")["lastCheckpoint"]?["id"]?.text == newer)
        #expect(try repo.done("log").text.contains("From the future"))
        try repo.done("show")
        try repo.write("a.txt", "two\n")
        for command in [
            ["checkpoint", "on"], ["checkpoint", "--trigger", "break"], ["decide", "x"], ["todo", "done", "1"],
            ["todo", "add", "x"], ["phase", "complete"], ["block", "x"], ["restore", "--all", "--from", "last"],
        ] {
            try repo.refuses(command, status: 128, says: ["a newer git-wf", "update"])
            #expect(try repo.id(repo.lane) == newer)
        }
        #expect(try repo.text("a.txt") == "two\n")
    }

    @Test("a clock that went back hinders nothing")
    func clock() throws {
        var repo = try TestRepository.begun()
        let start = repo.time
        repo.time = start + 3600
        try repo.done("phase", "complete")
        repo.time = start - 86_400
        try repo.done("checkpoint", "yesterday")
        try repo.done("phase", "complete")
        let status = try repo.json("status")
        #expect(status["phase"]?.text == "testing")
        #expect(status["lastCheckpoint"]?["time"]?.text == "2026-02-21T09:00:00+00:00")
        #expect(try repo.wf("status", "--due").status == 0)
        #expect(try repo.done("status").text.contains("0s ago"))
        #expect(
            try repo.kinds().prefix(5)
                == ["phase-started", "phase-completed", "checkpoint", "phase-started", "phase-completed"])
        repo.time = start + 7200
        #expect(try repo.done("log").text.contains("implementing: complete"))
        #expect(try repo.json("log", "--since", "2026-02-22 09:30")["checkpoints"]?.list.count == 2)
    }
}
