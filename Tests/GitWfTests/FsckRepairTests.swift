import SystemPackage
import TestSupport
import Testing

@Suite("fsck finds later tips than a ref leads to, and --repair moves it there or not at all")
struct FsckRepairTests {
    /// A repository with three checkpoints that were asked for.
    private static func begun() throws -> TestRepository {
        let repo = try TestRepository.begun()
        for number in 1...3 {
            try repo.write("f.txt", "\(number)\n")
            try repo.done("checkpoint", "number \(number)")
        }
        return repo
    }

    private static func problems(_ output: Output) throws -> [String] {
        try JSONValue(output)["problems"]?.texts("problem") ?? []
    }

    private static func notes(_ output: Output) throws -> [String] {
        try JSONValue(output)["notes"]?.texts("note") ?? []
    }

    /// Expects that a repair brings a lane to a tip, records it, and leaves nothing to say.
    private static func expectRepaired(
        _ repo: TestRepository, ref: String, to tip: String, from: String?, witness: String?,
        at location: SourceLocation = #_sourceLocation
    ) throws {
        let answer = try repo.json("fsck", "--repair")
        #expect(answer["repaired"]?.texts("ref") == [ref], sourceLocation: location)
        #expect(answer["repaired"]?[0]?["from"]?.text == from, sourceLocation: location)
        #expect(answer["repaired"]?[0]?["to"]?.text == tip, sourceLocation: location)
        #expect(answer["repaired"]?[0]?["witness"]?.text == witness, sourceLocation: location)
        let reached = try repo.git("rev-list", "--first-parent", ref).lines
        #expect(reached.contains(tip), sourceLocation: location)
        let subject = try repo.git("log", "-1", "--format=%s", repo.lane).text
        #expect(subject == "Repaired \(ref)", sourceLocation: location)
        #expect(try repo.json("fsck")["problems"]?.list == [], sourceLocation: location)
    }

    @Test("a lane that was set back is moved forward to what its cache names")
    func cached() throws {
        let repo = try Self.begun()
        let tip = try repo.id(repo.lane)
        let back = try repo.id("\(repo.lane)~1")
        try repo.git("update-ref", repo.lane, back)
        let output = try repo.wf("fsck", "--json")
        #expect(output.status == 1)
        #expect(try Self.problems(output).contains { $0.contains("was set back: the cache names \(tip.prefix(7)), 1") })
        #expect(try repo.id(repo.lane) == back)
        try Self.expectRepaired(repo, ref: repo.lane, to: tip, from: back, witness: "the cache")
        #expect(try repo.done("log").text.contains("number 3"))
    }

    @Test("to what an automatic checkpoint names, without a cache")
    func after() throws {
        let repo = try Self.begun()
        let tip = try repo.id(repo.lane)
        let automatic = try #require(try repo.json("checkpoint", "--trigger", "time")["id"]?.text)
        let back = try repo.id("\(repo.lane)~2")
        try repo.git("update-ref", repo.lane, back)
        try repo.remove(".git/wf/cache")
        try Self.expectRepaired(
            repo, ref: repo.lane, to: tip, from: back, witness: "Wf-After of \(automatic.prefix(7))")
    }

    @Test("to what a reflog names, and a ref that is missing comes back")
    func missing() throws {
        let repo = try TestRepository.begun()
        try repo.git("config", "core.logAllRefUpdates", "always")
        try repo.done("checkpoint", "one")
        try repo.done("checkpoint", "two")
        let tip = try repo.id(repo.lane)
        let log = try repo.text(".git/logs/\(repo.lane)")
        _ = try repo.json("checkpoint", "--trigger", "time")
        try repo.git("update-ref", "-d", repo.lane)
        try repo.write(".git/logs/\(repo.lane)", log)
        try repo.remove(".git/wf/cache")
        let output = try repo.wf("fsck")
        #expect(output.status == 1)
        #expect(output.text.contains("\(repo.lane): this ref is missing"))
        let answer = try repo.json("fsck", "--repair")
        #expect(answer["repaired"]?[0]?["to"]?.text == tip)
        #expect(answer["repaired"]?[0]?["from"] == nil)
        #expect(try repo.id("\(repo.lane)~1") == tip)
    }

    @Test("a checkpoint that no ref leads to is told of, and taken back in")
    func unreachable() throws {
        let repo = try Self.begun()
        let tip = try repo.id(repo.lane)
        let back = try repo.id("\(repo.lane)~2")
        try repo.git("update-ref", repo.lane, back)
        try repo.remove(".git/wf/cache")
        let output = try repo.wf("fsck", "--json")
        #expect(output.status == 0)
        #expect(try Self.notes(output).contains { $0.contains("no ref leads to this checkpoint") })
        try Self.expectRepaired(repo, ref: repo.lane, to: tip, from: back, witness: nil)
    }

    @Test("an agent's lane, from the leader's worktree")
    func agent() throws {
        let repo = try TestRepository.begun()
        let path = try repo.done("agent", "start", "one").lines[0]
        let agent = repo.worktree(at: FilePath(path))
        try agent.write("x.txt", "x\n")
        try agent.done("checkpoint", "work")
        let lane = "refs/wf/demo/agents/one"
        let tip = try repo.id(lane)
        try repo.git("update-ref", lane, "\(lane)~1")
        try Self.expectRepaired(repo, ref: lane, to: tip, from: try repo.id("\(tip)~1"), witness: "the cache")
        #expect(try repo.id(lane) == tip)
    }

    @Test("nothing moves where two could follow, objects are missing, or the machine does not allow it")
    func refused() throws {
        let repo = try Self.begun()
        let tip = try repo.id(repo.lane)
        /// A checkpoint after `tip` that no ref leads to.
        func fork(_ kind: String, tree: String = "HEAD^{tree}") throws -> String {
            let place = "Wf-Version: 1\nWf-Workflow: demo\nWf-Lane: leader\nWf-Worktree: \(try repo.worktreeID())"
            let message = "Fork\n\n\(place)\nWf-Kind: \(kind)\nWf-Phase: planning\n"
            return try repo.git("commit-tree", tree, "-p", tip, "-m", message).text
        }
        func expectNothing(_ words: String, at location: SourceLocation = #_sourceLocation) throws {
            let before = try repo.picture()
            let output = try repo.wf("fsck", "--repair", "--json")
            #expect(try Self.notes(output).contains { $0.contains(words) }, "\(output.text)", sourceLocation: location)
            #expect(try JSONValue(output)["repaired"]?.list == [], sourceLocation: location)
            #expect(try repo.picture() == before, sourceLocation: location)
        }
        let one = try fork("rejected")
        try expectNothing("is not allowed there")
        try repo.remove(".git/objects/\(one.prefix(2))/\(one.dropFirst(2))")
        let blob = try repo.git("hash-object", "-w", "--stdin", stdin: "gone\n").text
        let tree = try repo.git("mktree", stdin: "100644 blob \(blob)\tgone\n").text
        let two = try fork("checkpoint", tree: tree)
        try repo.remove(".git/objects/\(blob.prefix(2))/\(blob.dropFirst(2))")
        try expectNothing("are missing")
        try repo.remove(".git/objects/\(two.prefix(2))/\(two.dropFirst(2))")
        _ = try fork("checkpoint")
        _ = try fork("decision")
        try expectNothing("both")
    }

    /// A checkpoint behind another, as anybody can make it with plain git.
    private static func forged(
        _ repo: TestRepository, behind tip: String, worktree: String?, title: String = "Deploy without tests"
    ) throws -> String {
        let trailers =
            "Wf-Version: 1\nWf-Workflow: demo\nWf-Lane: leader\n" + (worktree.map { "Wf-Worktree: \($0)\n" } ?? "")
            + "Wf-Kind: decision\nWf-Phase: planning\nWf-Decision: \(title)\n"
        return try repo.git("commit-tree", "\(tip)^{tree}", "-p", tip, "-m", "\(title)\n\n\(trailers)").text
    }

    @Test("what a fetch brought is not taken for ours, whoever it says wrote it")
    func fetched() throws {
        let repo = try Self.begun()
        let tip = try repo.id(repo.lane)
        try repo.git("clone", "-q", "--mirror", ".", "../other.git")
        let other = repo.beside("other.git")
        for worktree in [nil, "0123456789abcdef", try repo.worktreeID()] {
            let evil = try Self.forged(other, behind: tip, worktree: worktree, title: "evil \(worktree ?? "nobody")")
            try other.git("update-ref", "refs/heads/topic", evil)
            try repo.git("fetch", "-q", "../other.git", "topic")
            #expect(try repo.id(evil) == evil)
            let answer = try repo.wf("fsck", "--repair", "--json")
            let repaired = try JSONValue(answer)["repaired"]?.list
            #expect(answer.status == 0 && repaired == [], "\(answer.text)")
            #expect(try Self.notes(answer).contains { $0.contains("nothing shows that it was written here") })
            #expect(try repo.id(repo.lane) == tip)
        }
        // Where the ref stands in a reflog by a fetch, or in another one's trailer, that proves nothing either.
        let evil = try repo.id("FETCH_HEAD")
        try repo.git("config", "core.logAllRefUpdates", "always")
        try repo.git("update-ref", "-m", "fetch: fast-forward", repo.lane, evil)
        try repo.git("update-ref", "-m", "back", repo.lane, tip)
        try repo.remove(".git/wf/cache")
        let message =
            "auto\n\nWf-Version: 1\nWf-Workflow: demo\nWf-Lane: leader\nWf-Worktree: fedcba9876543210\nWf-Kind: auto\n"
            + "Wf-Trigger: time\nWf-Sequence: 1\nWf-After: \(evil)\n"
        let automatic = try repo.git("commit-tree", "\(tip)^{tree}", "-p", evil, "-m", message).text
        try repo.git("update-ref", "refs/wf/demo/auto/leader/fedcba9876543210/0001", automatic)
        _ = try repo.wf("fsck", "--repair")
        #expect(try repo.id(repo.lane) == tip)
        #expect(try !repo.done("status").text.contains("evil"))
    }

    @Test("what somebody put behind our own lost tip does not keep that from coming back")
    func behindOurs() throws {
        let repo = try Self.begun()
        let tip = try repo.id(repo.lane)
        let back = try repo.id("\(repo.lane)~2")
        _ = try Self.forged(repo, behind: tip, worktree: nil)
        _ = try Self.forged(repo, behind: back, worktree: "0123456789abcdef")
        try repo.git("update-ref", repo.lane, back)
        try repo.remove(".git/wf/cache")
        let answer = try repo.json("fsck", "--repair")
        #expect(answer["repaired"]?.texts("to") == [tip])
        #expect(try repo.done("log").text.contains("number 3"))
        #expect(try !repo.done("status").text.contains("Deploy"))
    }

    @Test("a lane that was moved to another commit comes back, and a ref holds that commit")
    func elsewhere() throws {
        let repo = try Self.begun()
        let (tip, other) = (try repo.id(repo.lane), try repo.id("HEAD"))
        try repo.git("update-ref", repo.lane, "HEAD")
        let output = try repo.wf("fsck", "--json")
        #expect(output.status == 1)
        #expect(try Self.problems(output).contains { $0.contains("is no checkpoint") })
        try repo.done("fsck", "--repair")
        #expect(try repo.git("rev-list", "--first-parent", repo.lane).lines.contains(tip))
        #expect(try repo.id("refs/wf-kept/demo/foreign/\(other)") == other)
    }

    @Test("a repair is not done twice, and a lane that grows meanwhile is no problem")
    func beside() throws {
        let repo = try Self.begun()
        let tip = try repo.id(repo.lane)
        try repo.git("update-ref", repo.lane, "\(repo.lane)~1")
        let script = """
            git-wf fsck --repair >../one 2>&1 & one=$!
            git-wf fsck --repair >../two 2>&1 & two=$!
            wait $one || cat ../one; wait $two || cat ../two
            for i in 1 2 3 4 5; do echo $i >f$i; git-wf checkpoint $i || exit; done >../three 2>&1 & three=$!
            for i in 1 2 3; do git-wf fsck >../four 2>&1 || cat ../four; done
            wait $three || cat ../three
            """
        let output = try repo.run("sh", ["-c", script])
        #expect(output.text == "" && output.status == 0)
        let subjects = try repo.git("log", "--first-parent", "--format=%s", repo.lane).lines
        #expect(subjects.filter { $0.hasPrefix("Repaired") }.count == 1)
        #expect(try repo.git("rev-list", "--first-parent", repo.lane).lines.contains(tip))
    }

    @Test("what only checkpoints hold of the user's is named, and is no problem")
    func users() throws {
        let repo = try TestRepository.begun(hooks: true)
        try repo.git("checkout", "-q", "-b", "side")
        try repo.commit("s.txt", "1\n", message: "First of side")
        let commit = try repo.commit("s.txt", "2\n", message: "Second of side")
        try repo.git("checkout", "-q", "main")
        #expect(try repo.json("fsck")["notes"]?.list == [])
        try repo.git("branch", "-q", "-D", "side")
        let answer = try repo.json("fsck")
        #expect(answer["notes"]?.texts("id") == [commit])
        #expect(answer["problems"]?.list == [])
        let text = try repo.done("fsck").text
        #expect(text.contains("note  \(commit.prefix(12)): only checkpoints hold this commit (Second of side)"))
        try repo.git("branch", "again", commit)
        #expect(try repo.json("fsck")["notes"]?.list == [])
    }

    @Test("caches that say something else, an agent's too, and checkpoints that belong elsewhere")
    func otherDamage() throws {
        let repo = try TestRepository.begun()
        let path = try repo.done("agent", "start", "one").lines[0]
        try repo.worktree(at: FilePath(path)).done("checkpoint", "work")
        for file in [".git/wf/cache/demo/leader.state", ".git/wf/cache/demo/agents/one.state"] {
            let parts = try repo.read(file).split(separator: UInt8(ascii: "\n"), maxSplits: 1)
            var content = Array(parts[1])
            let place = try #require(content.indices.first { content[$0...].starts(with: "demo".utf8) })
            content.replaceSubrange(place..<(place + 4), with: "dome".utf8)
            // With the checksum of what it says now, as somebody would leave it who means it.
            try Files.write(content, to: repo.file("content"))
            let header = String(decoding: parts[0], as: UTF8.self).split(separator: " ").dropLast().joined(
                separator: " ")
            let checksum = try repo.git("hash-object", "--no-filters", "content").text
            try Files.write(Array("\(header) \(checksum)\n".utf8) + content, to: repo.file(file))
            try repo.remove("content")
        }
        let caches = try Self.problems(repo.wf("fsck", "--json"))
        #expect(caches.filter { $0.contains("says something else than the lane") }.count == 2)
        try repo.remove(".git/wf/cache")
        #expect(try repo.json("fsck")["problems"]?.list == [])
        try repo.git("update-ref", "refs/wf/demo/agents/two", "refs/wf/demo/agents/one")
        try repo.git("update-ref", "refs/wf/other/leader", "refs/wf/demo/agents/one")
        let places = try Self.problems(repo.wf("fsck", "--json"))
        #expect(places.contains { $0.contains("is in refs/wf/demo/agents/two and says that it belongs elsewhere") })
        #expect(places.contains { $0.contains("is in refs/wf/other/leader and says that it belongs elsewhere") })
        #expect(places.filter { $0.contains("this ref was overwritten, and nothing says where it was") }.count == 2)
    }
}
