package import Files
internal import Git
internal import GitValues
internal import SystemPackage
package import Workflow

extension Journal {
    /// TODO.md on disk.
    package func todoFile(_ state: WorkflowState) throws -> RootedFile {
        guard let top = repository.workTree else { throw WorkspaceError.bare }
        return RootedFile(state.definition.todo, in: top)
    }

    /// The items as they stand, with their ids: what the file on disk says where this worktree speaks for the lane, else what
    /// the lane recorded. In a worktree that is not known to be the lane's own (a clone, or one that lost its binding) the
    /// file counts only when somebody edited it: a fresh clone's file is the branch's, which may be older than the lane. A file
    /// that cannot be read, or is no text in UTF-8, does not count; ``todoFile(_:)`` says why.
    package func todo(_ state: WorkflowState) throws -> TodoList? {
        let recorded = try recordedTodo(state)
        let (branch, items, _) = try documents(state)
        let head = try repository.head()
        guard head.branch == branch, let bytes = try? todoFile(state).readText() else { return recorded }
        let onDisk = items.identified(bytes, after: recorded)
        if isOwnWorktree { return onDisk }
        let path = RepositoryPath(state.definition.todo)
        let committed = try head.commit.flatMap { try file(path, in: repository.commit($0).tree) }
            .map { try repository.worktreeBytes(of: $0.id, at: path) }
        guard committed == bytes, let recorded else { return onDisk }
        // As git writes it here: whoever edits it must not turn its line ends into the blob's.
        let blob = try Repository.blobID(of: recorded.bytes)
        return items.identified(try repository.worktreeBytes(of: blob, at: path), after: recorded)
    }

    /// The items as the lane took notice of them last, with their ids; `nil` where there was no file.
    package func recordedTodo(_ state: WorkflowState) throws -> TodoList? {
        let (_, items, documents) = try documents(state)
        return try todo(RepositoryPath(state.definition.todo), in: documents ?? ownDocuments(), items: items)
    }

    /// What this worktree's lane says of its documents.
    private func documents(_ state: WorkflowState) throws -> (branch: String?, items: ItemLog, tree: ObjectID?) {
        switch lane {
        case .leader: (state.branch, state.items, state.documents)
        case .agent(let name):
            try agentState(name).map { ($0.branch, $0.items, $0.documents) } ?? (nil, state.items, nil)
        }
    }

    /// The items of a tree that a lane took notice of.
    func todo(_ path: RepositoryPath, in documents: ObjectID?, items: ItemLog) throws -> TodoList? {
        try documents.flatMap { try file(path, in: $0) }.flatMap { try text(of: $0) }.map { items.identified($0) }
    }

    /// The content of a file that is a text in UTF-8; `nil` for any other, which holds no items.
    func text(of entry: TreeEntry) throws -> [UInt8]? {
        let bytes = try repository.blob(entry.id)
        return TextEncoding(of: bytes) == .utf8 ? bytes : nil
    }
}
