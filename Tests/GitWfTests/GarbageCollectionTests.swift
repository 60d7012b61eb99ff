import TestSupport
import Testing

/// `GIT_WF_TEST_COUNT` says how many steps, `GIT_WF_TEST_SEED` which.
@Suite("git gc --prune=now after every step costs no checkpoint")
struct GarbageCollectionTests {
    private struct Held {
        let id: String
        let tree: String
        /// The files that the tree has, as they were on disk.
        let files: [String: [UInt8]]
    }

    private static let edits: [RandomEdits.Step] =
        RandomEdits.Step.ofFiles + [
            .ignore, .add, .addAll, .addForced, .commit, .removeCached, .intend, .conflict, .stash, .unstash, .reset,
            .resetHard, .checkout, .splitIndex,
        ]

    @Test("every checkpoint restores to its bytes")
    func everyStep() throws {
        let seed = testNumber("GIT_WF_TEST_SEED") ?? 1
        let repo = try TestRepository.begun()
        var edits = try RandomEdits(repo, seed: seed)
        var held: [Held] = []
        let steps = Int(testNumber("GIT_WF_TEST_COUNT") ?? 12)
        for number in 0..<steps {
            func note(_ text: String = "") -> Comment { "seed \(seed), step \(number) after \(edits.log): \(text)" }
            for _ in 0...edits.random.below(3) { try edits.step(Self.edits) }
            // What is not asked of a checkpoint may be refused: a decision during a merge, an undo of nothing.
            switch edits.random.below(10) {
            case 0: try repo.wf("decide", "decision \(number)")
            case 1: try repo.wf("undo")
            case 2:
                if let one = held.randomElement(using: &edits.random) {
                    try repo.wf("restore", "--from", one.id, "--all")
                }
            case 3:
                if let one = held.randomElement(using: &edits.random) {
                    try repo.wf("restore", "--from", one.id, "--all", "--exact")
                }
            case 4:
                try repo.git("for-each-ref", "--format=%(refname)", "refs/heads").lines.dropFirst().forEach {
                    try repo.run("git", ["update-ref", "-d", $0])
                }
            default: break
            }
            let trigger = edits.random.pick([[], [], ["--trigger", "time"]])
            let answer = try JSONValue(repo.done(["checkpoint", "step \(number)", "--json"] + trigger))
            held.append(
                try Held(
                    id: #require(answer["id"]?.text), tree: #require(answer["tree"]?.text),
                    files: files(of: #require(answer["tree"]?.text), in: repo)))
            try repo.git(
                "-c", "gc.reflogExpire=now", "-c", "gc.reflogExpireUnreachable=now", "gc", "-q", "--prune=now")
            let output = try repo.run("git", ["fsck", "--connectivity-only", "--no-dangling", "--no-progress"])
            guard output.status == 0, output.lines.isEmpty else {
                Issue.record(note(output.text + output.errorText))
                return
            }
        }
        #expect(try repo.json("fsck")["problems"]?.list == [])
        try restore(held, in: repo, seed)
    }

    /// The files of a tree with the bytes that they have on disk.
    private func files(of tree: String, in repo: TestRepository) throws -> [String: [UInt8]] {
        let names = Set(
            try repo.git("ls-tree", "-r", "-z", "--name-only", tree).text.split(separator: "\0").map(String.init))
        return try repo.contents(of: "").filter { entry in
            names.contains(String(entry.key[..<(entry.key.lastIndex(of: " ") ?? entry.key.endIndex)]))
        }
    }

    private func restore(_ held: [Held], in repo: TestRepository, _ seed: UInt64) throws {
        for number in held.indices {
            let one = held[number]
            let note: Comment = "seed \(seed), the checkpoint of step \(number)"
            #expect(try repo.git("rev-parse", "\(one.id)^{tree}").text == one.tree, note)
            for name in Files.names(in: repo.path) where name != ".git" { try repo.remove(name) }
            let output = try repo.wf("restore", "--from", one.id, "--all", "--exact")
            #expect(output.status == 0, "\(note): \(output.errorText)")
            let now = try repo.contents(of: "")
            #expect(now == one.files, note)
            if now != one.files { return }
        }
    }
}
