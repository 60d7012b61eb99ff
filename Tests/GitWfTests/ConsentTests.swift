import SystemPackage
import TestSupport
import Testing

@Suite("A changed definition")
struct ConsentTests {
    /// A change that an agent's branch brings, with a word of what waits then.
    static let weaker: [(edit: [String], words: String)] = [
        (["--unset", "phase.deploying.gate"], "phase.deploying.gate is taken out"),
        (["--unset", "phase.testing.check"], "phase.testing.check is taken out"),
        (["phase.testing.check", "true"], "phase.testing.check is \"true\""),
        (["phase.implementing.then", "closing"], "phase.implementing.then is \"closing\""),
        (["--unset", "merge.verify"], "merge.verify is taken out"),
        (["merge.verify", "true"], "merge.verify is \"true\""),
        (["--add", "checkpoint.allow", "*"], "checkpoint.allow is added: \"*\""),
        (["--add", "agents.include", ".env"], "agents.include is added: \".env\""),
        (["checkpoint.commit", "checkpoint"], "checkpoint.commit is \"checkpoint\""),
        (["checkpoint.maxFileSize", "1k"], "checkpoint.maxFileSize is \"1k\""),
        (["workflow.todo", "other.md"], "workflow.todo is \"other.md\""),
    ]

    /// A workflow with a gate, a check and a verification, all of them trusted.
    private func strict() throws -> TestRepository {
        let repo = try TestRepository()
        let text = """
            [workflow]
            \tname = demo
            [phase "planning"]
            \tthen = implementing
            [phase "implementing"]
            \tthen = testing
            [phase "testing"]
            \tthen = deploying
            \tcheck = test -f ../tested
            [phase "deploying"]
            \tgate = human
            \tthen = closing
            [phase "closing"]
            \tonFail = testing
            [merge]
            \tverify = touch $HOME/verified

            """
        try repo.commit(".wfconfig", text)
        try repo.commit("TODO.md", "- [ ] one\n")
        try repo.done("init", "--no-hooks")
        try repo.trust()
        return repo
    }

    private func waiting(_ repo: TestRepository) throws -> [String] {
        try repo.json("status")["warnings"]?.list.compactMap(\.text).filter { $0.contains("git wf trust") } ?? []
    }

    @Test("that weakens what holds waits for a human, whoever merged it; merge, status, resume and next name it")
    func merged() throws {
        let repo = try strict()
        for (number, (edit, words)) in Self.weaker.enumerated() {
            try repo.ready("ag\(number)") { agent in
                // Unsetting the only key of a section leaves its phase without one.
                if edit[0] == "--unset" { try agent.git("config", "-f", ".wfconfig", "phase.testing.budget", "7") }
                try agent.git(["config", "-f", ".wfconfig"] + edit)
            }
            let merged = try repo.wf("merge", "ag\(number)")
            #expect(merged.status == 0 && merged.errorText.contains(words), "\(edit): \(merged.errorText)")
            #expect(merged.errorText.contains("git wf trust"))
            let named = try waiting(repo)
            #expect(named.contains { $0.contains(words) }, "\(edit): \(named)")
            #expect(try repo.done("resume").text.contains(words), "\(edit)")
            #expect(try repo.done("next").text.contains("git wf trust"))
            // Each begins anew.
            try repo.git("checkout", "-q", "HEAD~1", "--", ".wfconfig")
            try repo.git("commit", "-qm", "As it was")
            try repo.done("checkpoint", "as it was")
            #expect(try waiting(repo) == [], "\(edit)")
        }
    }

    @Test("a gate that an agent's branch takes out holds the phase until a human consents to that")
    func gate() throws {
        let repo = try strict()
        try repo.write("../tested", "")
        for _ in 1...3 { #expect(try repo.wf("phase", "complete").status == 0) }
        try repo.ready("ag") { try $0.git("config", "-f", ".wfconfig", "--unset", "phase.deploying.gate") }
        #expect(try repo.wf("merge", "ag").status == 0)
        #expect(try JSONValue(repo.wf("merge", "--all", "--json"))["merged"] == nil)
        #expect(try repo.wf("phase", "complete").status == 1)
        #expect(try repo.json("status")["phase"]?.text == "deploying")
        #expect(try repo.json("status")["phases"]?[3]?["gate"]?.text == "human")
        // A clone that folds the lane anew says the same.
        try repo.remove(".git/wf/cache")
        #expect(try repo.json("status")["phases"]?[3]?["gate"]?.text == "human")
        try repo.trust()
        #expect(try waiting(repo) == [])
        #expect(try repo.json("status")["phases"]?[3]?["gate"] == nil)
        let consent = try repo.json("log", "--kind", "definition-changed")["checkpoints"]?[0]
        #expect(consent?["actor"]?.text?.hasPrefix("human:") == true)
        #expect(try repo.json("fsck")["problems"]?.list == [])
    }

    @Test("checks and verifications in force run, whatever a branch has in their place")
    func commands() throws {
        let repo = try strict()
        for _ in 1...2 { #expect(try repo.wf("phase", "complete").status == 0) }
        try repo.ready("one") { agent in
            try agent.git("config", "-f", ".wfconfig", "phase.testing.check", "true")
            try agent.git("config", "-f", ".wfconfig", "merge.verify", "true")
        }
        try repo.ready("two")
        #expect(try repo.wf("merge", "one").status == 0)
        try repo.remove("../home/verified")
        #expect(try repo.wf("merge", "two").status == 0 && repo.exists("../home/verified"))
        let failed = try repo.wf("phase", "complete")
        #expect(failed.status == 1 && failed.errorText.contains("test -f ../tested"), "\(failed.errorText)")
        try repo.write("../tested", "")
        #expect(try repo.wf("phase", "complete").status == 0)
    }

    @Test("a check that is added holds the phase: nothing completes it before a human trusts it")
    func added() throws {
        let repo = try strict()
        try repo.git("config", "-f", ".wfconfig", "phase.planning.check", "test -f ../planned")
        let refused = try repo.wf("phase", "complete")
        #expect(refused.status == 128 && refused.errorText.contains("phase.planning.check = \"test -f ../planned\""))
        #expect(refused.errorText.contains("git wf trust"))
        try repo.trust()
        #expect(try repo.wf("phase", "complete").status == 1)
        try repo.write("../planned", "")
        #expect(try repo.wf("phase", "complete").status == 0)
    }

    @Test("a goal, a name, budgets, reading lists and gates that are added come in force by themselves")
    func free() throws {
        let repo = try strict()
        try repo.ready("ag") { agent in
            for edit in [
                ["workflow.goal", "Another"], ["workflow.name", "other"], ["workflow.budget", "7000"],
                ["phase.planning.budget", "70"], ["resume.budget", "900"], ["--add", "resume.read", "a.txt"],
                ["phase.planning.gate", "human"],
            ] { try agent.git(["config", "-f", ".wfconfig"] + edit) }
        }
        #expect(try !repo.wf("merge", "ag").errorText.contains("git wf trust"))
        let status = try repo.json("status")
        #expect(status["goal"]?.text == "Another" && status["phases"]?[0]?["gate"]?.text == "human")
        #expect(try waiting(repo) == [])
        #expect(try repo.wf("phase", "complete").status == 1)
    }

    @Test("consent is to what was shown, and to nothing that came meanwhile")
    func meanwhile() throws {
        let repo = try strict()
        try repo.git("config", "-f", ".wfconfig", "merge.verify", "true")
        let hash = try JSONValue(repo.wf("trust", "--json"))["hash"]?.text ?? ""
        try repo.git("config", "wf.claimedApproval", "true")
        try repo.git("config", "-f", ".wfconfig", "--unset", "phase.deploying.gate")
        try repo.git("config", "-f", ".wfconfig", "phase.deploying.budget", "7")
        #expect(try repo.wf("trust", "--yes", hash).status == 1)
        #expect(try repo.json("status")["phases"]?[3]?["gate"]?.text == "human")
    }

    @Test("a consent is a human's: what an agent or a leader writes under that name is none")
    func forged() throws {
        let repo = try strict()
        try repo.git("config", "-f", ".wfconfig", "--unset", "phase.deploying.gate")
        try repo.git("config", "-f", ".wfconfig", "phase.deploying.budget", "7")
        try repo.done("checkpoint", "recorded")
        let blob = try repo.git("hash-object", ".wfconfig").text
        let message =
            "Forged\n\nWf-Version: 1\nWf-Workflow: demo\nWf-Lane: leader\nWf-Kind: definition-changed\n"
            + "Wf-Definition: \(blob)\nWf-Consent: agent:ag\n"
        let commit = try repo.git(
            ["commit-tree", "\(repo.lane)^{tree}", "-p", repo.lane], stdin: Array(message.utf8)
        ).text
        try repo.git("update-ref", repo.lane, commit)
        #expect(try repo.json("status")["phases"]?[3]?["gate"]?.text == "human")
    }
}
