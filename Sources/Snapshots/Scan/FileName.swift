internal import Glibc

/// The name of something in a directory: bytes that end in a NUL. They belong to a mapped file or to a ``NameArena``, which
/// the scan keeps as long as its names are in use.
struct FileName: @unchecked Sendable {
    let base: UnsafePointer<UInt8>
    let count: Int

    var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: base, count: count) }

    /// As the system's calls want it.
    var characters: UnsafePointer<CChar> { UnsafeRawPointer(base).assumingMemoryBound(to: CChar.self) }

    /// Negative, zero or positive, as `memcmp`: the order of the files in one directory of an index.
    func compare(_ other: FileName) -> Int {
        let order = memcmp(base, other.base, min(count, other.count))
        return order != 0 ? Int(order) : count - other.count
    }

    /// As ``compare(_:)``, with a slash behind what is a directory: the order of a tree's entries.
    func compare(isDirectory: Bool, _ other: FileName, otherIsDirectory: Bool) -> Int {
        let shared = min(count, other.count)
        let order = memcmp(base, other.base, shared)
        if order != 0 { return Int(order) }
        let slash = UInt8(ascii: "/")
        let own = count > shared ? base[shared] : isDirectory ? slash : 0
        let others = other.count > shared ? other.base[shared] : otherIsDirectory ? slash : 0
        if own != others { return Int(own) - Int(others) }
        return count - other.count
    }

    func isEqual(_ other: FileName) -> Bool { count == other.count && memcmp(base, other.base, count) == 0 }

    func isEqual(_ text: StaticString) -> Bool {
        count == text.utf8CodeUnitCount && memcmp(base, text.utf8Start, count) == 0
    }

    /// git refuses these names in any case, so that a file system that folds case cannot be tricked.
    var isGitDirectory: Bool {
        count == 4 && base[0] == UInt8(ascii: ".") && base[1] | 0x20 == UInt8(ascii: "g")
            && base[2] | 0x20 == UInt8(ascii: "i") && base[3] | 0x20 == UInt8(ascii: "t")
    }

    /// Whether the name may be one that stands for `.git` on some file system.
    var isSuspect: Bool {
        guard count >= 4 else { return false }
        let first = base[0] | 0x20
        let isDotted = base[0] == UInt8(ascii: ".") && base[1] | 0x20 == UInt8(ascii: "g")
        return isDotted || first == UInt8(ascii: "g") && base[1] | 0x20 == UInt8(ascii: "i")
    }
}

/// Memory for names, given back all at once.
final class NameArena {
    private var chunks: [UnsafeMutablePointer<UInt8>] = []
    private var used = NameArena.chunkSize
    private static let chunkSize = 1 << 15

    func copy(_ bytes: UnsafeBufferPointer<UInt8>) -> FileName {
        if used + bytes.count + 1 > Self.chunkSize {
            chunks.append(.allocate(capacity: max(Self.chunkSize, bytes.count + 1)))
            used = 0
        }
        let target = chunks[chunks.count - 1] + used
        if let source = bytes.baseAddress { target.update(from: source, count: bytes.count) }
        target[bytes.count] = 0
        used += bytes.count + 1
        return FileName(base: UnsafePointer(target), count: bytes.count)
    }

    deinit { chunks.forEach { $0.deallocate() } }
}
