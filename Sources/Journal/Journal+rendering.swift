internal import Files
internal import Git
internal import GitValues
internal import Snapshots
package import SystemPackage
package import Workflow

extension Journal {
    /// Writes `workflow-state.md` anew where it is not as the state says. It is a view: the checkpoint is recorded by now, so
    /// what goes wrong here is noted and fails nothing.
    func render(_ state: WorkflowState, snapshot: Snapshot) {
        do {
            try writeStateDocument(state, snapshot: snapshot)
        } catch {
            note("\(StateDocument.name) was not written: \(error)")
        }
    }

    private func writeStateDocument(_ state: WorkflowState, snapshot: Snapshot) throws {
        guard let top = repository.workTree else { return }
        let path = RepositoryPath(StateDocument.name)
        // A tracked file is left alone; `status` warns of it.
        if let tree = snapshot.headTree, try repository.entry(at: path, in: tree) != nil { return }
        let todo = try self.file(RepositoryPath(state.definition.todo), in: snapshot.tree)
            .map { state.items.identified(try repository.blob($0.id), after: try recordedTodo(state)) }
        let text = Array(StateDocument(state, todo: todo, zone: surroundings.now.offset).text.utf8)
        let file = top.appending(StateDocument.name)
        // Another file is the user's, and no checkpoint may hold it; `status` warns of it.
        guard try StateDocument.isOurs(in: top), try OrdinaryFile.read(file) != text else { return }
        try excludeFromGit(path)
        try WholeFile.write(text, to: file)
    }

    /// Adds a path to `info/exclude`, which all worktrees share, unless it is there.
    private func excludeFromGit(_ path: RepositoryPath) throws {
        let file = repository.commonDirectory.appending("info").appending("exclude")
        let newline = UInt8(ascii: "\n")
        var bytes = try OrdinaryFile.read(file) ?? []
        let line = [UInt8(ascii: "/")] + path.bytes
        if bytes.split(separator: newline).contains(line[...]) { return }
        if let last = bytes.last, last != newline { bytes.append(newline) }
        try WholeFile.write(bytes + line + [newline], to: file, access: repository.access)
    }
}

extension StateDocument {
    /// Whether nothing stands in a folder under the name of the document, or one that git-wf wrote: that begins as ours does,
    /// whatever was edited below.
    package static func isOurs(in folder: FilePath) throws -> Bool {
        let file = folder.appending(name)
        guard OrdinaryFile.isThere(file) else { return true }
        let front = try OrdinaryFile.front(of: file, upTo: beginning.utf8.count, links: .followed)
        return front.map { $0.isEmpty || $0.starts(with: beginning.utf8) } ?? false
    }
}
