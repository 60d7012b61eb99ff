internal import Git
internal import Glibc
internal import SystemPackage

/// Decides for each file on disk whether it is in the snapshot, and with which blob.
struct Collector: WorktreeScan.Visitor {
    private let repository: Repository
    private let top: FilePath
    private let limits: Snapshotter.Limits
    /// What the last snapshot saw.
    private let known: PrivateIndex.Known
    /// What git saw. Where git believes its own index, so does a snapshot.
    private let user: PrivateIndex.Known
    /// What is tracked; for an unmerged path our side, whose mode git takes.
    private let tracked: [RepositoryPath: IndexEntry]
    /// Directories that hold something tracked, however deep.
    private let trackedDirectories: Set<RepositoryPath>
    private let trustsExecutableBit: Bool
    private let trustsSymlinks: Bool
    private let isSparse: Bool
    private var rules: IgnoreRules
    /// Ignored directories that were entered because something in them is tracked.
    private var ignoredDirectories: Set<RepositoryPath> = []

    /// What is in the snapshot.
    private(set) var paths: [RepositoryPath: TreeEntry] = [:]
    private(set) var skipped: [Snapshot.Skipped] = []
    private(set) var hasIgnored = false
    /// The files that attributes are read from.
    private(set) var attributeFiles: [(path: RepositoryPath, status: FileStatus)] = []
    /// Files whose blobs the user's own filters make; git is asked for all of them at once.
    private(set) var filtered: [RepositoryPath] = []
    private var filteredEntries: [RepositoryPath: WorktreeScan.Entry] = [:]

    /// - Parameters:
    ///   - entries: all of the user's index.
    ///   - user: those of them that git may believe.
    init(
        repository: Repository, top: FilePath, limits: Snapshotter.Limits, entries: [IndexEntry],
        user: PrivateIndex.Known,
        known: PrivateIndex.Known
    ) throws {
        self.repository = repository
        self.top = top
        self.limits = limits
        self.user = user
        self.known = known
        let tracked = Dictionary(
            entries.lazy.map { ($0.path, $0) },
            uniquingKeysWith: { first, second in second.stage == 2 ? second : first })
        self.tracked = tracked
        var directories: Set<RepositoryPath> = []
        for entry in entries {
            var directory = entry.path.parent
            while let next = directory, directories.insert(next).inserted { directory = next.parent }
        }
        trackedDirectories = directories
        trustsExecutableBit = try repository.configFlag("core.fileMode") ?? true
        trustsSymlinks = try repository.configFlag("core.symlinks") ?? true
        isSparse = try repository.configFlag("core.sparseCheckout") ?? false
        rules = try IgnoreRules(repository: repository, top: top) { path in
            guard let entry = tracked[path], entry.isSkipped else { return nil }
            return try repository.blob(entry.id)
        }
    }

    // MARK: The walk

    mutating func enter(_ directory: WorktreeScan.Entry) throws -> Bool {
        let path = directory.path
        if WorktreeScan.isGitDirectory(path.lastComponent) { return refuse(path) }
        if let entry = tracked[path], entry.mode == .gitlink {
            try takeNested(path, nested: NestedRepository(at: path, below: top), recorded: entry.id)
            return false
        }
        let isIgnored = try isIgnored(path, isDirectory: true)
        // Where something in it is tracked, a repository of its own is a directory to git.
        if trackedDirectories.contains(path) {
            if isIgnored { ignoredDirectories.insert(path) }
            return true
        }
        if isIgnored {
            hasIgnored = true
            return false
        }
        let nested = NestedRepository(at: path, below: top)
        if nested == .none { return true }
        try takeNested(path, nested: nested, recorded: nil)
        return false
    }

    mutating func visit(_ entry: WorktreeScan.Entry) throws {
        let path = entry.path
        if WorktreeScan.isGitDirectory(path.lastComponent) { return _ = refuse(path) }
        if path.lastComponent.elementsEqual(".gitattributes".utf8) { attributeFiles.append((path, entry.status)) }
        let recorded = tracked[path]
        if let recorded, keepsIndexEntry(recorded, isOnDisk: true) { return try keep(recorded) }
        if recorded == nil {
            if try isIgnored(path, isDirectory: false) { return hasIgnored = true }
            if case .file = entry.kind, entry.size > limits.maximumFileSize {
                return skip(path, "larger than \(limits.maximumFileSize) bytes")
            }
        }
        if entry.kind == .special { return skip(path, "not a file, a directory or a symlink") }
        if try takeBelieved(entry) { return }
        if entry.kind != .symlink, try repository.hasExternalFilter(path) { return filter(entry) }
        let id: ObjectID
        do {
            id = try repository.createBlob(ofWorktreeFile: path)
        } catch let error as GitError {
            return fail(entry, error)
        }
        try take(entry, id: id)
    }

    mutating func fail(_ directory: RepositoryPath, errno: Int32) throws {
        skip(directory, "unreadable directory: \(String(cString: strerror(errno)))")
        // What was tracked below is not deleted because it cannot be seen.
        for entry in tracked.values where entry.path.isInside(directory) && isKeepable(entry) { try keep(entry) }
    }

    /// Takes what a filter made of a file.
    mutating func take(_ path: RepositoryPath, filtered id: ObjectID?) throws {
        guard let entry = filteredEntries[path] else { return }
        if let id { return try take(entry, id: id) }
        guard WorktreeScan.Entry(at: path, below: top) != nil else { return }
        skip(path, access(top.appending(path), R_OK) == 0 ? "its filter failed" : "unreadable")
        if let recorded = tracked[path], isKeepable(recorded) { try keep(recorded) }
    }

    /// Brings the private index to what was found.
    mutating func finish() throws {
        let onDisk = Set(paths.keys)
        var directories: Set<RepositoryPath> = []
        for path in onDisk {
            var parent = path.parent
            while let next = parent, directories.insert(next).inserted { parent = next.parent }
        }
        for entry in tracked.values where paths[entry.path] == nil && keepsIndexEntry(entry, isOnDisk: false) {
            // Where a file is now in the place of its directory, or the other way round, it makes room as in git.
            var parent = entry.path.parent
            var isInTheWay = directories.contains(entry.path)
            while let next = parent, !isInTheWay {
                isInTheWay = onDisk.contains(next)
                parent = next.parent
            }
            if !isInTheWay { try keep(entry) }
        }
        for path in known.entries.keys where paths[path] == nil { try known.index.remove(path) }
    }

    // MARK: One file

    /// Takes a file that is as git's index or the last snapshot saw it.
    private mutating func takeBelieved(_ entry: WorktreeScan.Entry) throws -> Bool {
        let path = entry.path
        let mode = mode(of: entry)
        let cached = known.entries[path]
        if let recorded = user.entries[path], recorded.mode == mode, user.believes(recorded, entry.status) {
            paths[path] = TreeEntry(path: path, mode: mode, id: recorded.id)
            if cached?.id != recorded.id || cached?.mode != mode || cached?.status != recorded.status {
                try known.index.add(path, id: recorded.id, mode: mode, status: recorded.status)
            }
            return true
        }
        // git's gc keeps what its own index names; of the others it knows through our refs alone.
        guard let cached, cached.mode == mode, known.believes(cached, entry.status),
            try cached.id == tracked[path]?.id || repository.contains(cached.id)
        else { return false }
        paths[path] = TreeEntry(path: path, mode: mode, id: cached.id)
        return true
    }

    private mutating func take(_ entry: WorktreeScan.Entry, id: ObjectID) throws {
        let mode = mode(of: entry)
        do {
            try known.index.add(entry.path, id: id, mode: mode, status: entry.status)
        } catch is GitError {
            _ = refuse(entry.path)
            return
        }
        paths[entry.path] = TreeEntry(path: entry.path, mode: mode, id: id)
    }

    /// Takes what the user's index has; the file on disk does not count.
    private mutating func keep(_ recorded: IndexEntry) throws {
        paths[recorded.path] = TreeEntry(path: recorded.path, mode: recorded.mode, id: recorded.id)
        let cached = known.entries[recorded.path]
        if cached?.id != recorded.id || cached?.mode != recorded.mode {
            try known.index.add(recorded.path, id: recorded.id, mode: recorded.mode, status: nil)
        }
    }

    private mutating func skip(_ path: RepositoryPath, _ reason: String) {
        skipped.append(Snapshot.Skipped(path: path, reason: reason))
    }

    /// Leaves out a name that no tree can have.
    private mutating func refuse(_ path: RepositoryPath) -> Bool {
        skip(path, "git does not allow this name")
        return false
    }

    private mutating func filter(_ entry: WorktreeScan.Entry) {
        filtered.append(entry.path)
        filteredEntries[entry.path] = entry
    }

    /// A file that libgit2 cannot take: one that vanished is not there, the others git is asked for.
    private mutating func fail(_ entry: WorktreeScan.Entry, _ error: GitError) {
        if entry.path.bytes.count + top.string.utf8.count + 1 >= 4096 {
            skip(entry.path, "its path is too long")
        } else if WorktreeScan.Entry(at: entry.path, below: top) != nil {
            filter(entry)
        }
    }

    /// git looks at neither, so neither do we: assume-unchanged entries, and those outside of a sparse checkout.
    private func keepsIndexEntry(_ recorded: IndexEntry, isOnDisk: Bool) -> Bool {
        guard isKeepable(recorded) else { return false }
        // A file that is there in spite of a sparse checkout counts again (git 2.36).
        if recorded.isSkipped { return !(isSparse && isOnDisk) }
        return recorded.isAssumedUnchanged
    }

    /// Whether the entry has a content of its own.
    private func isKeepable(_ recorded: IndexEntry) -> Bool { recorded.stage == 0 && !recorded.isIntended }

    private func mode(of entry: WorktreeScan.Entry) -> Git.FileMode {
        let recorded = tracked[entry.path]?.mode
        switch entry.kind {
        case .symlink: return .symlink
        case .file(let isExecutable):
            if !trustsSymlinks, recorded == .symlink { return .symlink }
            if !trustsExecutableBit {
                return recorded == .executable ? .executable : .file
            }
            return isExecutable ? .executable : .file
        case .directory, .special: return .gitlink
        }
    }

    // MARK: Directories

    private mutating func isIgnored(_ path: RepositoryPath, isDirectory: Bool) throws -> Bool {
        if let parent = path.parent, ignoredDirectories.contains(parent) { return true }
        return try rules.ignores(path, isDirectory: isDirectory)
    }

    /// Records the commit that a nested repository is at, as git does for an embedded one.
    private mutating func takeNested(_ path: RepositoryPath, nested: NestedRepository, recorded: ObjectID?) throws {
        if case .unreadable(let reason) = nested {
            skip(path, "a repository of its own that cannot be read: \(reason)")
        }
        var id = recorded
        if case .at(let commit) = nested { id = commit ?? recorded }
        // A submodule that is not checked out stays as it is recorded.
        guard let id else {
            if case .at = nested { skip(path, "a repository of its own, without a commit") }
            return
        }
        if known.entries[path]?.id != id || known.entries[path]?.mode != .gitlink {
            try known.index.add(path, id: id, mode: .gitlink, status: nil)
        }
        paths[path] = TreeEntry(path: path, mode: .gitlink, id: id)
    }
}
