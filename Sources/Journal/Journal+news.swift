package import Git
package import GitValues
internal import Snapshots
internal import Workflow

extension Journal {
    /// What the documents of a snapshot say that the lane does not say yet: boxes ticked by whoever, a definition edited
    /// by hand. Only a snapshot of the workflow's branch speaks, and only while git is in the middle of nothing: a rebase
    /// passes through old versions of TODO.md that mean nothing.
    /// - Parameter documents: the tree whose documents the lane took notice of last.
    func news(in snapshot: Snapshot, since documents: ObjectID?, for fold: Fold) throws -> [Draft] {
        switch fold.state {
        case .empty: return []
        case .leader(let state):
            guard speaks(snapshot, for: state.branch) else { return [] }
            return try definitionNews(in: snapshot, state: state)
                + itemNews(in: snapshot, todo: state.definition.todo, since: documents, known: state.items)
        case .agent(let state):
            guard speaks(snapshot, for: state.branch), let leader = try self.state() else { return [] }
            return try itemNews(
                in: snapshot, todo: leader.definition.todo, since: documents, known: state.items)
        }
    }

    /// Whether ``news(in:since:for:)`` could have any: cheap, for hooks.
    func mayHaveNews(_ snapshot: Snapshot, since tip: Checkpoint) throws -> Bool {
        if tip.tree == snapshot.tree || !speaks(snapshot, for: binding.branch) { return false }
        let fold = try folded(lane, tip: tip.id)
        return try !news(in: snapshot, since: knownDocuments(fold), for: fold).isEmpty
    }

    /// The tree of the documents that the lane took notice of last; in a clone that took the lane up and has added nothing
    /// yet, what its branch had then.
    func knownDocuments(_ fold: Fold) throws -> ObjectID? {
        guard let commit = binding.takenUp, try repository.contains(commit) else { return fold.documents }
        return try repository.commit(commit).tree
    }

    private func speaks(_ snapshot: Snapshot, for branch: String?) -> Bool {
        snapshot.operation == nil && branch != nil && snapshot.head.branch == branch
    }

    private func definitionNews(in snapshot: Snapshot, state: WorkflowState) throws -> [Draft] {
        guard let entry = try repository.entry(at: ".wfconfig", in: snapshot.tree), entry.mode != .directory,
            entry.id != state.definitionBlob
        else { return [] }
        // A file that cannot be read leaves the recorded definition in force; `status` warns of it.
        guard let new = try? definition(entry.id) else { return [] }
        if let current = state.currentName, !new.phases.contains(where: { $0.name.text == current }) { return [] }
        return [Draft(.definitionChanged, "The definition changed").with(TrailerKey.definition, entry.id.hex)]
    }

    private func itemNews(
        in snapshot: Snapshot, todo: String, since documents: ObjectID?, known: [WorkflowState.ItemRecord]
    ) throws -> [Draft] {
        let path = RepositoryPath(todo)
        guard let documents = try documents ?? ownDocuments(), let new = try file(path, in: snapshot.tree),
            let old = try file(path, in: documents) ?? lastFile(path), old.id != new.id
        else { return [] }
        let list = TodoList(try repository.blob(new.id))
        let changes = TodoList.changes(from: TodoList(try repository.blob(old.id)), to: list)
        if changes.isEmpty { return [] }
        let commit = try CommitOfItems(repository: repository, snapshot: snapshot, path: path)
        let reworded = Dictionary(
            changes.compactMap { change in
                if case .reworded(let old, let new) = change { (new.text, old.text) } else { nil }
            }, uniquingKeysWith: { first, _ in first })
        var recorded: [String: Int] = [:]
        return try changes.compactMap { change in
            switch change {
            case .done(let item):
                // A merged agent's lane may have said so already; of several with the same text each counts.
                let text = reworded[item.text] ?? item.text
                let before = recorded[item.text] ?? known.countOfDone(text)
                recorded[item.text] = before + 1
                if before >= list.items.count(where: { $0.done && $0.text == item.text }) { return nil }
                return Draft(.itemDone, "Done: \(item.text)").with(TrailerKey.item, item.text)
                    .with(TrailerKey.commit, try commit.commit(of: item)?.hex)
            case .reopened(let item):
                return Draft(.itemReopened, "Reopened: \(item.text)").with(TrailerKey.item, item.text)
            case .added(let item):
                return Draft(.itemAdded, "Added: \(item.text)").with(TrailerKey.item, item.text)
            case .reworded(let old, let new):
                return Draft(.itemReworded, "Reworded: \(new.text)").with(TrailerKey.item, new.text)
                    .with(TrailerKey.was, old.text)
            case .removed: return nil
            }
        }
    }
}

extension Journal {
    /// The entry of a file; `nil` where there is none, or something else of that name.
    package func file(_ path: RepositoryPath, in tree: ObjectID) throws -> TreeEntry? {
        guard let entry = try repository.entry(at: path, in: tree), entry.mode == .file || entry.mode == .executable
        else {
            return nil
        }
        return entry
    }

    /// The newest tree that this worktree recorded and whose documents speak for the lane. After a join the lane's newest may
    /// be another clone's, whose changes are not this worktree's.
    func ownDocuments() throws -> ObjectID? {
        var history = try history(of: lane, withAutomatic: false)
        while let checkpoint = try history.next() {
            if checkpoint[TrailerKey.worktree] == binding.worktree, checkpoint.speaks(for: binding.branch) {
                return checkpoint.tree
            }
        }
        return nil
    }

    /// TODO.md as the lane saw it last: the file was away for a while, and what was ticked meanwhile is news. Asked only
    /// when it is back, so the walk is taken once.
    private func lastFile(_ path: RepositoryPath) throws -> TreeEntry? {
        var history = try history(of: lane, withAutomatic: false)
        while let checkpoint = try history.next() {
            if checkpoint.speaks(for: binding.branch), let entry = try file(path, in: checkpoint.tree) { return entry }
        }
        return nil
    }
}

/// Which commit did an item: HEAD's, where its TODO file has the box ticked, or where the box is all that is not
/// committed yet. Else the work is still on its way into a commit.
private struct CommitOfItems {
    private let head: ObjectID?
    private let isAllCommitted: Bool
    private let committed: TodoList?

    init(repository: Repository, snapshot: Snapshot, path: RepositoryPath) throws {
        head = snapshot.head.commit
        guard let tree = snapshot.headTree else {
            isAllCommitted = false
            committed = nil
            return
        }
        isAllCommitted = try repository.changes(from: tree, to: snapshot.tree).allSatisfy { $0.path == path }
        committed = try repository.entry(at: path, in: tree).map { TodoList(try repository.blob($0.id)) }
    }

    func commit(of item: TodoItem) throws -> ObjectID? {
        let isTicked = committed?.items.contains { $0.done && $0.text == item.text } == true
        return isTicked || isAllCommitted ? head : nil
    }
}
