internal import Git
internal import GitValues
package import Snapshots
package import Workflow

extension Journal {
    /// What a successor should read before anything else: the conventions file, the checkpoint, TODO.md, and the files that
    /// the definition names. Only files that the snapshot holds.
    package func context(for snapshot: Snapshot, state: WorkflowState) throws -> [String] {
        func holds(_ path: String) throws -> Bool {
            guard let mode = try repository.entry(at: RepositoryPath(path), in: snapshot.tree)?.mode else {
                return false
            }
            return mode != .directory && mode != .gitlink
        }
        var context: [String] = []
        if let conventions = try ["CLAUDE.md", "AGENTS.md"].first(where: holds) {
            context.append("Read `\(conventions)` for project conventions")
        }
        context.append("Read this checkpoint for current state")
        let todo = state.definition.todo
        if try holds(todo) { context.append("Read `\(todo)` for remaining work") }
        return try context + state.definition.resume.read.filter(holds).map { "Read `\($0)`" }
    }

    /// How many files are named; the rest is counted.
    private static let fileLimit = 10

    /// The files that changed since the last checkpoint that somebody asked for, or since the lane began: how long each is,
    /// and whether it was changed, is new or was deleted.
    package func fileStates(in snapshot: Snapshot, state: WorkflowState) throws -> [CheckpointDocument.FileState] {
        var last = state.lastAskedFor?.id
        if case .agent(let name) = lane { last = try agentState(name)?.lastAskedFor?.id }
        guard let base = try last ?? beginning() else { return [] }
        let compared = try unlessMalformed {
            try repository.changes(from: repository.commit(base).tree, to: snapshot.tree)
        }
        guard let changes = compared else { return [] }
        var states = try changes.prefix(Self.fileLimit).map { change in
            let size = try change.new.map { try length(of: $0) } ?? nil
            let what = change.new == nil ? "deleted" : change.old == nil ? "new" : "changed"
            return CheckpointDocument.FileState(
                path: change.path.text, state: [size, what].compactMap { $0 }.joined(separator: ", "))
        }
        if changes.count > states.count {
            let more = changes.count - states.count
            states.append(.init(path: "", state: "… \(more) more: git wf diff \(base.short) --stat lists them"))
        }
        return states
    }

    /// The lane's first checkpoint.
    private func beginning() throws -> ObjectID? {
        let commits = try CommitReader(repository)
        var first = try tip(of: lane)
        while let id = first, let previous = try commits.read(id, \.previous) { first = previous }
        return first
    }

    /// As a reader wants to know before opening it; `nil` for what is no file.
    private func length(of entry: TreeEntry) throws -> String? {
        switch entry.mode {
        case .directory: return nil
        case .gitlink: return "a repository of its own"
        case .symlink: return "a link"
        case .file, .executable: break
        }
        let size = try repository.blobSize(entry.id)
        // Counting lines must not take longer than the checkpoint itself.
        if size > 4 << 20 { return "\(size >> 20) MiB" }
        let bytes = try repository.blob(entry.id)
        if bytes.prefix(8000).contains(0) { return "binary, \(size) bytes" }
        let newline = UInt8(ascii: "\n")
        let lines = bytes.count { $0 == newline } + (bytes.last.map { $0 != newline } == true ? 1 : 0)
        return "\(lines) line\(lines == 1 ? "" : "s")"
    }
}
