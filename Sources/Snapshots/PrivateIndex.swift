internal import Git
internal import Glibc
internal import SystemPackage

/// What the last published snapshot of a worktree saw: `<gitdir>/wf/index`, mapped into memory.
///
/// It has the tree of one checkpoint, with what the file system said about each file and each directory. It is a cache of
/// this form (numbers as this machine has them; three sections, each with its directories', files' or names' bytes):
///
///     header        magic, checksums of the sections, counts, fingerprints, the checkpoint and its ref
///     directories   level by level, so that those of one directory stand together; names in the order of a tree
///     files         of one directory together, in the order of their names
///     names         each ends in a NUL; those of one directory's files together
///
/// Times that a file may have been given after it was looked at are written as zero, which no file has.
struct PrivateIndex {
    /// One directory, as the file has it.
    struct Directory {
        let name: FileName
        let files: Range<Int>
        let children: Range<Int>
        let stamp: FileStamp
        let tree: ObjectID
        /// Whether a `.gitattributes` is among its files.
        let hasAttributes: Bool
    }

    /// What else its snapshot depended on.
    struct Context: Equatable {
        /// Everything that decides what is ignored or left out, but `.gitignore` files.
        var rules: ObjectID = .zero
        /// Everything that decides how a file's bytes become a blob.
        var conversions: ObjectID = .zero
        /// The checkpoint whose tree it has.
        var checkpoint: ObjectID = .zero
        /// The ref that the checkpoint was published at; empty where it is not known.
        var ref = ""
    }

    static let directorySize = 72
    static let fileSize = 52
    static let headerSize = 512
    static let magic: UInt64 = 0x6769_742d_7766_0003
    private static let longestRef = 300

    let context: Context
    let directoryCount: Int
    let fileCount: Int
    private let map: Map
    private let directories: UnsafeRawPointer
    private let files: UnsafeRawPointer
    private let names: UnsafeRawPointer

    /// - Returns: `nil` where there is none, or none that is whole.
    init?(at path: FilePath) {
        guard let map = Map(path) else { return nil }
        let bytes = map.bytes
        guard bytes.count >= Self.headerSize, let base = bytes.baseAddress else { return nil }
        func word(_ offset: Int) -> UInt64 { bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self) }
        guard word(0) == Self.magic,
            word(8) == Self.checksum(UnsafeRawBufferPointer(rebasing: bytes[16..<Self.headerSize]))
        else { return nil }
        let counts = [word(40), word(48), word(56)].map { Int(truncatingIfNeeded: $0) }
        let sizes = [counts[0] * Self.directorySize, counts[1] * Self.fileSize, counts[2]]
        guard bytes.count == Self.headerSize + sizes.reduce(0, +) else { return nil }
        var start = Self.headerSize
        for (number, size) in sizes.enumerated() {
            let section = UnsafeRawBufferPointer(rebasing: bytes[start..<(start + size)])
            guard word(16 + 8 * number) == Self.checksum(section) else { return nil }
            start += size
        }
        let length = Int(word(64))
        guard length <= Self.longestRef else { return nil }
        context = Context(
            rules: ObjectID(bytes: base + 72), conversions: ObjectID(bytes: base + 92),
            checkpoint: ObjectID(bytes: base + 112),
            ref: String(decoding: bytes[132..<(132 + length)], as: UTF8.self))
        directoryCount = counts[0]
        fileCount = counts[1]
        directories = base + Self.headerSize
        files = directories + sizes[0]
        names = files + sizes[1]
        self.map = map
        guard directoryCount > 0 else { return nil }
    }

    func directory(_ number: Int) -> Directory {
        let base = directories + number * Self.directorySize
        let name = base.loadUnaligned(as: UInt32.self)
        let counts = base.loadUnaligned(fromByteOffset: 4, as: UInt32.self)
        let file = Int(base.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
        let fileCount = Int(base.loadUnaligned(fromByteOffset: 12, as: UInt32.self))
        let child = Int(base.loadUnaligned(fromByteOffset: 16, as: UInt32.self))
        let childCount = Int(base.loadUnaligned(fromByteOffset: 20, as: UInt32.self))
        return Directory(
            name: self.name(at: Int(name), count: Int(counts & 0xffff)), files: file..<(file + fileCount),
            children: child..<(child + childCount), stamp: Self.stamp(base + 24), tree: ObjectID(bytes: base + 48),
            hasAttributes: counts & 0x10000 != 0)
    }

    private func name(at offset: Int, count: Int) -> FileName {
        FileName(base: (names + offset).assumingMemoryBound(to: UInt8.self), count: count)
    }

    private static func stamp(_ base: UnsafeRawPointer) -> FileStamp { base.loadUnaligned(as: FileStamp.self) }

    func name(ofFile number: Int) -> FileName {
        let base = files + number * Self.fileSize
        return name(
            at: Int(base.loadUnaligned(as: UInt32.self)),
            count: Int(base.loadUnaligned(fromByteOffset: 4, as: UInt16.self)))
    }

    func stamp(ofFile number: Int) -> FileStamp { Self.stamp(files + number * Self.fileSize + 8) }

    func id(ofFile number: Int) -> ObjectID { ObjectID(bytes: files + number * Self.fileSize + 32) }

    func mode(ofFile number: Int) -> Git.FileMode {
        Self.modes[Int((files + number * Self.fileSize + 6).load(as: UInt8.self) & 3)]
    }

    func isTracked(_ number: Int) -> Bool { (files + number * Self.fileSize + 7).load(as: UInt8.self) & 1 != 0 }

    func record(ofFile number: Int) -> FileRecord {
        FileRecord(
            name: name(ofFile: number), id: id(ofFile: number), mode: mode(ofFile: number),
            stamp: stamp(ofFile: number), isTracked: isTracked(number))
    }

    /// The file of that name among some of one directory.
    func number(of name: StaticString, in files: Range<Int>) -> Int? {
        let wanted = FileName(base: name.utf8Start, count: name.utf8CodeUnitCount)
        var low = files.lowerBound
        var high = files.upperBound
        while low < high {
            let middle = (low + high) / 2
            let order = self.name(ofFile: middle).compare(wanted)
            if order == 0 { return middle }
            if order < 0 { low = middle + 1 } else { high = middle }
        }
        return nil
    }

    /// The bytes that the file has for some files of one directory, and their names' bytes.
    func raw(_ numbers: Range<Int>) -> (files: UnsafeRawBufferPointer, names: UnsafeRawBufferPointer) {
        let start = name(ofFile: numbers.lowerBound).base
        let last = name(ofFile: numbers.upperBound - 1)
        return (
            UnsafeRawBufferPointer(
                start: files + numbers.lowerBound * Self.fileSize, count: numbers.count * Self.fileSize),
            UnsafeRawBufferPointer(start: start, count: last.base - start + last.count + 1)
        )
    }

    static let modes: [Git.FileMode] = [.file, .executable, .symlink, .gitlink]

    /// 64 bits that other bytes hardly have: a flipped bit anywhere changes them. Nobody chooses the bytes to deceive us:
    /// whoever can write this file can write the objects too.
    static func checksum(_ bytes: UnsafeRawBufferPointer, from start: UInt64 = 0x9e37_79b9_7f4a_7c15) -> UInt64 {
        var sum = start
        var offset = 0
        while offset + 8 <= bytes.count {
            sum = (sum ^ bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) &* 0xff51_afd7_ed55_8ccd
            sum = sum << 29 | sum >> 35
            offset += 8
        }
        for byte in bytes[offset...] { sum = (sum ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return sum
    }
}

/// A file that is mapped into memory. Ours are never changed in place, so that what is mapped stays as it is.
private final class Map {
    let bytes: UnsafeRawBufferPointer

    init?(_ path: FilePath) {
        let descriptor = open(path.string, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_size > 0,
            let base = mmap(nil, Int(status.st_size), PROT_READ, MAP_PRIVATE, descriptor, 0), base != MAP_FAILED
        else { return nil }
        bytes = UnsafeRawBufferPointer(start: base, count: Int(status.st_size))
    }

    deinit { munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count) }
}
