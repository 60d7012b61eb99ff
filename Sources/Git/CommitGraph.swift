internal import Glibc
internal import SystemPackage

/// The file in which git's gc writes down who is whose parent (`gitformat-commit-graph(5)`), so that the way down a history is
/// known before its commits are read.
///
/// It is a hint: whoever reads the commits sees whether it was right.
package final class CommitGraph {
    private let bytes: UnsafeRawBufferPointer
    private let fanout: Int
    private let ids: Int
    private let commits: Int
    private let count: Int

    private static let headerSize = 8
    private static let commitSize = ObjectID.byteCount + 16
    private static let noParent = 0x7000_0000

    /// - Returns: `nil` where there is none, or none that is understood.
    package init?(_ repository: Repository) {
        let path = repository.commonDirectory.appending("objects").appending("info").appending("commit-graph")
        let descriptor = open(path.string, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_size >= Self.headerSize,
            let base = mmap(nil, Int(status.st_size), PROT_READ, MAP_PRIVATE, descriptor, 0), base != MAP_FAILED
        else { return nil }
        bytes = UnsafeRawBufferPointer(start: base, count: Int(status.st_size))
        var places: [Int: Int] = [:]
        // "CGPH", version 1, ids of SHA-1, and nothing in other files.
        if let magic = Self.word(bytes, 0), magic == 0x4347_5048, bytes[4] == 1, bytes[5] == 1, bytes[7] == 0 {
            for number in 0..<Int(bytes[6]) {
                let entry = Self.headerSize + number * 12
                guard let name = Self.word(bytes, entry), let high = Self.word(bytes, entry + 4),
                    let low = Self.word(bytes, entry + 8)
                else { break }
                if high == 0, low < bytes.count { places[name] = low }
            }
        }
        // "OIDF", "OIDL", "CDAT"
        fanout = places[0x4f49_4446] ?? -1
        ids = places[0x4f49_444c] ?? -1
        commits = places[0x4344_4154] ?? -1
        count = Self.word(bytes, fanout + 255 * 4) ?? 0
        guard fanout > 0, ids > 0, commits > 0, ids + count * ObjectID.byteCount <= bytes.count,
            commits + count * Self.commitSize <= bytes.count
        else { return nil }
    }

    deinit { munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count) }

    /// The commit and its ancestors, each the first parent of the one before it.
    /// - Parameter end: where to stop; it is not among them.
    /// - Returns: none where the commit is not in the file.
    package func chain(from tip: ObjectID, downTo end: ObjectID?) -> [ObjectID] {
        var chain: [ObjectID] = []
        var next = position(of: tip)
        while let position = next, position < count, chain.count < count {
            let id = id(at: position)
            if id == end { break }
            chain.append(id)
            let parent = Self.word(bytes, commits + position * Self.commitSize + ObjectID.byteCount)
            next = parent == Self.noParent ? nil : parent
        }
        return chain
    }

    private func position(of id: ObjectID) -> Int? {
        var low = id.firstByte == 0 ? 0 : Self.word(bytes, fanout + (id.firstByte - 1) * 4) ?? 0
        var high = min(count, Self.word(bytes, fanout + id.firstByte * 4) ?? 0)
        while low < high {
            let middle = (low + high) / 2
            let found = self.id(at: middle)
            if found == id { return middle }
            if found < id { low = middle + 1 } else { high = middle }
        }
        return nil
    }

    private func id(at position: Int) -> ObjectID {
        bytes.baseAddress.map { ObjectID(bytes: $0 + ids + position * ObjectID.byteCount) } ?? .zero
    }

    private static func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> Int? {
        guard offset >= 0, offset + 4 <= bytes.count else { return nil }
        return Int(UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
    }
}
