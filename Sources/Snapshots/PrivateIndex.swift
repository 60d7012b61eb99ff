internal import Git
internal import Glibc
internal import SystemPackage

/// The index that remembers, for one worktree, what the last published snapshot saw.
///
/// The file is `<gitdir>/wf/index`; beside it, `index.checkpoint` has the checkpoint whose tree it is and the conversions
/// that its blobs were made with. Its modification time is the moment at which the scan began: an entry that was modified
/// at that moment or later may have changed unseen in the same tick of the clock, and is read again.
final class PrivateIndex {
    /// An index, and the moment up to which its entries can be believed.
    struct Known {
        let index: Index
        /// Entries by path, at stage 0.
        let entries: [RepositoryPath: IndexEntry]
        let believedBefore: FileStatus.Time
        /// The conversions that its blobs were made with; `nil` where nothing of it is ours.
        let conversions: ObjectID?

        /// Whether a file that looks like `status` is the one that an entry is about.
        func believes(_ entry: IndexEntry, _ status: FileStatus) -> Bool {
            // A time of modification can be set back, one of change cannot.
            entry.status == status.withDevice(of: entry.status) && entry.status.modified < believedBefore
                && entry.status.changed < believedBefore
        }
    }

    private let repository: Repository
    private let git: GitProgram
    private let directory: FilePath
    private let file: FilePath
    private let mark: FilePath
    /// Where this one builds the next.
    private let draft: FilePath
    private var index: Index?
    private(set) var scanBegan = timespec()

    init(repository: Repository, git: GitProgram) {
        self.repository = repository
        self.git = git
        directory = repository.gitDirectory.appending("wf")
        file = directory.appending("index")
        mark = directory.appending("index.checkpoint")
        draft = directory.appending("index.draft.\(DraftName.next())")
    }

    /// Reads the user's index.
    func openUser() throws -> Known {
        // The clock that the kernel stamps files with ticks more slowly than the precise one.
        clock_gettime(CLOCK_REALTIME_COARSE, &scanBegan)
        try makeDirectory()
        DraftName.removeStale(in: directory)
        let userFile = repository.gitDirectory.appending("index")
        // Looked at before it is read: a newer file than the time says is believed less, never more.
        let modified = modificationTime(of: userFile)
        let user = try readUserIndex(userFile)
        try repository.use(user)
        let entries = user.entries().lazy.filter { $0.stage == 0 && !$0.isIntended && $0.mode != .gitlink }
        return Known(
            index: user, entries: Dictionary(entries.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first }),
            // git itself compares whole seconds (it is built without USE_NSEC), so it wrote entries that are safe by those.
            believedBefore: FileStatus.Time(seconds: modified.seconds, nanoseconds: 0), conversions: nil)
    }

    /// Opens a draft of the next private index with all that the last one knows.
    /// - Parameter user: where there is no last one, and a fresh index would have every file read again.
    func open(user: Known) throws -> Known {
        guard let mark = try readMark(), try repository.contains(mark.checkpoint),
            let modified = try copy(file, to: draft)
        else { return try reseed(from: user) }
        let index: Index
        do { index = try Index(at: draft) } catch is GitError { return try reseed(from: user) }
        return known(index, believedBefore: modified, conversions: mark.conversions)
    }

    /// Opens a draft that knows what the user's index does.
    func reseed(from user: Known) throws -> Known {
        unlink(draft.string)
        let index = try Index(at: draft)
        for entry in user.entries.values {
            try index.add(entry.path, id: entry.id, mode: entry.mode, status: entry.status)
        }
        return known(index, believedBefore: user.believedBefore, conversions: nil)
    }

    /// Publishes the draft.
    func save(checkpoint: ObjectID, conversions: ObjectID) throws {
        guard let index else { return }
        defer { unlink(draft.string) }
        try index.write()
        var times = [scanBegan, scanBegan]
        guard utimensat(AT_FDCWD, draft.string, &times, 0) == 0 else {
            throw SnapshotError("could not write \(draft): \(String(cString: strerror(errno)))")
        }
        let newMark = directory.appending("index.draft.\(DraftName.next())")
        try write(Array("\(checkpoint.hex)\n\(conversions.hex)\n".utf8), to: newMark)
        // Either order is right after a kill: both files speak of published checkpoints only.
        try rename(newMark, to: mark)
        try rename(draft, to: file)
    }

    deinit { unlink(draft.string) }

    private func known(_ index: Index, believedBefore: FileStatus.Time, conversions: ObjectID?) -> Known {
        self.index = index
        let entries = index.entries()
        return Known(
            index: index,
            entries: Dictionary(entries.lazy.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first }),
            believedBefore: believedBefore, conversions: conversions)
    }

    /// libgit2 cannot read split indexes, sparse ones, and ones without a checksum; git rewrites a copy of those.
    private func readUserIndex(_ userFile: FilePath) throws -> Index {
        do {
            return try Index(at: userFile)
        } catch let unreadable as GitError {
            defer { unlink(draft.string) }
            guard let top = repository.workTree, try copy(userFile, to: draft) != nil else { throw unreadable }
            // The shared part of a split index is looked for in the git directory, wherever the index is.
            let arguments = [
                "-c", "core.splitIndex=false", "-c", "index.sparse=false", "-c", "index.skipHash=false",
                "-c", "core.fsmonitor=false", "-c", "core.untrackedCache=false", "update-index", "--no-split-index",
                "--force-write-index",
            ]
            let variables = [
                "GIT_DIR": repository.gitDirectory.string, "GIT_WORK_TREE": top.string, "GIT_INDEX_FILE": draft.string,
            ]
            try git.succeed("read this repository's index", arguments, in: top, variables: variables)
            return try Index(at: draft)
        }
    }

    /// - Returns: `nil` where there is none, or one of another version.
    private func readMark() throws -> (checkpoint: ObjectID, conversions: ObjectID)? {
        guard let (bytes, _) = try read(mark) else { return nil }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        guard lines.count == 2, let checkpoint = ObjectID(hex: lines[0]), let conversions = ObjectID(hex: lines[1])
        else {
            return nil
        }
        return (checkpoint, conversions)
    }

    private func modificationTime(of file: FilePath) -> FileStatus.Time {
        var status = stat()
        // Without the file nothing is known, so nothing is believed.
        guard stat(file.string, &status) == 0 else { return FileStatus.Time(seconds: 0, nanoseconds: 0) }
        return FileStatus.Time(status.st_mtim)
    }

    private func makeDirectory() throws {
        if mkdir(directory.string, 0o777) != 0, errno != EEXIST {
            throw SnapshotError("could not create \(directory): \(String(cString: strerror(errno)))")
        }
    }

    /// - Returns: when the file was modified that was copied; `nil` where there was none.
    private func copy(_ source: FilePath, to target: FilePath) throws -> FileStatus.Time? {
        guard let (bytes, modified) = try read(source) else { return nil }
        try write(bytes, to: target)
        return modified
    }

    /// - Returns: `nil` where there is no such file.
    private func read(_ file: FilePath) throws -> (bytes: [UInt8], modified: FileStatus.Time)? {
        let descriptor: FileDescriptor
        do {
            descriptor = try FileDescriptor.open(file, .readOnly, options: .closeOnExec)
        } catch Errno.noSuchFileOrDirectory, Errno.notDirectory {
            return nil
        } catch let error as Errno {
            throw SnapshotError("could not read \(file): \(error)")
        }
        return try descriptor.closeAfter {
            var status = stat()
            guard fstat(descriptor.rawValue, &status) == 0 else { throw Errno(rawValue: errno) }
            let bytes = try [UInt8](unsafeUninitializedCapacity: Int(status.st_size)) { buffer, count in
                let bytes = UnsafeMutableRawBufferPointer(buffer)
                while count < bytes.count {
                    let read = try descriptor.read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[count...]))
                    if read == 0 { break }
                    count += read
                }
            }
            return (bytes, FileStatus.Time(status.st_mtim))
        }
    }

    private func write(_ bytes: [UInt8], to file: FilePath) throws {
        do {
            let descriptor = try FileDescriptor.open(
                file, .writeOnly, options: [.create, .truncate, .closeOnExec],
                permissions: FilePermissions(rawValue: 0o666))
            try descriptor.closeAfter { _ = try descriptor.writeAll(bytes) }
        } catch let error as Errno {
            throw SnapshotError("could not write \(file): \(error)")
        }
    }

    private func rename(_ source: FilePath, to target: FilePath) throws {
        guard Glibc.rename(source.string, target.string) == 0 else {
            throw SnapshotError("could not write \(target): \(String(cString: strerror(errno)))")
        }
    }
}

extension FileStatus {
    /// Device numbers change when a disk is mounted anew; git does not compare them either.
    fileprivate func withDevice(of other: FileStatus) -> FileStatus {
        FileStatus(
            modified: modified, changed: changed, device: other.device, inode: inode, user: user, group: group,
            size: size)
    }
}
