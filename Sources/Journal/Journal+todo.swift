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

    /// The items as they stand: what the file on disk says where this worktree speaks for the lane, else what the lane
    /// recorded. In a worktree that is not known to be the lane's own (a clone, or one that lost its binding) the file
    /// counts only when somebody edited it: a fresh clone's file is the branch's, which may be older than the lane.
    package func todo(_ state: WorkflowState) throws -> TodoList? {
        let path = RepositoryPath(state.definition.todo)
        let (branch, documents) =
            switch lane {
            case .leader: (state.branch, state.documents)
            case .agent(let name): try agentState(name).map { ($0.branch, $0.documents) } ?? (nil, nil)
            }
        let recorded = try (documents ?? ownDocuments()).flatMap { try file(path, in: $0) }
            .map { TodoList(try repository.blob($0.id)) }
        let head = try repository.head()
        guard head.branch == branch, let bytes = try todoBytes(state) else { return recorded }
        if isOwnWorktree { return TodoList(bytes) }
        let committed = try head.commit.flatMap { try file(path, in: repository.commit($0).tree) }
            .map { try repository.worktreeBytes(of: $0.id, at: path) }
        return committed == bytes ? recorded ?? TodoList(bytes) : TodoList(bytes)
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
