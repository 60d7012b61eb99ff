internal import Git
internal import Glibc
internal import SystemPackage

/// Decides for each file on disk whether it is in the snapshot, and with which blob.
struct Collector: WorktreeScan.Visitor {
    private let repository: Repository
    private let top: FilePath
    private let limits: Snapshotter.Limits
    private let known: PrivateIndex.Known
    /// The user's index: what is tracked.
    private let tracked: [RepositoryPath: IndexEntry]
    /// Directories that hold something tracked, however deep.
    private let trackedDirectories: Set<RepositoryPath>
    private let trustsExecutableBit: Bool
    private let trustsSymlinks: Bool
    private let isSparse: Bool
    /// Ignored directories that were entered because something in them is tracked.
    private var ignoredDirectories: Set<RepositoryPath> = []

    /// What is in the snapshot.
    private(set) var paths: [RepositoryPath: TreeEntry] = [:]
    private(set) var skipped: [Snapshot.Skipped] = []
    /// Files whose blobs the user's own filters make; git is asked for all of them at once.
    private(set) var filtered: [RepositoryPath] = []
    private var filteredEntries: [RepositoryPath: WorktreeScan.Entry] = [:]

    init(
        repository: Repository, top: FilePath, limits: Snapshotter.Limits, user: [IndexEntry], cached: PrivateIndex.Known
    ) throws {
        self.repository = repository
        self.top = top
        self.limits = limits
        known = cached
        // An unmerged path has several entries; that it is tracked is all that counts.
        tracked = Dictionary(user.lazy.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
        var directories: Set<RepositoryPath> = []
        for entry in user {
            var directory = entry.path.parent
            while let next = directory, directories.insert(next).inserted { directory = next.parent }
        }
        trackedDirectories = directories
        trustsExecutableBit = try repository.configFlag("core.fileMode") ?? true
        trustsSymlinks = try repository.configFlag("core.symlinks") ?? true
        isSparse = try repository.configFlag("core.sparseCheckout") ?? false
    }

    // MARK: The walk

    mutating func enter(_ directory: WorktreeScan.Entry) throws -> Bool {
        let path = directory.path
        if let entry = tracked[path], entry.mode == .gitlink {
            try takeNested(path, recorded: entry.id)
            return false
        }
        if hasRepository(path) {
            if try !isIgnored(path, isDirectory: true) { try takeNested(path, recorded: nil) }
            return false
        }
        guard try isIgnored(path, isDirectory: true) else { return true }
        guard trackedDirectories.contains(path) else { return false }
        ignoredDirectories.insert(path)
        return true
    }

    mutating func visit(_ entry: WorktreeScan.Entry) throws {
        let path = entry.path
        let user = tracked[path]
        if let user, keepsIndexEntry(user, isOnDisk: true) { return keep(user) }
        if user == nil {
            if try isIgnored(path, isDirectory: false) { return }
            if case .file = entry.kind, entry.size > limits.maximumFileSize {
                return skip(path, "larger than \(limits.maximumFileSize) bytes")
            }
        }
        if entry.kind == .special { return skip(path, "not a file, a directory or a symlink") }
        if let old = known.entries[path], isUnchanged(entry, since: old) {
            paths[path] = TreeEntry(path: path, mode: mode(of: entry), id: old.id)
            // A changed mode shows in the status too, so an unchanged file keeps its entry as it is.
            return
        }
        if entry.kind != .symlink, try repository.hasExternalFilter(path) {
            filtered.append(path)
            filteredEntries[path] = entry
            return
        }
        do {
            try take(entry, id: try repository.createBlob(ofWorktreeFile: path))
        } catch let error as GitError {
            try fail(entry, error)
        }
    }

    mutating func fail(_ directory: RepositoryPath, errno: Int32) throws {
        skip(directory, "unreadable directory: \(String(cString: strerror(errno)))")
        // What was tracked below is not deleted because it cannot be seen.
        for user in tracked.values where user.path.isInside(directory) && user.stage == 0 { keep(user) }
    }

    /// Takes what a filter made of a file.
    mutating func take(_ path: RepositoryPath, filtered id: ObjectID?) throws {
        guard let entry = filteredEntries[path] else { return }
        guard let id else { return skip(path, "its filter failed") }
        try take(entry, id: id)
    }

    /// Brings the private index to what was found.
    mutating func finish() throws {
        for user in tracked.values where paths[user.path] == nil && keepsIndexEntry(user, isOnDisk: false) { keep(user) }
        for path in known.entries.keys where paths[path] == nil { try known.index.remove(path) }
    }

    // MARK: One file

    private mutating func take(_ entry: WorktreeScan.Entry, id: ObjectID) throws {
        let mode = mode(of: entry)
        paths[entry.path] = TreeEntry(path: entry.path, mode: mode, id: id)
        try known.index.add(entry.path, id: id, mode: mode, status: entry.status)
    }

    /// Takes what the user's index has; the file on disk does not count.
    private mutating func keep(_ user: IndexEntry) {
        paths[user.path] = TreeEntry(path: user.path, mode: user.mode, id: user.id)
        let cached = known.entries[user.path]
        if cached?.id != user.id || cached?.mode != user.mode {
            // An entry that was read from an index can be added to one.
            try? known.index.add(user.path, id: user.id, mode: user.mode, status: nil)
        }
    }

    private mutating func skip(_ path: RepositoryPath, _ reason: String) {
        skipped.append(Snapshot.Skipped(path: path, reason: reason))
    }

    /// A file that cannot be read is named; one that vanished meanwhile is not there.
    private mutating func fail(_ entry: WorktreeScan.Entry, _ error: GitError) throws {
        guard WorktreeScan.Entry(at: entry.path, below: top) != nil else { return }
        guard access(top.appending(entry.path), R_OK) != 0 || entry.path.bytes.count >= 4096 else { throw error }
        skip(entry.path, "unreadable")
        if let user = tracked[entry.path], user.stage == 0, !user.isIntended { keep(user) }
    }

    /// git looks at neither, so neither do we: assume-unchanged entries, and those outside of a sparse checkout.
    private func keepsIndexEntry(_ user: IndexEntry, isOnDisk: Bool) -> Bool {
        if user.stage != 0 || user.isIntended { return false }
        // A file that is there in spite of a sparse checkout counts again (git 2.36).
        if user.isSkipped { return !(isSparse && isOnDisk) }
        return user.isAssumedUnchanged
    }

    private func isUnchanged(_ entry: WorktreeScan.Entry, since old: IndexEntry) -> Bool {
        guard old.status == entry.status.withDevice(of: old.status), old.status.modified < known.believedBefore else {
            return false
        }
        return old.mode == mode(of: entry)
    }

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

    private func isIgnored(_ path: RepositoryPath, isDirectory: Bool) throws -> Bool {
        if let parent = path.parent, ignoredDirectories.contains(parent) { return true }
        return try repository.isIgnored(path, isDirectory: isDirectory)
    }

    private func hasRepository(_ directory: RepositoryPath) -> Bool {
        access(top.appending(directory.appending(Array(".git".utf8))), F_OK) == 0
    }

    /// Records the commit that a nested repository is at, as git does for an embedded one.
    private mutating func takeNested(_ path: RepositoryPath, recorded: ObjectID?) throws {
        let place = FilePath(String(decoding: top.appending(path).dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self))
        let nested = hasRepository(path) ? try? Repository.open(in: place, gitDirectory: FilePath(".git")) : nil
        // A submodule that is not checked out stays as it is recorded.
        guard let id = try nested?.head().commit ?? recorded else {
            return skip(path, "a repository of its own, without a commit")
        }
        paths[path] = TreeEntry(path: path, mode: .gitlink, id: id)
        if known.entries[path]?.id != id || known.entries[path]?.mode != .gitlink {
            try known.index.add(path, id: id, mode: .gitlink, status: nil)
        }
    }
}

extension FileStatus {
    /// Device numbers change when a disk is mounted anew; git does not compare them either.
    fileprivate func withDevice(of other: FileStatus) -> FileStatus {
        FileStatus(
            modified: modified, changed: changed, device: other.device, inode: inode, user: user, group: group, size: size)
    }
}
