internal import Git
internal import Glibc

/// A directory of a worktree while it is scanned: what was known of it, and then what is in it.
///
/// Nodes are made for each directory that the last snapshot or the user's index knows, and for each that is found. A node
/// is changed by one thread at a time: that which scans its directory, and after the scan the one that puts all together.
final class DirectoryNode: @unchecked Sendable {
    enum Presence {
        /// Not there, or not a directory.
        case absent
        /// Scanned.
        case present
        /// There, and it could not be listed.
        case unreadable
        /// A repository of its own.
        case repository
    }

    let name: FileName
    unowned(unsafe) let parent: DirectoryNode?
    /// The directory's number in the private index.
    let record: Int?
    /// Subdirectories, in the order of a tree.
    var children: [DirectoryNode] = []
    /// Entries of the user's index in this directory that say something else than the private index, in order.
    var user: [UserEntry] = []
    /// Whether the user's index has anything here or below.
    var hasTracked = false

    // What the scan found.
    var presence = Presence.absent
    /// What is in the directory; `nil` where that is what the private index has.
    var files: [FileRecord]?
    /// How many of the private index's files are here, where ``files`` does not say.
    var stamp = FileStamp.none
    var hasAttributes = false
    /// Whether ignore rules changed here or above since the last snapshot.
    var hasNewRules = false
    /// This directory's ignore rules, once somebody asked.
    var rules: IgnoreRules.Level?

    /// Where this directory is a repository of its own: what the one around it has of it.
    var link: FileRecord?

    // What was put together.
    /// The tree; `nil` for one without entries.
    var tree: ObjectID?
    var isChanged = false
    /// Whether what the user's index has is not what is taken, here or below.
    var differsFromUser = false

    init(name: FileName, parent: DirectoryNode?, record: Int?) {
        self.name = name
        self.parent = parent
        self.record = record
    }

    /// From the top of the worktree; empty for the top itself.
    var path: RepositoryPath {
        guard let parent else { return RepositoryPath("") }
        return parent.path(of: name)
    }

    /// The path of something in this directory.
    func path(of name: FileName) -> RepositoryPath { path.appending(name.bytes) }

    /// Where a subdirectory is among the children, or would be.
    func position(of name: FileName) -> (index: Int, isThere: Bool) {
        var low = 0
        var high = children.count
        while low < high {
            let middle = (low + high) / 2
            let order = children[middle].name.compare(isDirectory: true, name, otherIsDirectory: true)
            if order == 0 { return (middle, true) }
            if order < 0 { low = middle + 1 } else { high = middle }
        }
        return (low, false)
    }

    func child(_ name: FileName) -> DirectoryNode? {
        let (index, isThere) = position(of: name)
        return isThere ? children[index] : nil
    }

    /// Adds a subdirectory that nothing is known of.
    func addChild(_ name: FileName) -> DirectoryNode {
        let child = DirectoryNode(name: name, parent: self, record: nil)
        children.insert(child, at: position(of: name).index)
        return child
    }

    /// The children that are directories in the snapshot, or were looked into.
    var remembered: [DirectoryNode] { children.filter { $0.presence == .present || $0.tree != nil } }
}

/// All that is known before a scan: the private index and the user's, joined by directories.
final class KnownWorktree: @unchecked Sendable {
    let index: PrivateIndex?
    let root: DirectoryNode
    let arena = NameArena()
    /// For each file of the private index: whether the user's index has it.
    let tracked: UnsafeMutablePointer<Bool>
    private let trackedCount: Int
    /// Whether the user's index has any entry.
    private(set) var hasEntries = false
    private(set) var hasUnmerged = false
    /// Whether the last snapshot saw any `.gitattributes`.
    let hadAttributes: Bool
    /// Each `.gitignore` that is outside of a sparse checkout: git reads those from the index.
    private(set) var skippedRules: [RepositoryPath: ObjectID] = [:]
    /// Whether the user's index has any `.gitattributes`.
    private(set) var hasAttributes = false
    /// Each `.gitattributes` that git does not look for on disk: it reads those from the index, where they are not there.
    private(set) var attributes: [RepositoryPath: ObjectID] = [:]

    init(index: PrivateIndex?) {
        self.index = index
        trackedCount = index?.fileCount ?? 0
        tracked = .allocate(capacity: max(1, trackedCount))
        tracked.initialize(repeating: false, count: max(1, trackedCount))
        let empty = arena.copy(UnsafeBufferPointer(start: nil, count: 0))
        root = DirectoryNode(name: empty, parent: nil, record: index == nil ? nil : 0)
        hadAttributes =
            index.map { index in
                (0..<index.directoryCount).contains { index.directory($0).hasAttributes }
            } ?? false
        guard let index else { return }
        var nodes = [root]
        nodes.reserveCapacity(index.directoryCount)
        var next = 0
        while next < nodes.count {
            let node = nodes[next]
            for number in index.directory(next).children where number < index.directoryCount {
                let child = DirectoryNode(name: index.directory(number).name, parent: node, record: number)
                node.children.append(child)
                nodes.append(child)
            }
            next += 1
        }
    }

    deinit { tracked.deallocate() }

    /// Whether a scan found something that the private index does not have.
    func isNews(_ context: PrivateIndex.Context) -> Bool {
        guard let index, context.rules == index.context.rules, context.conversions == index.context.conversions else {
            return true
        }
        var nodes = [root]
        var seen = 0
        while let node = nodes.popLast() {
            let record = node.record.map { index.directory($0) }
            if node.files != nil || node.stamp != record?.stamp || node.hasAttributes != record?.hasAttributes {
                return true
            }
            seen += 1
            nodes += node.remembered
        }
        return seen != index.directoryCount
    }

    /// Takes in the user's index.
    func join(_ user: UserIndex) throws {
        var joiner = Joiner(self, believedBefore: user.modifiedSeconds)
        try user.forEach { try joiner.take($0) }
        hasEntries = joiner.hasEntries
        hasUnmerged = joiner.hasUnmerged
        skippedRules = joiner.skippedRules
        attributes = joiner.attributes
        hasAttributes = joiner.hasAttributes
    }

    /// Goes through the user's index, whose order is that of a walk through the directories.
    private struct Joiner {
        let known: KnownWorktree
        /// git compares whole seconds (it is built without USE_NSEC), so it wrote entries that are safe by those.
        let believedBefore: UInt32
        var hasEntries = false
        var hasUnmerged = false
        var skippedRules: [RepositoryPath: ObjectID] = [:]
        var attributes: [RepositoryPath: ObjectID] = [:]
        var hasAttributes = false
        /// The directory of the last entry, and those above it.
        private var stack: [(node: DirectoryNode, pathLength: Int, nextFile: Int, endFile: Int)] = []
        private var directory: [UInt8] = []

        init(_ known: KnownWorktree, believedBefore: UInt32) {
            self.known = known
            self.believedBefore = believedBefore
            stack = [Self.frame(known.root, known, pathLength: 0)]
        }

        private static func frame(_ node: DirectoryNode, _ known: KnownWorktree, pathLength: Int) -> (
            node: DirectoryNode, pathLength: Int, nextFile: Int, endFile: Int
        ) {
            let files = node.record.flatMap { known.index?.directory($0).files } ?? 0..<0
            return (node, pathLength, files.lowerBound, files.upperBound)
        }

        mutating func take(_ entry: UserIndex.Entry) throws {
            hasEntries = true
            let start = enter(entry.path)
            let bytes = UnsafeBufferPointer(rebasing: entry.path[start...])
            // An entry's path is followed by a NUL nowhere; comparing needs none.
            guard let base = bytes.baseAddress else { return }
            let name = FileName(base: base, count: bytes.count)
            let top = stack.count - 1
            let isOdd = entry.isSkipped || entry.isAssumedUnchanged || entry.isIntended || entry.stage != 0
            let modified = entry.stamp.modifiedSeconds
            let isBelieved =
                !isOdd && entry.mode != .gitlink && modified < believedBefore
                && entry.stamp.changedSeconds < believedBefore
            if entry.isSkipped, name.isEqual(".gitignore") {
                skippedRules[RepositoryPath(bytes: entry.path)] = entry.id
            }
            if name.isEqual(".gitattributes") {
                hasAttributes = true
                // What is only deleted is not in the index either by the time that git reads attributes.
                if entry.isSkipped || entry.isAssumedUnchanged {
                    attributes[RepositoryPath(bytes: entry.path)] = entry.id
                }
            }
            if let index = known.index {
                var file = stack[top].nextFile
                while file < stack[top].endFile {
                    let order = index.name(ofFile: file).compare(name)
                    if order > 0 { break }
                    file += 1
                    if order == 0 {
                        known.tracked[file - 1] = true
                        let isSame =
                            !isOdd && index.id(ofFile: file - 1) == entry.id
                            && index.mode(ofFile: file - 1) == entry.mode
                        if isSame, !isBelieved || index.stamp(ofFile: file - 1) == entry.stamp {
                            stack[top].nextFile = file
                            return
                        }
                        // The stages of an unmerged path come one after the other.
                        file -= 1
                        break
                    }
                }
                stack[top].nextFile = file
            }
            add(
                UserEntry(
                    name: name, id: entry.id, mode: entry.mode, stamp: entry.stamp, isBelieved: isBelieved,
                    isAssumedUnchanged: entry.isAssumedUnchanged, isSkipped: entry.isSkipped,
                    isIntended: entry.isIntended, stage: entry.stage))
        }

        private mutating func add(_ entry: UserEntry) {
            let node = stack[stack.count - 1].node
            if entry.isUnmerged {
                hasUnmerged = true
                // For an unmerged path our side counts, whose mode git takes.
                if let last = node.user.last, last.isUnmerged, last.name.isEqual(entry.name) {
                    if entry.stage != 2 { return }
                    node.user.removeLast()
                }
            }
            node.user.append(entry.renamed(known.arena.copy(entry.name.bytes)))
        }

        /// Goes to the directory of a path.
        /// - Returns: where the name begins in the path.
        private mutating func enter(_ path: UnsafeBufferPointer<UInt8>) -> Int {
            // As much of the last directory as the path begins with.
            while let last = stack.last, last.pathLength > 0 {
                let length = last.pathLength
                if path.count > length, path[length] == UInt8(ascii: "/"), directory.count >= length,
                    let base = path.baseAddress, memcmp(directory, base, length) == 0
                {
                    break
                }
                stack.removeLast()
            }
            var start = stack[stack.count - 1].pathLength
            if start > 0 { start += 1 }
            while let slash = path[start...].firstIndex(of: UInt8(ascii: "/")) {
                let part = UnsafeBufferPointer(rebasing: path[start..<slash])
                let node = stack[stack.count - 1].node
                let child: DirectoryNode
                if let base = part.baseAddress, let found = node.child(FileName(base: base, count: part.count)) {
                    child = found
                } else {
                    child = node.addChild(known.arena.copy(part))
                }
                var above: DirectoryNode? = child
                while let next = above, !next.hasTracked {
                    next.hasTracked = true
                    above = next.parent
                }
                stack.append(Self.frame(child, known, pathLength: slash))
                directory = Array(path[..<slash])
                start = slash + 1
            }
            if stack.count == 1 { stack[0].node.hasTracked = true }
            return start
        }
    }
}

extension UserEntry {
    fileprivate func renamed(_ name: FileName) -> UserEntry {
        UserEntry(
            name: name, id: id, mode: mode, stamp: stamp, isBelieved: isBelieved,
            isAssumedUnchanged: isAssumedUnchanged, isSkipped: isSkipped, isIntended: isIntended,
            stage: stage)
    }
}
