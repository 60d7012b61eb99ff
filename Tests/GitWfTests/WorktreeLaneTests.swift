import SystemPackage
import TestSupport
import Testing

@Suite("Several worktrees beside one lane")
struct WorktreeLaneTests {
    private struct Shown: Equatable {
        let id: String
        let worktree: String
        /// What an automatic one followed; `nil` for one of the lane.
        let after: String?
    }

    private func shown(_ repo: TestRepository, _ arguments: String...) throws -> [Shown] {
        let answer = try JSONValue(repo.done(["log", "--auto", "-n", "0", "--json"] + arguments))
        return try #require(answer["checkpoints"]).list.map { checkpoint in
            let pairs = checkpoint["trailers"]?.list ?? []
            func trailer(_ key: String) -> String? { pairs.first { $0[0]?.text == key }?[1]?.text }
            return Shown(
                id: checkpoint["id"]?.text ?? "", worktree: trailer("Wf-Worktree") ?? "", after: trailer("Wf-After"))
        }
    }

    /// `GIT_WF_TEST_COUNT` says how many steps, `GIT_WF_TEST_SEED` where to begin.
    @Test(
        "each writes automatic checkpoints of its own; the log shows each behind what it followed, whatever the clocks say"
    )
    func interleaved() throws {
        let seed = testNumber("GIT_WF_TEST_SEED") ?? 1
        let note: Comment = "seed \(seed)"
        var random = SeededGenerator(seed: seed)
        let repo = try TestRepository.begun("minimal")
        var worktrees = try (0..<3).map { number -> TestRepository in
            if number == 0 { return repo }
            try repo.git("worktree", "add", "-q", "../w\(number)", "-b", "b\(number)")
            return repo.beside("w\(number)")
        }
        var taken: [String: [String]] = [:]
        for step in 0..<Int(testNumber("GIT_WF_TEST_COUNT") ?? 40) {
            let index = random.below(worktrees.count)
            // The clock of each goes its own way, at times backwards.
            worktrees[index].time += Int64(random.below(200)) - 60
            let worktree = worktrees[index]
            try worktree.write("own", "\(step)\n")
            if random.below(4) == 0 {
                try worktree.done("checkpoint", "\(step)")
            } else {
                let answer = try worktree.json("checkpoint", "--trigger", "time")
                taken[try worktree.worktreeID(), default: []].append(try #require(answer["id"]?.text))
            }
        }
        let list = try shown(repo)
        #expect(try shown(worktrees[2]) == list, note)
        #expect(
            try list.filter { $0.after == nil }.map(\.id) == repo.git("rev-list", "--first-parent", repo.lane).lines,
            note)
        for (worktree, ids) in taken {
            #expect(list.filter { $0.worktree == worktree && $0.after != nil }.map(\.id) == ids.reversed(), note)
            #expect(try repo.id("refs/wf/demo/auto/leader/\(worktree)/0001") == ids.last, note)
        }
        for (index, one) in list.enumerated() {
            guard let after = one.after else { continue }
            #expect(list[index...].first { $0.after == nil }?.id == after, note)
        }
        for index in [0, list.count / 3, list.count / 2, list.count - 1] {
            #expect(try shown(repo, list[index].id) == Array(list[index...]), note)
        }
        #expect(try repo.json("status", "--workflow", "demo")["phase"] == worktrees[1].json("status")["phase"])
        #expect(try repo.done("log").text.contains("\(taken.values.joined().count) automatic"))
        #expect(try repo.json("fsck")["problems"]?.list == [])
    }

    @Test("a checkpoint that names another worktree than its segment does is reported, and gc leaves it")
    func foreignSegment() throws {
        let repo = try TestRepository.begun("minimal")
        try repo.done("checkpoint", "--trigger", "time")
        let elsewhere = "refs/wf/demo/auto/leader/0123456789abcdef/0001"
        try repo.git("update-ref", elsewhere, repo.segment())
        try repo.git("update-ref", "refs/wf/demo/auto/leader/0123456789abcdef/0002", repo.segment())
        let output = try repo.wf("fsck", "--json")
        #expect(output.status == 1)
        #expect(
            try JSONValue(output)["problems"]?.texts("problem").contains { $0.contains("\(elsewhere) and says") }
                == true)
        try repo.git("config", "wf.keepAuto", "1s")
        var later = repo
        later.time += 100
        #expect(try later.json("gc")["dropped"]?.list == [])
    }

    @Test("the leader's worktree stays the leader's when it looks at an agent's branch")
    func look() throws {
        let repo = try TestRepository.begun()
        let agent = repo.worktree(at: FilePath(try repo.done("agent", "start", "one").lines[0]))
        try agent.commit("made", "by one\n")
        try agent.git("switch", "-q", "--detach")
        let lane = try repo.id("refs/wf/demo/agents/one")
        for words in [["checkpoint", "a look"], ["--workflow", "demo", "checkpoint", "again"]] {
            try repo.git("switch", "-q", "wf/demo/one")
            try repo.write("a.txt", "\(words.count)\n")
            try repo.done(words)
            try repo.git("checkout", "-q", "-f", "main")
        }
        #expect(try repo.id("refs/wf/demo/agents/one") == lane)
        #expect(try repo.json("log", "-n", "2")["checkpoints"]?.texts("title") == ["again", "a look"])
        #expect(try repo.json("status")["phase"]?.text == "planning")
    }

    @Test("an agent's worktree stays the agent's on any branch, and with --workflow of another one")
    func stays() throws {
        let repo = try TestRepository.begun("minimal")
        let agent = repo.worktree(at: FilePath(try repo.done("agent", "start", "one").lines[0]))
        try repo.git("switch", "-q", "-c", "side")
        try repo.done("init", "--name", "other", "--no-hooks")
        let leader = try repo.id(repo.lane)
        try agent.done("--workflow", "other", "decide", "said to the other one")
        #expect(
            try repo.git("log", "-1", "--format=%s", "refs/wf/other/leader").text.hasSuffix("said to the other one"))
        try agent.git("switch", "-q", "-c", "aside")
        for (title, words) in [("one", []), ("two", ["--workflow", "demo"])] {
            try agent.done(words + ["checkpoint", title])
            #expect(try repo.git("log", "-1", "--format=%s", "refs/wf/demo/agents/one").text == title)
        }
        #expect(try repo.id(repo.lane) == leader)
    }

    @Test("an agent's lane is written in its own worktree only; one that lost its binding is that still")
    func own() throws {
        let repo = try TestRepository.begun("minimal")
        let agent = repo.worktree(at: FilePath(try repo.done("agent", "start", "one").lines[0]))
        try repo.git("worktree", "add", "-q", "-f", "../forced", "wf/demo/one")
        let forced = repo.beside("forced")
        let folder = agent.path.string
        for words in [
            ["checkpoint", "x"], ["--workflow", "demo", "checkpoint", "--trigger", "time"], ["decide", "x"],
        ] {
            try forced.refuses(words, status: 128, says: ["only in its own worktree", folder])
        }
        #expect(try forced.json("log")["checkpoints"]?.list.count == 1)
        Files.removeTree(try agent.gitPath("wf"))
        try agent.done("checkpoint", "without a binding")
        try forced.refuses(["checkpoint", "x"], status: 128, says: ["only in its own worktree", folder])
        // Once the other one is gone, it is the only one.
        try repo.git("worktree", "remove", "--force", folder)
        try forced.done("checkpoint", "taken up")
        #expect(try repo.git("log", "-1", "--format=%s", "refs/wf/demo/agents/one").text == "taken up")
    }
}
