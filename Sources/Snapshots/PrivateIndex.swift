internal import Git
internal import Glibc
internal import SystemPackage

/// The index that remembers, for one worktree, what the last published snapshot saw.
///
/// The file is `<gitdir>/wf/index`, beside it `index.checkpoint` with the checkpoint whose tree it is. Its modification
/// time is the moment at which the scan began: an entry modified at that moment or later may have changed unseen in
/// the same tick of the clock, and is read again.
final class PrivateIndex {
    /// An index and the moment up to which its entries can be believed.
    struct Known {
        let index: Index
        /// Entries by path, at stage 0.
        let entries: [RepositoryPath: IndexEntry]
        let believedBefore: FileStatus.Time
    }

    private let repository: Repository
    private let git: GitProgram
    private let directory: FilePath
    private let file: FilePath
    private let mark: FilePath
    /// Where this process builds the next one.
    private let draft: FilePath
    private var index: Index?
    private var scanBegan = timespec()

    init(repository: Repository, git: GitProgram) {
        self.repository = repository
        self.git = git
        directory = repository.gitDirectory.appending("wf")
        file = directory.appending("index")
        mark = directory.appending("index.checkpoint")
        draft = directory.appending("index.draft.\(getpid())")
    }

    /// Reads the user's index, and a draft of the next private one with all that is known.
    func open() throws -> (user: [IndexEntry], known: Known) {
        // The clock that the kernel stamps files with ticks more slowly than the precise one.
        clock_gettime(CLOCK_REALTIME_COARSE, &scanBegan)
        try makeDirectory()
        let userFile = repository.gitDirectory.appending("index")
        let user = try readUserIndex(userFile)
        if let checkpoint = try? readCheckpoint(), try repository.contains(checkpoint), try copy(file, to: draft),
            let index = try? Index(at: draft)
        {
            return (user, known(index, believedBefore: modificationTime(of: file)))
        }
        // Seeded from the user's, with its stat data: a fresh index would have every file read again.
        unlink(draft.string)
        let index = try Index(at: draft)
        for entry in user where entry.stage == 0 && !entry.isIntended {
            try index.add(entry.path, id: entry.id, mode: entry.mode, status: entry.status)
        }
        return (user, known(index, believedBefore: modificationTime(of: userFile)))
    }

    /// Publishes the draft.
    func save(checkpoint: ObjectID) throws {
        guard let index else { return }
        defer { unlink(draft.string) }
        try index.write()
        var times = [scanBegan, scanBegan]
        utimensat(AT_FDCWD, draft.string, &times, 0)
        let newMark = directory.appending("index.checkpoint.\(getpid())")
        try write(Array((checkpoint.hex + "\n").utf8), to: newMark)
        // Either order is right after a kill: both files speak of published checkpoints only.
        try rename(newMark, to: mark)
        try rename(draft, to: file)
    }

    deinit { unlink(draft.string) }

    private func known(_ index: Index, believedBefore: FileStatus.Time) -> Known {
        self.index = index
        let entries = index.entries()
        return Known(
            index: index,
            entries: Dictionary(entries.lazy.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first }),
            believedBefore: believedBefore)
    }

    /// libgit2 cannot read split indexes, sparse ones, and ones without a checksum; git rewrites a copy of those.
    private func readUserIndex(_ userFile: FilePath) throws -> [IndexEntry] {
        do {
            return try Index(at: userFile).entries()
        } catch let unreadable as GitError {
            defer { unlink(draft.string) }
            guard try copy(userFile, to: draft) else { throw unreadable }
            // The shared part of a split index is looked for beside the index.
            let command = [
                "-c", "core.splitIndex=false", "-c", "index.sparse=false", "-c", "index.skipHash=false",
                "-c", "core.fsmonitor=false", "-c", "core.untrackedCache=false",
            ]
            let variables = ["GIT_INDEX_FILE": draft.string]
            guard let top = repository.workTree else { throw unreadable }
            try git.succeed(
                "read this repository's index", command + ["update-index", "--no-split-index", "--force-remove", "--", ".git-wf"],
                in: top, variables: variables)
            return try Index(at: draft).entries()
        }
    }

    private func readCheckpoint() throws -> ObjectID? {
        let bytes = try read(mark)
        return ObjectID(hex: String(decoding: bytes, as: UTF8.self).prefix(40))
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

    /// - Returns: whether there was a file to copy.
    private func copy(_ source: FilePath, to target: FilePath) throws -> Bool {
        guard let bytes = try? read(source) else { return false }
        try write(bytes, to: target)
        return true
    }

    private func read(_ file: FilePath) throws -> [UInt8] {
        let descriptor = try FileDescriptor.open(file, .readOnly, options: .closeOnExec)
        return try descriptor.closeAfter {
            var status = stat()
            fstat(descriptor.rawValue, &status)
            return try [UInt8](unsafeUninitializedCapacity: Int(status.st_size)) { buffer, count in
                let bytes = UnsafeMutableRawBufferPointer(buffer)
                while count < bytes.count {
                    let read = try descriptor.read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[count...]))
                    if read == 0 { break }
                    count += read
                }
            }
        }
    }

    private func write(_ bytes: [UInt8], to file: FilePath) throws {
        let descriptor = try FileDescriptor.open(
            file, .writeOnly, options: [.create, .truncate, .closeOnExec], permissions: FilePermissions(rawValue: 0o666))
        try descriptor.closeAfter { _ = try descriptor.writeAll(bytes) }
    }

    private func rename(_ source: FilePath, to target: FilePath) throws {
        guard Glibc.rename(source.string, target.string) == 0 else {
            throw SnapshotError("could not write \(target): \(String(cString: strerror(errno)))")
        }
    }
}
