internal import Git
internal import GitValues
internal import Glibc

/// Puts together what a scan found, and makes the trees of it.
///
/// Trees are made only along changed paths. A tree or a blob counts as there when the last checkpoint or HEAD has it in the
/// same place; whatever else the user's index says that there is is made once more, because git's gc may take it away.
final class TreeAssembly {
    private let repository: Repository
    private let known: KnownWorktree
    private let settings: ScanSettings
    private let deflater: Deflater
    private(set) var skipped: [Snapshot.Skipped] = []

    init(_ repository: Repository, _ known: KnownWorktree, _ settings: ScanSettings) throws {
        self.repository = repository
        self.known = known
        self.settings = settings
        deflater = try Deflater(level: repository.pending.compressionLevel)
    }

    // MARK: What became of single files

    /// Puts the results of reading files into their places.
    /// - Returns: those that the user's filters have to read.
    func take(_ results: [FileResult]) -> [FileResult] {
        var filtered: [FileResult] = []
        for result in results {
            switch result.kind {
            case .taken(let id, let mode, let stamp, let isUnproven):
                result.node.files?[result.slot].id = id
                result.node.files?[result.slot].mode = mode
                result.node.files?[result.slot].stamp = stamp
                result.node.files?[result.slot].isUnproven = isUnproven
            case .absent: remove(result)
            case .skipped(let reason): skip(result, reason)
            case .refused(let reason): skip(result, reason, isAllowable: true)
            case .filtered:
                // Neither there nor gone, until git has read it.
                result.node.files?[result.slot].id = Repository.emptyTree
                filtered.append(result)
            }
        }
        return filtered
    }

    /// Leaves a file out and names it; a tracked one stays as the user's index has it.
    func skip(_ result: FileResult, _ reason: String, isAllowable: Bool = false) {
        guard let record = result.node.files?[result.slot] else { return }
        let path = result.node.path(of: record.name)
        skipped.append(Snapshot.Skipped(path: path, reason: reason, isAllowable: isAllowable))
        result.node.stamp = .none
        guard let user = userEntry(record.name, in: result.node), user.isKeepable else { return remove(result) }
        result.node.files?[result.slot].id = user.id
        result.node.files?[result.slot].mode = user.mode
        result.node.files?[result.slot].isKept = true
        result.node.files?[result.slot].isUnproven = true
    }

    /// Its place stays until all results are in.
    func remove(_ result: FileResult) { result.node.files?[result.slot].id = .zero }

    /// What the user's index says of a path.
    private func userEntry(_ name: FileName, in node: DirectoryNode) -> UserEntry? {
        if let entry = node.user.first(where: { $0.name.isEqual(name) }) { return entry }
        guard let index = known.index, let record = node.record else { return nil }
        let number = index.directory(record).files.first { index.name(ofFile: $0).isEqual(name) }
        guard let number, known.tracked[number] else { return nil }
        return index.record(ofFile: number).asUserEntry
    }

    // MARK: Trees

    /// Makes the ids of all trees; nothing is written yet.
    /// - Parameter isHidden: whether nobody can look into the directory above.
    func finish(_ node: DirectoryNode, isHidden: Bool = false) throws {
        if isHidden, node.presence == .absent { node.presence = .unreadable }
        for child in node.children { try finish(child, isHidden: node.presence == .unreadable) }
        let record = node.record.flatMap { known.index?.directory($0) }
        switch node.presence {
        case .present: break
        case .absent: node.files = tracked(in: node).filter { settings.keeps($0, isOnDisk: false) }.map(kept)
        case .unreadable: node.files = tracked(in: node).filter(\.isKeepable).map(kept)
        case .repository: node.files = []
        }
        // What is not a directory on disk, and yet in the tree, may meet a file of the same name.
        let isOdd = node.children.contains {
            $0.link != nil || $0.presence == .unreadable || $0.tree != nil && $0.presence != .present
        }
        if isOdd {
            node.files = files(of: node)
        }
        if node.files != nil { settle(node) }
        let isSame = node.files == nil && node.children.allSatisfy { !$0.isChanged }
        if isSame, let record {
            node.tree = record.tree == .zero ? nil : record.tree
        } else {
            node.tree = try id(of: node)
            node.isChanged = node.tree ?? .zero != record?.tree ?? .zero || node.link != nil
        }
        node.differsFromUser =
            node.children.contains { $0.differsFromUser } || !node.user.isEmpty || node.files != nil && node.hasTracked
    }

    /// Takes out what is not there, takes in repositories, and lets what is on disk win over an entry that is only kept.
    private func settle(_ node: DirectoryNode) {
        node.files?.removeAll { $0.id == .zero }
        // A file that is tracked where there is a directory now that nobody can look into.
        let hidden = node.children.filter { $0.presence == .unreadable && $0.tree == nil }
            .compactMap { userEntry($0.name, in: node) }.filter { $0.isKeepable && $0.mode != .gitlink }.map(kept)
        let links = node.children.compactMap(\.link)
        node.files?.removeAll { file in file.isKept && links.contains { $0.name.isEqual(file.name) } }
        for record in links + hidden {
            let place = node.files?.firstIndex { $0.name.compare(record.name) > 0 } ?? node.files?.count ?? 0
            node.files?.insert(record, at: place)
        }
        for child in node.children where child.tree != nil {
            guard let place = node.files?.firstIndex(where: { $0.name.isEqual(child.name) }) else { continue }
            if node.files?[place].isKept == true, child.presence == .present {
                node.files?.remove(at: place)
            } else {
                child.tree = nil
                child.isChanged = true
            }
        }
    }

    /// All entries of the user's index in one directory, in order.
    private func tracked(in node: DirectoryNode) -> [UserEntry] {
        guard let index = known.index, let record = node.record else { return node.user }
        var all: [UserEntry] = []
        var next = 0
        for number in index.directory(record).files where known.tracked[number] {
            let name = index.name(ofFile: number)
            while next < node.user.count, node.user[next].name.compare(name) < 0 {
                all.append(node.user[next])
                next += 1
            }
            // What stands among the user's own entries says more.
            if next < node.user.count, node.user[next].name.isEqual(name) { continue }
            all.append(index.record(ofFile: number).asUserEntry)
        }
        return all + node.user[next...]
    }

    private func kept(_ entry: UserEntry) -> FileRecord {
        FileRecord(
            name: entry.name, id: entry.id, mode: entry.mode, stamp: .none, isTracked: true, isKept: true,
            isUnproven: true)
    }

    private func files(of node: DirectoryNode) -> [FileRecord] {
        if let files = node.files { return files }
        guard let index = known.index, let record = node.record else { return [] }
        return index.directory(record).files.map { index.record(ofFile: $0) }
    }

    /// What is in a directory, in the order of a tree.
    private func forEachEntry(_ node: DirectoryNode, _ body: (FileName, Git.FileMode, ObjectID) -> Void) {
        let index = known.index
        let numbers = node.files == nil ? node.record.flatMap { index?.directory($0).files } ?? 0..<0 : 0..<0
        let count = node.files?.count ?? numbers.count
        var nextChild = 0
        func takeChildren(before name: FileName?) {
            while nextChild < node.children.count {
                let child = node.children[nextChild]
                if let name, child.name.compare(isDirectory: true, name, otherIsDirectory: false) > 0 { return }
                if let tree = child.tree { body(child.name, .directory, tree) }
                nextChild += 1
            }
        }
        for position in 0..<count {
            if let file = node.files?[position] {
                takeChildren(before: file.name)
                body(file.name, file.mode, file.id)
            } else if let index {
                let number = numbers.lowerBound + position
                let name = index.name(ofFile: number)
                takeChildren(before: name)
                body(name, index.mode(ofFile: number), index.id(ofFile: number))
            }
        }
        takeChildren(before: nil)
    }

    private func bytes(of node: DirectoryNode) -> [UInt8] {
        var bytes: [UInt8] = []
        forEachEntry(node) { name, mode, id in
            bytes += mode.treeWord
            bytes += name.bytes
            bytes.append(0)
            bytes += id.bytes
        }
        return bytes
    }

    /// - Returns: `nil` for a directory without anything, which no tree has.
    private func id(of node: DirectoryNode) throws -> ObjectID? {
        let bytes = bytes(of: node)
        return bytes.isEmpty ? nil : try bytes.withUnsafeBytes { try ObjectKind.tree.id(of: $0) }
    }

    // MARK: Writing

    /// Makes the objects of a directory and all below it.
    /// - Parameter head: the tree that HEAD has in its place.
    func write(_ node: DirectoryNode, head: ObjectID?) throws {
        guard let tree = node.tree, tree != head else { return }
        if let record = node.record.flatMap({ known.index?.directory($0) }), record.tree == tree { return }
        let headEntries = try head.map { try repository.entries(of: $0) } ?? []
        let inHead = Dictionary(headEntries.lazy.map { ($0.path, $0) }, uniquingKeysWith: { $1 })
        for file in node.files ?? [] where file.isUnproven && file.mode != .gitlink {
            if inHead[RepositoryPath(bytes: file.name.bytes)]?.id != file.id { try copy(file.id, node, file) }
        }
        for child in node.children where child.tree != nil {
            let entry = inHead.isEmpty ? nil : inHead[RepositoryPath(bytes: child.name.bytes)]
            try write(child, head: entry?.mode == .directory ? entry?.id : nil)
        }
        try bytes(of: node).withUnsafeBytes { try repository.pending.add(tree, .tree, $0, deflater: deflater) }
    }

    /// Makes a blob once more that is in the repository, and that only the user's index may hold.
    private func copy(_ id: ObjectID, _ node: DirectoryNode, _ file: FileRecord) throws {
        if repository.pending.contains(id) { return }
        let bytes: [UInt8]
        do {
            bytes = try repository.blob(id)
        } catch let error as GitError where error.code == .notFound {
            // A partial clone does not hold all that its index names; nor does it lose it.
            if try repository.isPartialClone { return }
            throw SnapshotError(
                "could not take \(node.path(of: file.name)) as the index has it: its content, \(id.short), is missing",
                hint: "git fsck tells what else is")
        }
        try bytes.withUnsafeBytes { try repository.pending.add(id, .blob, $0, deflater: deflater) }
    }

    // MARK: What is staged

    /// The blobs that the user's index has, and neither the snapshot nor HEAD has in the same place.
    func staged(_ node: DirectoryNode, head: ObjectID?) throws -> [ObjectID] {
        guard node.differsFromUser else { return [] }
        let headEntries = try head.map { try repository.entries(of: $0) } ?? []
        let inHead = Dictionary(headEntries.lazy.map { ($0.path, $0) }, uniquingKeysWith: { $1 })
        var staged: [ObjectID] = []
        let taken = files(of: node)
        var next = 0
        for entry in tracked(in: node) where entry.isKeepable {
            while next < taken.count, taken[next].name.compare(entry.name) < 0 { next += 1 }
            if next < taken.count, taken[next].name.isEqual(entry.name), taken[next].id == entry.id,
                taken[next].mode == entry.mode
            {
                continue
            }
            let held = inHead[RepositoryPath(bytes: entry.name.bytes)]
            if held?.id != entry.id || held?.mode != entry.mode { staged.append(entry.id) }
        }
        for child in node.children {
            let entry = inHead[RepositoryPath(bytes: child.name.bytes)]
            staged += try self.staged(child, head: entry?.mode == .directory ? entry?.id : nil)
        }
        return staged
    }
}
