internal import Git
internal import GitValues
internal import Glibc
internal import SystemPackage

/// One thread's part of a ``Scan``.
final class ScanWorker {
    let scan: Scan
    let blobs: BlobMaker
    let arena = NameArena()
    var seen = Scan.Seen()
    private let index: PrivateIndex.Records?
    private let settings: ScanSettings
    /// Tells which names no tree can have.
    private var nameCheck: Index?

    /// Files beyond this number are read by whoever is free.
    private static let batchSize = 64

    init(_ scan: Scan) throws {
        self.scan = scan
        index = scan.known.index
        settings = scan.settings
        blobs = try BlobMaker(scan)
    }

    func perform(_ task: Scan.Task) throws {
        switch task {
        case .directory(let node): try visit(node)
        case .files(let files, let directory):
            if !scan.isOverfull(in: scan.known.root) { try read(files, in: directory) }
        }
    }

    private func read(_ files: [FileTask], in directory: ScannedDirectory) throws {
        for file in files {
            let result = try blobs.result(of: file, in: directory.descriptor)
            seen.results.append(FileResult(node: file.node, slot: file.slot, kind: result))
        }
    }

    // MARK: One directory

    private func visit(_ node: DirectoryNode) throws {
        let path = node.path
        let descriptor = path.openBeneath(scan.topDescriptor, O_RDONLY | O_DIRECTORY)
        guard descriptor >= 0 else {
            // What vanished, or became something else since its directory was listed, is not there.
            if [ENOENT, ENOTDIR, ELOOP].contains(errno) { return }
            return try fail(node, errno)
        }
        let directory = ScannedDirectory(descriptor)
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return try fail(node, errno) }
        let record = node.record.flatMap { index?.directory($0) }
        let stamp = FileStamp(status)
        node.stamp = stamp.settled(before: scan.began)
        node.hasNewRules = node.parent?.hasNewRules ?? scan.hasNewRules
        var isKnown = record?.stamp == stamp
        if !isKnown, takeRepository(node, path: path, descriptor) { return }
        node.presence = .present
        if hasOtherRules(node, record, path: path, descriptor, isKnown: isKnown) {
            node.hasNewRules = true
            isKnown = false
        }
        if node.hasNewRules { isKnown = false }
        noteAttributes(node, record, path: path, descriptor, isKnown: isKnown)

        var listing = Listing(node, record, scan.known)
        let tasks = isKnown ? try look(&listing, descriptor) : try list(&listing, descriptor)
        listing.finish()
        if scan.isOverfull(with: listing.untrackedCount, in: node) {
            scan.push(tasks)
        } else if listing.tasks.count <= Self.batchSize {
            scan.push(tasks)
            try read(listing.tasks, in: directory)
        } else {
            var batches: [Scan.Task] = []
            for start in stride(from: 0, to: listing.tasks.count, by: Self.batchSize) {
                let end = min(start + Self.batchSize, listing.tasks.count)
                batches.append(.files(Array(listing.tasks[start..<end]), directory))
            }
            scan.push(tasks + batches)
        }
    }

    /// A directory that cannot be listed: what was tracked in it is not deleted because it cannot be seen.
    private func fail(_ node: DirectoryNode, _ number: Int32) throws {
        // Whether a worktree can be seen as a whole is not for one directory to say.
        if number == EMFILE || number == ENFILE || number == ENOMEM || number == EIO {
            throw SnapshotError("could not list \(node.path): \(String(cString: strerror(number)))")
        }
        skip(node.path, "unreadable directory: \(String(cString: strerror(number)))")
        node.parent?.stamp = .none
        node.presence = .unreadable
    }

    /// Takes a directory that is a repository of its own for the commit that it is at, as git does.
    /// - Returns: whether it is one. Where something in it is tracked, it is a directory to git.
    private func takeRepository(_ node: DirectoryNode, path: RepositoryPath, _ descriptor: Int32) -> Bool {
        guard node.parent != nil, faccessat(descriptor, ".git", F_OK, AT_SYMLINK_NOFOLLOW) == 0 else { return false }
        // It may become one, or another one, while nothing in this directory changes.
        node.stamp = .none
        if node.hasTracked { return false }
        let nested = NestedRepository(at: path, below: scan.top)
        if nested == .none { return false }
        node.presence = .repository
        node.link = link(node.name, at: path, nested: nested, recorded: nil)
        node.parent?.stamp = .none
        return true
    }

    private func link(_ name: FileName, at path: RepositoryPath, nested: NestedRepository, recorded: UserEntry?)
        -> FileRecord?
    {
        var id = recorded?.id
        switch nested {
        case .unreadable(let reason): skip(path, "a repository of its own that cannot be read: \(reason)")
        case .at(let commit):
            id = commit ?? id
            if commit != nil { seen.repositories.append(path) }
        case .none: break
        }
        // A submodule that is not checked out stays as it is recorded.
        if id == nil, case .at = nested { skip(path, "a repository of its own, without a commit") }
        return id.map {
            FileRecord(name: name, id: $0, mode: .gitlink, stamp: .none, isTracked: recorded != nil)
        }
    }

    /// Whether a directory's `.gitignore` is another one than the last snapshot saw.
    private func hasOtherRules(
        _ node: DirectoryNode, _ record: PrivateIndex.Directory?, path: RepositoryPath, _ descriptor: Int32,
        isKnown: Bool
    ) -> Bool {
        let name: StaticString = ".gitignore"
        let number = record.flatMap { index?.number(of: name, in: $0.files) }
        var status = stat()
        if isKnown, number == nil { return scan.known.skippedRules[path.appending(Array(".gitignore".utf8))] != nil }
        let isThere = fstatat(descriptor, ".gitignore", &status, AT_SYMLINK_NOFOLLOW) == 0
        guard let number, let index else { return isThere }
        if isThere { return index.stamp(ofFile: number) != FileStamp(status) }
        return index.id(ofFile: number) != scan.known.skippedRules[path.appending(Array(".gitignore".utf8))]
    }

    private func noteAttributes(
        _ node: DirectoryNode, _ record: PrivateIndex.Directory?, path: RepositoryPath, _ descriptor: Int32,
        isKnown: Bool
    ) {
        if isKnown, record?.hasAttributes != true { return }
        var status = stat()
        guard fstatat(descriptor, ".gitattributes", &status, AT_SYMLINK_NOFOLLOW) == 0 else { return }
        node.hasAttributes = true
        let stamp = FileStamp(status)
        seen.hasAttributes = true
        seen.attributes &+= Conversions.mark(path.appending(Array(".gitattributes".utf8)), stamp)
        if stamp.settled(before: scan.began) == .none { seen.hasUnsettledAttributes = true }
    }

    // MARK: Its files

    /// Looks at what is known to be there.
    /// - Returns: the directories to visit.
    private func look(_ listing: inout Listing, _ descriptor: Int32) throws -> [Scan.Task] {
        let node = listing.node
        guard let index, let record = listing.record else { return [] }
        var status = stat()
        for number in record.files {
            let name = index.name(ofFile: number)
            while let user = listing.nextUser(before: name) { try look(alone: user, &listing, descriptor) }
            let user = listing.user(named: name)
            // What vanished since it was listed is not there.
            guard fstatat(descriptor, name.characters, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
                if errno == EACCES {
                    try fail(node, errno)
                    return []
                }
                if errno != ENOENT { throw Self.failure(node.path(of: name)) }
                listing.drop(number, user, settings)
                continue
            }
            try consider(name, status, number: number, user: user, &listing)
        }
        while let user = listing.nextUser(before: nil) { try look(alone: user, &listing, descriptor) }
        return node.children.map { .directory($0) }
    }

    /// Looks at what the user's index alone knows: it may have been ignored when the directory was listed.
    private func look(alone user: UserEntry, _ listing: inout Listing, _ descriptor: Int32) throws {
        var status = stat()
        guard fstatat(descriptor, user.name.characters, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
            if errno != ENOENT { throw Self.failure(listing.node.path(of: user.name)) }
            return listing.drop(nil, user, settings)
        }
        try consider(user.name, status, number: nil, user: user, &listing)
    }

    /// Looks at everything that is there.
    private func list(_ listing: inout Listing, _ descriptor: Int32) throws -> [Scan.Task] {
        let node = listing.node
        let names: [FileName]
        switch entries(descriptor) {
        case .success(let listed): names = listed
        case .failure(let error):
            // Half a directory must not look like the files of the other half were deleted.
            try fail(node, error.rawValue)
            return []
        }
        var tasks: [Scan.Task] = []
        var status = stat()
        for name in names {
            guard fstatat(descriptor, name.characters, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
                if errno == ENOENT { continue }
                if errno == EACCES {
                    // A directory that may be listed and not entered.
                    try fail(node, errno)
                    return []
                }
                throw Self.failure(node.path(of: name))
            }
            while let number = listing.nextRecord(before: name) { listing.drop(number, nil, settings) }
            while let user = listing.nextUser(before: name) { listing.drop(nil, user, settings) }
            let number = listing.record(named: name)
            let user = listing.user(named: name)
            try consider(name, status, number: number, user: user, &listing)
            if status.st_mode & S_IFMT == S_IFDIR, let child = listing.directory { tasks.append(.directory(child)) }
        }
        while let number = listing.nextRecord(before: nil) { listing.drop(number, nil, settings) }
        while let user = listing.nextUser(before: nil) { listing.drop(nil, user, settings) }
        return tasks
    }

    /// The names in a directory, in order.
    private func entries(_ descriptor: Int32) -> Result<[FileName], Errno> {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { return .failure(Errno(rawValue: errno)) }
        guard let stream = fdopendir(copy) else {
            let reason = errno
            close(copy)
            return .failure(Errno(rawValue: reason))
        }
        defer { closedir(stream) }
        var names: [FileName] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                if errno != 0 { return .failure(Errno(rawValue: errno)) }
                break
            }
            withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                let base = UnsafeRawPointer(tuple).assumingMemoryBound(to: UInt8.self)
                let bytes = UnsafeBufferPointer(
                    start: base, count: strlen(UnsafeRawPointer(base).assumingMemoryBound(to: CChar.self)))
                let isPassedOver =
                    bytes[0] == UInt8(ascii: ".")
                    && (bytes.count == 1 || bytes.elementsEqual("..".utf8) || bytes.elementsEqual(".git".utf8))
                if !isPassedOver { names.append(arena.copy(bytes)) }
            }
        }
        names.sort { $0.compare($1) < 0 }
        return .success(names)
    }

    // MARK: One file

    /// Decides what is taken of something on disk.
    /// - Parameters:
    ///   - number: of the private index's file of that name.
    ///   - user: what the user's index says, where that is not what the private index says.
    private func consider(
        _ name: FileName, _ status: stat, number: Int?, user: UserEntry?, _ listing: inout Listing
    ) throws {
        listing.directory = nil
        let node = listing.node
        let isTracked = user != nil || number.map { scan.known.tracked[$0] } ?? false
        let recorded = user?.mode ?? (isTracked ? number.flatMap { index?.mode(ofFile: $0) } : nil)
        if status.st_mode & S_IFMT == S_IFDIR {
            return try enter(name, number: number, user: user, recorded: recorded, &listing)
        }
        let mode = settings.mode(status, recorded: recorded)
        let stamp = FileStamp(status)
        if let user {
            if settings.keeps(user, isOnDisk: true) { return listing.keep(user, number) }
            if user.isBelieved, user.mode == mode, user.stamp == stamp {
                return listing.take(user, stamp: user.stamp, number)
            }
        }
        if !isTracked {
            if number.map({ node.hasNewRules || index?.isTracked($0) == true }) ?? true,
                try settings.rules.ignores(node.path(of: name), in: scan.rules(of: node), isDirectory: false)
            {
                // Its rules hold though it is ignored, and nothing remembers it.
                if name.isEqual(".gitignore") || name.isEqual(".gitattributes") { node.stamp = .none }
                return listing.drop(number, nil, settings)
            }
            if try isRefused(name, in: node) { return skip(name, number, "git does not allow this name", &listing) }
            if node.path(of: name).bytes.count >= Int(PATH_MAX) {
                return skip(name, number, "its path is too long", &listing)
            }
            if status.st_mode & S_IFMT == S_IFREG,
                let reason = settings.admission.reason(size: Int64(status.st_size), path: node.path(of: name))
            {
                listing.countLeftOut()
                return skip(name, number, reason, isAllowable: true, &listing)
            }
        }
        if let number, let index, index.stamp(ofFile: number) == stamp, index.mode(ofFile: number) == mode {
            // An untracked one is searched for secrets when it is new, and when what counts as one may be another thing.
            if isTracked || !index.isTracked(number) && !scan.hasNewRules {
                return listing.take(number, isTracked: isTracked)
            }
        }
        let type = status.st_mode & S_IFMT
        if type != S_IFREG, type != S_IFLNK {
            return skip(name, number, "not a file, a directory or a symlink", &listing)
        }
        listing.read(
            name, mode: mode, number: number, user: user, isTracked: isTracked,
            recordedID: number.flatMap { index?.id(ofFile: $0) })
    }

    private func skip(
        _ name: FileName, _ number: Int?, _ reason: String, isAllowable: Bool = false, _ listing: inout Listing
    ) {
        skip(listing.node.path(of: name), reason, isAllowable: isAllowable)
        // What is left out is named by every snapshot, so its directory is listed by every one.
        listing.node.stamp = .none
        listing.drop(number, nil, settings)
    }

    private func skip(_ path: RepositoryPath, _ reason: String, isAllowable: Bool = false) {
        seen.skipped.append(Snapshot.Skipped(path: path, reason: reason, isAllowable: isAllowable))
    }

    /// A directory in a listing.
    private func enter(
        _ name: FileName, number: Int?, user: UserEntry?, recorded: Git.FileMode?, _ listing: inout Listing
    ) throws {
        let node = listing.node
        let isTracked = recorded != nil
        let isLink = isTracked ? recorded == .gitlink : number.map { index?.mode(ofFile: $0) == .gitlink } ?? false
        if isLink, try isTracked || !isIgnoredDirectory(name, number, in: node) {
            let path = node.path(of: name)
            let nested = NestedRepository(at: path, below: scan.top)
            if recorded == .gitlink || nested != .none {
                let entry = user ?? number.flatMap { recorded == nil ? nil : index?.record(ofFile: $0).asUserEntry }
                if let link = link(name, at: path, nested: nested, recorded: recorded == nil ? nil : entry) {
                    return listing.take(link, number)
                }
                node.stamp = .none
                return listing.drop(number, user, settings)
            }
        }
        listing.drop(number, user, settings)
        let (position, isThere) = node.position(of: name)
        if isThere, node.children[position].hasTracked || !node.hasNewRules && node.children[position].record != nil {
            listing.directory = node.children[position]
            return
        }
        if try isRefused(name, in: node) {
            skip(node.path(of: name), "git does not allow this name")
            node.stamp = .none
            return
        }
        let rules = try scan.rules(of: node)
        if rules.isIgnored || settings.rules.ignores(node.path(of: name), in: rules, isDirectory: true) {
            return
        }
        listing.directory = isThere ? node.children[position] : node.addChild(name)
    }

    /// Whether a repository of its own that the last snapshot had is ignored now.
    private func isIgnoredDirectory(_ name: FileName, _ number: Int?, in node: DirectoryNode) throws -> Bool {
        guard node.hasNewRules || number.map({ index?.isTracked($0) == true }) == true else { return false }
        return settings.rules.ignores(node.path(of: name), in: try scan.rules(of: node), isDirectory: true)
    }

    /// Whether no tree can have such a name.
    private func isRefused(_ name: FileName, in node: DirectoryNode) throws -> Bool {
        if name.isGitDirectory { return true }
        guard name.isSuspect else { return false }
        let check = try nameCheck ?? Index()
        nameCheck = check
        do {
            try check.add(RepositoryPath(bytes: name.bytes), id: Repository.emptyTree, mode: .file, status: nil)
        } catch is GitError {
            return true
        }
        return false
    }

    private static func failure(_ path: RepositoryPath) -> SnapshotError {
        SnapshotError("could not look at \(path): \(String(cString: strerror(errno)))")
    }
}
