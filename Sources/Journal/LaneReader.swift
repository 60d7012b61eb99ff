internal import Git
internal import GitValues
internal import Glibc
internal import Workflow

/// Reads a lane for a fold, in two threads.
///
/// Each commit says where the next older one is, so one thread reads them one after the other; what their messages say the
/// second one finds out meanwhile. Where git's commit-graph knows the way down, both could read: that took a fifth longer,
/// since libgit2 lets one read at a time. Nothing but what a fold needs is kept.
final class LaneReader: @unchecked Sendable {
    /// The checkpoints from a tip down to an end that is not among them.
    struct Stretch {
        /// Newest first, in runs.
        let runs: [[Checkpoint]]
        /// Whether the end was met; else they go down to the lane's first.
        let isEndReached: Bool
        /// Whether one of them may be a join: the checkpoints are those on the way of first parents only.
        let hasJoins: Bool
    }

    /// Commits that were read and not understood yet.
    private struct Run {
        var heads: [(id: ObjectID, tree: ObjectID, time: Timestamp, end: Int)] = []
        /// The messages, one behind the other.
        var messages: [UInt8] = []

        /// How many commits a run has: reading so many takes longer than waking a thread.
        static let length = 512

        mutating func append(_ id: ObjectID, _ commit: CommitBytes) {
            messages.append(contentsOf: commit.message)
            heads.append((id, commit.tree, commit.time, messages.count))
        }

        func checkpoints() -> [Checkpoint] {
            messages.withUnsafeBufferPointer { messages in
                var start = 0
                return heads.map { head in
                    defer { start = head.end }
                    return Checkpoint(
                        folding: head.id, tree: head.tree, time: head.time,
                        message: UnsafeBufferPointer(rebasing: messages[start..<head.end]))
                }
            }
        }
    }

    private let lock = Lock()
    private var waiting: [(number: Int, run: Run)] = []
    private var runs: [[Checkpoint]] = []
    private var hasJoins = false
    private var isComplete = false

    private init() {}

    /// - Throws: `GitError` where a commit is missing.
    static func read(_ repository: Repository, from tip: ObjectID, downTo end: ObjectID?) throws -> Stretch {
        try CommitReader.trusting { try LaneReader().read(CommitReader(repository), from: tip, downTo: end) }
    }

    private func read(_ commits: borrowing CommitReader, from tip: ObjectID, downTo end: ObjectID?) throws -> Stretch {
        var thread: pthread_t?
        defer { if let thread { pthread_join(thread, nil) } }
        // Whatever happens, the thread comes to its end.
        defer { complete() }
        var run = Run()
        var next: ObjectID? = tip
        while let id = next, id != end {
            next = try commits.read(id) { commit in
                run.append(id, commit)
                return commit.previous
            }
            guard run.heads.count == Run.length else { continue }
            thread = thread ?? startThread()
            let backlog = add(run)
            run = Run()
            if backlog > 2 { understandOne() }
        }
        add(run)
        complete()
        while understandOne() {}
        if let thread { pthread_join(thread, nil) }
        thread = nil
        return Stretch(runs: runs, isEndReached: next != nil, hasJoins: hasJoins)
    }

    /// - Returns: how many runs nobody has taken yet.
    @discardableResult
    private func add(_ run: Run) -> Int {
        lock.hold {
            waiting.append((runs.count, run))
            runs.append([])
            lock.wakeAll()
            return waiting.count
        }
    }

    private func complete() {
        lock.hold {
            isComplete = true
            lock.wakeAll()
        }
    }

    /// - Returns: whether there was one.
    @discardableResult
    private func understandOne() -> Bool {
        guard let (number, run) = lock.hold({ waiting.popLast() }) else { return false }
        let checkpoints = run.checkpoints()
        let isAnyJoin = checkpoints.contains { $0.kind == .lanesJoined }
        lock.hold {
            runs[number] = checkpoints
            if isAnyJoin { hasJoins = true }
        }
        return true
    }

    /// What the second thread does.
    private func understandAll() {
        while true {
            let isMore = lock.hold {
                while waiting.isEmpty, !isComplete { lock.wait() }
                return !waiting.isEmpty
            }
            if !isMore { return }
            understandOne()
        }
    }

    /// - Returns: `nil` where there can be no other thread; this one then does it all.
    private func startThread() -> pthread_t? {
        var thread = pthread_t()
        let own = Unmanaged.passRetained(self)
        let status = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<LaneReader>.fromOpaque(argument).takeRetainedValue().understandAll()
                return nil
            }, own.toOpaque())
        if status == 0 { return thread }
        own.release()
        return nil
    }
}
