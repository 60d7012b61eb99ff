import Git
import Snapshots
import TestSupport
import Testing

@Suite struct RandomSnapshotTests {
    @Test("the tree equals what git add -A would write, after any edits", arguments: testSeeds(count: 15))
    func anyEdits(seed: UInt64) throws {
        let repo = try TestRepository()
        try repo.commit("a", "one\n")
        var edits = try RandomEdits(repo, seed: seed)
        for _ in 0..<15 {
            try edits.step()
            guard let expected = try? repo.oracleTree() else { continue }
            let tree = try repo.snapshot().tree.hex
            if tree == expected { continue }
            let ours = try repo.git("ls-tree", "-r", tree).text
            try repo.git("add", "-A")
            let theirs = try repo.git("ls-tree", "-r", repo.git("write-tree").text).text
            Issue.record("seed \(seed) after \(edits.log)\n\(ours)\n--\n\(theirs)")
            return
        }
    }
}
