internal import Files
internal import GitValues
internal import Glibc
internal import SystemPackage

/// A pack that git-wf wrote. Its name says so; to git it is a pack like any other.
///
/// Whatever reads all of its objects may put them into another pack and remove this one.
struct OwnPack {
    /// How the names of our packs begin: "gitw" in hexadecimal digits, as the rest of a pack's name must be.
    static let prefix = "pack-67697477"
    /// How the names of those begin that `git wf gc` put together ("gitd"): in them objects are differences to others, so
    /// that nothing but git takes them apart.
    static let repackedPrefix = "pack-67697464"

    /// Held by whoever puts packs together: only one process does at a time.
    static func lock(in commonDirectory: FilePath) -> FilePath {
        commonDirectory.appending("wf").appending("locks").appending("packs")
    }

    let directory: FilePath
    /// Without an ending.
    let name: String
    let size: Int
    /// When it was written, in seconds since 1970.
    let written: Int

    private func path(_ ending: String) -> FilePath { directory.appending(name + ending) }

    /// Removes what writers that were killed left behind in a directory of packs.
    /// - Parameter names: those in the directory.
    static func removeLeft(_ names: [String], in directory: FilePath) {
        for name in names
        where name.hasPrefix("wf_pack_") || name.hasPrefix("wf_idx_")
            || name.hasSuffix(".keep") && (name.hasPrefix(prefix) || name.hasPrefix(repackedPrefix))
        {
            TemporaryFile.removeLeft(directory.appending(name))
        }
    }

    /// The packs of ours in a directory of packs, smallest first; those that their writer still keeps, and broken ones, are
    /// left out.
    /// - Parameters:
    ///   - names: those in the directory.
    ///   - prefix: which of our packs.
    static func list(_ names: [String], in directory: FilePath, prefix: String = prefix) -> [OwnPack] {
        let names = Set(names.filter { $0.hasPrefix(prefix) })
        return names.compactMap { name -> OwnPack? in
            guard name.hasSuffix(".pack") else { return nil }
            let base = String(name.dropLast(".pack".count))
            var status = stat()
            let path = directory.appending(base)
            guard names.contains(base + ".idx"), access(path.string + ".keep", F_OK) != 0,
                stat(path.string + ".pack", &status) == 0
            else { return nil }
            return OwnPack(
                directory: directory, name: base, size: Int(status.st_size), written: status.st_mtim.tv_sec)
        }
        .sorted { ($0.size, $0.name) < ($1.size, $1.name) }
    }

    /// The objects of the pack, in their order in the file.
    /// - Throws: `GitError` where the pack is not as we write them.
    func entries() throws -> [PackWriter.Entry] {
        let damaged = GitError(.invalid, doing: "read \(path(".idx"))", reason: "it is damaged")
        let index = try Self.read(path(".idx"))
        return try index.withUnsafeBytes { bytes in
            func word(_ offset: Int) throws -> Int {
                guard offset >= 0, offset + 4 <= bytes.count else { throw damaged }
                return Int(UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
            }
            guard try word(0) == 0xff74_4f63, try word(4) == 2 else { throw damaged }
            let count = try word(8 + 255 * 4)
            let ids = 8 + 256 * 4
            let checksums = ids + count * ObjectID.byteCount
            let offsets = checksums + count * 4
            let large = offsets + count * 4
            guard bytes.count >= large + 2 * ObjectID.byteCount, let base = bytes.baseAddress else { throw damaged }
            var entries: [PackWriter.Entry] = []
            entries.reserveCapacity(count)
            for number in 0..<count {
                var offset = try word(offsets + number * 4)
                if offset >= 1 << 31 {
                    let place = large + (offset - 1 << 31) * 8
                    offset = try word(place) << 32 | word(place + 4)
                }
                entries.append(
                    PackWriter.Entry(
                        id: ObjectID(bytes: base + ids + number * ObjectID.byteCount),
                        checksum: UInt32(try word(checksums + number * 4)), offset: offset, kind: .blob, size: 0))
            }
            entries.sort { $0.offset < $1.offset }
            return entries
        }
    }

    /// Copies those of its objects that a writer does not have. Each is looked at: a damaged one is not copied, so that another
    /// copy of it is not taken for superfluous.
    /// - Parameter entries: all of the pack, in their order.
    /// - Throws: `GitError` with code `.invalid` at the first that is damaged.
    func copy(_ entries: [PackWriter.Entry], into writer: PackWriter) throws {
        let damaged = GitError(.invalid, doing: "read \(path(".pack"))", reason: "it is damaged")
        let descriptor = open(path(".pack").string, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError("read \(path(".pack"))") }
        defer { close(descriptor) }
        for (number, entry) in entries.enumerated() where !writer.contains(entry.id) {
            let end = number + 1 < entries.count ? entries[number + 1].offset : size - ObjectID.byteCount
            guard entry.offset >= 12, entry.offset < end else { throw damaged }
            var header = [UInt8](repeating: 0, count: min(16, end - entry.offset))
            guard pread(descriptor, &header, header.count, off_t(entry.offset)) == header.count,
                let kind = ObjectKind(rawValue: header[0] >> 4 & 7)
            else { throw damaged }
            var objectSize = Int(header[0] & 0xf)
            var shift = 4
            for byte in header.dropFirst().prefix(header.firstIndex { $0 & 0x80 == 0 } ?? 0) {
                objectSize |= Int(byte & 0x7f) << shift
                shift += 7
            }
            let isWhole = try writer.appendPacked(
                PackWriter.Entry(
                    id: entry.id, checksum: entry.checksum, offset: 0, kind: kind, size: objectSize),
                from: descriptor, at: entry.offset, count: end - entry.offset)
            if !isWhole { throw damaged }
        }
    }

    var isThere: Bool { access(path(".idx").string, F_OK) == 0 }

    /// A name for a new pack.
    /// - Parameter checksum: of the pack, in hexadecimal digits.
    static func uniqueName(_ prefix: String, checksum: String) -> String {
        "\(prefix)\(checksum.prefix(16))\(String(UInt64.random(in: .min ... .max) | 1 << 63, radix: 16))"
    }

    /// Moves the pack, which git wrote elsewhere, to where git looks for packs; the index comes last, because a pack is seen
    /// by it.
    /// - Parameter isDurable: whether it is on the disk when the call returns.
    func publish(in target: FilePath, named newName: String, isDurable: Bool) throws {
        for ending in [".pack", ".rev", ".idx"] {
            let file = path(ending)
            if ending == ".rev", access(file.string, F_OK) != 0 { continue }
            if isDurable { try TemporaryFile.flush(at: file) }
            guard rename(file.string, target.appending(newName + ending).string) == 0 else {
                throw FileError("write \(target.appending(newName + ending))")
            }
        }
        if isDurable { try TemporaryFile.flush(at: target) }
    }

    /// How many objects a pack has; `nil` where its index cannot be read.
    static func count(_ directory: FilePath, _ name: String) -> Int? {
        let descriptor = open(directory.appending(name + ".idx").string, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        // The last word of the table by first bytes, which begins behind 8 bytes in version 2.
        var word: UInt32 = 0
        guard pread(descriptor, &word, 4, 8 + 255 * 4) == 4 else { return nil }
        return Int(UInt32(bigEndian: word))
    }

    // MARK: Removing

    private static let hiddenPrefix = "wf_away_"

    /// How long whoever has a pack in memory may be about to write a multi-pack-index.
    private static let longestIndexing = 600

    /// Removes packs whose objects others have by now, but those that a multi-pack-index names, or is about to: they are taken
    /// out of sight first, so that nobody finds them who did not look before. Whoever calls this holds the lock of packs.
    static func retire(_ packs: [OwnPack], in directory: FilePath) {
        guard MultiPackIndexes(in: directory).isAny else { return packs.forEach { $0.remove() } }
        let hidden = packs.filter { rename($0.path(".idx").string, $0.hiddenIndex.string) == 0 }
        let inUse = FilesInUse()
        let named = MultiPackIndexes(in: directory).packs
        let now = time(nil)
        for pack in hidden {
            let isInUse = now - pack.written < longestIndexing && inUse.contains(pack.hiddenName)
            if named?.contains(pack.name) == false, !isInUse { pack.remove() } else { pack.bringBack() }
        }
    }

    /// Brings back what a process that was killed left out of sight. Whoever calls this holds the lock of packs.
    /// - Parameter names: those in the directory.
    static func bringBackHidden(_ names: [String], in directory: FilePath) {
        for name in names where name.hasPrefix(hiddenPrefix) && name.hasSuffix(".idx") {
            let base = String(name.dropFirst(hiddenPrefix.count).dropLast(".idx".count))
            OwnPack(directory: directory, name: base, size: 0, written: 0).bringBack()
        }
    }

    private var hiddenName: String { Self.hiddenPrefix + name + ".idx" }
    private var hiddenIndex: FilePath { directory.appending(hiddenName) }

    private func bringBack() { rename(hiddenIndex.string, path(".idx").string) }

    /// Removes the pack. The index goes first: without it nobody looks for the pack.
    private func remove() {
        unlink(path(".idx").string)
        for ending in [".pack", ".rev", ".bitmap"] { unlink(path(ending).string) }
        // What is left of it is nothing that anybody could read.
        unlink(hiddenIndex.string)
    }

    private static func read(_ path: FilePath) throws -> [UInt8] {
        let descriptor = open(path.string, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError("read \(path)") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileError("read \(path)") }
        return try [UInt8](unsafeUninitializedCapacity: Int(status.st_size)) { buffer, count in
            while count < buffer.count {
                let got = Glibc.read(descriptor, buffer.baseAddress.map { $0 + count }, buffer.count - count)
                if got < 0, errno == EINTR { continue }
                guard got >= 0 else { throw FileError("read \(path)") }
                if got == 0 { break }
                count += got
            }
        }
    }
}
