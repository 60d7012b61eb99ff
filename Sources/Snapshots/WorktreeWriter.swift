package import Git
internal import Glibc
internal import SystemPackage

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
    }

    /// Which of `changes` cannot be applied without losing something or writing elsewhere.
    /// - Parameter changes: from the tree that the worktree has now to what it shall have.
    package func blockers(of changes: [TreeChange]) -> [Blocker] {
        let removed = Set(changes.lazy.filter { $0.new == nil }.map(\.path))
        let held = Set(changes.lazy.filter { $0.old != nil }.map(\.path))
        return changes.compactMap { change in
            guard change.new != nil else { return nil }
            if change.new?.mode == .gitlink || change.old?.mode == .gitlink {
                return Blocker(path: change.path, reason: "another repository; git-wf does not move those")
            }
            var parent = change.path.parent
            while let directory = parent {
                if let entry = WorktreeScan.Entry(at: directory, below: top), entry.kind != .directory,
                    !removed.contains(directory)
                {
                    return Blocker(
                        path: change.path,
                        reason: entry.kind == .symlink ? "\(directory) is a symlink" : "\(directory) is not a directory")
                }
                parent = directory.parent
            }
            guard let present = WorktreeScan.Entry(at: change.path, below: top) else { return nil }
            if present.kind == .directory {
                // Its files go first, where the changes take all of them; see `apply`.
                return isEmptied(change.path, by: held.intersection(removed))
                    ? nil : Blocker(path: change.path, reason: "a directory is in its place")
            }
            return change.old == nil ? Blocker(path: change.path, reason: "ignored or left out, so no checkpoint holds it") : nil
        }
    }

    /// Applies changes that nothing blocks.
    /// - Throws: at the first path that cannot be written; the paths before it are as asked for, it and those after it as
    ///   they were.
    package func apply(_ changes: [TreeChange]) throws {
        for change in changes.reversed() where change.new == nil && change.old?.mode != .gitlink {
            try remove(change.path)
        }
        for change in changes {
            guard let new = change.new, new.mode != .gitlink else { continue }
            try write(new)
        }
    }

    /// Whether every file below a directory is among `paths`.
    private func isEmptied(_ directory: RepositoryPath, by paths: Set<RepositoryPath>) -> Bool {
        struct Rest: WorktreeScan.Visitor {
            let directory: RepositoryPath
            let paths: Set<RepositoryPath>
            var isAll = true
            mutating func enter(_ entry: WorktreeScan.Entry) -> Bool {
                entry.path.isInside(directory) || directory.isInside(entry.path)
            }
            mutating func visit(_ entry: WorktreeScan.Entry) {
                if entry.path.isInside(directory), !paths.contains(entry.path) { isAll = false }
            }
            mutating func fail(_ failed: RepositoryPath, errno: Int32) { isAll = false }
        }
        var rest = Rest(directory: directory, paths: paths)
        do { try WorktreeScan.walk(top, visitor: &rest) } catch { return false }
        return rest.isAll
    }

    private func remove(_ path: RepositoryPath) throws {
        if unlink(top.appending(path)) != 0, errno != ENOENT, errno != ENOTDIR {
            throw failure("remove \(path)")
        }
        // Directories that this emptied go too; git keeps none that are empty.
        var parent = path.parent
        while let directory = parent, rmdir(top.appending(directory)) == 0 { parent = directory.parent }
    }

    private func write(_ entry: TreeEntry) throws {
        try makeDirectories(above: entry.path)
        if WorktreeScan.Entry(at: entry.path, below: top)?.kind == .directory, rmdir(top.appending(entry.path)) != 0 {
            throw failure("replace the directory \(entry.path)")
        }
        let name = Array(".git-wf.\(getpid()).tmp".utf8)
        let draft = entry.path.parent?.appending(name) ?? RepositoryPath(bytes: name)
        let place = top.appending(draft)
        unlink(place)
        if entry.mode == .symlink {
            let target = try repository.blob(entry.id).map { CChar(bitPattern: $0) } + [0]
            guard symlink(target, place) == 0 else { throw failure("write \(entry.path)") }
        } else {
            let bytes =
                try repository.hasExternalFilter(entry.path)
                ? filters.smudge(entry.id, at: entry.path) : repository.worktreeBytes(of: entry.id, at: entry.path)
            try write(bytes, to: place, isExecutable: entry.mode == .executable, path: entry.path)
        }
        guard rename(place, top.appending(entry.path)) == 0 else {
            let error = failure("write \(entry.path)")
            unlink(place)
            throw error
        }
    }

    private func write(_ bytes: [UInt8], to place: [CChar], isExecutable: Bool, path: RepositoryPath) throws {
        let descriptor = open(place, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, isExecutable ? 0o777 : 0o666)
        guard descriptor >= 0 else { throw failure("write \(path)") }
        defer { close(descriptor) }
        do {
            _ = try FileDescriptor(rawValue: descriptor).writeAll(bytes)
        } catch {
            unlink(place)
            throw SnapshotError("could not write \(path): \(error)")
        }
        guard fsync(descriptor) == 0 else {
            let error = failure("write \(path)")
            unlink(place)
            throw error
        }
    }

    private func makeDirectories(above path: RepositoryPath) throws {
        guard let directory = path.parent else { return }
        try makeDirectories(above: directory)
        if mkdir(top.appending(directory), 0o777) != 0, errno != EEXIST { throw failure("create \(directory)") }
    }

    private func failure(_ doing: String) -> SnapshotError {
        SnapshotError("could not \(doing): \(String(cString: strerror(errno)))")
    }
}
