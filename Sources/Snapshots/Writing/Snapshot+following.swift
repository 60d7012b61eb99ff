package import Git
internal import GitValues
internal import Glibc

extension Snapshot {
    /// How many changes are followed: each file of them is read again.
    private static let followed = 16

    /// What a new snapshot would be, now that a writer made `changes` to the files that this one is of.
    ///
    /// A look at every file of a large worktree costs more than all else that a restore of one does. So where it is certain
    /// what a snapshot would find, the tree is this one's with the changes: every changed file is on disk as it was
    /// written, git makes the very same blob of it, and takes it; and no rule changed by which others would be taken. What
    /// somebody did to other files meanwhile is in the next snapshot.
    /// - Parameter maximumFileSize: of an untracked file.
    /// - Returns: `nil` where it is not certain.
    package func following(
        _ changes: [TreeChange], by writer: WorktreeWriter, maximumFileSize: Int64
    ) throws -> Snapshot? {
        let repository = writer.repository
        guard !changes.isEmpty, changes.count <= Self.followed, writer.modes.trustsExecutableBit,
            writer.modes.trustsSymlinks, try repository.configFlag("core.sparseCheckout") != true,
            try repository.head() == head, repository.operation == operation
        else { return nil }
        let paths = Set(changes.map(\.path))
        if skipped.contains(where: { paths.contains($0.path) }) { return nil }
        for change in changes { if try !isAsWritten(change, by: writer) { return nil } }

        let index = try IndexedPaths(changes.map(\.path), writer: writer)
        guard let index, try isStagedTreeSame(changes, index) else { return nil }
        let untracked = changes.filter { $0.new != nil && index.entries[$0.path] == nil }
        for change in untracked {
            guard let new = change.new, let status = try? writer.top.status(of: change.path),
                status.st_size <= maximumFileSize
            else { return nil }
            let isSecret = try repository.blob(new.id).withUnsafeBytes {
                SecretRules.reason(path: change.path, content: $0) != nil
            }
            if isSecret { return nil }
        }
        if try !areTaken(untracked.filter { $0.old == nil }.map(\.path), writer: writer) { return nil }

        let edits = Dictionary(changes.map { ($0.path, $0.new) }, uniquingKeysWith: { $1 })
        return Snapshot(
            tree: try repository.tree(tree, with: edits), head: head, headTree: headTree, operation: operation,
            stagedTree: stagedTree, repositories: repositories, skipped: skipped, learned: nil)
    }

    private func isAsWritten(_ change: TreeChange, by writer: WorktreeWriter) throws -> Bool {
        let path = change.path
        let special = [".gitignore", ".gitattributes", ".gitmodules"]
        guard change.old?.mode != .gitlink, !special.contains(String(decoding: path.lastComponent, as: UTF8.self))
        else {
            return false
        }
        guard let new = change.new else { return try writer.top.status(of: path) == nil }
        guard try !writer.filters.conversions.isForeign(path), let status = try writer.top.status(of: path) else {
            return false
        }
        switch new.mode {
        case .symlink: guard status.isSymlink else { return false }
        case .file, .executable:
            let isExecutable = status.st_mode & S_IXUSR != 0
            guard status.isFile, isExecutable == (new.mode == .executable) else { return false }
        case .directory, .gitlink: return false
        }
        // It may be that what was written is not converted back to the same.
        if new.mode == .symlink { return true }
        let file: PresentContent.File
        do { file = try PresentContent.File(at: path, below: writer.top) } catch { return false }
        return try file.isSettled && writer.filters.conversions.blobID(of: file.bytes, at: path) == new.id
    }

    /// Whether what is staged and in neither HEAD nor the files is recorded as before.
    private func isStagedTreeSame(_ changes: [TreeChange], _ index: IndexedPaths) throws -> Bool {
        for change in changes {
            guard let staged = index.entries[change.path] else { continue }
            let committed = try headTree.flatMap { try index.repository.entry(at: change.path, in: $0) }
            let wasElsewhere = staged == change.old || staged == committed
            let isElsewhere = staged == change.new || staged == committed
            if wasElsewhere != isElsewhere, stagedTree == nil || isElsewhere { return false }
        }
        return true
    }

    /// Whether git would take new files: it ignores none of them, and none is in a repository of its own, or where one is
    /// tracked.
    private func areTaken(_ paths: [RepositoryPath], writer: WorktreeWriter) throws -> Bool {
        if paths.isEmpty { return true }
        for path in paths {
            var directory = path.directory
            while !directory.bytes.isEmpty {
                if WorktreeWriter.isThere(directory.appending(Array(".git".utf8)), below: writer.top) { return false }
                if try writer.repository.entry(at: directory, in: tree)?.mode == .gitlink { return false }
                directory = directory.directory
            }
        }
        let here = Array("./".utf8)
        let result = try writer.filters.git.run(
            ["check-ignore", "--quiet", "--stdin", "-z"], in: writer.top, variables: writer.filters.variables,
            input: paths.flatMap { here + $0.bytes + [0] })
        return result.status == 1
    }
}

/// What the user's index has at some paths, read by git, which knows every kind of index.
private struct IndexedPaths {
    let repository: Repository
    let entries: [RepositoryPath: TreeEntry]

    /// - Returns: `nil` where an entry is not like any other: unmerged, or one that git was told not to look at.
    init?(_ paths: [RepositoryPath], writer: WorktreeWriter) throws {
        repository = writer.repository
        // A name that is not UTF-8 cannot be an argument here.
        let names = paths.compactMap { String(validating: $0.bytes, as: UTF8.self) }
        guard names.count == paths.count else { return nil }
        let listed = try writer.filters.git.succeed(
            "read the index",
            ["--no-optional-locks", "--literal-pathspecs", "ls-files", "--stage", "-v", "-z", "--"] + names,
            in: writer.top, variables: writer.filters.variables)
        var entries: [RepositoryPath: TreeEntry] = [:]
        for line in listed.output.split(separator: 0) {
            guard let tab = line.firstIndex(of: 0x09) else { return nil }
            let words = String(decoding: line[..<tab], as: UTF8.self).split(separator: " ")
            guard words.count == 4, words[0] == "H", words[3] == "0", let id = ObjectID(hex: words[2]),
                let mode = UInt32(words[1], radix: 8).flatMap({ FileMode(rawValue: $0) }),
                // What `git add -N` announced looks like this, too.
                id != Self.emptyBlob
            else { return nil }
            let path = RepositoryPath(bytes: line[(tab + 1)...])
            entries[path] = TreeEntry(path: path, mode: mode, id: id)
        }
        self.entries = entries.filter { paths.contains($0.key) }
    }

    private static let emptyBlob = ObjectID(hex: "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391")
}
