package import Files
package import Git
internal import GitValues
internal import Glibc
package import SystemPackage

/// Takes snapshots of one worktree.
///
/// What belongs into a snapshot is what `git add -A` would take on a copy of the user's index; that index, HEAD and
/// the configuration are only read. A private index in the worktree's git directory remembers each file's stat data and
/// blob, so that a file is read again only when it changed. It is a cache: it may be deleted at any time.
package final class Snapshotter {
    /// The limits of what an untracked file may be.
    package struct Limits: Sendable {
        /// Untracked files of more bytes than this are left out and named.
        package var maximumFileSize: Int64
        /// With more untracked files than this no snapshot is taken.
        package var maximumUntracked: Int
        /// Patterns in the form of ignore rules: untracked files that are taken though they are large or look like secrets.
        package var allowed: [TypedPath]
        /// Names of files of ours at the top of the worktree, which are not taken where `info/exclude` names them.
        package var own: [String] = []

        package init(maximumFileSize: Int64 = 10 << 20, maximumUntracked: Int = 50_000, allowed: [TypedPath] = []) {
            self.maximumFileSize = maximumFileSize
            self.maximumUntracked = maximumUntracked
            self.allowed = allowed
        }

        /// All of them in one text. Written out: to interpolate the structure itself would start Swift's reflection, which
        /// was a quarter of a hook's instructions.
        var fingerprint: String {
            var text = "\(maximumFileSize) \(maximumUntracked)"
            for pattern in allowed { text += " \(RepositoryPath(bytes: pattern.bytes).text)" }
            return text
        }
    }

    let repository: Repository
    let top: FilePath
    let git: GitProgram
    let limits: Limits
    private let files: IndexFiles

    /// - Parameters:
    ///   - home: the user's home directory, which is never taken as a worktree.
    /// - Throws: `SnapshotError` for a bare repository, a home directory or `/`.
    package init(of repository: Repository, git: GitProgram, limits: Limits, home: FilePath?) throws {
        guard let top = repository.workTree else {
            throw SnapshotError("this repository is bare: it has no worktree to checkpoint")
        }
        let place = top.removingTrailingSlash
        if place == "/" || place == home?.removingTrailingSlash {
            throw SnapshotError(
                "the worktree \(place) is \(place == "/" ? "the root of the file system" : "a home directory"), "
                    + "which git-wf does not checkpoint; work in a repository below it")
        }
        self.repository = repository
        self.top = top
        self.git = git
        self.limits = limits
        files = IndexFiles(repository: repository, git: git)
        // libgit2 asks for the index wherever attributes count, and fails on those that it cannot read.
        try repository.use(Index())
    }

    /// Makes the objects of a snapshot. Nothing refers to them yet, and nobody else sees them; see ``Snapshot/settle(on:at:)``.
    package func take() throws -> Snapshot {
        let head = try repository.head()
        let headTree = try head.commit.map { try repository.commit($0).tree }
        let settings = try ScanSettings(repository: repository, limits: limits)
        return try withUserIndex(index: files.readPrivate()) { known, user in
            let taken = try scan(known, user, settings)
            return try snapshot(taken, user, head: head, headTree: headTree)
        }
    }

    /// Calls `body` with all that is known before a scan, and the user's index.
    private func withUserIndex<Result>(
        index: PrivateIndex?, _ body: (KnownWorktree, UserIndex?) throws -> Result
    ) throws -> Result {
        do {
            let known = KnownWorktree(index)
            let user = try files.join(known)
            return try body(known, user)
        } catch is UserIndex.NotWhole {
            return try files.withWholeCopy { user in
                let known = KnownWorktree(index)
                try known.join(user)
                return try body(known, user)
            }
        }
    }

    /// A finished scan.
    private struct Taken {
        let known: KnownWorktree
        let assembly: TreeAssembly
        let context: PrivateIndex.Context
        let skipped: [Snapshot.Skipped]
        let repositories: [RepositoryPath]
    }

    private func scan(_ known: KnownWorktree, _ user: UserIndex?, _ settings: ScanSettings) throws -> Taken {
        let began = files.moment()
        let converts = settings.conversions.isAnywhere || known.hadAttributes || known.hasAttributes
        let scan = try Scan(
            repository: repository, top: top, known: known, settings: settings, converts: converts, began: began)
        var seen = try scan.run()
        let conversions = try settings.conversions.fingerprint(found: seen.attributes, index: known.attributes)
        let isStale = known.cache.map { $0.context.conversions != conversions } ?? false
        if isStale || seen.hasAttributes && !converts {
            // What was read before, or without an eye to attributes, is made into other blobs now.
            let fresh = KnownWorktree(nil)
            if let user { try fresh.join(user) }
            let again = try Scan(
                repository: repository, top: top, known: fresh, settings: settings, converts: true, began: began)
            seen = try again.run()
            return try assemble(fresh, settings, seen, conversions: conversions)
        }
        return try assemble(known, settings, seen, conversions: conversions)
    }

    private func assemble(
        _ known: KnownWorktree, _ settings: ScanSettings, _ seen: Scan.Seen, conversions: ObjectID
    ) throws -> Taken {
        let assembly = try TreeAssembly(repository, known, settings)
        let filtered = assembly.take(seen.results)
        let filters = try ExternalFilters(git: git, repository: repository, top: top)
        let paths = filtered.map { result in
            result.node.files.map { result.node.path(of: $0[result.slot].name) } ?? RepositoryPath("")
        }
        for ((path, id), result) in zip(try filters.clean(paths, recorded: seen.indexEntries), filtered) {
            guard case .filtered(let mode, let stamp, let recordedID) = result.kind else { continue }
            if let id {
                let kind = FileResult.Kind.taken(id: id, mode: mode, stamp: stamp, isUnproven: id != recordedID)
                _ = assembly.take([FileResult(node: result.node, slot: result.slot, kind: kind)])
            } else if !WorktreeWriter.isThere(path, below: top) {
                assembly.remove(result)
            } else {
                assembly.skip(result, access(top.appending(path), R_OK) == 0 ? "its filter failed" : "unreadable")
            }
        }
        try assembly.finish(known.root)
        let context = PrivateIndex.Context(
            rules: settings.rules.fingerprint,
            // Files of attributes that changed while they were read may have been believed, or not.
            conversions: seen.hasUnsettledAttributes ? .zero : conversions)
        return Taken(
            known: known, assembly: assembly, context: context, skipped: seen.skipped + assembly.skipped,
            repositories: seen.repositories.sorted())
    }

    private func snapshot(_ taken: Taken, _ user: UserIndex?, head: Repository.Head, headTree: ObjectID?) throws
        -> Snapshot
    {
        let known = taken.known
        try taken.assembly.write(known.root, head: headTree)
        let tree = try known.root.tree ?? repository.pending.add(.tree, [])
        let staged = try taken.assembly.staged(known.root, head: headTree)
        var stagedTree: ObjectID?
        if let user, known.hasUnmerged || !staged.isEmpty {
            stagedTree = try StagedTree(repository: repository, user: user, headTree: headTree).write(holding: staged)
        }
        return Snapshot(
            tree: tree, head: head, headTree: headTree, operation: repository.operation, stagedTree: stagedTree,
            repositories: taken.repositories, skipped: taken.skipped.sorted { $0.path < $1.path },
            learned: LearnedIndex(known: known, context: taken.context, files: files))
    }

    /// Lets other processes see the objects of the snapshot before a ref holds them; see ``PendingObjects``.
    package func makeVisible() throws { try repository.pending.makeVisible() }
}

extension FilePath {
    /// libgit2 ends directories in a slash.
    package var removingTrailingSlash: FilePath { FilePath(root: root, components) }
}
