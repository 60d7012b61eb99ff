internal import Git
internal import Glibc
internal import SystemPackage
internal import Workflow

/// Reads a lane for a fold, in two threads.
///
/// Each commit says where the next older one is, so one thread reads them one after the other; what their messages say the
/// second one finds out meanwhile. Where git's commit-graph knows the way down, both read, each its own commits.
/// Nothing but what a fold needs is kept.
final class LaneReader: @unchecked Sendable {
    /// The checkpoints from a tip down to an end that is not among them.
    struct Stretch {
        /// Newest first, in runs.
        let runs: [[Checkpoint]]
        /// Whether the end was met; else they go down to the lane's first.
        let isEndReached: Bool
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

    private enum Task {
        case understand(Run)
        /// Commits to read; below the last one must be `next`.
        case read(ArraySlice<ObjectID>, next: ObjectID?)
    }

    private struct WrongWay: Error {}

    private let repository: Repository
    private let commonDirectory: FilePath
    private let lock = Lock()
    private var waiting: [(number: Int, task: Task)] = []
    private var runs: [[Checkpoint]] = []
    private var isComplete = false
    private var failure: (any Error)?

    private init(_ repository: Repository) {
        self.repository = repository
        commonDirectory = repository.commonDirectory
    }

    /// - Throws: `GitError` where a commit is missing.
    static func read(_ repository: Repository, from tip: ObjectID, downTo end: ObjectID?) throws -> Stretch {
        try CommitReader.trusting {
            if let graph = CommitGraph(repository) {
                // A graph that is wrong, or a commit that the second thread cannot read, is no matter: this one can.
                if let stretch = try? LaneReader(repository).read(from: tip, downTo: end, graph: graph) {
                    return stretch
                }
            }
            return try LaneReader(repository).read(from: tip, downTo: end, graph: nil)
        }
    }

    private func read(from tip: ObjectID, downTo end: ObjectID?, graph: CommitGraph?) throws -> Stretch {
        var thread: pthread_t?
        defer { if let thread { pthread_join(thread, nil) } }
        // Whatever happens, the thread comes to its end.
        defer { complete() }
        var run = Run()
        var next: ObjectID? = tip
        let commits = try CommitReader(repository)
        while let id = next, id != end {
            let known = graph?.chain(from: id, downTo: end) ?? []
            if !known.isEmpty {
                add(.understand(run))
                run = Run()
                next = try commits.read(known[known.count - 1], \.previous)
                for start in stride(from: 0, to: known.count, by: Run.length) {
                    let part = known[start..<min(start + Run.length, known.count)]
                    add(.read(part, next: part.endIndex < known.count ? known[part.endIndex] : next))
                }
                if known.count > Run.length { thread = thread ?? startThread() }
                continue
            }
            next = try commits.read(id) { commit in
                run.append(id, commit)
                return commit.previous
            }
            guard run.heads.count == Run.length else { continue }
            thread = thread ?? startThread()
            let backlog = add(.understand(run))
            run = Run()
            if backlog > 2 { performOne(commits) }
        }
        add(.understand(run))
        complete()
        while performOne(commits) {}
        if let thread { pthread_join(thread, nil) }
        thread = nil
        if let failure { throw failure }
        return Stretch(runs: runs, isEndReached: next != nil)
    }

    /// - Returns: how many tasks nobody has taken yet.
    @discardableResult
    private func add(_ task: Task) -> Int {
        lock.hold {
            waiting.append((runs.count, task))
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
    private func performOne(_ commits: borrowing CommitReader) -> Bool {
        guard let (number, task) = lock.hold({ failure == nil ? waiting.popLast() : nil }) else { return false }
        do {
            let checkpoints = try perform(task, commits)
            lock.hold { runs[number] = checkpoints }
        } catch {
            lock.hold { failure = error }
        }
        return true
    }

    private func perform(_ task: Task, _ commits: borrowing CommitReader) throws -> [Checkpoint] {
        switch task {
        case .understand(let run): return run.checkpoints()
        case .read(let ids, let next):
            var checkpoints: [Checkpoint] = []
            checkpoints.reserveCapacity(ids.count)
            for index in ids.indices {
                try commits.read(ids[index]) { commit in
                    guard commit.previous == (index + 1 < ids.endIndex ? ids[index + 1] : next) else {
                        throw WrongWay()
                    }
                    checkpoints.append(
                        Checkpoint(
                            folding: ids[index], tree: commit.tree, time: commit.time, message: commit.message))
                }
            }
            return checkpoints
        }
    }

    /// What the second thread does.
    private func performAll() {
        guard let commits = try? CommitReader(commonDirectory: commonDirectory) else { return }
        while true {
            let isMore = lock.hold {
                while waiting.isEmpty, !isComplete { lock.wait() }
                return !waiting.isEmpty && failure == nil
            }
            if !isMore { return }
            performOne(commits)
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
                Unmanaged<LaneReader>.fromOpaque(argument).takeRetainedValue().performAll()
                return nil
            }, own.toOpaque())
        if status == 0 { return thread }
        own.release()
        return nil
    }
}
