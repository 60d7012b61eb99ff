package import Git
package import GitValues
internal import Glibc
package import SystemPackage

/// Brings paths of a worktree to what a tree has: the inverse of a snapshot.
///
/// Only the paths that are named are touched. A path whose present bytes the caller's snapshot does not hold (it is
/// ignored, or was left out) is never written and never removed: it blocks. Nothing is written through a symlink. A
/// file is replaced in one step, so a reader sees the old one or the new one, and who has it open keeps what he has.
package struct WorktreeWriter {
    let repository: Repository
    package let top: FilePath
    let filters: ExternalFilters
    let modes: RecordedModes
    let folding: CaseFolding

    package init(repository: Repository, git: GitProgram) throws {
        try self.init(repository: repository, git: git, foldsCase: nil)
    }

    /// - Parameter foldsCase: what tests say of the file system.
    package init(repository: Repository, git: GitProgram, foldsCase: Bool?) throws {
        guard let top = repository.workTree else { throw SnapshotError("this repository is bare: it has no worktree") }
        self.repository = repository
        self.top = top
        filters = try ExternalFilters(git: git, repository: repository, top: top)
        modes = try RecordedModes(repository)
        folding = try CaseFolding(repository: repository, top: top, forced: foldsCase)
    }

    // MARK: Before

    /// Why a file that the snapshot does not have is left alone.
    package static let unheld = "ignored or left out, so no checkpoint holds it"

    /// Finds out what stands where changes are to be made.
    /// - Parameters:
    ///   - changes: from the tree that the worktree has now to what it shall have, one for each path.
    ///   - tree: that tree; it tells folders from other repositories. `nil` where nobody minds.
    ///   - takesBack: whether the changes bring back what was there, be it outside of a sparse checkout.
    ///   - ignored: those of their paths that the tree does not have, though files are there. What `changes` say of them is
    ///     what an operation wrote there; another content than that blocks.
    package func examine(
        _ changes: [TreeChange], in tree: ObjectID? = nil, takesBack: Bool = false, ignored: Set<RepositoryPath> = []
    ) throws -> Examination {
        var blockers: [Examination.Obstacle] = []
        var left: [Examination.Obstacle] = []
        var settled: Set<RepositoryPath> = []
        var present: [RepositoryPath: FileStatus?] = [:]
        var replaced: [TreeEntry] = []
        let content = PresentContent(repository: repository, top: top, filters: filters, modes: modes)
        var obstacles = try Obstacles(
            changes, in: tree, takesBack: takesBack, repository: repository, top: top, folding: folding)
        for change in changes {
            switch try obstacles.verdict(for: change) {
            case .blocked(let obstacle): blockers.append(obstacle)
            case .left(let obstacle): left.append(obstacle)
            case .unknown:
                if let new = change.new, try content.isAlready(new) {
                    settled.insert(change.path)
                } else {
                    blockers.append(Examination.Obstacle(path: change.path, reason: Self.unheld))
                }
            case .none:
                present[change.path] = .some(nil)
                if let old = change.old { replaced.append(old) }
            }
        }
        var apart: [TreeEntry] = []
        for (entry, verdict) in zip(replaced, try content.verdicts(for: replaced)) {
            switch verdict {
            case .nothing: continue
            case .held(let status, let isExact):
                present[entry.path] = status
                if !isExact || ignored.contains(entry.path) { apart.append(entry) }
            case .other:
                let reason = "its present content is not in the checkpoint that was just taken"
                blockers.append(
                    Examination.Obstacle(
                        path: entry.path, reason: ignored.contains(entry.path) ? Self.unheld : reason))
            case .unreadable(let reason):
                blockers.append(
                    Examination.Obstacle(
                        path: entry.path,
                        reason: "it cannot be read (\(String(cString: strerror(reason)))), so no checkpoint holds it"))
            }
        }
        return Examination(
            blockers: blockers.sorted { $0.path < $1.path }, left: left.sorted { $0.path < $1.path },
            settled: settled, present: present, apart: apart)
    }

    /// Which of `changes` cannot be applied without losing something or writing elsewhere.
    package func blockers(of changes: [TreeChange]) throws -> [Examination.Obstacle] {
        let examination = try examine(changes)
        let settled = examination.settled.map { Examination.Obstacle(path: $0, reason: Self.unheld) }
        return (examination.blockers + settled).sorted { $0.path < $1.path }
    }

    /// The present bytes of files that are replaced or removed and that a snapshot alone would not give back. git converts
    /// line ends and more on the way in and out, and not every file survives that; and what is ignored it does not have.
    /// - Returns: a tree that holds them as they are; `nil` where there are none.
    package func unconvertedTree(of examination: Examination) throws -> ObjectID? {
        if examination.apart.isEmpty { return nil }
        let content = PresentContent(repository: repository, top: top, filters: filters, modes: modes)
        let index = try Index()
        for entry in examination.apart {
            let id =
                entry.mode == .symlink
                ? entry.id
                : try repository.createBlob(
                    content.bytes(of: entry.path, since: examination.present[entry.path] ?? nil))
            try index.add(entry.path, id: id, mode: entry.mode, status: nil)
        }
        return try index.writeTree(in: repository)
    }

    /// Whether a path has what writing a change would give it, to the byte.
    /// - Parameter unconverted: as for `prepare`.
    package func isDone(_ change: TreeChange, unconverted: ObjectID?) throws -> Bool {
        guard let new = change.new, new.mode != .gitlink else { return !Self.isFile(change.path, below: top) }
        let content = PresentContent(repository: repository, top: top, filters: filters, modes: modes)
        var isDone = false
        try contents(of: [new], unconverted: unconverted) { entry, bytes in
            isDone = try content.has(bytes, as: entry)
        }
        return isDone
    }

    /// Whether a file of any kind, not a directory, is at a path.
    package static func isFile(_ path: RepositoryPath, below top: FilePath) -> Bool {
        // What cannot be seen may be one.
        do { return try top.status(of: path).map { !$0.isDirectory } ?? false } catch { return true }
    }

    /// Whether anything is at a path.
    package static func isThere(_ path: RepositoryPath, below top: FilePath) -> Bool {
        // What cannot be seen may be there.
        do { return try top.status(of: path) != nil } catch { return true }
    }

    // MARK: Writing

    /// Makes a directory, with those above it.
    package func makeDirectory(_ path: RepositoryPath) throws {
        _ = try WorktreePath(path)
        _ = try OpenDirectory(path, below: top) { _ in }
    }

    /// Removes the directories that are empty now that a file of theirs is gone.
    package func removeEmptied(above path: RepositoryPath) { removeEmptied(path.directory) }

    /// Removes a directory that is empty, and those above it that this empties.
    package func removeEmptied(_ directory: RepositoryPath) {
        var directory = directory
        while !directory.bytes.isEmpty, let above = try? OpenDirectory(directory.directory, below: top),
            unlinkat(above.descriptor, directory.lastTerminated, AT_REMOVEDIR) == 0
        {
            directory = directory.directory
        }
    }

    /// Applies changes that nothing blocks, all of them or none.
    /// - Parameter unconverted: a tree whose files are written as they are, in place of what `changes` say of them.
    package func apply(_ changes: [TreeChange], unconverted: ObjectID? = nil) throws {
        let batch = try prepare(changes, unconverted: unconverted)
        try batch.place()
        batch.finish()
    }

    /// Writes what `changes` bring, and leaves the files as they are.
    /// - Parameters:
    ///   - examination: what was found there; a file that changed since stops all.
    ///   - modes: what files get that is not as the present one has it.
    package func prepare(
        _ changes: [TreeChange], unconverted: ObjectID? = nil, examination: Examination? = nil,
        modes: FileModes = .none
    ) throws -> WriteBatch {
        let batch = try WriteBatch(
            changes, by: self, unconverted: unconverted, examination: examination, modes: modes)
        try batch.prepare()
        return batch
    }

    /// Removes the temporaries that killed processes left in a worktree.
    package static func removeLeftTemporaries(in repository: Repository) {
        guard let top = repository.workTree else { return }
        TemporaryList.removeLeft(in: repository.gitDirectory, below: top)
    }

    // MARK: Contents

    /// How many files whose bytes the user's own filters make are asked for at once.
    private static let batch = 100

    /// Hands the bytes that files get, one after the other.
    func contents(
        of entries: [TreeEntry], unconverted: ObjectID?, _ body: (TreeEntry, [UInt8]) throws -> Void
    ) throws {
        filters.conversions.forgetAttributes()
        var filtered: [TreeEntry] = []
        for entry in entries {
            if let asItWas = try unconverted.flatMap({ try repository.entry(at: entry.path, in: $0) }) {
                try body(entry, repository.blob(asItWas.id))
            } else if entry.mode == .symlink {
                try body(entry, repository.blob(entry.id))
            } else if try filters.conversions.isForeign(entry.path) {
                filtered.append(entry)
            } else {
                try body(entry, filters.conversions.worktreeBytes(of: entry.id, at: entry.path))
            }
        }
        var rest = filtered[...]
        while !rest.isEmpty {
            let batch = rest.prefix(Self.batch)
            rest = rest.dropFirst(batch.count)
            for (entry, bytes) in zip(batch, try filters.smudge(batch.map { ($0.id, $0.path) })) {
                // Asked again alone, git says why.
                try body(entry, bytes ?? filters.smudge(entry.id, at: entry.path))
            }
        }
    }
}
