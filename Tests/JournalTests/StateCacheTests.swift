import Git
import GitValues
import Journal
import SystemPackage
import TestSupport
import Testing
import Workflow
import WorkflowFixture

@Suite("The cached state")
struct StateCacheTests {
    private let fixture: WorkflowFixture
    private var cache: FilePath { fixture.repo.path.appending(".git/wf/cache/feature/leader.state") }

    init() throws {
        fixture = try WorkflowFixture()
        try append([
            Draft(.decision, "Decided: FTS5").with(TrailerKey.decision, "FTS5").with(TrailerKey.because, "ranking"),
            Draft(.itemDone, "Done: one").with(TrailerKey.item, "one"),
            Draft(.checkpoint, "work").with(TrailerKey.next, ["the feedback route", "tests"]),
        ])
    }

    private func append(_ drafts: [Draft]) throws {
        let journal = try fixture.journal()
        try journal.append(drafts, snapshot: journal.takeSnapshot())
    }

    /// As a new process folds it.
    private func state() throws -> WorkflowState { try #require(try fixture.journal().state()) }

    /// Without any cache.
    private func foldedState() throws -> WorkflowState {
        Files.removeTree(fixture.repo.path.appending(".git/wf/cache"))
        return try state()
    }

    @Test("a lane read again says what it said when it was written, however many threads read it")
    func again() throws {
        let drafts = (0..<1300).map { number -> Draft in
            var draft = Draft(.checkpoint, "step \(number)").with(TrailerKey.read, ["a.txt", "b.txt"])
            if number % 7 == 0 { draft.kind = .itemStarted }
            if number % 7 == 0 { draft.add(TrailerKey.item, "item \(number % 5)") }
            if number % 100 == 0 { draft.add(TrailerKey.decision, "decision \(number)") }
            draft.add(TrailerKey.next, "after \(number)")
            return draft
        }
        try append(drafts)
        let appended = try state()
        #expect(appended.count == 2 + 3 + drafts.count)
        #expect(appended.decisions.decisions.count == 14)
        #expect(try foldedState() == appended)
    }

    @Test("what a plain checkpoint adds takes no room, so a state loads as fast after any number of them")
    func size() throws {
        let before = try Files.read(cache).count
        let plain = Draft(.checkpoint, "work").with(TrailerKey.next, ["the feedback route", "tests"])
        try append(Array(repeating: plain, count: 300))
        // Two counts have more digits.
        #expect(try Files.read(cache).count <= before + 8)
    }

    @Test("a byte that changed, bytes that are missing or too many: the state is that of the lane")
    func damage() throws {
        let expected = try state()
        let bytes = try Files.read(cache)
        var random = SeededGenerator(seed: testSeeds(count: 1).first ?? 1)
        var damaged: [[UInt8]] = [[], Array(bytes.dropLast()), bytes + bytes, [0] + bytes]
        for position in bytes.indices where position < 60 || random.below(8) == 0 {
            var copy = bytes
            copy[position] ^= 1 << UInt8(random.below(8))
            damaged.append(copy)
        }
        // A digit for another one is what a format would believe.
        for position in bytes.indices where (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position]) {
            guard position > 60, random.below(8) == 0 else { continue }
            var copy = bytes
            copy[position] = copy[position] == UInt8(ascii: "9") ? UInt8(ascii: "8") : copy[position] + 1
            damaged.append(copy)
        }
        for _ in 0..<50 { damaged.append(Array(bytes.prefix(random.below(bytes.count)))) }
        for copy in damaged where copy != bytes {
            try Files.write(copy, to: cache)
            #expect(try state() == expected)
            // And what was found is written again.
            #expect(try Files.read(cache) != copy)
        }
    }

    @Test("a cache of another version is no cache")
    func version() throws {
        let expected = try state()
        let parts = try Files.read(cache).split(separator: UInt8(ascii: "\n"), maxSplits: 1)
        let version = try #require(Int(String(decoding: parts[0], as: UTF8.self).split(separator: " ")[2]))
        // What it says is whole, and wrong.
        var content = Array(parts[1])
        for place in content.indices where content[place...].starts(with: "FTS5".utf8) {
            content.replaceSubrange(place..<(place + 4), with: "LIKE".utf8)
        }
        let checksum = try Repository.blobID(of: content)
        for (number, decision) in [(version, "LIKE"), (version - 1, "FTS5"), (version + 1, "FTS5")] {
            try Files.write(Array("git-wf state \(number) \(checksum)\n".utf8) + content, to: cache)
            #expect(try state().decisions.decisions.map(\.text) == [decision])
        }
        try Files.write([], to: cache)
        #expect(try state() == expected)
    }

    @Test("a lane that went back, or another way, is folded anew")
    func otherTip() throws {
        let ref = "refs/wf/feature/leader"
        let old = try state()
        let tip = try fixture.repo.git("rev-parse", ref).text
        try append([Draft(.decision, "Decided: D1").with(TrailerKey.decision, "D1")])
        let cached = try Files.read(cache)
        try fixture.repo.git("update-ref", ref, tip)
        #expect(try state() == old)
        try append([Draft(.blocked, "Blocked: which region?").with(TrailerKey.reason, "which region?")])
        let other = try state()
        try Files.write(cached, to: cache)
        #expect(try state() == other)
        #expect(try state().decisions.decisions.map(\.text) == ["FTS5"])
        #expect(try foldedState() == other)
    }

    @Test("an agent's lane has a cache of its own")
    func agent() throws {
        let worktree = try fixture.agent("one", writes: "c.txt", "c\n")
        try fixture.report(worktree, "done")
        let name = try Name("one")
        let expected = try fixture.journal().agentState(name)
        let file = fixture.repo.path.appending(".git/wf/cache/feature/agents/one.state")
        var bytes = try Files.read(file)
        bytes[bytes.count / 2] ^= 1
        try Files.write(bytes, to: file)
        #expect(try fixture.journal().agentState(name) == expected)
        #expect(expected?.result?.summary == "done")
    }
}
