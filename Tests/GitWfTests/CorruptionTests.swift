import Glibc
import SystemPackage
import TestSupport
import Testing

/// `GIT_WF_TEST_COUNT` says how many damages, `GIT_WF_TEST_SEED` which.
@Suite("Whatever is damaged, nothing crashes and nothing wrong is said to be right")
struct CorruptionTests {
    /// A workflow with an agent, decisions, restores, packs and loose objects.
    private struct Original {
        let repo: TestRepository
        let state: JSONValue
        let ids: [String]
        /// What may be damaged, below the git directory.
        let files: [String]

        init() throws {
            repo = try TestRepository.begun("minimal", hooks: true)
            for number in 0..<6 {
                try repo.commit("f\(number)", "\(number)\n")
                try repo.write("f0", "round \(number)\n")
                try repo.done("checkpoint", "number \(number)")
                if number == 2 { try repo.git("gc", "-q") }
            }
            try repo.done("decide", "to go on")
            try repo.done("restore", "f0")
            let agent = repo.worktree(at: FilePath(try repo.done("agent", "start", "one").lines[0]))
            try agent.commit("made", "by one\n")
            try agent.done("checkpoint", "work")
            try repo.git("pack-refs", "--all")
            try repo.done("checkpoint", "behind packed refs")
            // Of a copy: the agent's worktree belongs to the repository that was copied, and `status` says so.
            let whole = repo.beside("whole")
            try repo.run("cp", ["-a", ".", whole.path.string])
            state = try Self.state(whole)
            ids = try repo.json("log", "-n", "0", "--auto")["checkpoints"]?.texts("id") ?? []
            files = Self.files(of: repo)
        }

        private static func files(of repo: TestRepository) -> [String] {
            var files: [String] = []
            func collect(_ place: String) {
                for name in Files.names(in: repo.file(".git/" + place)) {
                    let path = "\(place)/\(name)"
                    if Files.mode(of: repo.file(".git/" + path)).map({ $0 & S_IFMT == S_IFDIR }) == true {
                        collect(path)
                    } else {
                        files.append(path)
                    }
                }
            }
            for place in ["objects", "refs/wf", "wf"] { collect(place) }
            return files.filter { !$0.hasPrefix("wf/locks/") }.sorted() + ["packed-refs"]
        }

        /// What `status` says, but for what time changes.
        static func state(_ repo: TestRepository) throws -> JSONValue {
            try repo.json("status").without("due", "dueReason", "warnings", "lastCheckpoint")
        }
    }

    private static let original = Result { try Original() }

    @Test("objects, refs, caches and the private index", arguments: testSeeds(count: 24))
    func damage(seed: UInt64) throws {
        let original = try Self.original.get()
        var random = SeededGenerator(seed: seed)
        let copy = original.repo.beside("copy\(seed)")
        try original.repo.run("cp", ["-a", ".", copy.path.string])
        defer { Files.removeTree(copy.path) }
        let file = random.pick(original.files)
        let path = copy.file(".git/" + file)
        var bytes = try Files.read(path)
        let place = random.below(max(1, bytes.count))
        let how = random.pick(["flip", "truncate", "delete"])
        switch how {
        case "flip" where !bytes.isEmpty: bytes[place] ^= UInt8(1 << random.below(8))
        case "truncate": bytes = Array(bytes[..<min(place, bytes.count)])
        default: break
        }
        chmod(path.string, 0o644)
        unlink(path.string)
        if how != "delete" { try Files.write(bytes, to: path) }
        let note: Comment = "seed \(seed): \(how) \(file) at \(place)"

        let isGitWhole = try copy.run("git", ["fsck", "--strict", "--no-dangling"]).status == 0
        let check = try copy.wf("fsck", "--json")
        try Self.expectAnswer(check, note)
        if !isGitWhole { #expect(check.status != 0, "\(note): git finds damage that fsck does not") }

        let status = try copy.wf("status", "--json")
        try Self.expectAnswer(status, note)
        let log = try copy.wf("log", "-n", "0", "--auto", "--json")
        try Self.expectAnswer(log, note)
        // Where fsck finds nothing, everything is as it was; else an answer that was given is still none that is wrong.
        if check.status == 0 {
            #expect(status.status == 0 && log.status == 0, note)
            #expect(try Original.state(copy) == original.state, note)
            #expect(try JSONValue(log)["checkpoints"]?.texts("id") == original.ids, note)
        }
        let next = try copy.wf("checkpoint", "after it", "--json")
        try Self.expectAnswer(next, note)
        if next.status == 0, isGitWhole {
            let tree = try #require(JSONValue(next)["tree"]?.text, note)
            #expect(try copy.oracleTree() == tree, note)
            #expect(try copy.run("git", ["rev-list", "--objects", "--quiet", tree]).status == 0, note)
        }
    }

    /// An answer, a no, or one sentence that says what is wrong.
    private static func expectAnswer(_ output: Output, _ note: Comment) throws {
        #expect([0, 1, 128].contains(output.status), "\(note): \(output.status) \(output.errorText)")
        if output.status == 128 {
            #expect(output.errorText.hasPrefix("git wf: "), "\(note): \(output.errorText)")
        }
    }
}
