internal import Git
internal import GitValues
internal import Glibc
internal import SystemPackage

/// What is in the way of changes to a worktree: what no checkpoint holds, what is elsewhere, what may not be written.
struct Obstacles {
    typealias Obstacle = Examination.Obstacle

    /// What stands in the way of one change.
    enum Verdict {
        case none
        case blocked(Obstacle)
        case left(Obstacle)
        /// Something that the compared tree does not know; it may be what is wanted already.
        case unknown
    }

    private let repository: Repository
    private let tree: ObjectID?
    private let top: FilePath
    private let removed: Set<RepositoryPath>
    private let sparse: SparsePatterns?
    private let takesBack: Bool
    private let folding: CaseFolding
    /// Paths that differ only in case from another one that is written, where both would be one file.
    private let colliding: [RepositoryPath: RepositoryPath]
    /// What is wrong with a directory, of those that were looked at.
    private var directories: [RepositoryPath: Obstacle?] = [:]

    /// - Parameters:
    ///   - tree: what the changes are made to, where it is known.
    ///   - takesBack: whether what is written was there before, be it outside of a sparse checkout.
    init(
        _ changes: [TreeChange], in tree: ObjectID?, takesBack: Bool, repository: Repository, top: FilePath,
        folding: CaseFolding
    ) throws {
        self.repository = repository
        self.tree = tree
        self.top = top
        self.folding = folding
        removed = Set(changes.lazy.filter { $0.new == nil }.map(\.path))
        sparse = try SparsePatterns(repository: repository)
        self.takesBack = takesBack
        var colliding: [RepositoryPath: RepositoryPath] = [:]
        var spellings: [String: RepositoryPath] = [:]
        for path in changes.lazy.filter({ $0.new != nil }).map(\.path) {
            let folded = CaseFolding.folded(path.bytes)
            guard let other = spellings[folded] else {
                spellings[folded] = path
                continue
            }
            guard try folding.folds(in: path.directory) else { continue }
            colliding[path] = other
            colliding[other] = path
        }
        self.colliding = colliding
    }

    mutating func verdict(for change: TreeChange) throws -> Verdict {
        let path = change.path
        do { _ = try WorktreePath(change) } catch {
            return .blocked(Obstacle(path: path, reason: "git would not write it: \(error.reason)", isForbidden: true))
        }
        if change.new?.mode == .gitlink || change.old?.mode == .gitlink {
            return .left(Obstacle(path: path, reason: "another repository; git-wf does not move those"))
        }
        let present: stat?
        do {
            present = try top.status(of: path)
        } catch {
            return .blocked(Obstacle(path: path, reason: "it cannot be looked at: \(error)", isForbidden: true))
        }
        if present == nil, let reason = reasonToLeave(change) { return .left(Obstacle(path: path, reason: reason)) }
        if let reason = try obstacle(in: path.directory) {
            return .blocked(Obstacle(path: path, reason: reason.reason, isForbidden: reason.isForbidden))
        }
        guard change.new != nil else { return .none }
        if let other = colliding[path] {
            return .blocked(
                Obstacle(path: path, reason: "it is one file with \(other) here, where case does not count"))
        }
        guard let present else { return .none }
        if present.isDirectory {
            // Its files go first, where the changes take all of them.
            return isEmptied(path, by: removed)
                ? .none : .blocked(Obstacle(path: path, reason: "a directory is in its place"))
        }
        if change.old != nil { return .none }
        if let other = try folding.otherSpelling(of: path) {
            return removed.contains(other)
                ? .none
                : .blocked(Obstacle(path: path, reason: "it is one file with \(other) here, where case does not count"))
        }
        return .unknown
    }

    /// Why a path where nothing is stays so.
    private func reasonToLeave(_ change: TreeChange) -> String? {
        // It was there before; what the tree says of it now is what git was told to keep of a file that is not looked at.
        if takesBack { return nil }
        let outside = "outside of the sparse checkout"
        if change.old == nil { return sparse?.contain(change.path) == false ? outside : nil }
        // It was there, as whoever asks to write what the tree has anyway knows.
        if change.old == change.new { return nil }
        // A snapshot has no file that is not there, but those that git was told not to look at.
        return sparse == nil ? "git was told not to look at it, and it is not there" : outside
    }

    /// What keeps files from being written or removed in a directory.
    private mutating func obstacle(in directory: RepositoryPath) throws -> Obstacle? {
        if let known = directories[directory] { return known }
        let obstacle: Obstacle?
        if !directory.bytes.isEmpty, let above = try self.obstacle(in: directory.directory) {
            obstacle = above
        } else {
            obstacle = try self.obstacle(at: directory)
        }
        directories[directory] = .some(obstacle)
        return obstacle
    }

    private func obstacle(at directory: RepositoryPath) throws -> Obstacle? {
        let place = top.appending(directory)
        if !directory.bytes.isEmpty {
            if try isNested(directory) {
                return Obstacle(
                    path: directory, reason: "\(directory) is another repository; git-wf does not write to those")
            }
            var status = stat()
            // What cannot be seen is said by the directory above it, or when it is opened.
            guard lstat(place, &status) == 0 else { return nil }
            if !status.isDirectory {
                if removed.contains(directory) { return nil }
                return Obstacle(
                    path: directory, reason: "\(directory) is \(status.isSymlink ? "a symlink" : "not a directory")")
            }
        }
        guard faccessat(AT_FDCWD, place, W_OK | X_OK, AT_EACCESS) != 0 else { return nil }
        let name = directory.bytes.isEmpty ? "the worktree" : directory.description
        return Obstacle(
            path: directory, reason: "\(name) may not be written to: \(String(cString: strerror(errno)))",
            isForbidden: true)
    }

    /// Whether a directory is another repository. One that has files in the tree is a directory to git, whatever else it is.
    private func isNested(_ directory: RepositoryPath) throws -> Bool {
        guard let tree else { return false }
        switch try repository.entry(at: directory, in: tree)?.mode {
        // A submodule that nobody has filled is an empty directory.
        case .gitlink: return try OpenDirectory(directory, below: top)?.names().isEmpty == false
        case .directory: return false
        default: return WorktreeWriter.isThere(directory.appending(Array(".git".utf8)), below: top)
        }
    }

    /// Whether nothing is left of a directory when `paths` are removed. An empty directory below it is somebody's own; only
    /// what this empties goes.
    private func isEmptied(_ directory: RepositoryPath, by paths: Set<RepositoryPath>) -> Bool {
        do {
            guard let open = try OpenDirectory(directory, below: top) else { return false }
            let names = try open.names()
            return !names.isEmpty
                && names.allSatisfy { name in
                    if name == Array(".git".utf8) { return false }
                    let path = directory.appending(name)
                    return paths.contains(path) || isEmptied(path, by: paths)
                }
        } catch {
            return false
        }
    }
}
