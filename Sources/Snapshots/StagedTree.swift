internal import Git

/// What is staged, where the snapshot of the files would lose it.
struct StagedTree {
    let repository: Repository
    let user: [IndexEntry]
    let snapshot: [RepositoryPath: TreeEntry]
    let headTree: ObjectID?

    /// - Returns: a tree of all that the index holds when some content of it is in neither HEAD nor the snapshot; unmerged
    ///   paths are under `stage1/` to `stage3/`. Else `nil`.
    func write() throws -> ObjectID? {
        guard try isNeeded() else { return nil }
        let index = try Index()
        for entry in user where !entry.isIntended {
            let path =
                entry.stage == 0
                ? entry.path : RepositoryPath(bytes: Array("stage\(entry.stage)/".utf8) + entry.path.bytes)
            try index.add(path, id: entry.id, mode: entry.mode, status: nil)
        }
        return try index.writeTree(in: repository)
    }

    private func isNeeded() throws -> Bool {
        for entry in user where !entry.isIntended {
            if let taken = snapshot[entry.path], taken.id == entry.id, taken.mode == entry.mode { continue }
            let recorded = try headTree.flatMap { try repository.entry(at: entry.path, in: $0) }
            if recorded?.id != entry.id || recorded?.mode != entry.mode { return true }
        }
        return false
    }
}
