internal import CLinux
internal import Git
internal import GitValues
internal import Glibc
internal import SystemPackage

/// One pass over a worktree, by as many threads as there are processors.
///
/// A thread takes a directory at a time. Where its times are those that the private index has, its names are known, and
/// only their files are looked at; else it is listed. Directories are opened from the top without following a symlink.
/// Files that may have changed are read on the spot, or by whichever thread is free when there are many.
final class Scan: @unchecked Sendable {
    enum Task {
        case directory(DirectoryNode)
        case files([FileTask], ScannedDirectory)
    }

    let repository: Repository
    let top: FilePath
    let topDescriptor: Int32
    let known: KnownWorktree
    let settings: ScanSettings
    /// Whether files may have to be converted.
    let converts: Bool
    /// Whether what is ignored may have changed everywhere.
    let hasNewRules: Bool
    let began: timespec

    /// How files are converted, where they may have to be; whoever asks holds ``libraryLock``.
    private(set) var conversions: FileConversions?
    /// What the user's index has of the files that are being read; whoever asks holds ``libraryLock``.
    var indexEntries: [RepositoryPath: ObjectID] = [:]

    /// Held by whoever calls libgit2 with the repository, or makes rules.
    let libraryLock = Lock()
    private let lock = Lock()
    private var tasks: [Task] = []
    private var activeCount = 0
    private var failure: (any Error)?
    private var threads: [pthread_t] = []
    private var workers: [ScanWorker] = []
    private var untracked = UntrackedCount()

    /// - Parameter began: taken before anything was looked at, by the clock that the kernel stamps files with.
    init(
        repository: Repository, top: FilePath, known: KnownWorktree, settings: ScanSettings, converts: Bool,
        began: timespec
    ) throws {
        self.repository = repository
        self.top = top
        self.known = known
        self.settings = settings
        self.converts = converts
        self.began = began
        hasNewRules = known.cache?.context.rules != settings.rules.fingerprint || known.index?.fileCount == 0
        topDescriptor = open(top.string, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard topDescriptor >= 0 else {
            throw SnapshotError("could not list the worktree \(top): \(String(cString: strerror(errno)))")
        }
    }

    deinit { close(topDescriptor) }

    /// What the pass found, apart from what it left in the nodes.
    struct Seen {
        var results: [FileResult] = []
        var skipped: [Snapshot.Skipped] = []
        var repositories: [RepositoryPath] = []
        /// What the user's index has of files that may be converted.
        var indexEntries: [RepositoryPath: ObjectID] = [:]
        /// The sum of the marks of all files of attributes.
        var attributes: UInt64 = 0
        var hasAttributes = false
        /// Whether one of them may have changed while it was read.
        var hasUnsettledAttributes = false
    }

    func run() throws -> Seen {
        if converts {
            conversions = try FileConversions(
                repository: repository, top: top, attributesInIndex: { [known] in known.attributes[$0] },
                index: { [unowned self] in indexEntries[$0] })
        }
        tasks = [.directory(known.root)]
        let worker = try newWorker()
        work(worker)
        for thread in lock.hold({ threads }) { pthread_join(thread, nil) }
        // Workers hold the scan; the names that they found are needed for longer.
        known.foundNames += workers.map(\.arena)
        defer { workers = [] }
        if let failure { throw failure }
        try untracked.requireAtMost(settings.limits.maximumUntracked, in: top)
        return workers.reduce(into: Seen(indexEntries: indexEntries)) { all, worker in
            all.results += worker.seen.results
            all.skipped += worker.seen.skipped
            all.repositories += worker.seen.repositories
            all.attributes &+= worker.seen.attributes
            all.hasAttributes = all.hasAttributes || worker.seen.hasAttributes
            all.hasUnsettledAttributes = all.hasUnsettledAttributes || worker.seen.hasUnsettledAttributes
        }
    }

    // MARK: Threads

    private func newWorker() throws -> ScanWorker {
        let worker = try ScanWorker(self)
        lock.hold { workers.append(worker) }
        return worker
    }

    private func work(_ worker: ScanWorker) {
        while let task = next() {
            do {
                try worker.perform(task)
            } catch {
                stop(error)
            }
            lock.hold {
                activeCount -= 1
                if activeCount == 0 { lock.wakeAll() }
            }
        }
    }

    private func next() -> Task? {
        lock.hold {
            while true {
                if failure != nil { return nil }
                if let task = tasks.popLast() {
                    activeCount += 1
                    return task
                }
                if activeCount == 0 { return nil }
                lock.wait()
            }
        }
    }

    private func stop(_ error: any Error) {
        lock.hold {
            failure = failure ?? error
            lock.wakeAll()
        }
    }

    /// Hands tasks to whoever is free. The last one is the next to be taken.
    func push(_ new: [Task]) {
        if new.isEmpty { return }
        lock.hold {
            tasks += new
            // A small worktree is done before a thread has started.
            if tasks.count > 4, threads.count + 1 < Self.threadCount { startThread() }
            if !threads.isEmpty { lock.wakeAll() }
        }
    }

    private static let threadCount = min(16, max(1, Int(clinux_processor_count())))

    private func startThread() {
        var thread = pthread_t()
        let own = Unmanaged.passRetained(self)
        let status = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                let scan = Unmanaged<Scan>.fromOpaque(argument).takeRetainedValue()
                do {
                    scan.work(try scan.newWorker())
                } catch {
                    scan.stop(error)
                }
                return nil
            }, own.toOpaque())
        // Without another thread this one does it all.
        if status == 0 { threads.append(thread) } else { own.release() }
    }

    // MARK: Ignore rules

    /// The ignore rules in a directory. Those that a scan needs no more than once are read once.
    func rules(of node: DirectoryNode) throws -> IgnoreRules.Level {
        try libraryLock.hold { try heldRules(of: node) }
    }

    private func heldRules(of node: DirectoryNode) throws -> IgnoreRules.Level {
        if let rules = node.rules { return rules }
        let path = node.path
        let file = path.appending(Array(".gitignore".utf8))
        var onDisk: [UInt8]?
        let descriptor = file.openBeneath(topDescriptor, O_RDONLY | O_NONBLOCK)
        if descriptor >= 0 {
            defer { close(descriptor) }
            onDisk = IgnoreRules.read(descriptor)
        }
        let bytes = try onDisk ?? known.skippedRules[file].map { try repository.blob($0) } ?? []
        let rules = settings.rules.level(bytes, at: path, above: try node.parent.map { try heldRules(of: $0) })
        node.rules = rules
        return rules
    }

    // MARK: Limits

    /// Counts untracked files.
    /// - Returns: whether there are more than a snapshot takes: then the rest is only counted.
    func isOverfull(with count: Int = 0, in node: DirectoryNode) -> Bool {
        lock.hold {
            untracked.add(count, in: node)
            return untracked.count > settings.limits.maximumUntracked
        }
    }
}

/// An open directory, closed when nobody needs it any more.
final class ScannedDirectory: @unchecked Sendable {
    let descriptor: Int32

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }
}

extension RepositoryPath {
    /// Opens what is at the path below an open directory, without following a symlink on the way.
    /// - Returns: a descriptor, or -1 with `errno`.
    func openBeneath(_ directory: Int32, _ flags: Int32) -> Int32 {
        let name = (bytes.isEmpty ? [UInt8(ascii: ".")] : bytes) + [0]
        return name.withUnsafeBytes { buffer in
            buffer.bindMemory(to: CChar.self).baseAddress.map { clinux_open_beneath(directory, $0, flags) } ?? -1
        }
    }
}
