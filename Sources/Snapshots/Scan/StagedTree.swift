internal import Git
internal import GitValues

/// What is staged, where the snapshot of the files would lose it: all that the user's index holds, as a tree. Unmerged paths
/// are under `stage1/` to `stage3/`; where the repository has something of that name, underscores are added until it has not.
struct StagedTree {
    let repository: Repository
    let user: UserIndex
    let headTree: ObjectID?

    /// - Parameter blobs: those that neither HEAD nor the snapshot holds; the stages of conflicts are looked for here.
    func write(holding blobs: [ObjectID]) throws -> ObjectID {
        var merged: [TreeEntry] = []
        var stages: [(stage: Int, entry: TreeEntry)] = []
        try user.forEach { entry in
            if entry.isIntended { return }
            let tree = TreeEntry(path: RepositoryPath(bytes: entry.path), mode: entry.mode, id: entry.id)
            if entry.stage != 0 {
                stages.append((entry.stage, tree))
            } else if merged.last?.path != tree.path {
                // git 2.39 can write one of a sparse index more than once.
                merged.append(tree)
            }
        }
        let taken = Set(merged.lazy.compactMap { $0.path.components.first.map(Array.init) })
        let directories = (0...3).map { stage in
            var name = Array("stage\(stage)".utf8)
            while taken.contains(name) { name.append(UInt8(ascii: "_")) }
            return RepositoryPath(bytes: name)
        }
        let unmerged = stages.map { stage, entry in
            TreeEntry(path: directories[stage].appending(entry.path.bytes), mode: entry.mode, id: entry.id)
        }
        for id in blobs + stages.map(\.entry.id) { try keep(id) }
        return try repository.writeTree(of: (merged + unmerged).sorted { $0.path < $1.path }, unless: headTree)
    }

    /// Makes a blob once more: the user's index, which holds it now, will be another one.
    private func keep(_ id: ObjectID) throws {
        if repository.pending.contains(id) { return }
        do {
            _ = try repository.createBlob(repository.blob(id))
        } catch let error as GitError where error.code == .notFound {
            // A submodule's commit, or what a partial clone does not hold.
        }
    }
}
