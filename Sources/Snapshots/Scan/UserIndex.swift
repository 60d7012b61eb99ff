internal import Git
internal import GitValues
internal import Glibc
internal import SystemPackage

/// Reads the user's index, versions 2 to 4 (`gitformat-index(5)`), entry by entry, with little of it in memory.
///
/// libgit2's reader needs a quarter of a scan's time, and fails on sparse and split indexes and on those without a checksum.
/// As git itself, this one does not check the checksum.
struct UserIndex {
    /// One entry; its path is good until the next one is read.
    struct Entry {
        var path: UnsafeBufferPointer<UInt8>
        let id: ObjectID
        let mode: Git.FileMode
        let stage: Int
        let stamp: FileStamp
        let isAssumedUnchanged: Bool
        let isSkipped: Bool
        let isIntended: Bool
    }

    /// An index whose entries are not all in the file: git has to rewrite a copy of it.
    struct NotWhole: Error {}

    let file: FilePath
    /// The whole second in which it was written: git compares whole seconds only, so its entries are safe by those.
    let modifiedSeconds: UInt32

    /// - Returns: `nil` where there is none.
    init?(at file: FilePath) throws {
        var status = stat()
        guard stat(file.string, &status) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw SnapshotError("could not read \(file): \(String(cString: strerror(errno)))")
        }
        self.file = file
        modifiedSeconds = UInt32(truncatingIfNeeded: status.st_mtim.tv_sec)
    }

    /// Calls `body` with each entry, in the order of paths and stages.
    /// - Throws: ``NotWhole``, perhaps after some entries.
    func forEach(_ body: (Entry) throws -> Void) throws {
        let reader = try Reader(file)
        let header = try reader.need(12)
        guard header[0...3].elementsEqual("DIRC".utf8) else { throw reader.damaged("it is no index") }
        let version = Self.word(header, 4)
        let count = Self.word(header, 8)
        guard (2...4).contains(version) else { throw reader.damaged("its version is \(version)") }
        reader.advance(12)
        var path: [UInt8] = []
        for _ in 0..<count {
            let fixed = try reader.need(64)
            let flags = UInt16(bigEndian: fixed.loadUnaligned(fromByteOffset: 60, as: UInt16.self))
            let isExtended = flags & 0x4000 != 0
            let extended = isExtended ? UInt16(bigEndian: fixed.loadUnaligned(fromByteOffset: 62, as: UInt16.self)) : 0
            let start = isExtended ? 64 : 62
            guard let mode = Git.FileMode(git: Self.word(fixed, 24)), let base = fixed.baseAddress else {
                throw reader.damaged("an entry has no mode")
            }
            if mode == .directory { throw NotWhole() }
            let stamp = FileStamp(
                modifiedSeconds: Self.word(fixed, 8), modifiedNanoseconds: Self.word(fixed, 12),
                changedSeconds: Self.word(fixed, 0), changedNanoseconds: Self.word(fixed, 4),
                inode: Self.word(fixed, 20), size: Self.word(fixed, 36))
            var entry = Entry(
                path: UnsafeBufferPointer(start: nil, count: 0), id: ObjectID(bytes: base + 40), mode: mode,
                stage: Int(flags >> 12 & 3), stamp: stamp, isAssumedUnchanged: flags & 0x8000 != 0,
                isSkipped: extended & 0x4000 != 0, isIntended: extended & 0x2000 != 0)
            reader.advance(start)
            if version == 4 {
                let strip = try reader.variable()
                guard strip <= path.count else { throw reader.damaged("a path is too short") }
                path.removeLast(strip)
                path += try reader.text()
                reader.advance(1)
                try path.withUnsafeBufferPointer {
                    entry.path = $0
                    try body(entry)
                }
            } else {
                // What was read stays where it is until more is asked for.
                let text = try reader.text()
                reader.advance(8 - (start + text.count) % 8)
                entry.path = text.bindMemory(to: UInt8.self)
                try body(entry)
            }
        }
        try lookAtExtensions(reader)
    }

    /// Extensions in lower case change what the entries mean.
    private func lookAtExtensions(_ reader: Reader) throws {
        while true {
            let header = reader.available(8)
            // What is left is the checksum.
            guard header.count >= 8, reader.remaining > ObjectID.byteCount else { return }
            let name = String(decoding: header[0...3], as: UTF8.self)
            if name == "link" || name == "sdir" { throw NotWhole() }
            if header[0] >= UInt8(ascii: "a") { throw reader.damaged("it has the unknown extension \(name)") }
            reader.skip(8 + Int(Self.word(header, 4)))
        }
    }

    private static func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt32 {
        UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }
}

extension UserIndex {
    /// A file of which a part is in memory.
    private final class Reader {
        private let descriptor: Int32
        private let file: FilePath
        private let size: Int
        private let buffer: UnsafeMutableRawBufferPointer
        private var start = 0
        private var end = 0
        private var position = 0

        init(_ file: FilePath) throws {
            self.file = file
            let descriptor = open(file.string, O_RDONLY | O_CLOEXEC)
            var status = stat()
            guard descriptor >= 0, fstat(descriptor, &status) == 0 else {
                throw SnapshotError("could not read \(file): \(String(cString: strerror(errno)))")
            }
            self.descriptor = descriptor
            size = Int(status.st_size)
            buffer = .allocate(byteCount: 1 << 17, alignment: 8)
        }

        deinit {
            close(descriptor)
            buffer.deallocate()
        }

        var remaining: Int { size - position }

        func damaged(_ reason: String) -> SnapshotError { SnapshotError("could not read \(file): \(reason)") }

        /// At least `count` bytes from here on, fewer only at the end.
        func available(_ count: Int) -> UnsafeRawBufferPointer {
            if end - start < count {
                if let base = buffer.baseAddress { memmove(base, base + start, end - start) }
                end -= start
                start = 0
                while end < buffer.count {
                    let got = read(descriptor, buffer.baseAddress.map { $0 + end }, buffer.count - end)
                    if got < 0, errno == EINTR { continue }
                    if got <= 0 { break }
                    end += got
                }
            }
            return UnsafeRawBufferPointer(rebasing: buffer[start..<end])
        }

        func need(_ count: Int) throws -> UnsafeRawBufferPointer {
            let bytes = available(count)
            guard bytes.count >= count else { throw damaged("it ends too early") }
            return bytes
        }

        func advance(_ count: Int) {
            start += count
            position += count
        }

        /// As ``advance(_:)``, over what need not be in memory.
        func skip(_ count: Int) {
            position += count
            if start + count <= end {
                start += count
            } else {
                lseek(descriptor, off_t(position), SEEK_SET)
                start = 0
                end = 0
            }
        }

        /// The bytes up to a NUL, which is next then.
        func text() throws -> UnsafeRawBufferPointer {
            var bytes = available(512)
            var count = bytes.baseAddress.map { strnlen($0.assumingMemoryBound(to: CChar.self), bytes.count) } ?? 0
            if count == bytes.count {
                bytes = available(buffer.count)
                count = bytes.baseAddress.map { strnlen($0.assumingMemoryBound(to: CChar.self), bytes.count) } ?? 0
            }
            guard count < bytes.count else { throw damaged("a path does not end") }
            advance(count)
            return UnsafeRawBufferPointer(rebasing: bytes[..<count])
        }

        /// A number of seven bits a byte, each but the last one more than it says (`varint.c`).
        func variable() throws -> Int {
            var value = 0
            while true {
                let byte = try need(1)[0]
                advance(1)
                value = value << 7 | Int(byte & 0x7f)
                if byte & 0x80 == 0 { return value }
                value += 1
                guard value < 1 << 40 else { throw damaged("a number is too large") }
            }
        }
    }
}
