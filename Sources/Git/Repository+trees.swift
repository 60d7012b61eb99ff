package import GitValues

extension Repository {
    /// Makes trees of files with whole paths.
    /// - Parameters:
    ///   - entries: in the order of their paths.
    ///   - held: a tree that something durable holds; what is in the same place in it is not made again.
    package func writeTree(of entries: [TreeEntry], unless held: ObjectID?) throws -> ObjectID {
        try writeTree(of: entries[...], from: 0, unless: held)
    }

    /// - Parameter start: where in the paths the names of this directory begin.
    private func writeTree(of entries: ArraySlice<TreeEntry>, from start: Int, unless held: ObjectID?) throws
        -> ObjectID
    {
        let slash = UInt8(ascii: "/")
        let heldEntries = try held.map { try self.entries(of: $0) } ?? []
        // A file may stand where there is a directory now.
        let directories = heldEntries.lazy.filter { $0.mode == .directory }.map { ($0.path, $0.id) }
        let inHeld = Dictionary(directories, uniquingKeysWith: { $1 })
        var bytes: [UInt8] = []
        var rest = entries
        while let first = rest.first {
            let name = first.path.bytes[start...].prefix { $0 != slash }
            let end = start + name.count
            var mode = first.mode
            var id = first.id
            if first.path.bytes.count > end {
                let inside = rest.prefix {
                    $0.path.bytes.count > end && $0.path.bytes[end] == slash && $0.path.bytes[start..<end] == name
                }
                mode = .directory
                id = try writeTree(of: inside, from: end + 1, unless: inHeld[RepositoryPath(bytes: name)])
                rest = rest.dropFirst(inside.count)
            } else {
                rest = rest.dropFirst()
            }
            bytes += mode.treeWord + name + [0] + id.bytes
        }
        let id = try bytes.withUnsafeBytes { try ObjectKind.tree.id(of: $0) }
        return id == held ? id : try pending.add(.tree, bytes)
    }

    /// Whether objects may be missing here because a remote promised to hold them.
    package var isPartialClone: Bool {
        get throws {
            try !configEntries(matching: "^(extensions\\.partialclone|remote\\..*\\.promisor)$").isEmpty
        }
    }
}
