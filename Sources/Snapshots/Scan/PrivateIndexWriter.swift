internal import Git
internal import GitValues
internal import Glibc
internal import SystemPackage

/// Writes a ``PrivateIndex`` section by section, with little of it in memory.
struct PrivateIndexWriter {
    private let descriptor: Int32
    private let path: FilePath
    private var directories: Section
    private var files: Section
    private var names: Section
    private var directoryCount = 0
    private var fileCount = 0
    private var nameSize = 0

    /// - Parameters:
    ///   - descriptor: of an empty file at `path`.
    ///   - directoryCount, fileCount: how many there will be; that decides where the sections begin.
    init(_ descriptor: Int32, path: FilePath, directoryCount: Int, fileCount: Int) {
        self.descriptor = descriptor
        self.path = path
        var start = PrivateIndex.headerSize
        directories = Section(descriptor, path, at: start)
        start += directoryCount * PrivateIndex.directorySize
        files = Section(descriptor, path, at: start)
        start += fileCount * PrivateIndex.fileSize
        names = Section(descriptor, path, at: start)
    }

    /// Adds a directory, whose files are the next ones to be added.
    /// - Parameter children: its subdirectories; for a changed one, its number alone.
    mutating func add(
        directory name: FileName, fileCount count: Int, children: Range<Int>, stamp: FileStamp, tree: ObjectID,
        hasAttributes: Bool
    ) throws {
        let place = try add(name)
        try directories.add(size: PrivateIndex.directorySize) { base in
            base.storeBytes(of: UInt32(place), as: UInt32.self)
            base.storeBytes(
                of: UInt32(name.count) | (hasAttributes ? 0x10000 : 0), toByteOffset: 4, as: UInt32.self)
            base.storeBytes(of: UInt32(fileCount), toByteOffset: 8, as: UInt32.self)
            base.storeBytes(of: UInt32(count), toByteOffset: 12, as: UInt32.self)
            base.storeBytes(of: UInt32(children.lowerBound), toByteOffset: 16, as: UInt32.self)
            base.storeBytes(of: UInt32(children.count), toByteOffset: 20, as: UInt32.self)
            base.storeBytes(of: stamp, toByteOffset: 24, as: FileStamp.self)
            tree.copy(to: base + 48)
        }
        directoryCount += 1
    }

    mutating func add(file record: FileRecord) throws {
        let place = try add(record.name)
        try files.add(size: PrivateIndex.fileSize) { base in
            base.storeBytes(of: UInt32(place), as: UInt32.self)
            base.storeBytes(of: UInt16(record.name.count), toByteOffset: 4, as: UInt16.self)
            base.storeBytes(of: PrivateIndex.code(of: record.mode), toByteOffset: 6, as: UInt8.self)
            base.storeBytes(of: record.isTracked ? 1 : 0, toByteOffset: 7, as: UInt8.self)
            base.storeBytes(of: record.isKept ? .none : record.stamp, toByteOffset: 8, as: FileStamp.self)
            record.id.copy(to: base + 32)
        }
        fileCount += 1
    }

    /// Adds files of one directory as the last index has them.
    mutating func add(files numbers: Range<Int>, of index: PrivateIndex.Records) throws {
        if numbers.isEmpty { return }
        let raw = index.raw(numbers)
        guard let first = raw.files.baseAddress?.loadUnaligned(as: UInt32.self) else { return }
        let shift = UInt32(nameSize) &- first
        try names.add(raw.names)
        nameSize += raw.names.count
        for offset in stride(from: 0, to: raw.files.count, by: PrivateIndex.fileSize) {
            let source = UnsafeRawBufferPointer(rebasing: raw.files[offset..<(offset + PrivateIndex.fileSize)])
            try files.add(size: PrivateIndex.fileSize) { base in
                if let start = source.baseAddress { base.copyMemory(from: start, byteCount: source.count) }
                base.storeBytes(of: source.loadUnaligned(as: UInt32.self) &+ shift, as: UInt32.self)
            }
        }
        fileCount += numbers.count
    }

    private mutating func add(_ name: FileName) throws -> Int {
        let place = nameSize
        try names.add(UnsafeRawBufferPointer(start: name.base, count: name.count + 1))
        nameSize += name.count + 1
        return place
    }

    /// Writes the header, with which the file is whole.
    /// - Parameter base: the checksum of the file to which this one has changes; zero for a whole one.
    mutating func finish(_ context: PrivateIndex.Context, base baseChecksum: UInt64) throws {
        try directories.flush()
        try files.flush()
        try names.flush()
        var header = [UInt8](repeating: 0, count: PrivateIndex.headerSize)
        header.withUnsafeMutableBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            let ref = Array(context.ref.utf8)
            let words = [
                directories.checksum, files.checksum, names.checksum, UInt64(directoryCount), UInt64(fileCount),
                UInt64(nameSize), UInt64(ref.count),
            ]
            base.storeBytes(of: PrivateIndex.magic, as: UInt64.self)
            for (number, word) in words.enumerated() {
                base.storeBytes(of: word, toByteOffset: 16 + 8 * number, as: UInt64.self)
            }
            context.rules.copy(to: base + 72)
            context.conversions.copy(to: base + 92)
            context.checkpoint.copy(to: base + 112)
            UnsafeMutableRawBufferPointer(rebasing: bytes[132...]).copyBytes(from: ref.prefix(PrivateIndex.longestRef))
            base.storeBytes(of: baseChecksum, toByteOffset: PrivateIndex.baseOffset, as: UInt64.self)
            let checksum = PrivateIndex.checksum(UnsafeRawBufferPointer(rebasing: bytes[16...]))
            base.storeBytes(of: checksum, toByteOffset: 8, as: UInt64.self)
        }
        guard pwrite(descriptor, header, header.count, 0) == header.count else {
            throw SnapshotError("could not write \(path): \(String(cString: strerror(errno)))")
        }
    }
}

/// A part of the file that is written from front to back. Its pieces are of a multiple of eight bytes, but the last one, so
/// that their checksum is that of the whole.
private struct Section {
    private let descriptor: Int32
    private let path: FilePath
    private var offset: Int
    private var buffer = [UInt8](repeating: 0, count: 1 << 16)
    private var used = 0
    private(set) var checksum: UInt64 = PrivateIndex.checksum(UnsafeRawBufferPointer(start: nil, count: 0))

    init(_ descriptor: Int32, _ path: FilePath, at offset: Int) {
        self.descriptor = descriptor
        self.path = path
        self.offset = offset
    }

    mutating func add(size: Int, _ fill: (UnsafeMutableRawPointer) -> Void) throws {
        if used + size > buffer.count { try write(used & ~7) }
        buffer.withUnsafeMutableBytes { bytes in
            if let base = bytes.baseAddress { fill(base + used) }
        }
        used += size
    }

    mutating func add(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            if used + 8 > buffer.count { try write(used & ~7) }
            let piece = rest.prefix(buffer.count - used)
            try add(size: piece.count) { target in
                UnsafeMutableRawBufferPointer(start: target, count: piece.count).copyBytes(from: piece)
            }
            rest = rest.dropFirst(piece.count)
        }
    }

    mutating func flush() throws { try write(used) }

    private mutating func write(_ count: Int) throws {
        try buffer.withUnsafeMutableBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            checksum = PrivateIndex.checksum(UnsafeRawBufferPointer(rebasing: bytes[..<count]), from: checksum)
            var done = 0
            while done < count {
                let written = pwrite(descriptor, base + done, count - done, off_t(offset + done))
                if written < 0, errno == EINTR { continue }
                guard written > 0 else {
                    throw SnapshotError("could not write \(path): \(String(cString: strerror(errno)))")
                }
                done += written
            }
            memmove(base, base + count, used - count)
        }
        offset += count
        used -= count
    }
}
