internal import CGit

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
}
