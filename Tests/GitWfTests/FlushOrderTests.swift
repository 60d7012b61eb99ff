import SystemPackage
import TestSupport
import Testing

/// What a power cut could not turn around: the order of flushes and renames, as the kernel was asked for them.
@Suite("What is needed is on disk before what needs it", .enabled(if: RestoreSafetyTests.canTrace))
struct FlushOrderTests {
    /// The calls of a command and its children that name, flush or create files.
    private static func calls(_ repo: TestRepository, _ arguments: String...) throws -> [String] {
        let log = repo.folder.path.appending("trace")
        let traced = try repo.run(
            "strace",
            [
                "-f", "-y", "-qq", "-o", log.string, "-e",
                "trace=openat,rename,renameat,renameat2,link,linkat,unlink,fsync,fdatasync,syncfs,sync_file_range",
                "git-wf",
            ] + arguments)
        try #require(traced.status == 0, "\(traced.errorText)")
        return String(decoding: try Files.read(log), as: UTF8.self).split(separator: "\n").map(String.init)
    }

    private static func flushes(_ calls: [String]) -> [String] {
        calls.filter { $0.firstMatch(of: /\b(?:fsync|fdatasync|syncfs|sync_file_range)\(/) != nil }
    }

    /// Fails where there is no call of each of these kinds, one behind the other.
    @discardableResult
    private static func expect(
        _ kinds: [Regex<Substring>], in calls: some Sequence<String>, sourceLocation: SourceLocation = #_sourceLocation
    ) -> [String] {
        var rest = Array(calls)[...]
        for (number, kind) in kinds.enumerated() {
            guard let place = rest.firstIndex(where: { $0.contains(kind) && !$0.contains(" = -1 ") }) else {
                let shown = calls.joined(separator: "\n")
                Issue.record(
                    "number \(number) is not behind those before it:\n\(shown)", sourceLocation: sourceLocation)
                return []
            }
            rest = rest[(place + 1)...]
        }
        return Array(rest)
    }

    /// A checkpoint at a ref: objects, then the ref.
    private static func checkpoint(_ ref: Regex<Substring>, _ directory: Regex<Substring>) -> [Regex<Substring>] {
        [
            /fsync\(\d+<[^>]*\/pack\/wf_pack_/, /fsync\(\d+<[^>]*\/pack\/wf_idx_/,
            /rename\(.*wf_pack_.*\/pack-[0-9a-f]+\.pack"/, /rename\(.*wf_idx_.*\/pack-[0-9a-f]+\.idx"/,
            /fsync\(\d+<[^>]*\/objects\/pack>/, /fsync\(\d+<[^>]*\.lock>/, ref, directory,
            /unlink\(.*\.keep"/,
        ]
    }

    private static var lane: [Regex<Substring>] {
        checkpoint(
            /(?:rename|link)\(.*\/leader\.lock", ".*\/leader"/, /fsync\(\d+<[^>]*refs\/wf\/demo>/)
    }
    private static var segment: [Regex<Substring>] {
        checkpoint(
            /(?:rename|link)\(.*\/0001\.lock", ".*\/0001"/,
            /fsync\(\d+<[^>]*refs\/wf\/demo\/auto\/leader\/[0-9a-f]{16}>/)
    }

    @Test("a checkpoint: objects before the ref, and five flushes", arguments: [[], ["--trigger", "time"]])
    func checkpoint(options: [String]) throws {
        let repo = try TestRepository.begun("minimal")
        for number in 0..<50 { try repo.write("f\(number)", "\(number)\n") }
        let calls =
            try options.isEmpty
            ? Self.calls(repo, "checkpoint", "x") : Self.calls(repo, "checkpoint", "--trigger", "time")
        Self.expect(options.isEmpty ? Self.lane : Self.segment, in: calls)
        #expect(Self.flushes(calls).count == 5)
        try repo.git("config", "wf.fsync", "false")
        try repo.write("f1", "other\n")
        #expect(try Self.flushes(Self.calls(repo, "checkpoint", "x")) == [])
    }

    @Test("a restore and its undo: what was there before, the intent, the files, the record")
    func restore() throws {
        let repo = try TestRepository.begun("minimal")
        try repo.write("a", "good\n")
        try repo.done("checkpoint", "good")
        try repo.write("a", "bad\n")
        let intent: [Regex<Substring>] = [
            /fsync\(\d+<[^>]*\/wf\/intents\/[^>]*\.tmp>/, /rename\(.*\/wf\/intents\//, /fsync\(\d+<[^>]*\/wf\/intents>/,
        ]
        let files: [Regex<Substring>] = [/renameat2\(.*"a", RENAME_EXCHANGE\)/, /fsync\(\d+<[^>]*\/repo>/]
        for command in [["restore", "a"], ["undo"]] {
            let calls = try command.count == 2 ? Self.calls(repo, "restore", "a") : Self.calls(repo, "undo")
            // The new content is on disk before anything else.
            Self.expect([/fsync\(\d+<[^>]*\/\.git-wf\.[^>]*\.tmp>/, /renameat2\(.*"a"/], in: calls)
            Self.expect(Self.segment + intent + files + Self.lane + [/unlink\(.*\/wf\/intents\//], in: calls)
        }
    }

    @Test("a merge: what was there before, the intent, the files, the branch, the record")
    func merge() throws {
        let repo = try TestRepository.begun("minimal")
        let agent = repo.worktree(at: FilePath(try repo.done("agent", "start", "one").lines[0]))
        try agent.commit("made", "by one\n")
        try agent.done("agent", "report", "--status", "complete", "--summary", "done")
        let calls = try Self.calls(repo, "merge", "one")
        Self.expect(
            Self.segment + [
                /fsync\(\d+<[^>]*\/wf\/intents\/[^>]*\.tmp>/, /rename\(.*\/wf\/intents\//,
                /fsync\(\d+<[^>]*\/wf\/intents>/,
                /renameat2\(.*"made", RENAME_NOREPLACE\)/, /renameat2\(.*\/index", RENAME_EXCHANGE\)/,
                /rename\(.*\/refs\/heads\/main\.lock", ".*\/refs\/heads\/main"/,
            ] + Self.lane + [/unlink\(.*\/wf\/intents\//], in: calls)
    }
}
