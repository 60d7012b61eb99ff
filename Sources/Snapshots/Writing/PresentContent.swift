internal import Git
internal import GitValues
internal import Glibc
internal import SystemPackage

/// Tells whether what is on disk now is what a tree holds.
///
/// A snapshot may keep what the index had instead of the file: outside of a sparse checkout, assume-unchanged, unreadable.
/// And a file may have changed since. In both cases its bytes are nowhere else. Each file is read once.
struct PresentContent {
    let repository: Repository
    let top: FilePath
    let filters: ExternalFilters
    let modes: RecordedModes

    /// What is at the path of a tree's entry.
    enum Verdict {
        /// Nothing, or a directory, which is looked at by its files.
        case nothing
        /// What the entry says, as it was when it was read.
        /// - Parameter isExact: whether git's conversions give these bytes back from the entry: line ends that are mixed, say,
        ///   or a form that the attributes do not call for, are lost in them.
        case held(FileStatus, isExact: Bool)
        /// Something that the entry does not say.
        case other
        case unreadable(Int32)
    }

    func verdicts(for entries: [TreeEntry]) throws -> [Verdict] {
        var verdicts: [Verdict] = []
        var filtered: [(index: Int, file: File)] = []
        for (index, entry) in entries.enumerated() {
            let (verdict, unfinished) = try verdict(for: entry)
            verdicts.append(verdict)
            if let unfinished { filtered.append((index, unfinished)) }
        }
        // What the user's own filters make of all of them is asked for at once.
        let written = try filters.smudge(filtered.map { (entries[$0.index].id, entries[$0.index].path) })
        var inexact: [(index: Int, file: File)] = []
        for (file, bytes) in zip(filtered, written) {
            if let bytes, bytes == file.file.bytes {
                verdicts[file.index] = .held(file.file.status, isExact: true)
            } else {
                inexact.append(file)
            }
        }
        for (file, (path, id)) in zip(inexact, try filters.clean(inexact.map { entries[$0.index].path })) {
            let isHeld = id == entries[file.index].id && entries[file.index].path == path
            verdicts[file.index] = isHeld ? .held(file.file.status, isExact: false) : .other
        }
        return verdicts
    }

    /// - Returns: also the file, where a filter of the user's has to say what it is.
    private func verdict(for entry: TreeEntry) throws -> (Verdict, File?) {
        let present: stat?
        do { present = try top.status(of: entry.path) } catch { return (.unreadable(error.rawValue), nil) }
        guard let present, !present.isDirectory else { return (.nothing, nil) }
        if present.isSymlink {
            guard entry.mode == .symlink, try target(of: entry.path) == repository.blob(entry.id) else {
                return (.other, nil)
            }
            return (.held(FileStatus(of: present), isExact: true), nil)
        }
        guard present.isFile, modes.allow(entry.mode, isExecutable: present.st_mode & S_IXUSR != 0) else {
            return (.other, nil)
        }
        let file: File
        do {
            file = try File(at: entry.path, below: top)
        } catch {
            return (error == .noSuchFileOrDirectory ? .nothing : .unreadable(error.rawValue), nil)
        }
        // It is being written to.
        guard file.isSettled else { return (.other, nil) }
        if entry.mode == .symlink {
            let isHeld = try file.bytes == repository.blob(entry.id)
            return (isHeld ? .held(file.status, isExact: true) : .other, nil)
        }
        if try filters.conversions.isForeign(entry.path) { return (.other, file) }
        if try filters.conversions.worktreeBytes(of: entry.id, at: entry.path) == file.bytes {
            return (.held(file.status, isExact: true), nil)
        }
        // Taken before the attributes said so, or converted on the way in.
        let isHeld =
            try Repository.blobID(of: file.bytes) == entry.id
            || filters.conversions.blobID(of: file.bytes, at: entry.path) == entry.id
        return (isHeld ? .held(file.status, isExact: false) : .other, nil)
    }

    /// Whether what is there is what writing `entry` would make of it; a file that somebody's filter makes is not asked for.
    func isAlready(_ entry: TreeEntry) throws -> Bool {
        guard try entry.mode == .symlink || !filters.conversions.isForeign(entry.path),
            case .held(_, isExact: true) = try verdict(for: entry).0
        else { return false }
        return true
    }

    /// Whether a file or a symlink has these bytes, and the mode of `entry`.
    func has(_ bytes: [UInt8], as entry: TreeEntry) throws -> Bool {
        guard let present = try top.status(of: entry.path) else { return false }
        if present.isSymlink { return try entry.mode == .symlink && target(of: entry.path) == bytes }
        guard present.isFile, modes.allow(entry.mode, isExecutable: present.st_mode & S_IXUSR != 0) else {
            return false
        }
        return try File(at: entry.path, below: top).bytes == bytes
    }

    /// The bytes of files that were found to be `held`, and not exactly.
    /// - Throws: `SnapshotError` where one changed since.
    func bytes(of path: RepositoryPath, since status: FileStatus?) throws -> [UInt8] {
        do {
            let file = try File(at: path, below: top)
            if file.isSettled, status == nil || file.status == status { return file.bytes }
        } catch {
            throw SnapshotError(errno: error.rawValue, "read \(path)")
        }
        throw SnapshotError("\(path) changes while it is being restored; nothing was written")
    }

    private func target(of path: RepositoryPath) throws -> [UInt8] {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let count = readlink(top.appending(path), &buffer, buffer.count)
        guard count >= 0 else { throw SnapshotError(errno: errno, "read \(path)") }
        return buffer[..<count].map { UInt8(bitPattern: $0) }
    }
}

extension PresentContent {
    /// A file of the worktree, read.
    struct File {
        let bytes: [UInt8]
        /// As it was before it was read.
        let status: FileStatus
        /// Whether it was the same afterwards.
        let isSettled: Bool

        init(at path: RepositoryPath, below top: FilePath) throws(Errno) {
            let descriptor = open(top.appending(path), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
            guard descriptor >= 0 else { throw Errno(rawValue: errno) }
            defer { close(descriptor) }
            var before = stat()
            guard fstat(descriptor, &before) == 0 else { throw Errno(rawValue: errno) }
            var bytes: [UInt8] = []
            bytes.reserveCapacity(Int(before.st_size) + 1)
            var chunk = [UInt8](repeating: 0, count: min(max(Int(before.st_size) + 1, 512), 1 << 20))
            while true {
                let count = read(descriptor, &chunk, chunk.count)
                if count < 0 && errno == EINTR { continue }
                guard count >= 0 else { throw Errno(rawValue: errno) }
                if count == 0 { break }
                bytes += chunk[..<count]
            }
            var after = stat()
            guard fstat(descriptor, &after) == 0 else { throw Errno(rawValue: errno) }
            self.bytes = bytes
            status = FileStatus(of: before)
            isSettled = status == FileStatus(of: after)
        }
    }
}

/// Which modes a file on disk may be recorded with.
struct RecordedModes {
    /// `core.fileMode`
    let trustsExecutableBit: Bool
    /// `core.symlinks`: where it is off, a symlink is a file with its target.
    let trustsSymlinks: Bool

    init(_ repository: Repository) throws {
        trustsExecutableBit = try repository.configFlag("core.fileMode") ?? true
        trustsSymlinks = try repository.configFlag("core.symlinks") ?? true
    }

    func allow(_ mode: Git.FileMode, isExecutable: Bool) -> Bool {
        switch mode {
        case .symlink: !trustsSymlinks
        case .file: !isExecutable || !trustsExecutableBit
        case .executable: isExecutable || !trustsExecutableBit
        case .directory, .gitlink: false
        }
    }
}
