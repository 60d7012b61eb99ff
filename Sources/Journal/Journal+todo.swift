internal import Files
internal import Git
internal import GitValues
package import SystemPackage
package import Workflow

extension Journal {
    /// The path of TODO.md on disk.
    package func todoFile(_ state: WorkflowState) throws -> FilePath {
        guard let top = repository.workTree else { throw WorkspaceError.bare }
        return top.appending(state.definition.todo)
    }

    /// The items as they stand, with their ids: what the file on disk says where this worktree speaks for the lane, else what
    /// the lane recorded. In a worktree that is not known to be the lane's own (a clone, or one that lost its binding) the
    /// file counts only when somebody edited it: a fresh clone's file is the branch's, which may be older than the lane.
    package func todo(_ state: WorkflowState) throws -> TodoList? {
        let recorded = try recordedTodo(state)
        let (branch, items, _) = try documents(state)
        let head = try repository.head()
        guard head.branch == branch, let bytes = try todoBytes(state) else { return recorded }
        let onDisk = items.identified(bytes, after: recorded)
        if isOwnWorktree { return onDisk }
        let path = RepositoryPath(state.definition.todo)
        let committed = try head.commit.flatMap { try file(path, in: repository.commit($0).tree) }
            .map { try repository.worktreeBytes(of: $0.id, at: path) }
        return committed == bytes ? recorded ?? onDisk : onDisk
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
        try documents.flatMap { try file(path, in: $0) }
            .map { items.identified(try repository.blob($0.id)) }
    }

    /// The file on disk; `nil` where there is none, or a folder of that name.
    private func todoBytes(_ state: WorkflowState) throws -> [UInt8]? {
        do {
            return try OrdinaryFile.read(todoFile(state))
        } catch let error as FileError where error.code == .notOrdinary {
            return nil
        }
    }
}
