internal import Git
internal import GitValues
internal import Glibc
internal import SystemPackage

/// What the last published snapshot of a worktree saw: `<gitdir>/wf/index`, mapped into memory, and over it
/// `<gitdir>/wf/index.changes`, which has the directories that are not as the first file has them.
///
/// It has the tree of one checkpoint, with what the file system said about each file and each directory. It is a cache.
/// Both files are of this form (numbers as this machine has them; three sections, each with its directories', files' or
/// names' bytes):
///
///     header        magic, checksums of the sections, counts, fingerprints, the checkpoint and its ref; for changes
///                   the checksum of the header of the file that they are changes to
///     directories   level by level, so that those of one directory stand together; names in the order of a tree.
///                   Each has where its files and its subdirectories are; for changes, its number among those of the
///                   whole instead of its subdirectories, which are the same
///     files         of one directory together, in the order of their names
///     names         each ends in a NUL; those of one directory's files together
///
/// Times that a file may have been given after it was looked at are written as zero, which no file has.
final class PrivateIndex: @unchecked Sendable {
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
    static let magic: UInt64 = 0x6769_742d_7766_0004
    /// Where the header has the checksum of another one.
    static let baseOffset = 440
    static let longestRef = 300

    let context: Context
    /// What it has, good as long as this is.
    let records: Records
    /// What changes of it have to name.
    let checksum: UInt64
    private let base: MappedPart
    private let changes: MappedPart?
    /// For each directory: one more than its number among the changed ones, or zero.
    private let patches: UnsafeMutablePointer<UInt32>?

    /// - Returns: `nil` where there is none, or none that is whole. Changes that are not whole, or of another one, do not
    ///   count.
    convenience init?(at path: FilePath, changes: FilePath) {
        guard let base = MappedPart(path), base.baseChecksum == 0, base.part.directoryCount > 0 else { return nil }
        var changed = MappedPart(changes)
        if let file = changed, file.baseChecksum != base.checksum || !file.part.isWithin(base.part) { changed = nil }
        self.init(base, changed)
    }

    private init(_ base: MappedPart, _ changes: MappedPart?) {
        self.base = base
        self.changes = changes
        checksum = base.checksum
        context = changes?.context ?? base.context
        var patches: UnsafeMutablePointer<UInt32>?
        if let part = changes?.part {
            let table = UnsafeMutablePointer<UInt32>.allocate(capacity: base.part.directoryCount)
            table.initialize(repeating: 0, count: base.part.directoryCount)
            for number in 0..<part.directoryCount { table[part.patched(number)] = UInt32(number + 1) }
            patches = table
        }
        self.patches = patches
        records = Records(base: base.part, changes: changes?.part ?? base.part, patches: patches)
    }

    deinit { patches?.deallocate() }

    static func code(of mode: Git.FileMode) -> UInt8 {
        switch mode {
        case .file, .directory: 0
        case .executable: 1
        case .symlink: 2
        case .gitlink: 3
        }
    }

    static func mode(code: UInt8) -> Git.FileMode {
        switch code {
        case 0: .file
        case 1: .executable
        case 2: .symlink
        default: .gitlink
        }
    }

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

extension PrivateIndex {
    /// One of the two files.
    struct Part: @unchecked Sendable {
        let directoryCount: Int
        let fileCount: Int
        fileprivate let directories: UnsafeRawPointer
        fileprivate let files: UnsafeRawPointer
        fileprivate let names: UnsafeRawPointer

        /// The number that a changed directory has in the whole.
        fileprivate func patched(_ number: Int) -> Int {
            let base = directories + number * PrivateIndex.directorySize
            return Int(base.loadUnaligned(fromByteOffset: 16, as: UInt32.self))
        }

        /// Whether it has changes of directories that are there.
        fileprivate func isWithin(_ base: Part) -> Bool {
            (0..<directoryCount).allSatisfy { patched($0) < base.directoryCount }
        }

        fileprivate func directory(_ number: Int, filesFrom firstFile: Int) -> Directory {
            let base = directories + number * PrivateIndex.directorySize
            let name = base.loadUnaligned(as: UInt32.self)
            let counts = base.loadUnaligned(fromByteOffset: 4, as: UInt32.self)
            let file = firstFile + Int(base.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
            let fileCount = Int(base.loadUnaligned(fromByteOffset: 12, as: UInt32.self))
            let child = Int(base.loadUnaligned(fromByteOffset: 16, as: UInt32.self))
            let childCount = Int(base.loadUnaligned(fromByteOffset: 20, as: UInt32.self))
            return Directory(
                name: self.name(at: Int(name), count: Int(counts & 0xffff)), files: file..<(file + fileCount),
                children: child..<(child + childCount), stamp: (base + 24).loadUnaligned(as: FileStamp.self),
                tree: ObjectID(bytes: base + 48), hasAttributes: counts & 0x10000 != 0)
        }

        fileprivate func name(at offset: Int, count: Int) -> FileName {
            FileName(base: (names + offset).assumingMemoryBound(to: UInt8.self), count: count)
        }
    }

    /// The directories and files of the index. It holds nothing, so that the threads of a scan share it without counting
    /// who does.
    struct Records: @unchecked Sendable {
        fileprivate let base: Part
        /// Its files are numbered on from those of the base.
        fileprivate let changes: Part
        fileprivate let patches: UnsafeMutablePointer<UInt32>?
    }
}

extension PrivateIndex.Records {
    var directoryCount: Int { base.directoryCount }

    /// How many numbers files have; those of a directory that changed have two.
    var fileCount: Int { base.fileCount + changedFileCount }

    /// How many files are in directories that changed.
    var changedFileCount: Int { patches == nil ? 0 : changes.fileCount }

    /// Whether a directory is not as the whole index has it.
    func isPatched(_ number: Int) -> Bool { patches.map { $0[number] != 0 } ?? false }

    func directory(_ number: Int) -> PrivateIndex.Directory {
        let whole = base.directory(number, filesFrom: 0)
        guard let patches, patches[number] != 0 else { return whole }
        let changed = changes.directory(Int(patches[number]) - 1, filesFrom: base.fileCount)
        return PrivateIndex.Directory(
            name: whole.name, files: changed.files, children: whole.children, stamp: changed.stamp, tree: changed.tree,
            hasAttributes: changed.hasAttributes)
    }

    private func place(_ number: Int) -> UnsafeRawPointer {
        number < base.fileCount
            ? base.files + number * PrivateIndex.fileSize
            : changes.files + (number - base.fileCount) * PrivateIndex.fileSize
    }

    func name(ofFile number: Int) -> FileName {
        let place = place(number)
        let part = number < base.fileCount ? base : changes
        return part.name(
            at: Int(place.loadUnaligned(as: UInt32.self)),
            count: Int(place.loadUnaligned(fromByteOffset: 4, as: UInt16.self)))
    }

    func stamp(ofFile number: Int) -> FileStamp { (place(number) + 8).loadUnaligned(as: FileStamp.self) }

    func id(ofFile number: Int) -> ObjectID { ObjectID(bytes: place(number) + 32) }

    func mode(ofFile number: Int) -> Git.FileMode { PrivateIndex.mode(code: (place(number) + 6).load(as: UInt8.self)) }

    func isTracked(_ number: Int) -> Bool { (place(number) + 7).load(as: UInt8.self) & 1 != 0 }

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
            UnsafeRawBufferPointer(start: place(numbers.lowerBound), count: numbers.count * PrivateIndex.fileSize),
            UnsafeRawBufferPointer(start: start, count: last.base - start + last.count + 1)
        )
    }
}

/// One of the files, mapped into memory, which was found to be whole.
private final class MappedPart {
    let part: PrivateIndex.Part
    let context: PrivateIndex.Context
    /// Of its header, which has those of all the rest.
    let checksum: UInt64
    /// That of the file to which this one has changes; zero for a whole one.
    let baseChecksum: UInt64
    private let map: Map

    /// - Returns: `nil` where there is none, or none that is whole.
    init?(_ path: FilePath) {
        guard let map = Map(path) else { return nil }
        let bytes = map.bytes
        let headerSize = PrivateIndex.headerSize
        guard bytes.count >= headerSize, let base = bytes.baseAddress else { return nil }
        func word(_ offset: Int) -> UInt64 { bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self) }
        guard word(0) == PrivateIndex.magic,
            word(8) == PrivateIndex.checksum(UnsafeRawBufferPointer(rebasing: bytes[16..<headerSize]))
        else { return nil }
        let counts = [word(40), word(48), word(56)].map { Int(truncatingIfNeeded: $0) }
        let sizes = [counts[0] * PrivateIndex.directorySize, counts[1] * PrivateIndex.fileSize, counts[2]]
        guard bytes.count == headerSize + sizes.reduce(0, +) else { return nil }
        var start = headerSize
        for (number, size) in sizes.enumerated() {
            let section = UnsafeRawBufferPointer(rebasing: bytes[start..<(start + size)])
            guard word(16 + 8 * number) == PrivateIndex.checksum(section) else { return nil }
            start += size
        }
        let length = Int(truncatingIfNeeded: word(64))
        guard (0...PrivateIndex.longestRef).contains(length) else { return nil }
        checksum = word(8)
        baseChecksum = word(PrivateIndex.baseOffset)
        context = PrivateIndex.Context(
            rules: ObjectID(bytes: base + 72), conversions: ObjectID(bytes: base + 92),
            checkpoint: ObjectID(bytes: base + 112),
            ref: String(decoding: bytes[132..<(132 + length)], as: UTF8.self))
        let directories = base + headerSize
        part = PrivateIndex.Part(
            directoryCount: counts[0], fileCount: counts[1], directories: directories,
            files: directories + sizes[0], names: directories + sizes[0] + sizes[1])
        self.map = map
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
