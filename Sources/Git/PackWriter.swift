internal import CZlib
internal import Files
internal import GitValues
internal import Glibc
internal import SystemPackage

/// A pack that is being written: `objects/pack/wf_pack_*`, which no git looks into. The names that git has for such files
/// begin with `tmp_`, and `git gc --prune=now` removes all of those, whoever is writing them.
///
/// Small ones stay in memory until they are finished. Each object is whole in it, none is a difference to another, so
/// that packs can be put together by copying.
final class PackWriter {
    /// One object of the pack.
    struct Entry {
        let id: ObjectID
        let checksum: UInt32
        let offset: Int
        let kind: ObjectKind
        let size: Int
    }

    /// Beyond so many bytes a writer goes to its file.
    private static let bufferSize = 1 << 20

    private let directory: FilePath
    private(set) var entries: [Entry] = []
    private var positions: [ObjectID: Int] = [:]
    private var buffer: [UInt8]
    private var flushed = 0
    private var file: TemporaryFile?

    init(in directory: FilePath) {
        self.directory = directory
        buffer = Array("PACK".utf8) + [0, 0, 0, 2, 0, 0, 0, 0]
    }

    private var end: Int { flushed + buffer.count }

    func contains(_ id: ObjectID) -> Bool { positions[id] != nil }

    func entry(_ id: ObjectID) -> Entry? { positions[id].map { entries[$0] } }

    /// Appends an object that is compressed already.
    func append(_ id: ObjectID, _ kind: ObjectKind, size: Int, packed: UnsafeRawBufferPointer) throws {
        if contains(id) { return }
        let checksum = crc32(0, packed.bindMemory(to: UInt8.self).baseAddress, UInt32(packed.count))
        record(Entry(id: id, checksum: UInt32(checksum), offset: end, kind: kind, size: size))
        try write(packed)
    }

    private func record(_ entry: Entry) {
        positions[entry.id] = entries.count
        entries.append(entry)
    }

    private func write(_ bytes: UnsafeRawBufferPointer) throws {
        buffer.append(contentsOf: bytes)
        if buffer.count >= Self.bufferSize { try flush() }
    }

    private func flush() throws {
        if file == nil { file = try TemporaryFile(in: directory, prefix: "wf_pack_") }
        try file?.write(buffer)
        flushed += buffer.count
        buffer.removeAll(keepingCapacity: true)
    }

    /// Appends a blob of which only a part is in memory at a time.
    /// - Parameters:
    ///   - size: what the blob's header says that there will be.
    ///   - read: fills the buffer and returns how many bytes it gave; 0 at the end.
    /// - Returns: `nil`, and nothing was appended, where there were fewer or more bytes than `size`.
    func appendBlob(
        size: Int, deflater: Deflater, read: (UnsafeMutableRawBufferPointer) throws -> Int
    ) throws -> ObjectID? {
        if !buffer.isEmpty { try flush() }
        let start = end
        var hash = SHA1()
        hash.update(Array("blob \(size)\0".utf8))
        var header: [UInt8] = []
        let headerSize = Deflater.header(of: .blob, size: size, into: &header)
        var checksum = crc32(0, header, UInt32(headerSize))
        try header.withUnsafeBytes { try write(UnsafeRawBufferPointer(rebasing: $0[..<headerSize])) }
        try deflater.begin()
        var seen = 0
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
        defer { piece.deallocate() }
        while true {
            let count = try read(piece)
            seen += count
            if count == 0 || seen > size { break }
            let bytes = UnsafeRawBufferPointer(rebasing: piece[..<count])
            hash.update(bytes)
            try deflater.compress(piece: bytes, isLast: false) { packed in
                checksum = crc32(checksum, packed.bindMemory(to: UInt8.self).baseAddress, UInt32(packed.count))
                try write(packed)
            }
        }
        guard seen == size else {
            try truncate(to: start)
            return nil
        }
        try deflater.compress(piece: UnsafeRawBufferPointer(start: nil, count: 0), isLast: true) { packed in
            checksum = crc32(checksum, packed.bindMemory(to: UInt8.self).baseAddress, UInt32(packed.count))
            try write(packed)
        }
        let id = hash.finish()
        if contains(id) {
            try truncate(to: start)
        } else {
            record(Entry(id: id, checksum: UInt32(checksum), offset: start, kind: .blob, size: size))
        }
        return id
    }

    private func truncate(to size: Int) throws {
        if size >= flushed {
            buffer.removeLast(end - size)
            return
        }
        buffer.removeAll(keepingCapacity: true)
        try file?.truncate(to: size)
        flushed = size
    }

    /// The bytes of an object in it.
    func read(_ entry: Entry) throws -> [UInt8] {
        let next = positions[entry.id].flatMap { $0 + 1 < entries.count ? entries[$0 + 1].offset : nil } ?? end
        if entry.offset >= flushed {
            return try buffer.withUnsafeBytes {
                try Deflater.inflate(
                    UnsafeRawBufferPointer(rebasing: $0[(entry.offset - flushed)..<(next - flushed)]), size: entry.size)
            }
        }
        // An object is in the file or in the buffer as a whole, or begins in the one and ends in the other.
        var packed = try file?.read(at: entry.offset, count: min(next, flushed) - entry.offset) ?? []
        if next > flushed { packed += buffer[..<(next - flushed)] }
        return try packed.withUnsafeBytes { try Deflater.inflate($0, size: entry.size) }
    }

    /// Appends an object as another pack has it.
    /// - Returns: whether its bytes are those that the other pack's index knows; if not, nothing was appended.
    func appendPacked(_ entry: Entry, from descriptor: Int32, at offset: Int, count: Int) throws -> Bool {
        let start = end
        var done = 0
        var checksum = crc32(0, nil, 0)
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: min(count, 1 << 18), alignment: 16)
        defer { piece.deallocate() }
        while done < count {
            let got = pread(descriptor, piece.baseAddress, min(piece.count, count - done), off_t(offset + done))
            if got < 0, errno == EINTR { continue }
            guard got > 0 else { throw FileError("read a pack") }
            let bytes = UnsafeRawBufferPointer(rebasing: piece[..<got])
            checksum = crc32(checksum, bytes.bindMemory(to: UInt8.self).baseAddress, UInt32(got))
            try write(bytes)
            done += got
        }
        guard UInt32(checksum) == entry.checksum else {
            try truncate(to: start)
            return false
        }
        record(Entry(id: entry.id, checksum: entry.checksum, offset: start, kind: entry.kind, size: entry.size))
        return true
    }

    /// Writes what is left to the file, and its end.
    /// - Returns: the file, and the checksum that is its end.
    func finish() throws -> (file: TemporaryFile, checksum: ObjectID) {
        try flush()
        guard let file else { throw GitError(.invalid, doing: "write a pack", reason: "it has no file") }
        self.file = nil
        try file.overwrite(Self.bigEndian(UInt32(entries.count)), at: 8)
        var hash = SHA1()
        try file.readAll { hash.update($0) }
        let checksum = hash.finish()
        try file.write(checksum.bytes)
        return (file, checksum)
    }

    /// The index of the finished pack, version 2 (`gitformat-pack(5)`).
    func index(checksum: ObjectID) -> [UInt8] {
        let sorted = entries.sorted { $0.id < $1.id }
        var bytes: [UInt8] = [0xff] + Array("tOc".utf8) + [0, 0, 0, 2]
        bytes.reserveCapacity(1100 + sorted.count * 28)
        var counts = [UInt32](repeating: 0, count: 256)
        for entry in sorted { counts[entry.id.firstByte] += 1 }
        var total: UInt32 = 0
        for count in counts {
            total += count
            bytes += Self.bigEndian(total)
        }
        for entry in sorted { bytes += entry.id.bytes }
        for entry in sorted { bytes += Self.bigEndian(entry.checksum) }
        var large: [UInt64] = []
        for entry in sorted {
            if entry.offset < 1 << 31 {
                bytes += Self.bigEndian(UInt32(entry.offset))
            } else {
                bytes += Self.bigEndian(UInt32(large.count) | 1 << 31)
                large.append(UInt64(entry.offset))
            }
        }
        for offset in large { bytes += Self.bigEndian(offset) }
        bytes += checksum.bytes
        var hash = SHA1()
        hash.update(bytes)
        return bytes + hash.finish().bytes
    }

    private static func bigEndian(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }
}
