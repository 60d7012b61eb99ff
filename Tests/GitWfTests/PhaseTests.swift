import TestSupport
import Testing

@Suite("Phases, blocks and gates")
struct PhaseTests {
    @Test("taking the phase in hand out of .wfconfig is refused by phase, with what to do, and changes nothing")
    func removedPhase() throws {
        let repo = try TestRepository.begun()
        try repo.git("config", "-f", ".wfconfig", "--remove-section", "phase.planning")
        for step in [["complete"], ["fail", "--reason", "x"], ["start", "implementing"]] {
            try repo.refuses(["phase"] + step, status: 1, says: ["planning", "back"])
        }
        #expect(try repo.json("status")["phase"]?.text == "planning")
        #expect(try repo.json("phase")["phases"]?.texts("name").contains("planning") == true)
    }

    private func statuses(_ repo: TestRepository) throws -> [String] {
        try repo.json("phase")["phases"]?.texts("status") ?? []
    }

    @Test("completing every phase completes the workflow, and only then")
    func allPhases() throws {
        let repo = try TestRepository.begun("minimal")
        for name in ["planning", "implementing", "testing"] {
            #expect(try repo.json("status")["phase"]?.text == name)
            try repo.done("phase", "complete", name)
        }
        #expect(try repo.json("status")["status"]?.text == "in-progress")
        try repo.write("TODO.md", repo.text("TODO.md").replacing("[ ]", with: "[x]"))
        #expect(try repo.done("phase", "complete").text.contains("The workflow demo is complete."))
        let status = try repo.json("status")
        #expect(status["status"]?.text == "complete" && status["phase"]?.text == "deploying")
        #expect(status["phases"]?.texts("status") == ["complete", "complete", "complete", "complete"])
        #expect(try repo.kinds().prefix(2) == ["workflow-completed", "phase-completed"])
        try repo.refuses(["phase", "complete"], status: 1, says: ["none is in progress", "init --name NEW"])
        try repo.done("checkpoint", "after the end")
    }

    @Test("a phase that fails goes to its onFail phase, with the reason")
    func onFail() throws {
        let repo = try TestRepository.begun()
        try repo.done("phase", "complete")
        try repo.done("phase", "complete")
        try repo.refuses(["phase", "fail", "planning", "--reason", "x"], status: 1, says: ["testing is in progress"])
        try repo.refuses(["phase", "fail", "--reason", ""], status: 1, says: ["needs a reason"])
        try repo.done("phase", "fail", "--reason", "too slow")
        #expect(try statuses(repo) == ["complete", "in-progress", "failed", "pending"])
        let newest = try repo.json("log")["checkpoints"]?[0]
        #expect(
            newest?["trailers"]?.list.contains {
                $0 == .array([.string("Wf-Reason"), .string("testing failed: too slow")])
            } == true)
        #expect(try repo.json("status")["phases"]?[1]?["visits"]?.number == 2)
    }

    @Test("a phase that fails without onFail may start again")
    func failed() throws {
        let repo = try TestRepository.begun("minimal")
        try repo.done("phase", "fail", "--reason", "no plan")
        #expect(try repo.json("status")["status"]?.text == "failed")
        try repo.refuses(
            ["phase", "complete"], status: 1, says: ["none is in progress", "git wf phase start planning"])
        try repo.refuses(
            ["phase", "start", "testing"], status: 1, says: ["not its turn", "git wf phase start planning"])
        try repo.refuses(["block", "x"], status: 1, says: ["no phase is in progress"])
        try repo.done("phase", "start", "planning")
        #expect(try statuses(repo)[0] == "in-progress")
    }

    @Test("what is not allowed names what is, and changes nothing")
    func illegal() throws {
        let repo = try TestRepository.begun("minimal")
        for (command, words) in [
            (["phase", "start", "nonsense"], ["no such phase", "planning, implementing, testing, deploying"]),
            (["phase", "complete", "nonsense"], ["no such phase", "planning, implementing, testing, deploying"]),
            (["phase", "start", "testing"], ["planning is in progress", "git wf phase complete"]),
            (["phase", "start", "planning"], ["in progress already"]),
            (["phase", "complete", "testing"], ["planning is in progress", "git wf phase complete"]),
            (["unblock"], ["nothing is blocked", "git wf phase complete"]),
            (["approve"], ["no phase waits at its gate"]),
            (["approve", "--as", "human:ann"], ["no phase waits at its gate"]),
            (["reject", "--reason", "x", "--as", "human:ann"], ["no phase waits at its gate"]),
        ] { try repo.refuses(command, status: 1, says: words) }
        try repo.done("phase", "complete")
        try repo.refuses(["phase", "start", "planning"], status: 1, says: ["visited already", "--reason"])
        try repo.done("phase", "start", "planning", "--reason", "a new demand")
        #expect(try statuses(repo) == ["in-progress", "pending", "pending", "pending"])
    }

    @Test("blocks stack, the newest is lifted first, and meanwhile only leaving is forbidden")
    func blocks() throws {
        let repo = try TestRepository.begun("minimal")
        try repo.done("block", "which region?")
        try repo.done("block", "the review of the law", "--needs", "external")
        let status = try repo.json("status")
        #expect(status["status"]?.text == "blocked")
        #expect(status["blocks"]?.texts("needs") == ["input", "external"])
        #expect(status["blocks"]?.texts("reason") == ["which region?", "the review of the law"])
        try repo.refuses(["phase", "complete"], status: 1, says: ["the review of the law", "git wf unblock"])
        try repo.refuses(["phase", "fail", "--reason", "x"], status: 1, says: ["blocked"])
        try repo.done("checkpoint", "work goes on")
        try repo.done("decide", "so do decisions")
        try repo.done("unblock", "--answer", "yes")
        #expect(try repo.json("status")["blocks"]?.texts("reason") == ["which region?"])
        try repo.done("unblock", "--answer", "eu")
        try repo.done("phase", "complete")
    }

    // MARK: Gates

    private func gated() throws -> TestRepository {
        let repo = try TestRepository()
        let definition = """
            [workflow]
            \tname = demo
            [phase "review"]
            \tgate = human
            \tthen = ship
            [phase "ship"]
            \tbudget = 1

            """
        try repo.commit(".wfconfig", definition)
        try repo.done("init", "--no-hooks")
        try repo.git("config", "wf.claimedApproval", "true")
        return repo
    }

    @Test("a gate holds the phase until a human approves; nobody else can")
    func gate() throws {
        let repo = try gated()
        try repo.refuses(
            ["phase", "complete"], status: 1, says: ["review waits at its gate", "git wf approve"], mayRecord: true)
        let status = try repo.json("status")
        #expect(status["status"]?.text == "blocked" && status["blocks"]?.texts("needs") == ["review"])
        for command in [
            ["approve"], ["approve", "--as", "leader"], ["approve", "--as", "agent:x"], ["reject", "--reason", "x"],
        ] {
            try repo.refuses(command, status: 1, says: ["only a human may"])
            try repo.refuses(command, status: 1, says: ["only a human may"], environment: ["GIT_WF_ACTOR": "agent:y"])
        }
        try repo.refuses(["unblock"], status: 1, says: ["needs an approval", "git wf approve"])
        try repo.refuses(["phase", "complete"], status: 1, says: ["blocked"])
        try repo.refuses(["approve", "ship", "--as", "human:ann"], status: 1, says: ["review"])
        try repo.done("approve", "--as", "human:ann", "--note", "checked on staging")
        #expect(try statuses(repo) == ["complete", "in-progress"])
        #expect(try repo.kinds().prefix(3) == ["phase-started", "phase-completed", "approved"])
    }

    @Test("a human that nobody saw is recorded and shown as claimed")
    func claimed() throws {
        let repo = try gated()
        try repo.wf("phase", "complete")
        try repo.done(["approve"], environment: ["GIT_WF_ACTOR": "human:ann"])
        let approved = try repo.json("log", "--kind", "approved")["checkpoints"]?[0]
        #expect(approved?["actor"]?.text == "human:ann")
        #expect(approved?["trailers"]?.list.contains { $0[0]?.text == "Wf-Claimed" } == true)
        #expect(try repo.done("log").text.contains("[human:ann, claimed]"))
        try repo.done("block", "which region?", "--as", "human:bob")
        #expect(try repo.done("log").text.contains("which region?  [human:bob, claimed]"))
    }

    @Test("wf.claimedApproval=false refuses a human that is only claimed")
    func claimedRefused() throws {
        let repo = try gated()
        try repo.wf("phase", "complete")
        try repo.git("config", "wf.claimedApproval", "false")
        for command in [["approve", "--as", "human:ann"], ["reject", "--reason", "x", "--as", "human:ann"]] {
            try repo.refuses(command, status: 1, says: ["wf.claimedApproval"])
        }
        #expect(try repo.json("status")["status"]?.text == "blocked")
    }

    @Test("a rejection sends the phase back to work, with the reason")
    func rejected() throws {
        let repo = try gated()
        try repo.wf("phase", "complete")
        try repo.done("reject", "--reason", "no rollback plan", "--as", "human:ann")
        #expect(try repo.json("status")["status"]?.text == "in-progress")
        #expect(try repo.json("log")["checkpoints"]?[0]?["actor"]?.text == "human:ann")
        #expect(try repo.wf("phase", "complete").status == 1)
        try repo.done("approve", "review", "--as", "human:ann")
    }

    @Test("an approval while something else blocks completes nothing yet, and need not be given twice")
    func approvalBesideBlock() throws {
        let repo = try gated()
        try repo.wf("phase", "complete")
        try repo.done("block", "which region?")
        try repo.done("approve", "--as", "human:ann")
        #expect(try repo.json("status")["blocks"]?.texts("reason") == ["which region?"])
        try repo.done("unblock")
        try repo.done("phase", "complete")
        #expect(try statuses(repo) == ["complete", "in-progress"])
    }

    // MARK: Checks

    @Test("a check that nobody trusted does not run; trusted, it decides")
    func checks() throws {
        let repo = try TestRepository.begun("minimal")
        try repo.write(
            ".wfconfig",
            "[phase \"one\"]\n\tcheck = test -f ready && touch ran\n\tthen = two\n[phase \"two\"]\n\tbudget = 1\n")
        try repo.git("checkout", "-qb", "other")
        try repo.done("init", "--name", "checked", "--no-hooks")
        try repo.refuses(["phase", "complete"], status: 128, says: ["not trusted", "git wf trust"], lines: 2)
        try repo.write("ready", "")
        try repo.refuses(["phase", "complete"], status: 128, says: ["phase.one.check = \"test -f ready"], lines: 2)
        #expect(!repo.exists("ran"))
        try repo.remove("ready")
        try repo.trust()
        let failed = try repo.wf("phase", "complete")
        #expect(failed.status == 1 && failed.errorText.contains("one stays in progress"))
        #expect(try statuses(repo) == ["in-progress", "pending"])
        let record = try repo.git("log", "-1", "--format=%(trailers:key=Wf-Check,valueonly)", "refs/wf/checked/leader")
            .text
        #expect(record.hasPrefix("exit 1, ") && record.contains("tree "))
        try repo.write("ready", "")
        let passed = try repo.wf("phase", "complete")
        #expect(passed.status == 0 && repo.exists("ran"))
        #expect(try statuses(repo) == ["complete", "in-progress"])
    }

    @Test("what init wrote is trusted; an edit of a command is not, until somebody trusts it")
    func edited() throws {
        let repo = try TestRepository.begun()
        try repo.git("config", "-f", ".wfconfig", "phase.planning.check", "true")
        // Without a checkpoint in between: the check that was just written holds for this very step.
        let refused = try repo.wf("phase", "complete")
        #expect(refused.status == 128 && refused.errorText.contains("phase.planning.check = \"true\""))
        #expect(refused.errorText.contains("1 change of .wfconfig is not in force"))
        #expect(try repo.kinds().first == "definition-changed")
        try repo.trust()
        #expect(try repo.wf("phase", "complete").status == 0)
        #expect(try statuses(repo)[0] == "complete")
    }
}
