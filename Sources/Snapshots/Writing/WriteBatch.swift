internal import Files
internal import Git
internal import GitValues
internal import Glibc
internal import SystemPackage

/// Files of a worktree that are brought to another content together: all of them, or none.
///
///     temporaries ──▶ flush ──▶ each takes its place ──▶ flush ──▶ what stepped aside goes
///     prepare()            place()                            finish()
///
/// A temporary stands in the directory of its file. It takes the file's place in one step, by exchange: what was there stands in
/// the temporary's place from then on, so that ``takeBack()`` has it until ``finish()``. A file that is removed only steps aside,
/// too. So a full disk, a directory that may not be written to and a file that changed since it was looked at end with
/// everything as it was. A process that is killed leaves temporaries; ``WorktreeWriter/removeLeftTemporaries(in:)`` finds them.
///
/// Few files are flushed one by one, and so are few directories. Of many, the file system is flushed once before the first
/// takes its place, and once after the last (`syncfs`, which says from Linux 5.8 on when a write failed): 10,000 flushes of
/// one file are minutes on a disk that obeys. The price is that what others are writing there is waited for, too.
package final class WriteBatch {
    /// How many files, or directories, are flushed one by one.
    static let singleFlushes = 16

    private let writer: WorktreeWriter
    private let unconverted: ObjectID?
    private let examination: Examination?
    private let modes: FileModes
    private let removals: [TreeChange]
    private let writes: [TreeEntry]
    private let list: TemporaryList
    /// Temporary files that have not taken their place, by path.
    private var temporaries: [RepositoryPath: Temporary] = [:]
    private var steps: [Step] = []
    /// Where names changed.
    private var touched: Set<RepositoryPath> = []
    private var opened: OpenDirectory?
    private var isOver = false

    /// What is expected in a temporary's place.
    private enum Expectation {
        case nothing
        case file(FileStatus)
        /// One that the removals empty.
        case directory
    }

    private struct Temporary {
        let name: [CChar]
        /// Not the file's own where a file, which is going to be removed, is in that one's place.
        let directory: RepositoryPath
        let expected: Expectation
        /// As it was written; whoever changes it once it has taken its place makes it theirs.
        var written: FileStatus?
    }

    /// What was done, and how it is taken back.
    private enum Step {
        case made(directory: RepositoryPath)
        case steppedAside(RepositoryPath, name: [CChar])
        case placed(RepositoryPath, written: FileStatus?)
        case exchanged(RepositoryPath, temporary: Temporary)
        /// The file system can do it in no way that could be taken back.
        case replaced(RepositoryPath)
    }

    /// - Parameter changes: one for each path.
    init(
        _ changes: [TreeChange], by writer: WorktreeWriter, unconverted: ObjectID?, examination: Examination?,
        modes: FileModes
    ) throws {
        for change in changes { _ = try WorktreePath(change) }
        self.writer = writer
        self.unconverted = unconverted
        self.examination = examination
        self.modes = modes
        removals = changes.filter { $0.new == nil && $0.old?.mode != .gitlink }
        writes = changes.compactMap(\.new).filter { $0.mode != .gitlink }
        let places = try writes.map { try Self.draftDirectory(for: $0.path, below: writer.top) }
        list = try TemporaryList(
            of: Set(places + changes.map(\.path.directory)), in: writer.repository)
    }

    deinit { if !isOver { takeBack() } }

    // MARK: Temporary files

    /// Writes the temporaries. Where attributes change, which decide what bytes files get, the other files wait for those.
    func prepare() throws {
        let changesAttributes =
            removals.contains { $0.path.isOfAttributes } || writes.contains { $0.path.isOfAttributes }
        try writeDrafts(of: changesAttributes ? writes.filter { $0.path.isOfAttributes } : writes)
    }

    private func writeDrafts(of entries: [TreeEntry]) throws {
        let flushesEach = entries.count <= Self.singleFlushes
        var devices: [dev_t: OpenDirectory] = [:]
        try writer.contents(of: entries, unconverted: unconverted) { entry, bytes in
            let directory = try Self.draftDirectory(for: entry.path, below: writer.top)
            guard let open = try enter(directory, makes: true) else {
                throw SnapshotError("could not write \(entry.path): its directory is gone")
            }
            let status = try directory == entry.path.directory ? open.status(of: entry.path.lastTerminated) : nil
            let temporary = Temporary(
                name: list.nextName(), directory: directory, expected: try expectation(for: entry.path, found: status))
            temporaries[entry.path] = temporary
            if entry.mode == .symlink, writer.modes.trustsSymlinks {
                guard symlinkat(bytes.map { CChar(bitPattern: $0) } + [0], open.descriptor, temporary.name) == 0 else {
                    throw SnapshotError(errno: errno, "write \(entry.path)")
                }
            } else {
                // git knows one bit of a mode; who else may read a file that is there is its owner's to say.
                let kept = modes[entry.path] ?? status.flatMap { $0.isFile ? $0.st_mode : nil }
                try Self.write(bytes, as: temporary.name, in: open, of: entry, kept: kept, flushes: flushesEach)
            }
            temporaries[entry.path]?.written = try open.status(of: temporary.name).map { FileStatus(of: $0) }
            devices[open.device] = open
        }
        if !flushesEach { for directory in devices.values { try directory.flushFileSystem() } }
    }

    private func expectation(for path: RepositoryPath, found: stat?) throws -> Expectation {
        guard let found else { return .nothing }
        if found.isDirectory { return .directory }
        let status = FileStatus(of: found)
        if let seen = examination?.present[path], seen != status {
            // Under another spelling it is one of those that go.
            if seen == nil, try writer.folding.otherSpelling(of: path) != nil { return .nothing }
            throw Self.changed(path)
        }
        return .file(status)
    }

    /// The directory of a file, or the nearest one above it that is no file or symlink now.
    private static func draftDirectory(for path: RepositoryPath, below top: FilePath) throws -> RepositoryPath {
        var place = RepositoryPath("")
        for component in path.directory.components {
            let next = place.appending(component)
            let status: stat?
            do { status = try top.status(of: next) } catch {
                throw SnapshotError("could not look at \(next): \(error)")
            }
            guard let status else { break }
            if !status.isDirectory { return place }
            place = next
        }
        return path.directory
    }

    private static func write(
        _ bytes: [UInt8], as name: [CChar], in directory: OpenDirectory, of entry: TreeEntry, kept: mode_t?,
        flushes: Bool
    ) throws {
        let doing = "write \(entry.path)"
        let isExecutable = entry.mode == .executable
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
        let descriptor = openat(directory.descriptor, name, flags, isExecutable ? 0o777 : 0o666)
        guard descriptor >= 0 else { throw SnapshotError(errno: errno, doing) }
        defer { close(descriptor) }
        do {
            try FileDescriptor(rawValue: descriptor).writeWhole(bytes)
        } catch {
            throw SnapshotError(errno: error.rawValue, doing)
        }
        if let readable = kept.map({ $0 & 0o666 }),
            fchmod(descriptor, isExecutable ? readable | (readable & 0o444) >> 2 : readable) != 0
        {
            throw SnapshotError(errno: errno, doing)
        }
        if flushes, fsync(descriptor) != 0 { throw SnapshotError(errno: errno, doing) }
    }

    // MARK: Into their places

    /// Brings all temporaries to their places and flushes that.
    /// - Throws: where one of them cannot be; everything is as it was then, if ``takeBack()`` could see to it.
    package func place() throws {
        // Time has passed, and a directory may have become a symlink.
        opened = nil
        for removal in removals.reversed() { try takeAway(removal.path) }
        var waiting: [TreeEntry] = []
        for entry in writes {
            if let temporary = temporaries[entry.path] {
                try put(temporary, at: entry.path)
            } else {
                waiting.append(entry)
            }
        }
        try writeDrafts(of: waiting)
        for entry in waiting { if let temporary = temporaries[entry.path] { try put(temporary, at: entry.path) } }
        try flushDirectories()
    }

    private func takeAway(_ path: RepositoryPath) throws {
        // Through a symlink nothing is removed: what is behind it is not ours.
        guard let open = try enter(path.directory, makes: false),
            let found = try open.status(of: path.lastTerminated)
        else { return }
        guard !found.isDirectory else { throw SnapshotError("could not remove \(path): it is a directory now") }
        if let seen = examination?.present[path], seen != FileStatus(of: found) { throw Self.changed(path) }
        let name = list.nextName()
        guard open.rename(path.lastTerminated, to: name, in: open) else {
            throw SnapshotError(errno: errno, "remove \(path)")
        }
        steps.append(.steppedAside(path, name: name))
        touched.insert(path.directory)
        guard try open.status(of: name)?.st_ino == found.st_ino else { throw Self.changed(path) }
    }

    private func put(_ temporary: Temporary, at path: RepositoryPath) throws {
        let doing = "write \(path)"
        guard let target = try enter(path.directory, makes: true) else { throw Self.changed(path) }
        let source =
            temporary.directory == path.directory ? target : try enter(temporary.directory, makes: false, keeps: false)
        guard let source else { throw Self.changed(path) }
        let name = path.lastTerminated
        switch temporary.expected {
        case .nothing:
            guard source.rename(temporary.name, to: name, in: target) else {
                throw errno == EEXIST
                    ? SnapshotError("could not write \(path): something else is in its place by now")
                    : SnapshotError(errno: errno, doing)
            }
            did(.placed(path, written: temporary.written), at: path)
        case .file(let status):
            guard try target.status(of: name).map({ FileStatus(of: $0) }) == status else { throw Self.changed(path) }
            try exchange(temporary, at: path, source, target)
            guard let old = try source.status(of: temporary.name), FileStatus(of: old).isSameContent(as: status) else {
                // `replaced` has nothing left to compare.
                if case .replaced? = steps.last { break }
                throw Self.changed(path)
            }
        case .directory: try exchangeDirectory(temporary, at: path, source, target)
        }
    }

    /// From here on another file stands under the temporary's name, or none.
    private func did(_ step: Step, at path: RepositoryPath) {
        steps.append(step)
        temporaries[path] = nil
        touched.insert(path.directory)
    }

    private func exchange(
        _ temporary: Temporary, at path: RepositoryPath, _ source: OpenDirectory, _ target: OpenDirectory
    )
        throws
    {
        let name = path.lastTerminated
        if source.exchange(temporary.name, with: name, in: target) {
            did(.exchanged(path, temporary: temporary), at: path)
            return
        }
        guard OpenDirectory.cannotRename(errno),
            renameat(source.descriptor, temporary.name, target.descriptor, name) == 0
        else {
            throw SnapshotError(errno: errno, "write \(path)")
        }
        did(.replaced(path), at: path)
    }

    private func exchangeDirectory(
        _ temporary: Temporary, at path: RepositoryPath, _ source: OpenDirectory, _ target: OpenDirectory
    ) throws {
        let name = path.lastTerminated
        guard list.holdsTemporariesOnly(name, in: target.descriptor) else {
            throw SnapshotError("could not write \(path): the directory in its place holds something else by now")
        }
        if source.exchange(temporary.name, with: name, in: target) {
            did(.exchanged(path, temporary: temporary), at: path)
            guard list.holdsTemporariesOnly(temporary.name, in: source.descriptor) else { throw Self.changed(path) }
            return
        }
        // Directories of a lower layer cannot be renamed (overlayfs).
        guard OpenDirectory.cannotRename(errno), list.remove(name, in: target.descriptor) else {
            throw SnapshotError(errno: errno, "replace the directory \(path)")
        }
        steps.append(.replaced(path))
        guard source.rename(temporary.name, to: name, in: target) else {
            throw SnapshotError(errno: errno, "write \(path)")
        }
        temporaries[path] = nil
        touched.insert(path.directory)
    }

    // MARK: The end

    /// Removes what stepped aside, and the directories that this emptied; git keeps none that are empty.
    package func finish() {
        isOver = true
        var isClean = true
        for step in steps {
            switch step {
            case .steppedAside(let path, let name):
                // Where a directory made room for a file, it goes with that one.
                guard let open = try? enter(path.directory, makes: false) else { continue }
                if !list.remove(name, in: open.descriptor) { isClean = false }
            case .exchanged(_, let temporary):
                guard let open = try? enter(temporary.directory, makes: false) else { continue }
                if !list.remove(temporary.name, in: open.descriptor) { isClean = false }
            case .made, .placed, .replaced: continue
            }
        }
        opened = nil
        for removal in removals { writer.removeEmptied(above: removal.path) }
        // The list stays while there is something to find with it.
        if isClean { list.end() }
    }

    /// Brings everything back to how it was before ``place()``, and removes the temporaries.
    /// - Returns: whether nothing of it is left.
    @discardableResult
    package func takeBack() -> Bool {
        isOver = true
        opened = nil
        var isWhole = true
        for temporary in temporaries.values {
            guard let open = try? OpenDirectory(temporary.directory, below: writer.top) else { continue }
            list.remove(temporary.name, in: open.descriptor)
        }
        for step in steps.reversed() { if !takeBack(step) { isWhole = false } }
        // What could not be brought back stands under its temporary's name, which no later command must clear away.
        list.end()
        return isWhole
    }

    private func takeBack(_ step: Step) -> Bool {
        switch step {
        case .made(let directory):
            guard let above = try? OpenDirectory(directory.directory, below: writer.top) else { return true }
            // What somebody else put into it meanwhile stays.
            unlinkat(above.descriptor, directory.lastTerminated, AT_REMOVEDIR)
            return true
        case .steppedAside(let path, let name):
            guard let open = try? OpenDirectory(path.directory, below: writer.top) else { return false }
            return open.rename(name, to: path.lastTerminated, in: open)
        case .placed(let path, let written):
            guard let open = try? OpenDirectory(path.directory, below: writer.top), isOurs(path, in: open, written)
            else {
                return false
            }
            return unlinkat(open.descriptor, path.lastTerminated, 0) == 0
        case .exchanged(let path, let temporary):
            guard let target = try? OpenDirectory(path.directory, below: writer.top),
                isOurs(path, in: target, temporary.written),
                let source = try? OpenDirectory(temporary.directory, below: writer.top),
                source.exchange(temporary.name, with: path.lastTerminated, in: target)
            else { return false }
            list.remove(temporary.name, in: source.descriptor)
            return true
        case .replaced: return false
        }
    }

    /// Whether what is at a path is still what was written there. An edit that came after it is not taken back.
    private func isOurs(_ path: RepositoryPath, in directory: OpenDirectory, _ written: FileStatus?) -> Bool {
        guard let written, let found = try? directory.status(of: path.lastTerminated) else { return false }
        return FileStatus(of: found).isSameContent(as: written)
    }

    // MARK: Directories

    /// Opens a directory of the worktree; the last one stays open for the next file.
    private func enter(_ directory: RepositoryPath, makes: Bool, keeps: Bool = true) throws -> OpenDirectory? {
        if let opened, opened.path == directory { return opened }
        let open = try OpenDirectory(
            directory, below: writer.top,
            made: makes
                ? { [self] in
                    steps.append(.made(directory: $0))
                    touched.insert($0.directory)
                } : nil)
        if keeps { opened = open }
        return open
    }

    private func flushDirectories() throws {
        var devices: [dev_t: OpenDirectory] = [:]
        for directory in touched.sorted() {
            // What this emptied may be gone with the one above.
            guard let open = try OpenDirectory(directory, below: writer.top) else { continue }
            if touched.count > Self.singleFlushes { devices[open.device] = open } else { try open.flush() }
        }
        for directory in devices.values { try directory.flushFileSystem() }
    }

    private static func changed(_ path: RepositoryPath) -> SnapshotError {
        SnapshotError("\(path) was changed by somebody else meanwhile; nothing was written")
    }
}

extension WorktreePath {
    /// The path of a change, if it may be written.
    init(_ change: TreeChange) throws(UnsafePath) {
        try self.init(change.path, isSymlink: change.new?.mode == .symlink)
    }
}

extension RepositoryPath {
    fileprivate var isOfAttributes: Bool {
        let name = ".gitattributes".utf8
        return bytes.suffix(name.count).elementsEqual(name)
            && (bytes.dropLast(name.count).last ?? Byte.slash) == Byte.slash
    }
}
