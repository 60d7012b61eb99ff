internal import Files
internal import Git
package import GitValues
internal import Snapshots
internal import SystemPackage
internal import Workflow

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
        // `status` warns of what is in the way.
        guard let document = stateDocument, try stateDocumentObstacle(headTree: snapshot.headTree) == nil else {
            return
        }
        let todo = try self.file(RepositoryPath(state.definition.todo), in: snapshot.tree).flatMap {
            try self.text(of: $0)
        }
        .map { state.items.identified($0, after: try recordedTodo(state)) }
        let text = Array(StateDocument(state, todo: todo, zone: surroundings.now.offset).text.utf8)
        guard try document.read() != text else { return }
        try excludeStateDocument()
        try document.write(text)
    }

    private var stateDocument: RootedFile? { repository.workTree.map { RootedFile(StateDocument.name, in: $0) } }

    /// Why `workflow-state.md` is not written in this worktree; `nil` where it is.
    /// - Parameter headTree: of HEAD's commit.
    package func stateDocumentObstacle(headTree: ObjectID?) throws -> String? {
        guard let file = stateDocument else { return nil }
        if let headTree, try repository.entry(at: Self.statePath, in: headTree) != nil {
            return "is a tracked file, so it is left alone"
        }
        if file.isThere {
            // Ours begins as ours does, whatever was edited below. Another file is the user's, and no checkpoint may hold it.
            let front = try file.front(upTo: StateDocument.beginning.utf8.count)
            guard let front, front.isEmpty || front.starts(with: StateDocument.beginning.utf8) else {
                return "is not one that git-wf wrote, so it is left alone"
            }
        } else if try isInStash(Self.statePath) {
            // `git stash pop` refuses to write a file that is there.
            return "is in a stash, and is written again once that is popped or dropped"
        }
        if try isStateDocumentExcluded() { return nil }
        do throws(FileError) {
            try exclude.requireWritable()
            return nil
        } catch {
            return "is not written: git would commit it, because \(exclude.path) cannot name it: \(error.reason)"
        }
    }

    private static let statePath = RepositoryPath(StateDocument.name)

    /// Whether a stash holds an untracked or ignored file: it is in the tree of the stash's third parent then (`git-stash(1)`).
    private func isInStash(_ path: RepositoryPath) throws -> Bool {
        guard try repository.reference("refs/stash") != nil else { return false }
        return try repository.reflog(of: "refs/stash").contains { entry in
            guard let stash = try? repository.commit(entry.new), stash.parents.count == 3,
                let untracked = try? repository.commit(stash.parents[2])
            else { return false }
            return try repository.entry(at: path, in: untracked.tree) != nil
        }
    }

    /// `info/exclude`, which all worktrees share.
    private var exclude: RootedFile { RootedFile("info/exclude", in: repository.commonDirectory) }
    private static let excludeLine: [UInt8] = [UInt8(ascii: "/")] + statePath.bytes

    /// As git reads the file, which may be a link to anywhere.
    private func isStateDocumentExcluded() throws -> Bool {
        let bytes = try OrdinaryFile.read(exclude.path) ?? []
        return bytes.split(separator: UInt8(ascii: "\n")).contains(Self.excludeLine[...])
    }

    private func excludeStateDocument() throws {
        if try isStateDocumentExcluded() { return }
        let newline = UInt8(ascii: "\n")
        var bytes = try exclude.read() ?? []
        if let last = bytes.last, last != newline { bytes.append(newline) }
        try exclude.write(bytes + Self.excludeLine + [newline], access: repository.access)
    }
}
