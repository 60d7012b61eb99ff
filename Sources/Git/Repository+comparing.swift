internal import CGit
package import GitValues
internal import Glibc

/// Which paths of a tree are meant.
package protocol PathSelecting {
    func contains(_ path: RepositoryPath) -> Bool
    /// Whether anything below `directory` may be meant.
    func mayContain(below directory: RepositoryPath) -> Bool
    /// The one path that is meant, with all below it; `nil` where that cannot be said so shortly.
    var literal: RepositoryPath? { get }
}

/// All paths.
package struct EveryPath: PathSelecting {
    package init() {}
    package func contains(_ path: RepositoryPath) -> Bool { true }
    package func mayContain(below directory: RepositoryPath) -> Bool { true }
    package var literal: RepositoryPath? { RepositoryPath("") }
}

/// What is left of the bounds of one look: trees may be a stranger's, and a few objects can claim to hold more than fits
/// anywhere.
private final class TreeBudget {
    /// More than a worktree can have, and read in seconds.
    private static let most = 10_000_000
    /// From here on it is counted how often one tree comes back; up to here nobody's worktree pays for that.
    private static let unquestioned = 200_000
    /// More directories than a worktree has of one and the same content.
    private static let mostAlike = 50_000
    private var entries = 0
    private var visits: [ObjectID: Int] = [:]

    /// - Throws: `GitError` with `.malformed` once it is used up.
    func spend(_ count: Int, atDepth depth: Int, of tree: ObjectID) throws(GitError) {
        guard depth <= Repository.deepestTree else {
            throw .malformed(tree, "it is more than \(Repository.deepestTree) directories deep")
        }
        entries += count
        if entries <= Self.unquestioned { return }
        visits[tree, default: 0] += 1
        guard entries <= Self.most, visits[tree, default: 0] <= Self.mostAlike else {
            throw .malformed(tree, "it leads to more entries than a worktree can have")
        }
    }
}

extension Repository {
    /// How many directories stand in each other, as git's `core.maxTreeDepth` has it.
    package static let deepestTree = 2048
}

/// Runs `body`, which looks at what somebody recorded, for a purpose that can do without it.
/// - Returns: `nil` where it met a tree that git would not have made.
package func unlessMalformed<Result>(_ body: () throws -> Result) throws -> Result? {
    do {
        return try body()
    } catch let error as GitError where error.code == .malformed {
        return nil
    }
}

extension GitError {
    /// A tree that git would not have made.
    static func malformed(_ tree: ObjectID, _ reason: String) -> GitError {
        GitError(.malformed, doing: "read the tree \(tree.short)", reason: reason)
    }
}

extension Repository {
    /// Whether a tree has anything that is meant.
    package func holds(any selection: some PathSelecting, in tree: ObjectID) throws -> Bool {
        if tree == Self.emptyTree { return false }
        if let path = selection.literal { return try entry(at: path, in: tree) != nil }
        return try holds(any: selection, in: tree, at: RepositoryPath(""), depth: 0, TreeBudget())
    }

    private func holds(
        any selection: some PathSelecting, in tree: ObjectID, at directory: RepositoryPath, depth: Int,
        _ budget: TreeBudget
    ) throws -> Bool {
        let entries = try entries(of: tree)
        try budget.spend(entries.count, atDepth: depth, of: tree)
        for entry in entries {
            let path = directory.appending(entry.path.bytes)
            if entry.mode != .directory {
                if selection.contains(path) { return true }
            } else if selection.mayContain(below: path),
                try holds(any: selection, in: entry.id, at: path, depth: depth + 1, budget)
            {
                return true
            }
        }
        return false
    }

    /// The paths of a selection that two trees differ in, in the order of their names.
    ///
    /// Directories that are the same on both sides, or hold nothing that is meant, are not read. (libgit2's own comparison
    /// reads both trees whole whatever its pathspecs are.)
    package func changes(
        from old: ObjectID, to new: ObjectID, within selection: some PathSelecting
    ) throws -> [TreeChange] {
        if old == new { return [] }
        var changes: [TreeChange] = []
        let comparison = TreeComparison(repository: self, selection: selection) { changes.append($0) }
        guard let path = selection.literal, !path.bytes.isEmpty else {
            try comparison.compare(old, new, at: RepositoryPath(""))
            return changes
        }
        guard let sides = try sides(of: path, in: [old, new]) else { return [] }
        let leaves = sides.map { $0?.mode == .directory ? nil : $0 }
        let below = sides.map { $0?.mode == .directory ? $0?.id : nil }
        if leaves[0] != leaves[1] {
            changes.append(TreeChange(path: path, old: leaves[0], new: leaves[1]))
        }
        try comparison.compare(below[0], below[1], at: path)
        return changes
    }

    /// What two trees have at a path; `nil` where that is the same. Trees on the way are read only where they differ.
    private func sides(of path: RepositoryPath, in trees: [ObjectID]) throws -> [TreeEntry?]? {
        var trees: [ObjectID?] = trees
        var names = path.bytes.split(separator: UInt8(ascii: "/"))[...]
        while let name = names.popFirst() {
            let found = try trees.map { tree in
                guard let tree, tree != Self.emptyTree else { return nil as TreeEntry? }
                return try entry(at: RepositoryPath(bytes: Array(name)), in: tree)
            }
            if found[0] == found[1] { return nil }
            if names.isEmpty { return found.map { $0.map { TreeEntry(path: path, mode: $0.mode, id: $0.id) } } }
            trees = found.map { $0?.mode == .directory ? $0?.id : nil }
        }
        return nil
    }

    /// How many paths two trees differ in.
    package func changeCount(from old: ObjectID, to new: ObjectID) throws -> Int {
        var count = 0
        let comparison = TreeComparison(repository: self, selection: EveryPath()) { _ in count += 1 }
        try comparison.compare(old, new, at: RepositoryPath(""))
        return count
    }
}

/// One walk through two trees at once.
private struct TreeComparison<Selection: PathSelecting> {
    let repository: Repository
    let selection: Selection
    let take: (TreeChange) -> Void
    private let budget = TreeBudget()

    init(repository: Repository, selection: Selection, take: @escaping (TreeChange) -> Void) {
        self.repository = repository
        self.selection = selection
        self.take = take
    }

    func compare(_ old: ObjectID?, _ new: ObjectID?, at directory: RepositoryPath, depth: Int = 0) throws {
        if old == new { return }
        let (olds, news) = (try TreeCursor(old, in: repository), try TreeCursor(new, in: repository))
        try budget.spend(olds.count + news.count, atDepth: depth, of: new ?? old ?? .zero)
        while olds.isOpen || news.isOpen {
            switch olds.order(against: news) {
            case 0:
                if !olds.isSame(as: news) { try take(olds, news, at: directory, depth) }
                olds.advance()
                news.advance()
            case ..<0:
                try take(olds, nil, at: directory, depth)
                olds.advance()
            default:
                try take(nil, news, at: directory, depth)
                news.advance()
            }
        }
    }

    private func take(_ old: TreeCursor?, _ new: TreeCursor?, at directory: RepositoryPath, _ depth: Int) throws {
        guard let either = new ?? old, let name = either.name else { return }
        let component = UnsafeBufferPointer(start: name, count: strlen(name)).map { UInt8(bitPattern: $0) }
        if component.contains(UInt8(ascii: "/")) {
            throw GitError.malformed((new ?? old)?.id ?? .zero, "a name in it has a slash")
        }
        let path = directory.appending(component)
        if either.isDirectory {
            guard selection.mayContain(below: path) else { return }
            return try compare(old?.id, new?.id, at: path, depth: depth + 1)
        }
        guard selection.contains(path) else { return }
        let change = TreeChange(path: path, old: old?.entry(at: path), new: new?.entry(at: path))
        // A mode that no git wrote is nothing to compare.
        if change.old != change.new { take(change) }
    }
}

/// The entries of one tree, one after the other.
private final class TreeCursor {
    /// Kept alive for its entries.
    private let tree: OpenTree?
    let count: Int
    private var index = 0
    private var current: OpaquePointer?

    init(_ id: ObjectID?, in repository: Repository) throws {
        guard let id, id != Repository.emptyTree else {
            tree = nil
            count = 0
            return
        }
        let open = OpenTree(try repository.tree(id))
        count = git_tree_entrycount(open.handle.pointer)
        current = git_tree_entry_byindex(open.handle.pointer, 0)
        tree = open
    }

    var isOpen: Bool { current != nil }
    var name: UnsafePointer<CChar>? { current.flatMap { git_tree_entry_name($0) } }
    var isDirectory: Bool { current.map { git_tree_entry_filemode($0) == GIT_FILEMODE_TREE } ?? false }
    var id: ObjectID? { current.flatMap { git_tree_entry_id($0) }.map { ObjectID($0) } }

    func advance() {
        index += 1
        current = index < count ? tree.flatMap { git_tree_entry_byindex($0.handle.pointer, index) } : nil
    }

    func entry(at path: RepositoryPath) -> TreeEntry? {
        guard let current, let id, let mode = FileMode(git: UInt32(git_tree_entry_filemode(current).rawValue)) else {
            return nil
        }
        return TreeEntry(path: path, mode: mode, id: id)
    }

    /// Which of two entries comes first in a tree, where a directory's name ends in a slash. One that is at its end comes
    /// last.
    func order(against other: TreeCursor) -> Int32 {
        guard let mine = name else { return 1 }
        guard let theirs = other.name else { return -1 }
        let (count, otherCount) = (strlen(mine), strlen(theirs))
        let shared = memcmp(mine, theirs, min(count, otherCount))
        if shared != 0 { return shared }
        // What follows the shorter one; a name that ends here and is no directory's ends in nothing.
        func next(_ name: UnsafePointer<CChar>, _ length: Int, _ isDirectory: Bool) -> Int32 {
            let position = min(count, otherCount)
            return position < length ? Int32(UInt8(bitPattern: name[position])) : isDirectory ? 0x2f : 0
        }
        return next(mine, count, isDirectory) - next(theirs, otherCount, other.isDirectory)
    }

    func isSame(as other: TreeCursor) -> Bool {
        guard let current, let theirs = other.current, let mine = git_tree_entry_id(current),
            let other = git_tree_entry_id(theirs)
        else { return false }
        return git_oid_equal(mine, other) == 1
            && git_tree_entry_filemode(current) == git_tree_entry_filemode(theirs)
    }
}

private final class OpenTree {
    let handle: Handle

    init(_ handle: consuming Handle) { self.handle = handle }
}
