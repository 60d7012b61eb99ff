internal import CGit
package import GitValues
internal import Glibc

/// What git tells apart about a file: the four modes of a tree's entries, and a directory.
package enum FileMode: UInt32, Hashable, Sendable {
    case directory = 0o040000
    case file = 0o100644
    case executable = 0o100755
    case symlink = 0o120000
    /// Another repository: a submodule, or a nested one.
    case gitlink = 0o160000

    /// How a tree spells the mode, with the blank behind it.
    package var treeWord: [UInt8] {
        switch self {
        case .directory: Array("40000 ".utf8)
        case .file: Array("100644 ".utf8)
        case .executable: Array("100755 ".utf8)
        case .symlink: Array("120000 ".utf8)
        case .gitlink: Array("160000 ".utf8)
        }
    }

    /// As git reads a mode: old trees have group-writable files.
    package init?(git mode: UInt32) {
        switch mode & 0o170000 {
        case 0o040000: self = .directory
        case 0o100000: self = mode & 0o100 != 0 ? .executable : .file
        case 0o120000: self = .symlink
        case 0o160000: self = .gitlink
        default: return nil
        }
    }
}

/// What a tree has at a path.
package struct TreeEntry: Hashable, Sendable {
    package let path: RepositoryPath
    package let mode: FileMode
    package let id: ObjectID

    package init(path: RepositoryPath, mode: FileMode, id: ObjectID) {
        self.path = path
        self.mode = mode
        self.id = id
    }
}

/// A path that two trees differ in; `nil` on the side that does not have it.
package struct TreeChange: Hashable, Sendable {
    package let path: RepositoryPath
    package let old: TreeEntry?
    package let new: TreeEntry?

    package init(path: RepositoryPath, old: TreeEntry?, new: TreeEntry?) {
        self.path = path
        self.old = old
        self.new = new
    }
}

extension Repository {
    /// The tree without entries; it need not be in the repository.
    package static let emptyTree = ObjectID(hex: "4b825dc642cb6eb9a060e54bf8d69288fbee4904") ?? .zero

    package func blob(_ id: ObjectID) throws -> [UInt8] {
        var oid = id.oid
        let blob = try Handle("read the blob \(id)", freedBy: git_blob_free) { handle in
            try seeking { git_blob_lookup(&handle, pointer, &oid) }
        }
        return Array(
            UnsafeRawBufferPointer(
                start: git_blob_rawcontent(blob.pointer), count: Int(git_blob_rawsize(blob.pointer))))
    }

    /// The size of a blob in bytes, without reading it.
    package func blobSize(_ id: ObjectID) throws -> Int { try header(of: id).size }

    func header(of id: ObjectID) throws -> (type: git_object_t, size: Int) {
        let odb = try Handle("open the object database", freedBy: git_odb_free) { git_repository_odb(&$0, pointer) }
        var oid = id.oid
        var length = 0
        var type = GIT_OBJECT_ANY
        let database = odb.pointer
        let status = Git.seeking(in: database) { git_odb_read_header(&length, &type, database, &oid) }
        try check(status, "read the size of \(id)")
        return (type, length)
    }

    /// Makes a blob.
    package func createBlob(_ bytes: [UInt8]) throws -> ObjectID { try pending.add(.blob, bytes) }

    /// The id that a blob with these bytes has; nothing is written.
    package static func blobID(of bytes: [UInt8]) throws -> ObjectID {
        try bytes.withUnsafeBytes { try ObjectKind.blob.id(of: $0) }
    }

    /// Makes a tree of one level.
    package func createTree(_ entries: [(name: String, mode: FileMode, id: ObjectID)]) throws -> ObjectID {
        try createTree(
            entries: entries.map { TreeEntry(path: RepositoryPath($0.name), mode: $0.mode, id: $0.id) })
    }

    /// Makes a tree of one level. Each entry's path is its name.
    func createTree(entries: [TreeEntry]) throws -> ObjectID {
        // A directory's name is ordered as if a slash stood behind it.
        func key(_ entry: TreeEntry) -> [UInt8] {
            entry.mode == .directory ? entry.path.bytes + [UInt8(ascii: "/")] : entry.path.bytes
        }
        var bytes: [UInt8] = []
        for entry in entries.sorted(by: { key($0).lexicographicallyPrecedes(key($1)) }) {
            bytes += entry.mode.treeWord + entry.path.bytes + [0] + entry.id.bytes
        }
        return try pending.add(.tree, bytes)
    }

    /// What `tree` has at `path`; `nil` where it has nothing there.
    package func entry(at path: RepositoryPath, in tree: ObjectID) throws -> TreeEntry? {
        var found = TreeEntry(path: path, mode: .directory, id: tree)
        for name in path.components {
            // Level by level: a directory that cannot be read is an error, and not a path that is not there.
            guard found.mode == .directory, let entry = try self.entry(named: name, in: found.id) else { return nil }
            found = TreeEntry(path: path, mode: entry.mode, id: entry.id)
        }
        return found
    }

    private func entry(named name: ArraySlice<UInt8>, in tree: ObjectID) throws -> (mode: FileMode, id: ObjectID)? {
        let level = try self.tree(tree)
        let entry = RepositoryPath(bytes: name).withCString { git_tree_entry_byname(level.pointer, $0) }
        guard let entry, let id = git_tree_entry_id(entry),
            let mode = FileMode(git: UInt32(git_tree_entry_filemode(entry).rawValue))
        else { return nil }
        return (mode, ObjectID(id))
    }

    /// What `directory` of `tree` holds, at that level alone.
    package func entries(of tree: ObjectID) throws -> [TreeEntry] {
        let root = try self.tree(tree)
        return (0..<git_tree_entrycount(root.pointer)).compactMap { index in
            guard let entry = git_tree_entry_byindex(root.pointer, index), let id = git_tree_entry_id(entry),
                let mode = FileMode(git: UInt32(git_tree_entry_filemode(entry).rawValue))
            else { return nil }
            return TreeEntry(path: RepositoryPath(cString: git_tree_entry_name(entry)), mode: mode, id: ObjectID(id))
        }
    }

    /// The paths that two trees differ in, in the order of their names.
    package func changes(from old: ObjectID, to new: ObjectID) throws -> [TreeChange] {
        try changes(from: old, to: new, within: EveryPath())
    }

    func tree(_ id: ObjectID) throws -> Handle {
        var oid = id.oid
        if id == Self.emptyTree {
            // Every caller may name it; only some repositories hold it.
            let odb = try Handle("open the object database", freedBy: git_odb_free) { git_repository_odb(&$0, pointer) }
            if git_odb_exists(odb.pointer, &oid) == 0 { _ = try createTree([]) }
        }
        return try Handle("read the tree \(id)", freedBy: git_tree_free) { handle in
            try seeking { git_tree_lookup(&handle, pointer, &oid) }
        }
    }
}

/// A list of strings in C's memory, freed with its owner.
struct StringArray: ~Copyable {
    let array: git_strarray

    init(_ strings: [String]) throws {
        let pointers = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: max(1, strings.count))
        for (index, string) in strings.enumerated() { pointers[index] = strdup(string) }
        array = git_strarray(strings: pointers, count: strings.count)
    }

    deinit {
        for index in 0..<array.count { free(array.strings[index]) }
        array.strings.deallocate()
    }
}
