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
        let (user, known) = try cache.open()
        var collector = try Collector(
            repository: repository, top: top, limits: limits, user: user, cached: known)
        try WorktreeScan.walk(top, visitor: &collector)
        let filtered = try ExternalFilters(git: git, top: top).clean(collector.filtered)
        for (path, id) in filtered { try collector.take(path, filtered: id) }
        try collector.finish()
        if collector.paths.isEmpty, collector.skipped.isEmpty, !user.isEmpty, try !isEmptyOnDisk() {
            throw SnapshotError("the worktree \(top) has files, and none of them could be read")
        }
        let tree = try known.index.writeTree(in: repository)
        return Snapshot(
            tree: tree, head: head, headTree: headTree, operation: repository.operation,
            stagedTree: try StagedTree(repository: repository, user: user, snapshot: collector.paths, headTree: headTree)
                .write(),
            skipped: collector.skipped.sorted { $0.path < $1.path },
            pathCount: collector.paths.count)
    }

    /// Keeps what the last snapshot learned, once `checkpoint`, whose tree it is, is published: git's gc does not know
    /// the private index, so it may name only objects that a ref of ours holds.
    package func settle(on checkpoint: ObjectID) throws {
        try cache.save(checkpoint: checkpoint)
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
