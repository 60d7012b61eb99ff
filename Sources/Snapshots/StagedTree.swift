internal import Git

/// What is staged, where the snapshot of the files would lose it.
struct StagedTree {
    let repository: Repository
    let user: [IndexEntry]
    let snapshot: [RepositoryPath: TreeEntry]
    let headTree: ObjectID?

    /// - Returns: a tree of all that the index holds when some content of it is in neither HEAD nor the snapshot, or when it
    ///   has unmerged paths; those are under `stage1/` to `stage3/`. Where the repository has something of that name,
    ///   underscores are added until it has not. Else `nil`.
    func write() throws -> ObjectID? {
        guard try isNeeded() else { return nil }
        let index = try Index()
        let taken = Set(user.lazy.filter { $0.stage == 0 }.compactMap { $0.path.components.first.map(Array.init) })
        let directories = (0...3).map { stage in
            var name = Array("stage\(stage)".utf8)
            while taken.contains(name) { name.append(UInt8(ascii: "_")) }
            return RepositoryPath(bytes: name)
        }
        for entry in user where !entry.isIntended {
            let path = entry.stage == 0 ? entry.path : directories[entry.stage].appending(entry.path.bytes)
            try index.add(path, id: entry.id, mode: entry.mode, status: nil)
        }
        return try index.writeTree(in: repository)
    }

    private func isNeeded() throws -> Bool {
        for entry in user where !entry.isIntended {
            if entry.stage != 0 { return true }
            if let taken = snapshot[entry.path], taken.id == entry.id, taken.mode == entry.mode { continue }
            let recorded = try headTree.flatMap { try repository.entry(at: entry.path, in: $0) }
            if recorded?.id != entry.id || recorded?.mode != entry.mode { return true }
        }
        return false
    }
}
