import Git
import GitValues
import Journal
import SystemPackage
import TestSupport
import Testing
import Workflow
import WorkflowFixture

/// Several clones that write one lane, with real commits; what a join makes of a state is `LaneJoinTests`'.
@Suite("Joining the lanes of clones")
struct JoiningTests {
    private let fixture: WorkflowFixture
    private var clones: [TestRepository]
    private static let ref = "refs/wf/feature/leader"

    init() throws {
        let fixture = try WorkflowFixture()
        let names = ["one", "two"]
        for name in names {
            try fixture.repo.git("clone", "-q", ".", "../\(name)")
            try fixture.repo.worktree(at: FilePath("../\(name)")).git(
                "fetch", "-q", "origin", "\(Self.ref):\(Self.ref)")
        }
        self.fixture = fixture
        clones = [fixture.repo] + names.map { fixture.repo.worktree(at: FilePath("../\($0)")) }
        for index in clones.indices {
            clones[index].environment["GIT_COMMITTER_NAME"] = "Writer \(index)"
            clones[index].time += Int64(index)
        }
    }

    private func journal(_ clone: Int) throws -> Journal {
        let repo = clones[clone]
        return try Workspace(
            Surroundings(
                environment: repo.environment, directory: repo.path, now: Timestamp(seconds: repo.time, offset: 0))
        ).journal()
    }

    private func append(_ drafts: [Draft], to clone: Int) throws {
        let journal = try journal(clone)
        try journal.append(drafts, snapshot: journal.takeSnapshot())
    }

    private func tip(_ clone: Int) throws -> ObjectID {
        try #require(ObjectID(hex: clones[clone].git("rev-parse", Self.ref).text))
    }

    private func fetch(from other: Int, to clone: Int) throws -> ObjectID {
        try clones[clone].git(
            "fetch", "-q", clones[other].path.string, "+\(Self.ref):refs/wf-remotes/other/feature/leader")
        return try tip(other)
    }

    /// Brings what another clone recorded: by a join, or by going there where this one has nothing of its own.
    private func take(from other: Int, to clone: Int) throws {
        let theirs = try fetch(from: other, to: clone)
        let journal = try journal(clone)
        let own = try tip(clone)
        let new: ObjectID
        do {
            new = try journal.join(own, theirs).id
        } catch JoinError.contained(_, in: let newer) {
            new = newer
        }
        if new == own { return }
        try journal.repository.setReference(Self.ref, to: new, expecting: own, reason: "test")
    }

    private func state(_ clone: Int) throws -> WorkflowState { try #require(try journal(clone).state()) }

    private func foldedState(_ clone: Int) throws -> WorkflowState {
        Files.removeTree(clones[clone].path.appending(".git/wf/cache"))
        return try state(clone)
    }

    private func decision(_ text: String) -> Draft {
        Draft(.decision, "Decided: \(text)").with(TrailerKey.decision, text)
    }

    @Test("two clones that join the same tips make the same commit, which is the one that git makes of them")
    func sameCommit() throws {
        try append([decision("FTS5")], to: 0)
        try append([decision("D1"), decision("KV")], to: 1)
        let theirs = try fetch(from: 1, to: 0)
        let own = try fetch(from: 0, to: 1)
        let join = try journal(0).join(own, theirs)
        #expect(try journal(1).join(theirs, own).id == join.id)
        #expect(try journal(1).join(own, theirs).id == join.id)
        #expect(try clones[0].joinByGit(theirs.hex, own.hex, workflow: "feature") == join.id.hex)
        #expect(join.followed == [own, theirs].sorted() && join.time.seconds == clones[1].time)
        #expect(try join.tree.hex == clones[1].git("rev-parse", "\(theirs)^{tree}").text)
        try take(from: 1, to: 0)
        try take(from: 0, to: 1)
        #expect(try tip(0) == join.id && tip(1) == join.id)
        #expect(try state(0) == state(1))
        #expect(Set(try state(0).decisions.decisions.map(\.text)) == ["FTS5", "D1", "KV"])
        for clone in 0...1 { #expect(try clones[clone].git("fsck", "--strict", "--no-dangling").text == "") }
    }

    @Test("what follows a tip already, what began elsewhere and what is no leader's checkpoint is not joined")
    func refused() throws {
        let first = try tip(0)
        try append([decision("FTS5")], to: 0)
        let second = try tip(0)
        for tips in [(first, second), (second, first)] {
            #expect(throws: JoinError.contained(first, in: second)) { try journal(0).join(tips.0, tips.1) }
        }
        #expect(throws: JoinError.contained(second, in: second)) { try journal(0).join(second, second) }
        let head = try #require(ObjectID(hex: clones[0].git("rev-parse", "HEAD").text))
        #expect(throws: JoinError.notOfLeader(head)) { try journal(0).join(second, head) }
        let other = try WorkflowFixture()
        try clones[0].git("fetch", "-q", other.repo.path.string, "\(Self.ref):refs/other")
        // A workflow of the same name that began at another time.
        let begin = try clones[0].git(
            ["commit-tree", "refs/other^{tree}"],
            stdin: Array(
                "Begin\n\nWf-Version: 1\nWf-Workflow: feature\nWf-Lane: leader\nWf-Kind: workflow-started\n".utf8))
        let unrelated = try #require(ObjectID(hex: begin.text))
        #expect(throws: JoinError.unrelated(second, unrelated)) { try journal(0).join(second, unrelated) }
    }

    @Test("what each clone recorded since is known to it after a join, and a box that another one ticked stays ticked")
    func documents() throws {
        try clones[1].write("TODO.md", WorkflowFixture.todo.replacing("[ ] two", with: "[x] two"))
        try append([Draft(.checkpoint, "two is done")], to: 1)
        try append([Draft(.checkpoint, "work")], to: 0)
        try take(from: 1, to: 0)
        // Ticked after its own last checkpoint, and after the join.
        try clones[0].write("TODO.md", WorkflowFixture.todo.replacing("[ ] one", with: "[x] one"))
        try append([Draft(.checkpoint, "one is done")], to: 0)
        let state = try state(0)
        let ids = ["one", "two"].map { ItemID(workflow: state.id, text: $0) }
        #expect(Set(state.items.records.keys) == Set(ids) && state.items.records.values.allSatisfy(\.isDone))
    }

    @Test(
        "clones that write and join at random know the same, with any cache and without, each checkpoint once",
        arguments: testSeeds(count: 2))
    func random(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for step in 0..<14 {
            let clone = random.below(clones.count)
            if random.below(3) == 0 {
                try take(from: random.below(clones.count), to: clone)
                #expect(try state(clone) == foldedState(clone), "seed \(seed), step \(step)")
                continue
            }
            try clones[clone].write("f\(random.below(3)).txt", "\(step)\n")
            let phase = try state(clone).currentName
            let drafts = random.pick([
                [decision("choice \(random.below(4))")],
                [Draft(.checkpoint, "step \(step)").with(TrailerKey.next, "after \(step)")],
                [Draft(.itemDone, "Done").with(TrailerKey.item, "item \(step)")],
                phase.map { [Draft(.blocked, "Blocked", phase: $0).with(TrailerKey.reason, "why \(step)")] } ?? [],
                [Draft(.outside, "Outside").with(TrailerKey.outside, "effect \(step)")],
            ])
            try append(drafts, to: clone)
            // An automatic one stands behind the checkpoint that it followed.
            let journal = try journal(clone)
            try clones[clone].write("auto.txt", "\(step)\n")
            _ = try journal.appendAutomatic(.time, title: "auto", snapshot: journal.takeSnapshot())
        }
        for (from, to) in [(0, 1), (2, 1), (1, 0), (1, 2)] { try take(from: from, to: to) }
        let known = try state(0)
        for clone in clones.indices {
            #expect(try tip(clone) == tip(0) && state(clone) == known, "seed \(seed)")
            #expect(try foldedState(clone) == known, "seed \(seed)")
            try expectLog(of: clone, is: known, seed: seed)
            let check = try LaneCheck(Workspace(fixture.surroundings(in: clones[clone].path)))
            #expect(check.problems.map(\.text) == [] && check.lanes.allSatisfy(\.isOK), "seed \(seed)")
        }
    }

    /// The log is that of git's own walk over the lane: each of its commits once, before all that it follows.
    private func expectLog(of clone: Int, is state: WorkflowState, seed: UInt64) throws {
        let trailers = "%(trailers:key=Wf-Kind,valueonly,separator=%x2C)"
        let lines = try clones[clone].git("log", "--format=%H|%P|\(trailers)", "--topo-order", Self.ref).lines
        var parents: [String: [String]] = [:]
        for line in lines {
            let fields = line.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
            let all = fields[1].split(separator: " ").map(String.init)
            if !fields[2].isEmpty { parents[fields[0]] = Array(all.prefix(fields[2] == "lanes-joined" ? 2 : 1)) }
        }
        var ofLane: Set<String> = []
        var waiting = [try tip(clone).hex]
        while let id = waiting.popLast() {
            if ofLane.insert(id).inserted { waiting += parents[id] ?? [] }
        }
        var told: [String] = []
        var history = try journal(clone).history(of: .leader, withAutomatic: false)
        while let checkpoint = try history.next() {
            #expect(
                !(parents[checkpoint.id.hex] ?? []).contains(where: told.contains), "seed \(seed): a parent came first")
            told.append(checkpoint.id.hex)
        }
        #expect(told.count == ofLane.count && Set(told) == ofLane && told.count == state.count, "seed \(seed)")
        #expect(try journal(clone).resolve("last~\(told.count - 1)").id.hex == told.last)
        // With automatic ones it is the same, and each of those once behind what it followed.
        var all: [Checkpoint] = []
        history = try journal(clone).history(of: .leader, withAutomatic: true)
        while let checkpoint = try history.next() { all.append(checkpoint) }
        #expect(all.filter { $0.kind != .auto }.map(\.id.hex) == told)
        for (index, checkpoint) in all.enumerated() where checkpoint.kind == .auto {
            let place = all.firstIndex { $0.id == checkpoint.id(of: TrailerKey.after) }
            #expect(
                place.map { $0 > index } == true
                    && all[index...].first { $0.kind != .auto }?.id == place.map { all[$0].id })
        }
        #expect(try journal(clone).count(of: .leader, withAutomatic: true) == all.count)
        #expect(Set(all.map(\.id)).count == all.count)
    }
}
