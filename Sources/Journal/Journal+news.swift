package import Git
package import GitValues
internal import Snapshots
internal import Workflow

extension Journal {
    /// What the documents of a snapshot say that the lane does not say yet: boxes ticked by whoever, a definition edited
    /// by hand. Only a snapshot of the workflow's branch speaks, and only while git is in the middle of nothing: a rebase
    /// passes through old versions of TODO.md that mean nothing.
    /// - Parameter noticed: the fold when the lane took notice of documents last.
    func news(in snapshot: Snapshot, since noticed: Fold, for fold: Fold) throws -> [Draft] {
        switch fold.state {
        case .empty: return []
        case .leader(let state):
            guard speaks(snapshot, for: state.branch) else { return [] }
            return try definitionNews(in: snapshot, state: state)
                + itemNews(in: snapshot, todo: state.definition.todo, since: noticed, known: state.items)
                + commitNews(in: snapshot, todo: state.definition.todo, since: noticed, known: state.items)
        case .agent(let state):
            guard speaks(snapshot, for: state.branch), let leader = try self.state() else { return [] }
            return try itemNews(in: snapshot, todo: leader.definition.todo, since: noticed, known: state.items)
                + commitNews(in: snapshot, todo: leader.definition.todo, since: noticed, known: state.items)
        }
    }

    /// Whether ``news(in:since:for:)`` could have any: cheap, for hooks.
    func mayHaveNews(_ snapshot: Snapshot, since tip: Checkpoint) throws -> Bool {
        if tip.tree == snapshot.tree, tip.head == snapshot.head.commit { return false }
        if !speaks(snapshot, for: binding.branch) { return false }
        let fold = try folded(lane, tip: tip.id)
        return try !news(in: snapshot, since: fold, for: fold).isEmpty
    }

    /// The tree of the documents that the lane took notice of last; in a clone that took the lane up and has added nothing
    /// yet, what its branch had then.
    func knownDocuments(_ fold: Fold) throws -> ObjectID? {
        guard let commit = binding.takenUp, try repository.contains(commit) else { return fold.documents }
        return try repository.commit(commit).tree
    }

    /// How the items of an agent's first TODO file are told apart: what the leader's lane says of them goes into the first
    /// checkpoint of the agent's, which is folded alone.
    func firstItems(in snapshot: Snapshot) throws -> [Trailer] {
        guard case .agent = lane, let leader = try state() else { return [] }
        let path = RepositoryPath(leader.definition.todo)
        let id = Trailer(key: TrailerKey.id, value: leader.id)
        guard let entry = try file(path, in: snapshot.tree) else { return [id] }
        let recorded = try todo(path, in: leader.documents, items: leader.items)
        guard let text = try text(of: entry) else { return [id] }
        let list = leader.items.identified(text, after: recorded)
        return [id]
            + ItemLog(workflow: leader.id).orderNews(in: list).map {
                Trailer(key: TrailerKey.itemOrder, value: $0.value)
            }
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
        var draft = Draft(.definitionChanged, "The definition changed").with(TrailerKey.definition, entry.id.hex)
        let waiting = DefinitionChange(from: state.definition, to: new).waiting
        if !waiting.isEmpty {
            draft.body = "Waits for a human's consent:\n\n" + waiting.map { "- \($0)" }.joined(separator: "\n")
        }
        return [draft]
    }

    /// - Parameter known: what the lane says of items, and may say more than when it took notice last: a merged agent's lane
    ///   says it too.
    private func itemNews(in snapshot: Snapshot, todo: String, since noticed: Fold, known: ItemLog) throws -> [Draft] {
        let path = RepositoryPath(todo)
        guard let documents = try knownDocuments(noticed) ?? ownDocuments(), let former = noticed.items,
            let new = try file(path, in: snapshot.tree)
        else { return [] }
        let last = try file(path, in: documents)
        // Where the lane was taken up or joined, this file is another than the lane's, and its items may have to be told apart
        // anew.
        let isOwn = documents != noticed.documents
        if last?.id == new.id, !isOwn { return [] }
        // What is no text in UTF-8 says nothing, as if the file were away for a while.
        guard let text = try text(of: new), let old = try last.flatMap({ try self.text(of: $0) }) ?? lastText(path)
        else {
            return []
        }
        let recorded = isOwn ? try self.todo(path, in: noticed.documents, items: former) : nil
        let before = former.identified(old, after: recorded)
        let list = known.identified(text, after: before)
        let commit = try CommitOfItems(repository: repository, snapshot: snapshot, path: path, list: list, items: known)
        /// Whether a merged agent's lane has said so already.
        func isTold(_ item: TodoItem, _ isSaid: (ItemLog.Record) -> Bool) -> Bool {
            let (now, then) = (known.record(of: item), former.record(of: item))
            return now.map(isSaid) == true && then.map(isSaid) != true
        }
        var drafts: [Draft] = TodoList.changes(from: before, to: list).compactMap { change in
            switch change {
            case .done(let item):
                if isTold(item, \.isDone) { return nil }
                return Draft(.itemDone, "Done: \(item.text)").about(item.reference)
                    .with(TrailerKey.commit, commit.commit(of: item)?.hex)
            case .reopened(let item): return Draft(.itemReopened, "Reopened: \(item.text)").about(item.reference)
            case .added(let item):
                if isTold(item, { _ in true }) { return nil }
                return Draft(.itemAdded, "Added: \(item.text)").about(item.reference)
            case .reworded(let old, let new):
                return Draft(.itemReworded, "Reworded: \(new.text)").about(new.reference)
                    .with(TrailerKey.was, old.text)
            case .removed: return nil
            }
        }
        let orders = known.orderNews(in: list)
        if let item = orders.first?.item, drafts.isEmpty {
            drafts = [Draft(.itemMoved, "Moved: \(item.text)").about(item.reference)]
        }
        if !orders.isEmpty { drafts[0].add(TrailerKey.itemOrder, orders.map(\.value)) }
        return drafts
    }

    /// Boxes that were ticked before HEAD's commit, which has them ticked.
    private func commitNews(in snapshot: Snapshot, todo: String, since noticed: Fold, known: ItemLog) throws -> [Draft]
    {
        guard let head = snapshot.head.commit, head != noticed.last?.head, known.hasUncommitted,
            let tree = snapshot.headTree, let entry = try file(RepositoryPath(todo), in: tree)
        else { return [] }
        let recorded = try self.todo(RepositoryPath(todo), in: noticed.documents, items: known)
        let committed = known.identified(try repository.blob(entry.id), after: recorded)
        return committed.items.filter { item in
            guard item.done, let record = known.record(of: item) else { return false }
            return record.isDone && record.commit == nil
        }.map {
            Draft(.itemCommitted, "Committed: \($0.text)").about($0.reference).with(TrailerKey.commit, head.hex)
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
    private func lastText(_ path: RepositoryPath) throws -> [UInt8]? {
        var history = try history(of: lane, withAutomatic: false)
        while let checkpoint = try history.next() {
            if checkpoint.speaks(for: binding.branch), let entry = try file(path, in: checkpoint.tree),
                let text = try text(of: entry)
            {
                return text
            }
        }
        return nil
    }
}

/// Which commit did an item: HEAD's, where its TODO file has the box ticked. Else it is still on its way into a commit.
private struct CommitOfItems {
    private let head: ObjectID?
    private let committed: TodoList?

    /// - Parameter list: the file in the snapshot, with ids.
    init(repository: Repository, snapshot: Snapshot, path: RepositoryPath, list: TodoList, items: ItemLog) throws {
        head = snapshot.head.commit
        committed = try snapshot.headTree.flatMap { try repository.entry(at: path, in: $0) }
            .map { items.identified(try repository.blob($0.id), after: list) }
    }

    func commit(of item: TodoItem) -> ObjectID? {
        committed?.items.contains { $0.done && $0.id == item.id } == true ? head : nil
    }
}
