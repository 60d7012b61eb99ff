internal import CGit
internal import Files
package import GitValues
internal import Glibc
internal import SystemPackage

/// The objects that a process made and that no ref holds yet.
///
/// They are made visible as `receive-pack` does it, because git's gc deletes what no ref holds, at any moment: all of them in
/// one pack, with a `.keep` beside it from before the pack can be seen until after a ref was moved. A pack also costs two
/// flushes of the disk however many objects it has. Objects that another process might find by chance do not count as
/// there: only what a published checkpoint or HEAD holds is left out, and that is for the caller to say.
///
/// Any thread may add and read; whatever makes objects visible runs on one.
package final class PendingObjects: @unchecked Sendable {
    private let lock = Lock()
    private var writer: PackWriter?
    /// What keeps packs that are visible already, until a ref holds what is in them.
    private var keeps: [TemporaryFile] = []
    private let directory: FilePath
    private let commonDirectory: FilePath
    /// Whether what was made visible is on the disk when the call returns.
    package var isDurable = true
    /// Whether packs may be put together: what they held before is removed then.
    var folds = true
    /// Who may read what is written.
    let access: FileAccess
    package let compressionLevel: Int32

    init(in commonDirectory: FilePath, access: FileAccess, compressionLevel: Int32) {
        self.access = access
        self.commonDirectory = commonDirectory
        directory = commonDirectory.appending("objects").appending("pack")
        self.compressionLevel = compressionLevel
    }

    // MARK: Adding and reading

    /// Adds an object.
    /// - Parameter deflater: the calling thread's own.
    package func add(_ kind: ObjectKind, _ bytes: UnsafeRawBufferPointer, deflater: Deflater) throws -> ObjectID {
        let id = try kind.id(of: bytes)
        try add(id, kind, bytes, deflater: deflater)
        return id
    }

    /// Adds an object whose id is known.
    package func add(_ id: ObjectID, _ kind: ObjectKind, _ bytes: UnsafeRawBufferPointer, deflater: Deflater) throws {
        if contains(id) { return }
        try deflater.compress(kind, bytes) { packed in
            try withWriter { try $0.append(id, kind, size: bytes.count, packed: packed) }
        }
    }

    /// As ``add(_:_:deflater:)``, for an object now and then.
    package func add(_ kind: ObjectKind, _ bytes: [UInt8]) throws -> ObjectID {
        let deflater = try Deflater(level: compressionLevel)
        return try bytes.withUnsafeBytes { try add(kind, $0, deflater: deflater) }
    }

    /// Adds a blob of which only a part is in memory at a time; see ``PackWriter``.
    package func addBlob(
        size: Int, deflater: Deflater, read: (UnsafeMutableRawBufferPointer) throws -> Int
    ) throws -> ObjectID? {
        try withWriter { try $0.appendBlob(size: size, deflater: deflater, read: read) }
    }

    package func contains(_ id: ObjectID) -> Bool { lock.hold { writer?.contains(id) ?? false } }

    func header(_ id: ObjectID) -> (kind: ObjectKind, size: Int)? {
        lock.hold { writer?.entry(id).map { ($0.kind, $0.size) } }
    }

    func read(_ id: ObjectID) throws -> (kind: ObjectKind, bytes: [UInt8])? {
        try lock.hold {
            guard let entry = writer?.entry(id), let bytes = try writer?.read(entry) else { return nil }
            return (entry.kind, bytes)
        }
    }

    private func withWriter<Result>(_ body: (PackWriter) throws -> Result) throws -> Result {
        try lock.hold {
            let writer = writer ?? PackWriter(in: directory)
            self.writer = writer
            return try body(writer)
        }
    }

    // MARK: Making visible

    /// Makes what is pending visible, and moves a ref to it.
    /// - Parameter moveRef: when it throws, what was made visible is still kept, so that it can be tried again.
    package func publish<Result>(_ moveRef: () throws -> Result) throws -> Result {
        try makeVisible()
        let result = try moveRef()
        keeps = []
        return result
    }

    /// Makes what is pending visible to other processes, such as a git that we start. It is kept until the next ref was moved,
    /// or this process ends.
    package func makeVisible() throws {
        guard let writer else { return }
        keeps.append(try write(writer))
        self.writer = nil
    }

    /// Writes a writer as a pack, together with what small packs of ours have.
    private func write(_ writer: PackWriter) throws -> TemporaryFile {
        // Without it packs stay as they are.
        let lock = folds ? try? FileLock.ifFree(OwnPack.lock(in: commonDirectory), access: access) : nil
        var joined: [OwnPack] = []
        if lock != nil {
            // Of packs that cannot be listed nothing is known, so none is touched.
            let names = (try? directory.namesInside()) ?? []
            OwnPack.removeLeft(names, in: directory)
            OwnPack.bringBackHidden(names, in: directory)
            joined = PackProgression(names, in: directory)?.toJoin(with: writer.entries.count) ?? []
        }
        for pack in joined {
            do {
                try pack.copy(pack.entries(), into: writer)
            } catch let error as GitError where error.code == .invalid {
                // git's own fsck is what tells of a damaged one.
                joined.removeAll { $0.name == pack.name }
            } catch let error as FileError where error.code == .system(.noSuchFileOrDirectory) {
                // git put it together with others meanwhile.
                joined.removeAll { $0.name == pack.name }
            }
        }
        let (pack, checksum) = try writer.finish()
        let index = try TemporaryFile(in: directory, prefix: "wf_idx_")
        try index.write(writer.index(checksum: checksum))
        if access.isShared { for file in [pack, index] { try file.setMode(access.widened) } }
        if isDurable {
            try pack.flush()
            try index.flush()
        }
        let name = OwnPack.uniqueName(OwnPack.prefix, checksum: checksum.hex)
        let keep = try TemporaryFile(in: directory, named: name + ".keep")
        if access.isShared { try keep.setMode(access.widened) }
        try keep.write(Array("git-wf \(getpid())\n".utf8))
        try pack.rename(to: directory.appending(name + ".pack"))
        try index.rename(to: directory.appending(name + ".idx"))
        if isDurable { try TemporaryFile.flush(at: directory) }
        OwnPack.retire(joined, in: directory)
        withExtendedLifetime(lock) {}
        return keep
    }
}
