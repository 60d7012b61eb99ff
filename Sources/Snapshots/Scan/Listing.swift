internal import Git
internal import GitValues

/// A file whose content has to be looked at.
struct FileTask {
    let node: DirectoryNode
    /// Its place in the node's files.
    let slot: Int
    let name: FileName
    let mode: Git.FileMode
    let isTracked: Bool
    /// The blob that the last checkpoint has of it.
    let recordedID: ObjectID?
    let user: UserEntry?
}

/// What became of a ``FileTask``.
struct FileResult {
    enum Kind {
        case taken(id: ObjectID, mode: Git.FileMode, stamp: FileStamp, isUnproven: Bool)
        /// Not there any more.
        case absent
        /// Only the user's own filters can read it; git is asked for all of those at once.
        case filtered(mode: Git.FileMode, stamp: FileStamp, recordedID: ObjectID?)
        case skipped(String)
        /// Not let in for what it holds.
        case refused(String)
    }

    let node: DirectoryNode
    let slot: Int
    let kind: Kind
}

/// What a directory has, put together in the order of the names, beside what the indexes say of it. While that is what the
/// private index has, nothing is copied.
struct Listing {
    let node: DirectoryNode
    let record: PrivateIndex.Directory?
    private let known: KnownWorktree
    private let index: PrivateIndex.Records?
    private var nextFile: Int
    private var nextEntry = 0
    /// Up to here all is as the private index has it, when ``files`` is `nil`.
    private var sameUntil: Int
    private var files: [FileRecord]?
    private(set) var tasks: [FileTask] = []
    private(set) var untrackedCount = 0
    /// The directory to visit for the name that was considered last.
    var directory: DirectoryNode?

    init(_ node: DirectoryNode, _ record: PrivateIndex.Directory?, _ known: KnownWorktree) {
        self.node = node
        self.record = record
        self.known = known
        index = known.index
        nextFile = record?.files.lowerBound ?? 0
        sameUntil = nextFile
        if record == nil { files = [] }
    }

    /// Leaves the result in the node.
    mutating func finish() {
        if let record, files == nil, sameUntil < record.files.upperBound { copy() }
        node.files = files
    }

    // MARK: What is known of a name

    /// The next file of the private index, where it stands before `name`.
    mutating func nextRecord(before name: FileName?) -> Int? {
        guard let index, let record, nextFile < record.files.upperBound,
            name.map({ index.name(ofFile: nextFile).compare($0) < 0 }) ?? true
        else { return nil }
        nextFile += 1
        return nextFile - 1
    }

    mutating func record(named name: FileName) -> Int? {
        guard let index, let record, nextFile < record.files.upperBound, index.name(ofFile: nextFile).isEqual(name)
        else { return nil }
        nextFile += 1
        return nextFile - 1
    }

    /// The next entry of the user's index that is not as the private one's, where it stands before `name`.
    mutating func nextUser(before name: FileName?) -> UserEntry? {
        guard nextEntry < node.user.count, name.map({ node.user[nextEntry].name.compare($0) < 0 }) ?? true else {
            return nil
        }
        nextEntry += 1
        return node.user[nextEntry - 1]
    }

    mutating func user(named name: FileName) -> UserEntry? {
        guard nextEntry < node.user.count, node.user[nextEntry].name.isEqual(name) else { return nil }
        nextEntry += 1
        return node.user[nextEntry - 1]
    }

    // MARK: What becomes of it

    /// Takes what the private index has.
    mutating func take(_ number: Int, isTracked: Bool) {
        if !isTracked { untrackedCount += 1 }
        if files == nil, number == sameUntil, index?.isTracked(number) == isTracked {
            sameUntil += 1
            return
        }
        guard var record = index?.record(ofFile: number) else { return }
        record.isTracked = isTracked
        append(record)
    }

    /// Takes what the user's index has of a file that is as that index saw it.
    mutating func take(_ user: UserEntry, stamp: FileStamp, _ number: Int?) {
        append(
            FileRecord(
                name: user.name, id: user.id, mode: user.mode, stamp: stamp, isTracked: true,
                isUnproven: number.map { index?.id(ofFile: $0) != user.id } ?? true))
    }

    /// Takes what the user's index has, whatever is on disk.
    mutating func keep(_ user: UserEntry, _ number: Int?) {
        append(
            FileRecord(
                name: user.name, id: user.id, mode: user.mode, stamp: .none, isTracked: true, isKept: true,
                isUnproven: number.map { index?.id(ofFile: $0) != user.id } ?? true))
    }

    /// Takes a repository of its own.
    mutating func take(_ link: FileRecord, _ number: Int?) {
        if let number, index?.id(ofFile: number) == link.id, index?.mode(ofFile: number) == .gitlink {
            return take(number, isTracked: link.isTracked)
        }
        append(link)
    }

    /// Leaves out what is not there, or not wanted; but what git does not look for stays.
    mutating func drop(_ number: Int?, _ user: UserEntry?, _ settings: ScanSettings) {
        if number != nil { copy() }
        if let user, settings.keeps(user, isOnDisk: false) { keep(user, number) }
    }

    /// Counts an untracked file that is not taken.
    mutating func countLeftOut() { untrackedCount += 1 }

    /// Leaves it to a task.
    mutating func read(
        _ name: FileName, mode: Git.FileMode, number: Int?, user: UserEntry?, isTracked: Bool, recordedID: ObjectID?
    ) {
        if !isTracked { untrackedCount += 1 }
        copy()
        tasks.append(
            FileTask(
                node: node, slot: files?.count ?? 0, name: name, mode: mode, isTracked: isTracked,
                recordedID: recordedID, user: user))
        append(FileRecord(name: name, id: .zero, mode: mode, stamp: .none, isTracked: isTracked))
    }

    private mutating func append(_ record: FileRecord) {
        copy()
        files?.append(record)
    }

    /// From here on the directory has other files than the private index.
    private mutating func copy() {
        guard files == nil, let index, let record else { return }
        var copied: [FileRecord] = []
        copied.reserveCapacity(record.files.count + 8)
        for number in record.files.lowerBound..<sameUntil { copied.append(index.record(ofFile: number)) }
        files = copied
    }
}

extension FileRecord {
    /// As an entry of the user's index that says the same.
    var asUserEntry: UserEntry {
        UserEntry(
            name: name, id: id, mode: mode, stamp: stamp, isBelieved: false, isAssumedUnchanged: false,
            isSkipped: false,
            isIntended: false, stage: 0)
    }
}
