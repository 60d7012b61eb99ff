import Agents
import Git
import GitValues
import Glibc
import Journal
import Merging
import Snapshots
import SystemPackage
import TestSupport
import Testing
import Workflow
import WorkflowFixture

@Suite("Merged trees")
struct OrtTests {
    private static var seeds: Range<UInt64> {
        0..<(getenv("GIT_WF_TEST_COUNT").flatMap { UInt64(String(cString: $0)) } ?? 12)
    }

    @Test("are those of git merge, on random histories", arguments: seeds)
    func random(seed: UInt64) throws {
        var random = SplitMix(state: seed &* 0x9e37_79b9_7f4a_7c15 &+ 1)
        let files = Dictionary(uniqueKeysWithValues: (0..<8).map { ("d\($0 % 3)/f\($0).txt", Self.text($0)) })
        let fixture = try WorkflowFixture(files)
        let worktree = try fixture.start("one")
        try Self.change(worktree, &random)
        try Self.change(fixture.repo, &random)
        let (ours, theirs) = (
            try fixture.repo.git("rev-parse", "HEAD").text, try worktree.git("rev-parse", "HEAD").text
        )
        let other = fixture.repo.worktree(at: "../oracle")
        try fixture.repo.git("worktree", "add", "-q", "--detach", other.path.string, ours)
        let status = try other.gitStatus("merge", "-q", "--no-edit", theirs)
        let outcome = try fixture.merge("one")
        #expect((outcome.stopped == nil) == (status == 0))
        if status == 0 {
            #expect(try fixture.repo.git("rev-parse", "HEAD^{tree}").text == other.git("rev-parse", "HEAD^{tree}").text)
        } else {
            #expect(outcome.stopped?.reason == .conflict)
            #expect(
                try fixture.repo.git("ls-files", "-s").text == other.git("ls-files", "-s").text)
        }
    }

    /// Commits what a few random edits leave: lines changed, files added, deleted, renamed, replaced by directories.
    private static func change(_ repo: TestRepository, _ random: inout SplitMix) throws {
        for _ in 0..<(1 + random.next() % 3) {
            let paths = try repo.git("ls-files", "d*").lines
            let path = paths.isEmpty ? "d0/f0.txt" : paths[Int(random.next() % UInt64(paths.count))]
            guard repo.exists(path) else { continue }
            switch random.next() % 8 {
            case 0...3:
                var lines = try repo.text(path).split(separator: "\n", omittingEmptySubsequences: false).map(
                    String.init)
                let line = Int(random.next() % UInt64(max(1, lines.count)))
                if random.next() % 4 == 0 { lines.remove(at: line) } else { lines[line] = "edit \(random.next() % 50)" }
                try repo.write(path, lines.joined(separator: "\n"))
            case 4: try repo.write("d\(random.next() % 4)/new\(random.next() % 4).txt", "new \(random.next() % 3)\n")
            case 5: try repo.git("rm", "-q", "-f", path)
            case 6: try repo.git("mv", "-f", path, "moved\(random.next() % 3).txt")
            default:
                try repo.git("rm", "-q", "-f", path)
                try repo.write("\(path)/inside.txt", "inside\n")
            }
            try repo.git("add", "-A")
        }
        try repo.git("commit", "-q", "--allow-empty", "-m", "random")
    }

    private static func text(_ seed: Int) -> String { (0..<12).map { "line \($0) of \(seed)\n" }.joined() }
}

/// Sebastiano Vigna's SplitMix64.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
