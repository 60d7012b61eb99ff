internal import CGit
package import GitValues

/// The kinds of git's objects, by the numbers that packs have for them.
package enum ObjectKind: UInt8, Sendable {
    case commit = 1
    case tree = 2
    case blob = 3
    case tag = 4

    init?(_ type: git_object_t) { self.init(rawValue: UInt8(truncatingIfNeeded: type.rawValue)) }

    var type: git_object_t { git_object_t(Int32(rawValue)) }

    /// The word in front of an object's bytes when it is hashed.
    var word: String {
        switch self {
        case .commit: "commit"
        case .tree: "tree"
        case .blob: "blob"
        case .tag: "tag"
        }
    }

    /// The id of an object with these bytes; nothing is written. Any thread may ask.
    package func id(of bytes: UnsafeRawBufferPointer) throws -> ObjectID {
        try Library.start()
        var id = git_oid()
        try check(git_odb_hash(&id, bytes.baseAddress, bytes.count, type), "hash a \(word)")
        return ObjectID(id)
    }

    /// As ``id(of:)``, with only a part of the bytes in memory at a time.
    /// - Parameter read: fills the buffer and returns how many bytes it gave; 0 at the end.
    /// - Returns: `nil` where there were fewer or more bytes than `size`.
    package func id(size: Int, reading read: (UnsafeMutableRawBufferPointer) throws -> Int) throws -> ObjectID? {
        var hash = SHA1()
        hash.update(Array("\(word) \(size)\0".utf8))
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
        defer { piece.deallocate() }
        var seen = 0
        while true {
            let count = try read(piece)
            if count == 0 { return seen == size ? hash.finish() : nil }
            seen += count
            hash.update(UnsafeRawBufferPointer(rebasing: piece[..<count]))
        }
    }
}
