import SystemPackage
import TestSupport
import Testing

struct GcTests {
    private static let day: Int64 = 86_400

    /// A repository with an old segment that holds what nothing else does, and a young one.
    private struct Old {
        var repo: TestRepository
        /// The ids of automatic checkpoints, oldest first: the lane names the first, nothing the last.
        let automatic: [String]
        /// A commit of a branch that was deleted.
        let commit: String
        /// A commit with what was staged.
        let index: String
    }

    private static func old() throws -> Old {
        var repo = try TestRepository.begun()
        try repo.write("w.txt", "first\n")
        var automatic = [try time(repo)]
        try repo.write("w.txt", "second\n")
        try repo.done("restore", "w.txt", "--from", automatic[0])
        try repo.git("checkout", "-q", "-b", "side")
        let commit = try repo.commit("side.txt", "side\n")
        automatic.append(try time(repo))
        try repo.git("checkout", "-q", "main")
        try repo.git("branch", "-q", "-D", "side")
        try repo.write("a.txt", "staged\n")
        try repo.git("add", "a.txt")
        try repo.write("a.txt", "one\n")
        automatic.append(try time(repo))
        let index = try repo.git("log", "-1", "--format=%(trailers:key=Wf-Index,valueonly)", automatic[2]).text
        try repo.git("reset", "-q", "--hard")
        try repo.write("w.txt", "third\n")
        automatic.append(try time(repo))
        try beginSegment("0002", in: repo)
        repo.time += 40 * day
        try repo.write("w.txt", "fourth\n")
        _ = try time(repo)
        try repo.git("reflog", "expire", "--expire=now", "--all")
        return Old(repo: repo, automatic: automatic, commit: commit, index: index)
    }

    /// Takes an automatic checkpoint.
    private static func time(_ repo: TestRepository) throws -> String {
        try #require(try repo.json("checkpoint", "--trigger", "time")["id"]?.text)
    }

    /// Begins another segment, as if the one before were full.
    private static func beginSegment(_ number: String, in repo: TestRepository) throws {
        let tip = try repo.id(repo.lane)
        let message = """
            Automatic: time

            Wf-Version: 1
            Wf-Workflow: demo
            Wf-Lane: leader
            Wf-Worktree: \(try repo.worktreeID())
            Wf-Kind: auto
            Wf-Actor: leader
            Wf-Trigger: time
            Wf-Sequence: 1
            Wf-After: \(tip)
            Wf-Head: \(try repo.id("HEAD"))
            """
        let id = try repo.git("commit-tree", "\(repo.lane)^{tree}", "-p", tip, "-p", "HEAD", "-m", message).text
        try repo.git("update-ref", repo.segment(number), id)
    }

    private static func exists(_ id: String, in repo: TestRepository) throws -> Bool {
        try repo.gitStatus("cat-file", "-e", id) == 0
    }

    private static func expectClean(_ repo: TestRepository, at location: SourceLocation = #_sourceLocation) throws {
        let faults = try repo.run("git", ["fsck", "--strict", "--no-dangling", "--no-progress"])
        #expect(faults.status == 0 && faults.lines.isEmpty, "\(faults.text)", sourceLocation: location)
        #expect(try repo.json("fsck")["problems"]?.list == [], sourceLocation: location)
    }

    private static func packs(_ repo: TestRepository) -> [String] {
        Files.names(in: repo.file(".git/objects/pack")).filter { $0.hasSuffix(".pack") }
    }

    @Test("gc -n says what gc does, and changes nothing")
    func dryRun() throws {
        let old = try Self.old()
        let before = try old.repo.picture()
        let packs = Self.packs(old.repo)
        let said = try old.repo.json("gc", "-n")
        let text = try old.repo.done("gc", "-n").text
        #expect(try old.repo.picture() == before)
        #expect(Self.packs(old.repo) == packs)
        #expect(text.contains("would drop 5 automatic checkpoints older than 30d"))
        #expect(text.contains("would keep 2 commits"))
        let done = try old.repo.json("gc")
        #expect(done["dropped"] == said["dropped"])
        let segment = try old.repo.segment()
        #expect(done["dropped"]?.texts("ref") == [segment])
        #expect(done["kept"] == said["kept"])
        #expect(done["recorded"]?.list.count == 1)
        #expect(said["recorded"]?.list == [])
    }

    @Test("an old segment goes; what the lane names and what only it held stay, also after git's own gc")
    func dropped() throws {
        let old = try Self.old()
        let repo = old.repo
        let lane = try repo.git("rev-list", "--first-parent", repo.lane).lines
        let state = try repo.json("status")
        let text = try repo.done("gc").text
        #expect(text.contains("dropped 5 automatic checkpoints older than 30d"))
        #expect(text.contains("kept 2 commits that nothing else holds; \(try repo.id(repo.lane).prefix(7)) holds them"))
        try repo.git("-c", "gc.reflogExpire=now", "gc", "-q", "--prune=now")
        #expect(
            try repo.git("for-each-ref", "--format=%(refname)", "refs/wf/demo/auto").lines
                == [repo.segment("0002")])
        #expect(try repo.git("rev-list", "--first-parent", "\(repo.lane)~1").lines == lane)
        #expect(try Self.exists(old.commit, in: repo))
        #expect(try Self.exists(old.index, in: repo))
        #expect(try Self.exists(old.automatic[0], in: repo))
        #expect(try !Self.exists(old.automatic[3], in: repo))
        try Self.expectClean(repo)
        let kept = try repo.git("log", "-1", "--format=%s%n%(trailers:key=Wf-Kept,valueonly)", repo.lane).lines
        #expect(kept.first == "Kept 2 commits of old automatic checkpoints")
        #expect(Set(kept.dropFirst().filter { !$0.isEmpty }) == [old.commit, old.index])
        for key in ["phase", "status", "items", "next", "decisions"] {
            #expect(try repo.json("status")[key] == state[key], "\(key)")
        }
        // Nothing is left to do, and what was restored can still be taken back.
        #expect(try repo.json("gc")["dropped"]?.list == [])
        try repo.done("log", "--auto", "-n", "0")
        try repo.done("show", old.automatic[0])
    }

    @Test("the newest segment of a worktree stays, however old it is, and so does a young one")
    func young() throws {
        var repo = try TestRepository.begun()
        _ = try Self.time(repo)
        repo.time += 400 * Self.day
        #expect(try repo.json("gc")["dropped"]?.list == [])
        try Self.beginSegment("0002", in: repo)
        try repo.git("config", "wf.keepAuto", "500d")
        #expect(try repo.json("gc")["dropped"]?.list == [])
        try repo.git("config", "wf.keepAuto", "a month")
        try repo.refuses(["gc"], status: 128, says: ["wf.keepAuto", "no duration"])
        try repo.git("config", "wf.keepAuto", "12h")
        #expect(try repo.json("gc")["dropped"]?.list.count == 1)
        #expect(try repo.json("gc")["dropped"]?.list == [])
    }

    @Test("what stands at a segment's place and is none of ours is left there")
    func foreign() throws {
        let old = try Self.old()
        try old.repo.git("update-ref", old.repo.segment(), "HEAD")
        #expect(try old.repo.json("gc")["dropped"]?.list == [])
        #expect(try old.repo.id(old.repo.segment()) == old.repo.id("HEAD"))
    }

    @Test("an agent's old segment goes too, from the leader's worktree")
    func agent() throws {
        var repo = try TestRepository.begun()
        let path = try repo.done("agent", "start", "one").lines[0]
        var agent = repo.worktree(at: FilePath(path))
        agent.time = repo.time
        try agent.write("x.txt", "x\n")
        _ = try Self.time(agent)
        let first = try repo.id(agent.segment(of: "one"))
        // A young one after it.
        repo.time += 40 * Self.day
        agent.time = repo.time
        let message = try repo.git("log", "-1", "--format=%B", first).text
        let young = try repo.git(
            "commit-tree", "\(first)^{tree}", "-p", "refs/wf/demo/agents/one", "-m", message
        ).text
        try repo.git("update-ref", agent.segment("0002", of: "one"), young)
        let segment = try agent.segment(of: "one")
        #expect(try repo.json("gc")["dropped"]?.texts("ref") == [segment])
        try Self.expectClean(repo)
    }

    @Test("packs become one, again and again, and hold the same objects")
    func packs() throws {
        let repo = try TestRepository.begun()
        let text = (0..<400).map { "line \($0) of a file that changes a little\n" }
        for round in 1...3 {
            for number in 1...4 {
                var lines = text
                lines[number * 40] = "round \(round) number \(number)\n"
                try repo.write("big.txt", lines.joined())
                try repo.done("checkpoint", "\(round) \(number)")
            }
            let objects = try repo.git("cat-file", "--batch-all-objects", "--batch-check").lines
            let answer = try repo.json("gc")["packs"]
            #expect(try #require(answer?["after"]?.number) < #require(answer?["before"]?.number))
            #expect(Self.packs(repo).count == 1)
            #expect(try repo.git("cat-file", "--batch-all-objects", "--batch-check").lines == objects)
            #expect(!repo.exists(".git/objects/wf-gc"))
            try Self.expectClean(repo)
        }
        #expect(try repo.done("gc").text.hasPrefix("nothing to do"))
        #expect(try repo.json("gc")["packs"] == nil)
        // The appends that come after fold their own, and take nothing apart.
        for number in 1...40 {
            try repo.write("big.txt", "\(number)\n")
            try repo.done("checkpoint", "\(number)")
        }
        #expect(Self.packs(repo).count <= 18)
        try Self.expectClean(repo)
    }

    @Test("two at once, beside writers and git's own gc")
    func beside() throws {
        let old = try Self.old()
        let repo = old.repo
        for round in 1...3 {
            let script = """
                git-wf gc >../one 2>&1 & one=$!
                git-wf gc >../two 2>&1 & two=$!
                git gc -q --prune=now >../git 2>&1 & git=$!
                for i in 1 2 3 4 5 6; do echo \(round) $i >f$i; git-wf checkpoint --json "\(round) $i" || exit; done >../ids
                wait $one || cat ../one >&2
                wait $two || cat ../two >&2
                wait $git || cat ../git >&2
                """
            let output = try repo.run("sh", ["-c", script])
            #expect(output.errorText == "" && output.status == 0, "\(output.errorText)")
            let ids = try repo.text("../ids").split(separator: "\n").map { line in
                String(line.firstRange(of: "\"id\":\"").map { line[$0.upperBound...].prefix(40) } ?? "")
            }
            let lane = Set(try repo.git("rev-list", "--first-parent", repo.lane).lines)
            #expect(ids.count == 6 && ids.allSatisfy { lane.contains($0) })
        }
        #expect(try repo.git("for-each-ref", "refs/wf/demo/auto").lines.count == 1)
        #expect(try Self.exists(old.commit, in: repo))
        #expect(try Self.exists(old.index, in: repo))
        let kept = try repo.git("log", "--first-parent", "--format=%s", repo.lane).lines.filter { $0.hasPrefix("Kept") }
        #expect(kept.count == 1)
        try Self.expectClean(repo)
    }

    /// `GIT_WF_TEST_COUNT` says how many, `GIT_WF_TEST_SEED` where to begin.
    @Test("killed at any moment, the next one finishes, and nothing is lost")
    func killed() throws {
        let seed = testNumber("GIT_WF_TEST_SEED") ?? 1
        var random = SeededGenerator(seed: seed)
        let old = try Self.old()
        let repo = old.repo
        let lane = try repo.git("rev-list", "--first-parent", repo.lane).lines
        for round in 0..<Int(testNumber("GIT_WF_TEST_COUNT") ?? 10) {
            let note: Comment = "seed \(seed), round \(round)"
            try repo.write("w.txt", "round \(round)\n")
            try repo.done("checkpoint", "round \(round)")
            let pause = "0.0\(UInt64.random(in: 0..<60, using: &random) + 10)"
            _ = try repo.run(
                "sh", ["-c", "git-wf gc >/dev/null 2>&1 & child=$!; sleep \(pause); kill -9 $child; wait $child"])
            #expect(try repo.wf("status").status == 0, note)
        }
        try repo.done("gc")
        try repo.git("gc", "-q", "--prune=now")
        #expect(!repo.exists(".git/objects/wf-gc"))
        #expect(try repo.git("rev-list", "--first-parent", repo.lane).lines.suffix(lane.count) == lane[...])
        #expect(try Self.exists(old.commit, in: repo))
        #expect(try repo.git("for-each-ref", "refs/wf/demo/auto").lines.count == 1)
        try Self.expectClean(repo)
    }
}
