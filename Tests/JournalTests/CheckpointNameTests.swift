import Git
import GitValues
import Journal
import Snapshots
import TestSupport
import Testing
import Workflow
import WorkflowFixture

@Suite("Names of checkpoints")
struct CheckpointNameTests {
    private let fixture: WorkflowFixture
    private var repo: TestRepository { fixture.repo }
    private let lane = "refs/wf/feature/leader"

    init() throws {
        fixture = try WorkflowFixture()
        let journal = try fixture.journal()
        var drafts = (0..<12).map { Draft(.checkpoint, "plan \($0)") }
        drafts.append(Draft(.phaseCompleted, "Phase completed: planning", phase: "planning"))
        drafts.append(Draft(.phaseStarted, "Phase started: implementing", phase: "implementing"))
        drafts += (0..<12).map { Draft(.checkpoint, "work \($0)") }
        try journal.append(drafts, snapshot: journal.takeSnapshot())
    }

    private func resolved(_ name: String) throws -> String { try fixture.journal().resolve(name).id.hex }

    /// Makes all objects loose, and takes one away.
    private func lose(_ id: String) throws {
        try repo.run(
            "sh",
            ["-ec", "mv .git/objects/pack ../packs; for p in ../packs/*.pack; do git unpack-objects -q <$p; done"])
        try repo.remove(".git/objects/\(id.prefix(2))/\(id.dropFirst(2))")
    }

    @Test("last~N is the lane's own N-th ancestor")
    func ancestors() throws {
        for number in [0, 1, 2, 13, 27] {
            #expect(try resolved("last~\(number)") == repo.git("rev-parse", "\(lane)~\(number)").text)
        }
        #expect(throws: CheckpointNameError.self) { try resolved("last~28") }
    }

    @Test("what is near the tip, has an id, or is a phase's last needs nothing of the older lane")
    func withoutWalk() throws {
        let old = try repo.git("rev-parse", "\(lane)~20").text
        let phase = try repo.git("rev-parse", "\(lane)~13").text
        let oldest = try repo.git("rev-parse", "\(lane)~26").text
        _ = try fixture.journal().state()
        try lose(old)
        #expect(try resolved("last~3") == repo.git("rev-parse", "\(lane)~3").text)
        #expect(try resolved("tip") == repo.git("rev-parse", lane).text)
        #expect(try resolved("phase/implementing") == repo.git("rev-parse", lane).text)
        #expect(try resolved("phase/planning") == phase)
        #expect(try resolved(oldest) == oldest)
        #expect(try resolved(String(oldest.prefix(10))) == oldest)
        #expect(throws: GitError.self) { try resolved("last~25") }
    }

    @Test("a phase that the definition no longer has is found in the lane")
    func formerPhase() throws {
        let planned = try repo.git("rev-parse", "\(lane)~13").text
        try repo.write(".wfconfig", "[workflow]\n\tname = feature\n[phase \"implementing\"]\n\tbudget = 1\n")
        let journal = try fixture.journal()
        let snapshot = try journal.takeSnapshot()
        let blob = try journal.repository.entry(at: ".wfconfig", in: snapshot.tree)?.id.hex
        let consent = Draft(.definitionChanged, "Changed").with(TrailerKey.definition, blob)
            .with(TrailerKey.consent, "human:ann")
        try journal.append([consent, Draft(.checkpoint, "without planning")], snapshot: snapshot)
        #expect(try fixture.journal().state()?.phases.map(\.name) == ["implementing"])
        #expect(try resolved("phase/planning") == planned)
        #expect(throws: CheckpointNameError.self) { try resolved("phase/nowhere") }
    }

    @Test("of several objects whose ids begin alike, the checkpoint is meant")
    func ambiguous() throws {
        let id = try repo.git("rev-parse", "\(lane)~5").text
        let short = String(id.prefix(4))
        var number = 0
        while try !Repository.blobID(of: Array("\(number)".utf8)).hex.hasPrefix(short) { number += 1 }
        try repo.git("hash-object", "-w", "--stdin", stdin: "\(number)")
        #expect(try repo.git("rev-parse", "--disambiguate=\(short)").lines.count >= 2)
        #expect(try resolved(short) == id)
    }

    @Test("a commit that names no lane is no checkpoint, whatever else its trailers say")
    func foreign() throws {
        try repo.git("commit", "-q", "--allow-empty", "-m", "Mine\n\nWf-Kind: checkpoint")
        #expect(throws: CheckpointNameError.self) { try resolved("HEAD") }
        #expect(throws: CheckpointNameError.self) { try resolved("main") }
        #expect(throws: CheckpointNameError.self) { try resolved("0123456789") }
    }
}
