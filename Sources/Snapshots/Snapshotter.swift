package import Git
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

        package init(maximumFileSize: Int64 = 10 << 20) { self.maximumFileSize = maximumFileSize }
    }

    let repository: Repository
    let top: FilePath
    let git: GitProgram
    let limits: Limits
    private let cache: PrivateIndex
    /// What the last snapshot's blobs were made with.
    private var conversions: ObjectID?

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
        cache = PrivateIndex(repository: repository, git: git)
    }

    /// Writes the objects of a snapshot. Nothing refers to them yet; see ``settle(on:)``.
    package func take() throws -> Snapshot {
        let head = try repository.head()
        let headTree = try head.commit.map { try repository.commit($0).tree }
        let user = try cache.openUser()
        let entries = user.index.entries()
        var known = try cache.open(user: user)
        var collector = try collect(entries, user: user, known: known)
        let conversions = try Conversions(repository: repository, files: collector.attributeFiles).fingerprint
        if let old = known.conversions, old != conversions {
            // What was read before is made into other blobs now.
            known = try cache.reseed(from: user)
            collector = try collect(entries, user: user, known: known)
        }
        // Files of attributes that changed while they were read may have been believed, or not.
        self.conversions =
            collector.attributeFiles.allSatisfy { $0.status.changed < .init(cache.scanBegan) } ? conversions : .zero
        let filters = ExternalFilters(git: git, repository: repository, top: top)
        for (path, id) in try filters.clean(collector.filtered) { try collector.take(path, filtered: id) }
        try collector.finish()
        if collector.paths.isEmpty, collector.skipped.isEmpty, !collector.hasIgnored, !entries.isEmpty,
            try !isEmptyOnDisk()
        {
            throw SnapshotError("the worktree \(top) has files, and none of them could be read")
        }
        let tree = try known.index.writeTree(in: repository)
        let staged = StagedTree(repository: repository, user: entries, snapshot: collector.paths, headTree: headTree)
        return Snapshot(
            tree: tree, head: head, headTree: headTree, operation: repository.operation, stagedTree: try staged.write(),
            skipped: collector.skipped.sorted { $0.path < $1.path })
    }

    private func collect(_ entries: [IndexEntry], user: PrivateIndex.Known, known: PrivateIndex.Known) throws
        -> Collector
    {
        var collector = try Collector(
            repository: repository, top: top, limits: limits, entries: entries, user: user, known: known)
        try WorktreeScan.walk(top, visitor: &collector)
        return collector
    }

    /// Keeps what the last snapshot learned, once `checkpoint`, whose tree it is, is published: git's gc does not know
    /// the private index, so it may name only objects that a ref of ours holds.
    package func settle(on checkpoint: ObjectID) throws {
        guard let conversions else { return }
        try cache.save(checkpoint: checkpoint, conversions: conversions)
    }

    private func isEmptyOnDisk() throws -> Bool {
        struct AnyFile: WorktreeScan.Visitor {
            var found = false
            mutating func enter(_ directory: WorktreeScan.Entry) -> Bool { true }
            mutating func visit(_ entry: WorktreeScan.Entry) { found = true }
            mutating func fail(_ directory: RepositoryPath, errno: Int32) { found = true }
        }
        var visitor = AnyFile()
        try WorktreeScan.walk(top, visitor: &visitor)
        return !visitor.found
    }
}

extension FilePath {
    /// libgit2 ends directories in a slash.
    package var removingTrailingSlash: FilePath { FilePath(root: root, components) }
}
