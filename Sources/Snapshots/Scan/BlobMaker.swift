internal import Git
internal import GitValues
internal import Glibc

/// Makes blobs of files, for one thread.
final class BlobMaker {
    private let scan: Scan
    private let pending: PendingObjects
    private let deflater: Deflater
    private var buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)

    /// Files of more bytes than this are read piece by piece.
    private static let largeSize = 4 << 20
    /// How often a file is read that is another one each time.
    private static let attempts = 5

    init(_ scan: Scan) throws {
        self.scan = scan
        pending = scan.repository.pending
        deflater = try Deflater(level: pending.compressionLevel)
    }

    deinit { buffer.deallocate() }

    /// Reads a file, or whatever is in its place now.
    /// - Throws: `SnapshotError` where it could not be read for a reason that is not its own.
    func result(of task: FileTask, in directory: Int32) throws -> FileResult.Kind {
        for attempt in 1...Self.attempts {
            let flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC
            let descriptor = openat(directory, task.name.characters, flags)
            guard descriptor >= 0 else {
                switch errno {
                case ENOENT: return .absent
                case ELOOP:
                    if let link = try link(task, in: directory) { return link }
                case EACCES, EPERM: return .skipped("unreadable")
                // A socket.
                case ENXIO: return .skipped("not a file, a directory or a symlink")
                default: throw failure(task)
                }
                continue
            }
            defer { close(descriptor) }
            var status = stat()
            guard fstat(descriptor, &status) == 0 else { throw failure(task) }
            switch status.st_mode & S_IFMT {
            case S_IFREG:
                let isLast = attempt == Self.attempts
                if let file = try file(task, descriptor, status, isLast: isLast) { return file }
            // The next snapshot looks into it.
            case S_IFDIR: return .absent
            default: return .skipped("not a file, a directory or a symlink")
            }
        }
        return .skipped("it changes while it is read")
    }

    /// - Returns: `nil` where it is no symlink any more.
    private func link(_ task: FileTask, in directory: Int32) throws -> FileResult.Kind? {
        var status = stat()
        guard fstatat(directory, task.name.characters, &status, AT_SYMLINK_NOFOLLOW) == 0,
            status.st_mode & S_IFMT == S_IFLNK
        else { return nil }
        var target = [UInt8](repeating: 0, count: Int(PATH_MAX) + 1)
        let size = target.count
        let count = target.withUnsafeMutableBytes {
            $0.bindMemory(to: CChar.self).baseAddress.map { readlinkat(directory, task.name.characters, $0, size) }
                ?? -1
        }
        guard count >= 0 else { return nil }
        return try target.withUnsafeBytes { bytes in
            try taken(task, UnsafeRawBufferPointer(rebasing: bytes[..<count]), .symlink, status)
        }
    }

    /// - Parameter isLast: whether what a file had before it grew will do.
    /// - Returns: `nil` where it changed while it was read, so that nothing came of it.
    private func file(_ task: FileTask, _ descriptor: Int32, _ status: stat, isLast: Bool) throws -> FileResult.Kind? {
        let path = task.node.path(of: task.name)
        let mode = task.mode == .symlink ? .symlink : scan.settings.mode(status, recorded: task.mode)
        let conversion = try scan.converts ? conversion(of: path, task) : FileConversions.Conversion()
        if conversion.isForeign {
            if let reason = reason(against: path, task, descriptor) { return .refused(reason) }
            return .filtered(
                mode: mode, stamp: FileStamp(status).settled(before: scan.began), recordedID: task.recordedID)
        }
        if Int(status.st_size) > Self.largeSize, conversion.isNone {
            if let reason = reason(against: path, task, descriptor) { return .refused(reason) }
            return try largeFile(task, descriptor, status, mode)
        }
        guard let count = try readState(descriptor, task, status, isLast: isLast) else { return nil }
        let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<count])
        if let reason = reason(against: path, task, bytes) { return .refused(reason) }
        if conversion.isNone { return try taken(task, bytes, mode, status) }
        let converted = try scan.libraryLock.hold { try scan.conversions?.blobBytes(bytes, at: path, conversion) }
        return try converted.map { try $0.withUnsafeBytes { try taken(task, $0, mode, status) } }
            ?? taken(task, bytes, mode, status)
    }

    /// Why a file is not let in for what it holds; `nil` for a tracked one.
    private func reason(against path: RepositoryPath, _ task: FileTask, _ content: UnsafeRawBufferPointer) -> String? {
        task.isTracked ? nil : scan.settings.admission.reason(path: path, content: content)
    }

    /// The same for one that is not read as a whole.
    private func reason(against path: RepositoryPath, _ task: FileTask, _ descriptor: Int32) -> String? {
        if task.isTracked { return nil }
        let count = pread(descriptor, buffer.baseAddress, min(buffer.count, SecretRules.prefixSize), 0)
        return reason(against: path, task, UnsafeRawBufferPointer(rebasing: buffer[..<max(0, count)]))
    }

    private func conversion(of path: RepositoryPath, _ task: FileTask) throws -> FileConversions.Conversion {
        try scan.libraryLock.hold {
            // What the index has of the file may decide how its line ends are taken; of an unmerged one, our side.
            let stage = task.user?.stage ?? 0
            if task.isTracked, stage == 0 || stage == 2, let id = task.user?.id ?? task.recordedID {
                scan.indexEntries[path] = id
            }
            return try scan.conversions?.conversion(of: path) ?? FileConversions.Conversion()
        }
    }

    /// Hashes, and keeps what nothing durable holds yet.
    private func taken(_ task: FileTask, _ bytes: UnsafeRawBufferPointer, _ mode: Git.FileMode, _ status: stat) throws
        -> FileResult.Kind
    {
        let id = try ObjectKind.blob.id(of: bytes)
        if !isRecorded(id, task) { try pending.add(id, .blob, bytes, deflater: deflater) }
        return taken(task, id, mode, status)
    }

    /// Whether the last checkpoint holds the blob, or the user's index names it, which is looked into later.
    private func isRecorded(_ id: ObjectID, _ task: FileTask) -> Bool { id == task.recordedID || id == task.user?.id }

    private func taken(_ task: FileTask, _ id: ObjectID, _ mode: Git.FileMode, _ status: stat) -> FileResult.Kind {
        .taken(
            id: id, mode: mode, stamp: FileStamp(status).settled(before: scan.began),
            isUnproven: id != task.recordedID && id == task.user?.id)
    }

    /// - Returns: `nil` where it was longer or shorter than it had been.
    private func largeFile(_ task: FileTask, _ descriptor: Int32, _ status: stat, _ mode: Git.FileMode) throws
        -> FileResult.Kind?
    {
        let size = Int(status.st_size)
        func read(into piece: UnsafeMutableRawBufferPointer) throws -> Int {
            while true {
                let got = Glibc.read(descriptor, piece.baseAddress, piece.count)
                if got < 0, errno == EINTR { continue }
                guard got >= 0 else { throw failure(task) }
                return got
            }
        }
        if task.recordedID != nil || task.user != nil {
            // Most of what was touched is what it was: better read twice than written once more.
            let id = try ObjectKind.blob.id(size: size, reading: read)
            guard let id else { return nil }
            if isRecorded(id, task) { return taken(task, id, mode, status) }
            guard lseek(descriptor, 0, SEEK_SET) == 0 else { throw failure(task) }
        }
        let id = try pending.addBlob(size: size, deflater: deflater, read: read)
        var after = stat()
        guard fstat(descriptor, &after) == 0 else { throw failure(task) }
        guard let id, FileStamp(after) == FileStamp(status) else { return nil }
        return taken(task, id, mode, status)
    }

    /// Reads a file so that what is read is what it had at one moment.
    /// - Returns: how many bytes are in the buffer; `nil` where it changed meanwhile.
    private func readState(_ descriptor: Int32, _ task: FileTask, _ status: stat, isLast: Bool) throws -> Int? {
        let count = try readAll(descriptor, task)
        var after = stat()
        guard fstat(descriptor, &after) == 0 else { throw failure(task) }
        if FileStamp(after) != FileStamp(status) || count != Int(status.st_size) {
            // A file that somebody keeps appending to never stands still.
            return isLast && count >= Int(status.st_size) && after.st_size > status.st_size ? Int(status.st_size) : nil
        }
        var now = timespec()
        clock_gettime(CLOCK_REALTIME_COARSE, &now)
        if FileStamp(after).settled(before: now) != .none { return count }
        // It was written to in this very tick of the clock, so that its times tell nothing of a change.
        let id = try ObjectKind.blob.id(of: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        guard lseek(descriptor, 0, SEEK_SET) == 0, try readAll(descriptor, task) == count else { return nil }
        return try ObjectKind.blob.id(of: UnsafeRawBufferPointer(rebasing: buffer[..<count])) == id ? count : nil
    }

    private func readAll(_ descriptor: Int32, _ task: FileTask) throws -> Int {
        var count = 0
        while true {
            if count == buffer.count {
                let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: buffer.count * 4, alignment: 16)
                larger.copyMemory(from: UnsafeRawBufferPointer(buffer))
                buffer.deallocate()
                buffer = larger
            }
            let got = Glibc.read(descriptor, buffer.baseAddress.map { $0 + count }, buffer.count - count)
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw failure(task) }
            if got == 0 { return count }
            count += got
        }
    }

    private func failure(_ task: FileTask) -> SnapshotError {
        SnapshotError("could not read \(task.node.path(of: task.name)): \(String(cString: strerror(errno)))")
    }
}
