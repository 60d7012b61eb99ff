import TestSupport
import Testing

struct DoctorTests {
    /// The lines of the article's orchestration checklist.
    private static let checklist = [
        "state machine", "conventions", "items", "checkpoint strategy", "specs", "failure recovery", "human gates",
        "commit strategy", "context budget",
    ]

    private func checks(_ repo: TestRepository) throws -> [String: JSONValue] {
        let list = try JSONValue(repo.wf("doctor", "--json"))["checks"]?.list ?? []
        return Dictionary(list.map { ($0["name"]?.text ?? "", $0) }, uniquingKeysWith: { first, _ in first })
    }

    @Test("on an empty repository doctor lists each line of the checklist that is missing, each with its fix")
    func empty() throws {
        let repo = try TestRepository()
        let found = try checks(repo)
        for name in Self.checklist {
            #expect(found[name]?["state"]?.text != "ok", "\(name)")
            #expect(found[name]?["fix"]?.text?.isEmpty == false, "\(name)")
        }
        #expect(try repo.wf("doctor").status == 1)
    }

    @Test("doctor has no complaint about a repository that has all of it")
    func ready() throws {
        let repo = try TestRepository.begun("articles", hooks: true)
        try repo.write("AGENTS.md", "# Conventions\n")
        try repo.write(
            "specs/one.md",
            "# Spec: One\n\n## Goal\nOne.\n\n## Files to Read\n- a\n\n## Files to Modify\n- b\n\n## Requirements\n- c\n"
                + "\n## Constraints\n- d\n\n## Deliverable\n- e\n")
        let found = try checks(repo)
        for (name, check) in found where name != "disk" {
            #expect(check["state"]?.text == "ok", "\(name): \(check["detail"]?.text ?? "")")
        }
        #expect(try repo.wf("doctor").text.contains("git "))
    }

    @Test(
        "doctor names what it costs: budgets that do not add up, a phase in hand that is gone, refspecs that push or overwrite lanes"
    )
    func attention() throws {
        let repo = try TestRepository.begun()
        try repo.git("config", "-f", ".wfconfig", "workflow.budget", "100")
        try repo.git("config", "-f", ".wfconfig", "phase.implementing.budget", "400")
        try repo.done("checkpoint", "on")
        #expect(try checks(repo)["context budget"]?["state"]?.text == "fail")
        try repo.git("config", "-f", ".wfconfig", "--remove-section", "phase.planning")
        #expect(try checks(repo)["definition"]?["state"]?.text == "fail")
        try repo.git("remote", "add", "origin", "../elsewhere")
        #expect(try checks(repo)["pushes"]?["state"]?.text == "ok")
        try repo.git("config", "--add", "remote.origin.push", "refs/wf/*:refs/wf/*")
        #expect(try checks(repo)["pushes"]?["state"]?.text == "warn")
        for (target, state) in [("refs/wf-remotes/origin/*", "ok"), ("refs/wf/*", "warn")] {
            try repo.git("config", "--add", "remote.origin.fetch", "+refs/wf/*:\(target)")
            #expect(try checks(repo)["fetches"]?["state"]?.text == state)
        }
        let fix = try #require(checks(repo)["fetches"]?["fix"]?.text)
        #expect(try repo.run("sh", ["-c", fix]).status == 0)
        #expect(try checks(repo)["fetches"]?["state"]?.text == "ok")
    }

    @Test("what is set and nothing obeys is named, by doctor and by status, and never reported as ok")
    func ignoredSettings() throws {
        let repo = try TestRepository.begun()
        try repo.git("config", "wf.keepAuto", "10d")
        try repo.git("config", "-f", ".wfconfig", "merge.strategy", "merge")
        #expect(try checks(repo)["settings"]?["state"]?.text == "ok" && checks(repo)["definition"] == nil)
        try repo.git("config", "wf.keepAutos", "10d")
        try repo.git("config", "-f", ".wfconfig", "merge.strategy", "squash")
        try repo.git("config", "-f", ".wfconfig", "agents.setup", "true")
        let found = try checks(repo)
        #expect(found["settings"]?["state"]?.text == "warn" && found["definition"]?["state"]?.text == "warn")
        #expect(found["settings"]?["detail"]?.text?.contains("sets wf.keepautos, ") == true)
        let ignored = ".wfconfig asks for what this version cannot do: merge.strategy, agents.setup"
        #expect(found["definition"]?["detail"]?.text == ignored)
        #expect(try repo.json("status")["warnings"]?.list.contains { $0.text == ignored } == true)
    }
}
