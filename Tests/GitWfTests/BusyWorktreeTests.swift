import Glibc
import Synchronization
import SystemPackage
import TestSupport
import Testing

/// `GIT_WF_TEST_COUNT` says how many operations of ours, half of them killed, and `GIT_WF_TEST_SEED` where to begin.
@Suite("Beside somebody who edits, stages, stashes, commits and switches branches all the time")
struct BusyWorktreeTests {
    private static let batch: UInt64 = 25
    private static let total = testNumber("GIT_WF_TEST_COUNT") ?? 25
    private static let first = testNumber("GIT_WF_TEST_SEED") ?? 1

    @Test(
        "no operation loses content that had stood in a file or in the index for a second",
        arguments: stride(from: 0, to: total, by: Int(batch)).map { first + $0 })
    func busy(seed: UInt64) throws {
        var operations = try BusyWorld(seed: seed)
        let writer = BusyWriter(operations.repo, seed: seed &* 31)
        let hammer = try Hammer { writer.act($0) }
        for number in 0..<Int(Self.batch) { try operations.operate(number) }
        hammer.stop()
        try operations.end()
        let held = try operations.heldTokens()
        let lost = writer.owed().filter { !held.contains($0) }
        #expect(lost.isEmpty, "seed \(seed): \(writer.story(of: lost)) after \(operations.log)")
        #expect(writer.written > 10 && writer.failures.isEmpty, "seed \(seed): \(writer.written) \(writer.failures)")
    }
}

/// Whoever else is at work in the worktree. Each content that it writes is known from all others.
private final class BusyWriter: Sendable {
    private struct Token {
        let path: String
        let written: Double
        var lastSeen: Double
        /// Whether it was this writer that replaced it.
        var isSpent = false
    }

    private struct State {
        var failures: [String] = []
        var tokens: [String: Token] = [:]
        /// What each path's index entry was when it was staged.
        var staged: [String: String] = [:]
        var random: SeededGenerator
    }

    private let repo: TestRepository
    private let state: Mutex<State>
    private static let paths = (0..<12).map { "d\($0 % 3)/f\($0)" }

    init(_ repo: TestRepository, seed: UInt64) {
        self.repo = repo
        state = Mutex(State(random: SeededGenerator(seed: seed)))
    }

    var written: Int { state.withLock { $0.tokens.count } }
    var failures: [String] { state.withLock { $0.failures } }

    private static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// One thing that people do.
    func act(_ number: Int) {
        look()
        let (path, action) = state.withLock { ($0.random.pick(Self.paths), $0.random.below(20)) }
        do {
            switch action {
            case 0...12:
                write(path, "token-\(number)-\(repo.path.removingLastComponent().lastComponent?.string ?? "")\n")
            case 13, 14: try stage(path)
            case 15: _ = try repo.run("git", ["commit", "-qam", "busy \(number)"])
            case 16: _ = try repo.run("git", ["stash", "-q"])
            case 17:
                // What was staged and is in no file is not brought back by that.
                _ = try repo.run("git", ["stash", "pop", "-q"])
                state.withLock { state in for token in state.staged.values { state.tokens[token]?.isSpent = true } }
            case 18: _ = try repo.run("git", ["switch", "-q", "other"])
            default: _ = try repo.run("git", ["switch", "-q", "main"])
            }
        } catch {
            state.withLock { $0.failures.append("\(error)") }
        }
        usleep(40_000)
    }

    private func content(_ path: String) -> String? {
        (try? repo.read(path)).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Notes what stands where.
    private func look() {
        for path in Self.paths {
            guard let token = content(path) else { continue }
            state.withLock { $0.tokens[token]?.lastSeen = Self.now }
        }
    }

    private func write(_ path: String, _ token: String) {
        let old = content(path)
        // A folder may be gone for a moment.
        guard (try? repo.write(path, token)) != nil else { return }
        state.withLock { state in
            if let old, state.staged[path] != old { state.tokens[old]?.isSpent = true }
            state.tokens[token] = Token(path: path, written: Self.now, lastSeen: Self.now)
        }
    }

    private func stage(_ path: String) throws {
        guard let token = content(path), try repo.run("git", ["add", "--", path]).status == 0 else { return }
        let present = content(path)
        state.withLock { state in
            if let old = state.staged[path], old != present { state.tokens[old]?.isSpent = true }
            state.staged[path] = token
        }
    }

    /// What had stood for a second, and was replaced by somebody else.
    func owed() -> [String] {
        state.withLock {
            $0.tokens.filter { !$0.value.isSpent && $0.value.lastSeen - $0.value.written >= 1 }.keys.sorted()
        }
    }

    func story(of tokens: [String]) -> String {
        state.withLock { state in
            tokens.compactMap { token in
                state.tokens[token].map { "\(token.dropLast()) in \($0.path) for \($0.lastSeen - $0.written) s" }
            }.joined(separator: ", ")
        }
    }
}

/// What we do meanwhile.
private struct BusyWorld {
    let repo: TestRepository
    private var random: SeededGenerator
    private(set) var log: [String] = []

    init(seed: UInt64) throws {
        random = SeededGenerator(seed: seed)
        repo = try TestRepository.begun("minimal")
        for number in 0..<12 { try repo.write("d\(number % 3)/f\(number)", "\(number)\n") }
        try repo.git("add", "-A")
        try repo.git("commit", "-qm", "files")
        try repo.git("branch", "other")
        try repo.done("checkpoint", "first")
    }

    mutating func operate(_ number: Int) throws {
        let command: [String]
        switch random.below(10) {
        case 0, 1: command = ["restore", "--", "d\(random.below(3))"]
        case 2: command = ["restore", "--all", "--exact", "--from", "last~\(random.below(3))"]
        case 3: command = ["undo"]
        case 4: command = ["redo"]
        case 5: command = ["checkpoint", "at \(number)"]
        case 6: command = ["checkpoint", "at \(number)", "--commit"]
        case 7, 8: command = try agent("m\(number)").map { ["merge", $0] } ?? ["status"]
        default: command = try agent("r\(number)").map { ["agent", "remove", $0] } ?? ["status"]
        }
        log.append(command.joined(separator: " "))
        if random.below(2) == 0 {
            let pause = Double(random.below(150)) / 1000
            log.append("killed after \(pause) s")
            try repo.run(
                "sh",
                ["-c", "exec timeout --foreground -s KILL \(pause + 0.001) git-wf \"$@\" >/dev/null 2>&1", "sh"]
                    + command)
        } else {
            let output = try repo.wf(command)
            #expect([0, 1, 128].contains(output.status), "\(command): \(output.status) \(output.errorText)")
        }
        usleep(UInt32(random.below(300)) * 1000)
    }

    /// An agent with work of its own, which reported; `nil` where none can be started just now.
    private mutating func agent(_ name: String) throws -> String? {
        let started = try repo.wf("agent", "start", name)
        guard started.status == 0, let line = started.lines.first else { return nil }
        let agent = repo.worktree(at: FilePath(line))
        try agent.commit(random.below(2) == 0 ? "by/\(name)" : "d0/f0", "work of \(name)\n")
        try agent.done("agent", "report", "--status", "complete", "--summary", "done")
        return name
    }

    /// Whatever was cut short is ended.
    func end() throws {
        for _ in 0..<2 {
            let output = try repo.wf("checkpoint", "end")
            #expect(output.status == 0, "\(log): \(output.errorText)")
        }
        #expect(try repo.json("fsck")["problems"]?.list == [], "\(log)")
    }

    /// All contents that a ref, the index, a stash or a file has.
    func heldTokens() throws -> Set<String> {
        var held: Set<String> = []
        for (_, bytes) in try repo.contents(of: "") { held.insert(String(decoding: bytes, as: UTF8.self)) }
        let stashes = try repo.run("git", ["rev-list", "-g", "refs/stash"]).lines
        let objects = try repo.git(
            ["rev-list", "--objects", "--no-object-names", "--all", "--indexed-objects", "--stdin"],
            stdin: Array(stashes.map { $0 + "\n" }.joined().utf8)
        ).text
        let contents = try repo.git(["cat-file", "--batch"], stdin: Array((objects + "\n").utf8)).stdout
        for line in contents.split(separator: UInt8(ascii: "\n")) where line.starts(with: Array("token-".utf8)) {
            held.insert(String(decoding: line, as: UTF8.self) + "\n")
        }
        return held
    }
}
