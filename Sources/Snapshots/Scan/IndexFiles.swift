internal import Files
internal import Git
internal import GitValues
internal import Glibc
internal import SystemPackage

/// The index files of one worktree: the user's, which is only read, and the private one beside it.
struct IndexFiles {
    let repository: Repository
    let git: GitProgram
    private let directory: FilePath
    private let privateFile: FilePath
    private let changesFile: FilePath

    init(repository: Repository, git: GitProgram) {
        self.repository = repository
        self.git = git
        directory = repository.gitDirectory.appending("wf")
        privateFile = directory.appending("index")
        changesFile = directory.appending("index.changes")
    }

    /// The present moment, by the clock that files are stamped with: the kernel's, or that of a server whose file system the git
    /// directory is on, where that is behind.
    func moment() -> timespec {
        // It ticks more slowly than the precise one.
        var now = timespec()
        clock_gettime(CLOCK_REALTIME_COARSE, &now)
        var status = stat()
        // Where nothing can be written the kernel's has to do.
        guard let file = try? TemporaryFile(in: directory, prefix: "clock."), fstat(file.descriptor, &status) == 0
        else {
            return now
        }
        let stamp = status.st_mtim
        return (stamp.tv_sec, stamp.tv_nsec) < (now.tv_sec, now.tv_nsec) ? stamp : now
    }

    /// Joins the user's index to what is known.
    /// - Returns: the index that was read; `nil` where there is none.
    func join(_ known: KnownWorktree) throws -> UserIndex? {
        guard let user = try UserIndex(at: repository.gitDirectory.appending("index")) else { return nil }
        try known.join(user)
        return user
    }

    /// The user's index as one file: git rewrites a copy of an index of several parts, or with whole directories in it.
    /// - Parameter body: gets the copy, which is gone afterwards.
    func withWholeCopy<Result>(_ body: (UserIndex) throws -> Result) throws -> Result {
        let source = repository.gitDirectory.appending("index")
        let folder = try TemporaryFolder(in: directory, prefix: "copy.")
        let copy = folder.path.appending("index")
        var status = stat()
        guard let top = repository.workTree, stat(source.string, &status) == 0 else {
            throw SnapshotError("could not read \(source): \(String(cString: strerror(errno)))")
        }
        // The shared part of a split index is looked for in the git directory, wherever the index is.
        let variables = [
            "GIT_DIR": repository.gitDirectory.string, "GIT_WORK_TREE": top.string, "GIT_INDEX_FILE": copy.string,
        ]
        let arguments = [
            "-c", "core.splitIndex=false", "-c", "index.sparse=false", "-c", "index.skipHash=false",
            "-c", "core.fsmonitor=false", "-c", "core.untrackedCache=false", "update-index", "--no-split-index",
            "--force-write-index",
        ]
        try Self.copy(source, to: copy)
        try git.succeed("read this repository's index", arguments, in: top, variables: variables)
        // git has written it now; its entries are as old as they were.
        var times = [status.st_mtim, status.st_mtim]
        guard utimensat(AT_FDCWD, copy.string, &times, 0) == 0, let index = try UserIndex(at: copy) else {
            throw SnapshotError("could not read \(copy): \(String(cString: strerror(errno)))")
        }
        return try body(index)
    }

    /// Calls `body` with each entry of the user's index, of whatever kind it is.
    func forEachUserEntry(_ body: (UserIndex.Entry) throws -> Void) throws {
        guard let user = try UserIndex(at: repository.gitDirectory.appending("index")) else { return }
        do {
            // Whether it is whole shows only at its end.
            try user.forEach { _ in }
        } catch is UserIndex.NotWhole {
            return try withWholeCopy { try $0.forEach(body) }
        }
        try user.forEach(body)
    }

    /// The private index, where the checkpoint that it belongs to is still there.
    func readPrivate() throws -> PrivateIndex? {
        guard let index = PrivateIndex(at: privateFile, changes: changesFile) else { return nil }
        let context = index.context
        if !context.ref.isEmpty {
            guard case .at = try repository.state(ofReference: context.ref) else { return nil }
        }
        do {
            let tree = index.records.directory(0).tree
            let isItsOwn =
                try repository.commit(context.checkpoint, .literal).tree
                == (tree == .zero ? Repository.emptyTree : tree)
            return isItsOwn ? index : nil
        } catch is GitError {
            // A cache that belongs to what cannot be read is none.
            return nil
        }
    }

    /// Replaces the private index, or what changed since it was written as a whole.
    func writePrivate(_ root: DirectoryNode, known: KnownWorktree, context: PrivateIndex.Context) throws {
        try Folder.make(directory, access: repository.access)
        TemporaryFile.removeLeft(in: directory, prefix: Self.prefix)
        var nodes = [root]
        var next = 0
        while next < nodes.count {
            nodes += nodes[next].remembered
            next += 1
        }
        if let cache = known.cache, let changed = Self.changed(nodes, cache.records) {
            try replace(changesFile, changed, known, context, base: cache.checksum)
        } else {
            try replace(privateFile, nodes, known, context, base: 0)
            unlink(changesFile.string)
        }
    }

    /// The directories that are not as the whole index has them.
    /// - Returns: `nil` where other directories are there now, and where so much changed that the whole is better written
    ///   anew.
    private static func changed(_ nodes: [DirectoryNode], _ index: PrivateIndex.Records) -> [DirectoryNode]? {
        guard nodes.count == index.directoryCount else { return nil }
        var changed: [DirectoryNode] = []
        var fileCount = 0
        for node in nodes {
            guard let record = node.record else { return nil }
            let known = index.directory(record)
            let isSame =
                !index.isPatched(record) && node.files == nil && node.keptStamp == known.stamp
                && (node.tree ?? .zero) == known.tree && node.hasAttributes == known.hasAttributes
            if isSame { continue }
            changed.append(node)
            fileCount += node.files?.count ?? known.files.count
        }
        return 8 * fileCount <= index.fileCount - index.changedFileCount ? changed : nil
    }

    private func replace(
        _ file: FilePath, _ nodes: [DirectoryNode], _ known: KnownWorktree, _ context: PrivateIndex.Context,
        base: UInt64
    ) throws {
        let temporary = try TemporaryFile(in: directory, prefix: Self.prefix, mode: 0o666)
        try temporary.setMode(repository.access.widened)
        func recorded(_ node: DirectoryNode) -> Range<Int> {
            node.record.flatMap { known.index?.directory($0).files } ?? 0..<0
        }
        let fileCount = nodes.reduce(0) { $0 + ($1.files?.count ?? recorded($1).count) }
        var writer = PrivateIndexWriter(
            temporary.descriptor, path: file, directoryCount: nodes.count, fileCount: fileCount)
        var nextChild = 1
        for node in nodes {
            var children = nextChild..<nextChild
            if base == 0 {
                nextChild += node.remembered.count
                children = children.lowerBound..<nextChild
            } else if let record = node.record {
                children = record..<record
            }
            let numbers = recorded(node)
            try writer.add(
                directory: node.name, fileCount: node.files?.count ?? numbers.count, children: children,
                stamp: node.keptStamp, tree: node.tree ?? .zero, hasAttributes: node.hasAttributes)
            if let files = node.files {
                for file in files { try writer.add(file: file) }
            } else if let index = known.index {
                try writer.add(files: numbers, of: index)
            }
        }
        try writer.finish(context, base: base)
        try temporary.rename(to: file)
    }

    private static let prefix = "index.new."

    private static func copy(_ source: FilePath, to target: FilePath) throws {
        do {
            let input = try FileDescriptor.open(source, .readOnly, options: .closeOnExec)
            try input.closeAfter {
                let output = try FileDescriptor.open(
                    target, .writeOnly, options: [.create, .truncate, .closeOnExec],
                    permissions: FilePermissions(rawValue: 0o666))
                try output.closeAfter {
                    var chunk = [UInt8](repeating: 0, count: 1 << 16)
                    while true {
                        let count = try chunk.withUnsafeMutableBytes { try input.read(into: $0) }
                        if count == 0 { return }
                        _ = try output.writeAll(chunk[..<count])
                    }
                }
            }
        } catch let error as Errno {
            throw SnapshotError("could not copy \(source): \(error)")
        }
    }
}
