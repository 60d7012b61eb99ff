package import Git
internal import Glibc
package import SystemPackage

/// Brings paths of a worktree to what a tree has: the inverse of a snapshot.
///
/// Only the paths that are named are touched. A path whose present bytes the caller's snapshot does not hold (it is
/// ignored, or was left out) is never written and never removed: it blocks. Nothing is written through a symlink. A
/// file is replaced in one step, so a reader sees the old one or the new one.
package struct WorktreeWriter {
    let repository: Repository
    let top: FilePath
    let filters: ExternalFilters

    package init(repository: Repository, git: GitProgram) throws {
        guard let top = repository.workTree else { throw SnapshotError("this repository is bare: it has no worktree") }
        self.repository = repository
        self.top = top
        filters = ExternalFilters(git: git, repository: repository, top: top)
    }

    /// A path that must not be touched, and why.
    package struct Blocker: Hashable, Sendable {
        package let path: RepositoryPath
        package let reason: String

        package init(path: RepositoryPath, reason: String) {
            self.path = path
            self.reason = reason
        }
    }

    /// Which of `changes` cannot be applied without losing something or writing elsewhere.
    /// - Parameter changes: from the tree that the worktree has now to what it shall have.
    package func blockers(of changes: [TreeChange]) throws -> [Blocker] {
        let removed = Set(changes.lazy.filter { $0.new == nil }.map(\.path))
        var blockers = changes.compactMap { change in
            reason(against: change, removed: removed).map { Blocker(path: change.path, reason: $0) }
        }
        let blocked = Set(blockers.map(\.path))
        let replaced = changes.compactMap { $0.old?.mode == .gitlink ? nil : $0.old }.filter {
            !blocked.contains($0.path)
        }
        let present = PresentContent(repository: repository, top: top, filters: filters)
        for path in try present.paths(notHolding: replaced) {
            blockers.append(
                Blocker(path: path, reason: "its present content is not in the checkpoint that was just taken"))
        }
        return blockers.sorted { $0.path < $1.path }
    }

    /// The present bytes of files that `changes` replace or remove and that would come back in another form: git converts
    /// line ends and more on the way in and out, and not every file survives that.
    /// - Returns: a tree that holds them as they are; `nil` where there are none.
    package func unconvertedTree(replacedBy changes: [TreeChange]) throws -> ObjectID? {
        let present = PresentContent(repository: repository, top: top, filters: filters)
        let files = try present.unconverted(among: changes.compactMap(\.old))
        if files.isEmpty { return nil }
        let index = try Index()
        for (entry, bytes) in files {
            try index.add(entry.path, id: repository.createBlob(bytes), mode: entry.mode, status: nil)
        }
        return try index.writeTree(in: repository)
    }

    /// Applies changes that nothing blocks.
    /// - Parameter unconverted: a tree whose files are written as they are, in place of what `changes` say of them.
    /// - Throws: at the first path that cannot be written; the paths before it are as asked for, it and those after it as
    ///   they were.
    package func apply(_ changes: [TreeChange], unconverted: ObjectID? = nil) throws {
        for change in changes.reversed() where change.new == nil && change.old?.mode != .gitlink {
            try remove(change.path)
        }
        let written = changes.compactMap(\.new).filter { $0.mode != .gitlink }
        // Attributes first: they decide which bytes the other files get.
        for entry in written where entry.isOfAttributes { try write(entry, unconverted: unconverted) }
        for entry in written where !entry.isOfAttributes { try write(entry, unconverted: unconverted) }
    }

    /// Whether anything is at a path.
    package static func isThere(_ path: RepositoryPath, below top: FilePath) -> Bool {
        WorktreeScan.Entry(at: path, below: top) != nil
    }

    // MARK: What is in the way

    private func reason(against change: TreeChange, removed: Set<RepositoryPath>) -> String? {
        guard let new = change.new else { return nil }
        if new.mode == .gitlink || change.old?.mode == .gitlink {
            return "another repository; git-wf does not move those"
        }
        var parent = change.path.parent
        while let directory = parent {
            let entry = WorktreeScan.Entry(at: directory, below: top)
            if let entry, entry.kind != .directory, !removed.contains(directory) {
                return entry.kind == .symlink ? "\(directory) is a symlink" : "\(directory) is not a directory"
            }
            parent = directory.parent
        }
        guard let present = WorktreeScan.Entry(at: change.path, below: top) else { return nil }
        if present.kind == .directory {
            // Its files go first, where the changes take all of them; see `apply`.
            return isEmptied(change.path, by: removed) ? nil : "a directory is in its place"
        }
        return change.old == nil ? "ignored or left out, so no checkpoint holds it" : nil
    }

    /// Whether nothing is left of a directory when `paths` are removed.
    private func isEmptied(_ directory: RepositoryPath, by paths: Set<RepositoryPath>) -> Bool {
        struct Rest: WorktreeScan.Visitor {
            let top: FilePath
            let directory: RepositoryPath
            let paths: Set<RepositoryPath>
            var isAll = true
            var directories: Set<RepositoryPath> = []
            var emptied: Set<RepositoryPath> = []

            mutating func enter(_ entry: WorktreeScan.Entry) -> Bool {
                let path = directory.appending(entry.path.bytes)
                directories.insert(path)
                if access(top.appending(path.appending(Array(".git".utf8))), F_OK) == 0 { isAll = false }
                return isAll
            }

            mutating func visit(_ entry: WorktreeScan.Entry) {
                let path = directory.appending(entry.path.bytes)
                if !paths.contains(path) { isAll = false }
                var parent = path.parent
                while let next = parent, emptied.insert(next).inserted { parent = next.parent }
            }

            mutating func fail(_ failed: RepositoryPath, errno: Int32) { isAll = false }
        }
        if access(top.appending(directory.appending(Array(".git".utf8))), F_OK) == 0 { return false }
        var rest = Rest(top: top, directory: directory, paths: paths)
        do {
            try WorktreeScan.walk(FilePath(platformString: top.appending(directory)), visitor: &rest)
        } catch {
            return false
        }
        // An empty directory below it is somebody's own; only what this empties goes.
        return rest.isAll && rest.directories.isSubset(of: rest.emptied) && rest.emptied.contains(directory)
    }

    // MARK: Writing

    private func remove(_ path: RepositoryPath) throws {
        guard let directory = try OpenDirectory(above: path, below: top, creates: false) else { return }
        if unlinkat(directory.descriptor, path.lastTerminated, 0) != 0 {
            if errno == ENOENT { return }
            throw SnapshotError(errno: errno, "remove \(path)")
        }
        // Directories that this emptied go too; git keeps none that are empty.
        var parent = path.parent
        while let emptied = parent, let above = try OpenDirectory(above: emptied, below: top, creates: false),
            unlinkat(above.descriptor, emptied.lastTerminated, AT_REMOVEDIR) == 0
        {
            parent = emptied.parent
        }
    }

    private func write(_ entry: TreeEntry, unconverted: ObjectID?) throws {
        let asItWas = try unconverted.flatMap { try repository.entry(at: entry.path, in: $0) }
        let bytes = try asItWas.map { try repository.blob($0.id) } ?? content(of: entry)
        guard let directory = try OpenDirectory(above: entry.path, below: top, creates: true) else {
            throw SnapshotError("could not write \(entry.path): its directory is gone")
        }
        let name = entry.path.lastTerminated
        var status = stat()
        let isThere = fstatat(directory.descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0
        if isThere, status.st_mode & S_IFMT == S_IFDIR, unlinkat(directory.descriptor, name, AT_REMOVEDIR) != 0 {
            throw SnapshotError(errno: errno, "replace the directory \(entry.path)")
        }
        // git knows one bit of a mode; who else may read a file that is there is its owner's to say.
        let kept = isThere && status.st_mode & S_IFMT == S_IFREG ? status.st_mode & 0o666 : nil
        let draft = ".git-wf.\(DraftName.next()).tmp"
        do {
            if entry.mode == .symlink {
                guard symlinkat(bytes.map { CChar(bitPattern: $0) } + [0], directory.descriptor, draft) == 0 else {
                    throw SnapshotError(errno: errno, "write \(entry.path)")
                }
            } else {
                try write(bytes, in: directory, draft, isExecutable: entry.mode == .executable, path: entry.path)
                if let kept {
                    let mode = entry.mode == .executable ? kept | (kept & 0o444) >> 2 : kept
                    guard fchmodat(directory.descriptor, draft, mode, 0) == 0 else {
                        throw SnapshotError(errno: errno, "write \(entry.path)")
                    }
                }
            }
            guard renameat(directory.descriptor, draft, directory.descriptor, name) == 0 else {
                throw SnapshotError(errno: errno, "write \(entry.path)")
            }
        } catch {
            unlinkat(directory.descriptor, draft, 0)
            throw error
        }
    }

    private func content(of entry: TreeEntry) throws -> [UInt8] {
        if entry.mode == .symlink { return try repository.blob(entry.id) }
        return try repository.hasExternalFilter(entry.path)
            ? filters.smudge(entry.id, at: entry.path) : repository.worktreeBytes(of: entry.id, at: entry.path)
    }

    private func write(
        _ bytes: [UInt8], in directory: borrowing OpenDirectory, _ name: String, isExecutable: Bool,
        path: RepositoryPath
    ) throws {
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
        let descriptor = openat(directory.descriptor, name, flags, isExecutable ? 0o777 : 0o666)
        guard descriptor >= 0 else { throw SnapshotError(errno: errno, "write \(path)") }
        defer { close(descriptor) }
        do {
            _ = try FileDescriptor(rawValue: descriptor).writeAll(bytes)
        } catch let error as Errno {
            throw SnapshotError(errno: error.rawValue, "write \(path)")
        }
        guard fsync(descriptor) == 0 else { throw SnapshotError(errno: errno, "write \(path)") }
    }
}

extension TreeEntry {
    fileprivate var isOfAttributes: Bool { path.lastComponent.elementsEqual(".gitattributes".utf8) }
}

extension RepositoryPath {
    /// The last part as a C string.
    fileprivate var lastTerminated: [CChar] { lastComponent.map { CChar(bitPattern: $0) } + [0] }
}

extension SnapshotError {
    fileprivate init(errno: Int32, _ doing: String) {
        self.init("could not \(doing): \(String(cString: strerror(errno)))")
    }
}

/// An open directory of a worktree that was reached from the top without following a symlink.
private struct OpenDirectory: ~Copyable {
    let descriptor: Int32

    /// Opens the directory that `path` is in; `nil` where there is none.
    /// - Parameter creates: whether missing directories are made.
    init?(above path: RepositoryPath, below top: FilePath, creates: Bool) throws {
        var current = open(top.string, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard current >= 0 else { throw SnapshotError(errno: errno, "open the worktree \(top)") }
        for component in path.components.dropLast() {
            let name = component.map { CChar(bitPattern: $0) } + [0]
            if creates { mkdirat(current, name, 0o777) }
            let next = openat(current, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
            let reason = errno
            close(current)
            if next < 0, !creates, [ENOENT, ENOTDIR, ELOOP].contains(reason) { return nil }
            guard next >= 0 else { throw SnapshotError(errno: reason, "open the directory of \(path)") }
            current = next
        }
        descriptor = current
    }

    deinit { close(descriptor) }
}
