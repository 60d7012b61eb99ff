import SystemPackage
import TestSupport
import Testing

/// Operations of every kind are killed, in two worktrees of one lane and in an agent's. `GIT_WF_TEST_COUNT` says how many kills,
/// `GIT_WF_TEST_SEED` which.
@Suite("An operation that is killed is ended, by its own worktree")
struct OperationKillTests {
    private static let batch: UInt64 = 100
    private static let total = testNumber("GIT_WF_TEST_COUNT") ?? 24
    private static let first = testNumber("GIT_WF_TEST_SEED") ?? 1

    @Test(
        "finished or taken back by the next command of its worktree, whatever other worktrees do meanwhile",
        arguments: stride(from: 0, to: total, by: Int(batch)).map { first + $0 })
    func kills(seed: UInt64) throws {
        var world = try World(seed: seed)
        for round in 0..<Int(min(Self.batch, Self.total - (seed - Self.first))) { try world.kill(round) }
        try world.expectSound()
        // Else no kill came in the middle, and nothing was tried.
        if Self.total >= Self.batch { #expect(world.ended > 0, "seed \(seed)") }
    }
}

/// A repository with a second worktree of the leader's lane, and an agent.
private struct World {
    let seed: UInt64
    var random: SeededGenerator
    let main: TestRepository
    let other: TestRepository
    let agent: TestRepository
    /// How long each kind of operation takes, in microseconds.
    var durations: [String: Int] = [:]
    var seen: Set<String> = []
    /// How many kills left something to end.
    var ended = 0

    init(seed: UInt64) throws {
        self.seed = seed
        random = SeededGenerator(seed: seed)
        main = try TestRepository.begun("minimal")
        for number in 0..<12 { try main.write("d\(number % 3)/f\(number)", "\(number)\n") }
        for name in ["a", "b"] { try main.write(name, "first\n") }
        try main.git("add", "-A")
        try main.git("commit", "-qm", "files")
        try main.git("worktree", "add", "-q", "--detach", "../other")
        other = main.beside("other")
        agent = main.worktree(at: FilePath(try main.done("agent", "start", "worker").lines[0]))
        for place in [main, other, agent] { try place.done("checkpoint", "first") }
    }

    /// One operation, and what is true after it whichever way it ended.
    private struct Case {
        let name: String
        let place: TestRepository
        let command: [String]
        /// - Parameter isAfter: whether the operation is known to have been done.
        var expect: (Comment) throws -> Void = { _ in }
    }

    mutating func kill(_ round: Int) throws {
        let test = try prepare(round)
        seen.insert(test.name)
        let place = test.place
        let limit = durations[test.name] ?? 60_000
        let pause = Double(random.below(max(1, limit))) / 1_000_000
        let words = (["git-wf"] + test.command).joined(separator: " ")
        let began = ContinuousClock.now
        let output = try place.run(
            "sh",
            ["-c", "\(words) >/dev/null 2>&1 & child=$!; (sleep \(pause); kill -9 $child 2>/dev/null) & wait $child"])
        try waitForOrphans()
        let note: Comment = "seed \(seed), round \(round): \(words) in \(place.path), killed after \(pause) s"
        let left = intents(of: place)
        // Where it ended before its kill the next one of its kind comes sooner, where it had not begun later.
        if output.status == 0 {
            durations[test.name] = Int((ContinuousClock.now - began) / .microseconds(1)) * 11 / 10
        } else if left.isEmpty {
            durations[test.name] = min(limit * 5 / 4, 5_000_000)
        }
        // Nobody else ends it.
        let bystander = random.pick([main, other, agent].filter { $0.path != place.path })
        try bystander.write("beside", "\(round)\n")
        let beside = try bystander.wf("checkpoint", "beside \(round)")
        #expect(beside.status == 0 && !beside.errorText.contains("cut short"), "\(note): \(beside.errorText)")
        #expect(intents(of: place) == left, note)
        let next = try place.wf("checkpoint", "after \(round)")
        #expect(next.status == 0, "\(note): \(next.errorText)")
        if next.errorText.contains("cut short") { ended += 1 }
        #expect(intents(of: place).filter { !$0.hasSuffix(".waiting") } == [], "\(note): \(next.errorText)")
        #expect(try place.json("status")["operation"]?.text ?? "merge" == "merge", note)
        try test.expect("\(note): \(next.errorText)")
        for name in ["index.lock", "HEAD.lock"] { #expect(Files.mode(of: try place.gitPath(name)) == nil, note) }
        if Files.mode(of: try main.gitPath("MERGE_HEAD")) != nil { try main.done("merge", "--abort") }
        #expect(intents(of: place) == [], note)
    }

    /// Gits that a killed process started end by themselves.
    private func waitForOrphans() throws {
        let root = main.path.removingLastComponent().string
        try main.run(
            "sh",
            [
                "-c",
                """
                for i in $(seq 200); do
                    busy=
                    for p in /proc/[0-9]*; do
                        case $(readlink $p/cwd 2>/dev/null) in \(root)/*) tr '\\0' '\\n' <$p/environ 2>/dev/null |
                            grep -q ^GIT_WF_OPERATION= && busy=1 ;; esac
                    done
                    [ -n "$busy" ] || exit 0
                    sleep 0.01
                done
                """,
            ])
    }

    private func intents(of place: TestRepository) -> [String] {
        let id = (try? place.worktreeID()) ?? "none"
        return Files.names(in: main.file(".git/wf/intents")).filter { $0.contains(id) }.sorted()
    }

    func expectSound() throws {
        let note: Comment = "seed \(seed): \(seen.sorted())"
        #expect(try main.json("fsck")["problems"]?.list == [], note)
        let faults = try main.run("git", ["fsck", "--strict"]).lines.filter { !$0.hasPrefix("dangling") }
        #expect(faults == [], note)
        for place in [main, other, agent] {
            #expect(try !place.contents(of: "").keys.contains { $0.contains(".git-wf") }, note)
        }
    }

    // MARK: The operations

    private mutating func prepare(_ round: Int) throws -> Case {
        let place = random.pick([main, main, other, agent])
        switch random.below(10) {
        case 0...3: return try files(at: place, round)
        case 4: return try commit(at: random.pick([main, agent]), round)
        case 5: return try start(round)
        case 6: return try remove(round)
        case 7: return try merge(round, conflicts: false)
        case 8: return try merge(round, conflicts: true)
        default: return try end(round)
        }
    }

    /// A restore, an undo or a redo.
    private mutating func files(at place: TestRepository, _ round: Int) throws -> Case {
        for name in ["a", "b", "d0/f0"] { try place.write(name, "good \(round)\n") }
        let good = try place.json("checkpoint", "good")["id"]?.text ?? ""
        let restored = try place.contents(of: "")
        for name in ["a", "b", "new\(round % 3)"] { try place.write(name, "bad \(round)\n") }
        try place.remove("d0/f0")
        let spoilt = try place.contents(of: "")
        let restore = ["restore", "--from", good, "--all", "--exact"]
        let command = random.pick([restore, ["undo"], ["redo"]])
        if command != restore { try place.done(restore) }
        if command == ["redo"] { try place.done("undo") }
        return Case(name: command[0], place: place, command: command) { note in
            let now = try place.contents(of: "")
            #expect(now == restored || now == spoilt, note)
        }
    }

    private func commit(at place: TestRepository, _ round: Int) throws -> Case {
        try place.write("a", "committed \(round)\n")
        try place.write("c\(round)", "new\n")
        let head = try place.id("HEAD")
        return Case(name: "commit", place: place, command: ["checkpoint", "with", "--commit"]) { note in
            let status = try place.git("status", "--porcelain", "--untracked-files=no").lines
            // What is staged is what HEAD has, before or after.
            #expect(status.allSatisfy { $0.hasPrefix(" ") }, "\(note): \(status)")
            if try place.id("HEAD") != head { #expect(status.isEmpty, note) }
        }
    }

    private func start(_ round: Int) throws -> Case {
        let name = "s\(round)"
        return Case(name: "agent start", place: main, command: ["agent", "start", name]) { [main] note in
            let isRecorded = try main.json("agent", "list")["agents"]?.texts("name").contains(name) == true
            let isListed = try main.git("worktree", "list", "--porcelain").lines.contains { $0.hasSuffix("/\(name)") }
            let hasLane = try !main.id("refs/wf/demo/agents/\(name)").isEmpty
            let hasBranch = try !main.id("refs/heads/wf/demo/\(name)").isEmpty
            #expect([isRecorded, isListed, hasLane, hasBranch].allSatisfy { $0 == isRecorded }, "\(note)")
        }
    }

    /// A removal, or what brings the agent back; of one that is clean, or that has work which is not committed.
    private mutating func remove(_ round: Int) throws -> Case {
        let name = "r\(round)"
        let isClean = random.below(2) == 0
        let command = random.pick(["remove", "restore"])
        let folder = FilePath(try main.done("agent", "start", name).lines[0])
        let worktree = main.worktree(at: folder)
        try worktree.write("work", "of \(name)\n")
        if isClean { try worktree.commit("work", "of \(name)\n") }
        if command == "restore" { try main.done("agent", "remove", name) }
        return Case(name: "agent \(command)", place: main, command: ["agent", command, name]) { [main] note in
            let isThere = Files.mode(of: folder) != nil
            let isListed = try main.git("worktree", "list", "--porcelain").lines.contains("worktree \(folder)")
            let hasBranch = try !main.id("refs/heads/wf/demo/\(name)").isEmpty
            #expect([isListed, hasBranch].allSatisfy { $0 == isThere }, note)
            let beside = Files.names(in: folder.removingLastComponent()).filter { $0.hasPrefix(".\(name).") }
            #expect(beside.count == (isThere || isClean ? 0 : 1), note)
            if isThere {
                #expect(try worktree.text("work") == "of \(name)\n", note)
            } else {
                let held = try main.git("show", "refs/wf/demo/agents/\(name):work").text
                #expect(held == "of \(name)", note)
            }
        }
    }

    private func ready(_ name: String, writes path: String) throws {
        let there = main.worktree(at: FilePath(try main.done("agent", "start", name).lines[0]))
        try there.commit(path, "by \(name)\n")
        try there.done("agent", "report", "--status", "complete", "--summary", "done")
    }

    private func expectMerged(_ name: String, since head: String, _ note: Comment) throws {
        let isMerged = try !main.git("branch", "--contains", "wf/demo/\(name)", "--list", "main").lines.isEmpty
        let moved = try main.id("HEAD") != head
        #expect(isMerged == moved, note)
        let states = try main.json("agent", "list")["agents"]?.list.first { $0["name"]?.text == name }
        #expect((states?["state"]?.text == "merged") == isMerged, "\(note): \(states?["state"]?.text ?? "none")")
    }

    private func merge(_ round: Int, conflicts: Bool) throws -> Case {
        let name = "m\(round)"
        try ready(name, writes: conflicts ? "a" : "by/\(name)")
        if conflicts { try main.commit("a", "of the leader \(round)\n") }
        let head = try main.id("HEAD")
        return Case(name: conflicts ? "merge that conflicts" : "merge", place: main, command: ["merge", name]) {
            [main] note in
            if conflicts {
                #expect(try main.id("HEAD") == head, note)
                return
            }
            try expectMerged(name, since: head, note)
            #expect(main.exists("by/\(name)") == (try main.id("HEAD") != head), note)
            #expect(try main.git("diff", "--cached", "--name-only").text.isEmpty, note)
        }
    }

    /// The end of a merge that stopped at a conflict.
    private mutating func end(_ round: Int) throws -> Case {
        let name = "e\(round)"
        try ready(name, writes: "a")
        try main.commit("a", "of the leader \(round)\n")
        let head = try main.id("HEAD")
        try main.wf("merge", name)
        try main.write("a", "resolved \(round)\n")
        let command = random.pick([["merge", "--continue"], ["merge", "--abort"]])
        let world = self
        return Case(name: command.joined(separator: " "), place: main, command: command) { note in
            guard Files.mode(of: try world.main.gitPath("MERGE_HEAD")) == nil else { return }
            try world.expectMerged(name, since: head, note)
        }
    }
}
