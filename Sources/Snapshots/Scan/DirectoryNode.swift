internal import Git
internal import GitValues
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

    /// The stamp as the private index gets it.
    var keptStamp: FileStamp { presence == .present ? stamp : .none }

    /// The children that are directories in the snapshot, or were looked into.
    var remembered: [DirectoryNode] { children.filter { $0.presence == .present || $0.tree != nil } }
}

/// All that is known before a scan: the private index and the user's, joined by directories.
final class KnownWorktree: @unchecked Sendable {
    /// The private index, where there is one, and what it has.
    let cache: PrivateIndex?
    let index: PrivateIndex.Records?
    let root: DirectoryNode
    let arena = NameArena()
    /// The names that a scan found.
    var foundNames: [NameArena] = []
    /// For each file of the private index: whether the user's index has it.
    let tracked: UnsafeMutablePointer<Bool>
    private let trackedCount: Int
    private(set) var hasUnmerged = false
    /// Whether the last snapshot saw any `.gitattributes`.
    let hadAttributes: Bool
    /// Each `.gitignore` that is outside of a sparse checkout: git reads those from the index.
    private(set) var skippedRules: [RepositoryPath: ObjectID] = [:]
    /// Whether the user's index has any `.gitattributes`.
    private(set) var hasAttributes = false
    /// Each `.gitattributes` that git does not look for on disk: it reads those from the index, where they are not there.
    private(set) var attributes: [RepositoryPath: ObjectID] = [:]

    init(_ cache: PrivateIndex?) {
        self.cache = cache
        let index = cache?.records
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
        guard let cache, let index, context.rules == cache.context.rules,
            context.conversions == cache.context.conversions
        else { return true }
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
        hasUnmerged = joiner.hasUnmerged
        skippedRules = joiner.skippedRules
        attributes = joiner.attributes
        hasAttributes = joiner.hasAttributes
    }

    /// Goes through the user's index, whose order is that of a walk through the directories.
    private struct Joiner {
        let known: KnownWorktree
        private let index: PrivateIndex.Records?
        /// git compares whole seconds (it is built without USE_NSEC), so it wrote entries that are safe by those.
        let believedBefore: UInt32
        var hasUnmerged = false
        var skippedRules: [RepositoryPath: ObjectID] = [:]
        var attributes: [RepositoryPath: ObjectID] = [:]
        var hasAttributes = false
        /// The directory of the last entry, and the one around it, and so on up to the top.
        private var stack: [Frame] = []
        private var frame: Frame
        /// The path of the directory of the last entry, with a slash at its end where it is not the top.
        private var prefix: [UInt8] = []

        /// A directory, and what the private index has of it from here on.
        private struct Frame {
            unowned(unsafe) let node: DirectoryNode
            /// The length of its path with the slash at its end.
            let pathLength: Int
            let firstFile: Int
            var nextFile: Int
            let endFile: Int

            init(_ node: DirectoryNode, _ index: PrivateIndex.Records?, pathLength: Int) {
                let files = node.record.flatMap { index?.directory($0).files } ?? 0..<0
                self.node = node
                self.pathLength = pathLength
                firstFile = files.lowerBound
                nextFile = files.lowerBound
                endFile = files.upperBound
            }
        }

        init(_ known: KnownWorktree, believedBefore: UInt32) {
            self.known = known
            self.believedBefore = believedBefore
            index = known.index
            frame = Frame(known.root, known.index, pathLength: 0)
        }

        mutating func take(_ entry: UserIndex.Entry) throws {
            guard let path = entry.path.baseAddress, entry.path.count > 0 else { return }
            enter(entry.path)
            let name = FileName(base: path + frame.pathLength, count: entry.path.count - frame.pathLength)
            let isOdd = entry.isSkipped || entry.isAssumedUnchanged || entry.isIntended || entry.stage != 0
            let isBelieved =
                !isOdd && entry.mode != .gitlink && entry.stamp.modifiedSeconds < believedBefore
                && entry.stamp.changedSeconds < believedBefore
            if name.count > 0, name.base[0] == UInt8(ascii: ".") { noteRules(name, entry) }
            if let index {
                while frame.nextFile < frame.endFile {
                    let file = frame.nextFile
                    let order = index.name(ofFile: file).compare(name)
                    if order > 0 { break }
                    if order == 0 {
                        known.tracked[file] = true
                        let isSame =
                            !isOdd && index.id(ofFile: file) == entry.id && index.mode(ofFile: file) == entry.mode
                        if isSame, !isBelieved || index.stamp(ofFile: file) == entry.stamp {
                            frame.nextFile += 1
                            return
                        }
                        // The stages of an unmerged path come one after the other.
                        break
                    }
                    frame.nextFile += 1
                }
            }
            if isRepeated(name) { return }
            add(
                UserEntry(
                    name: name, id: entry.id, mode: entry.mode, stamp: entry.stamp, isBelieved: isBelieved,
                    isAssumedUnchanged: entry.isAssumedUnchanged, isSkipped: entry.isSkipped,
                    isIntended: entry.isIntended, stage: entry.stage))
        }

        /// Whether a name that is not unmerged was just there: git 2.39 can write one of a
        /// sparse index more than once.
        private func isRepeated(_ name: FileName) -> Bool {
            if let last = frame.node.user.last, !last.isUnmerged, last.name.compare(name) == 0 { return true }
            guard let index, frame.nextFile > frame.firstFile else { return false }
            return index.name(ofFile: frame.nextFile - 1).compare(name) == 0
        }

        private mutating func noteRules(_ name: FileName, _ entry: UserIndex.Entry) {
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
        }

        private mutating func add(_ entry: UserEntry) {
            let node = frame.node
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
        private mutating func enter(_ path: UnsafeBufferPointer<UInt8>) {
            guard let base = path.baseAddress else { return }
            // As much of the last directory as the path begins with.
            while frame.pathLength > 0 {
                let length = frame.pathLength
                if path.count >= length, memcmp(prefix, base, length) == 0 { break }
                frame = stack.removeLast()
            }
            var start = frame.pathLength
            while let slash = memchr(base + start, Int32(UInt8(ascii: "/")), path.count - start) {
                let end = UnsafeRawPointer(slash) - UnsafeRawPointer(base)
                let node = child(UnsafeBufferPointer(rebasing: path[start..<end]))
                start = end + 1
                stack.append(frame)
                frame = Frame(node, index, pathLength: start)
                prefix = Array(path[..<start])
            }
            if stack.isEmpty { frame.node.hasTracked = true }
        }

        /// The subdirectory of that name, which has something that is tracked.
        private func child(_ name: UnsafeBufferPointer<UInt8>) -> DirectoryNode {
            let found = name.baseAddress.flatMap { frame.node.child(FileName(base: $0, count: name.count)) }
            let child = found ?? frame.node.addChild(known.arena.copy(name))
            var above: DirectoryNode? = child
            while let next = above, !next.hasTracked {
                next.hasTracked = true
                above = next.parent
            }
            return child
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
