import SystemPackage
import TestSupport
import Testing

@Suite("The log of several lanes is one log")
struct LogLaneTests {
    /// Two agents at work beside the leader, ten minutes between any two steps, and a phase that ends meanwhile.
    private func job() throws -> TestRepository {
        var repo = try TestRepository.begun("minimal")
        var agents: [TestRepository] = []
        for name in ["alpha", "beta"] {
            repo.time += 600
            agents.append(
                repo.worktree(at: FilePath(try #require(try repo.json("agent", "start", name)["worktree"]?.text))))
        }
        for step in 1...3 {
            for (index, name) in ["alpha", "beta"].enumerated() {
                repo.time += 600
                agents[index].time = repo.time
                try agents[index].write("\(name).txt", "\(step)\n")
                try agents[index].done("checkpoint", "\(name) \(step)")
            }
            repo.time += 600
            if step == 2 { try repo.done("phase", "complete") } else { try repo.done("checkpoint", "leader \(step)") }
        }
        repo.time += 600
        agents[0].time = repo.time
        try agents[0].done("restore", "--from", "last~2", "alpha.txt")
        repo.time += 600
        agents[0].time = repo.time
        try agents[0].done("undo")
        return repo
    }

    private func told(_ repo: TestRepository, _ arguments: String...) throws -> [JSONValue] {
        try JSONValue(repo.done(["log", "--json"] + arguments))["checkpoints"]?.list ?? []
    }

    @Test("-n counts over all lanes, newest first, and what is left is counted once")
    func counts() throws {
        let repo = try job()
        let all = try told(repo, "--agents", "-n", "0")
        let lanes = try repo.git("for-each-ref", "--format=%(refname)", "refs/wf/demo/leader", "refs/wf/demo/agents")
            .lines
        let count = try lanes.reduce(0) { try $0 + repo.git("rev-list", "--first-parent", $1).lines.count }
        #expect(all.count == count)
        let times = all.compactMap { $0["time"]?.text }
        #expect(times == times.sorted(by: >))
        for number in [1, 5, 9] {
            #expect(try told(repo, "--agents", "-n", "\(number)") == Array(all.prefix(number)))
            let lines = try repo.done("log", "--agents", "--oneline", "-n", "\(number)").lines
            #expect(lines.count == number + 1)
            #expect(lines.last == "… \(count - number) older; git wf log --agents -n 0 shows all")
        }
    }

    @Test("each visit to a phase has one heading, and what agents restore and undo stands under it")
    func headings() throws {
        let repo = try job()
        let lines = try repo.done("log", "--agents", "-n", "0").lines
        let headings = lines.filter { !$0.hasPrefix(" ") && !$0.isEmpty && !$0.hasSuffix("--auto") }
        #expect(headings.count == 2, "\(headings)")
        #expect(headings[0].hasPrefix("implementing: in progress") && headings[1].hasPrefix("planning: complete"))
        for checkpoint in try told(repo, "--agents", "-n", "0") {
            let phase = checkpoint["phase"]?.text
            #expect(phase == "planning" || phase == "implementing", "\(checkpoint["title"]?.text ?? "")")
        }
        #expect(
            try told(repo, "--agents", "--phase", "implementing").texts("kind").prefix(2) == ["undone", "restored"])
    }

    @Test("an actor is looked for wherever it acts, by its whole name or the last part of it")
    func actors() throws {
        let repo = try job()
        for name in ["agent:alpha", "alpha"] {
            let found = try told(repo, "--actor", name, "-n", "0")
            #expect(found.texts("actor").allSatisfy { $0 == "agent:alpha" } && found.count == 6, "\(found.count)")
        }
        #expect(try repo.done("log", "--actor", "beta").text.contains("checkpoint: beta 3"))
        #expect(try told(repo, "--actor", "leader", "-n", "0").texts("actor").allSatisfy { $0 == "leader" })
        #expect(try told(repo, "--actor", "alpha", "--actor", "leader", "-n", "3").count == 3)
    }

    @Test(
        "-- PATH names those that changed it, in each lane, as git does it against the commit that the agent began at")
    func paths() throws {
        let repo = try job()
        let files = ["alpha.txt", "beta.txt", "a.txt", "TODO.md"]
        for file in files {
            var expected: Set<String> = []
            for name in ["alpha", "beta"] {
                let lane = "refs/wf/demo/agents/\(name)"
                let ids = try repo.git("rev-list", "--first-parent", lane).lines
                for (index, id) in ids.enumerated() {
                    let old = index + 1 < ids.count ? ids[index + 1] : try repo.id("wf/demo/\(name)")
                    if try repo.run("git", ["diff", "--quiet", old, id, "--", file]).status != 0 {
                        expected.insert(id)
                    }
                }
            }
            expected.formUnion(try repo.git("log", "--first-parent", "--format=%H", repo.lane, "--", file).lines)
            let found = try JSONValue(repo.done("log", "--json", "--agents", "-n", "0", "--", file))["checkpoints"]
            #expect(Set(found?.texts("id") ?? []) == expected, "\(file)")
        }
    }

    @Test("where nothing is found it says so; a program's lines stay empty")
    func nothing() throws {
        let repo = try job()
        for arguments in [
            ["--actor", "nobody"], ["--kind", "blocked"], ["--", "nowhere"], ["--since", "2030-01-01"],
        ] {
            #expect(try repo.done(["log"] + arguments).text.hasPrefix("No checkpoint is like that"), "\(arguments)")
            #expect(try repo.done(["log", "--json"] + arguments).text == #"{"checkpoints":[],"schema":1}"#)
            let lines = try repo.wf(["log", "--oneline"] + arguments)
            #expect(lines.stdout == [] && lines.errorText.hasPrefix("No checkpoint is like that"))
        }
    }
}

extension [JSONValue] {
    fileprivate func texts(_ key: String) -> [String] { map { $0[key]?.text ?? "" } }
}
