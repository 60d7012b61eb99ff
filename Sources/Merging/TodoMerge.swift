internal import Agents
internal import Files
internal import Git
internal import GitValues
internal import Journal
internal import SystemPackage
internal import Workflow

/// The TODO file in a merge: both sides' boxes are united, and the agent's item is ticked.
struct TodoMerge {
    let journal: Journal
    let path: RepositoryPath
    /// What is known of items, in the agent's lane too.
    private let items: ItemLog
    /// The items as the leader took notice of them last.
    private let recorded: TodoList?
    private var repository: Repository { journal.repository }

    /// - Parameters:
    ///   - journal: of the leader's worktree.
    ///   - agent: whose work is merged.
    init(_ journal: Journal, agent: AgentState? = nil) throws {
        let state = try journal.leaderState()
        self.journal = journal
        path = RepositoryPath(state.definition.todo)
        items = (agent.map { state.joined(with: $0) } ?? state).items
        recorded = try journal.recordedTodo(state)
    }

    /// What a tree has as a TODO file; `nil` where that is no plain file.
    func entry(in tree: ObjectID) throws -> TreeEntry? {
        try journal.file(path, in: tree)
    }

    /// Both sides' file, where all that they changed is boxes; `nil` where they changed more, or one of them nothing.
    func united(base: ObjectID, ours: ObjectID, theirs: ObjectID) throws -> TreeEntry? {
        guard let base = try entry(in: base), let ours = try entry(in: ours), let theirs = try entry(in: theirs),
            ours.id != theirs.id, base.id != ours.id, base.id != theirs.id, ours.mode == theirs.mode,
            let bytes = TodoList.uniting(
                base: try repository.blob(base.id), ours: try repository.blob(ours.id),
                theirs: try repository.blob(theirs.id))
        else { return nil }
        return TreeEntry(path: path, mode: ours.mode, id: try repository.createBlob(bytes))
    }

    /// The file with an item ticked, whatever its text and place are there; as it was where that item is done or missing.
    func ticked(_ entry: TreeEntry, item: RecordedItem?) throws -> TreeEntry {
        guard let item else { return entry }
        let list = items.identified(try repository.blob(entry.id), after: recorded)
        guard let open = list.items.first(where: { $0.id == item.id && !$0.done }) else { return entry }
        let bytes = try list.settingDone(open.number, true)
        return TreeEntry(path: path, mode: entry.mode, id: try repository.createBlob(bytes))
    }

    /// A tree with the item ticked in its TODO file.
    func ticked(tree: ObjectID, item: RecordedItem?) throws -> ObjectID {
        guard let entry = try entry(in: tree) else { return tree }
        let ticked = try ticked(entry, item: item)
        return ticked == entry ? tree : try repository.tree(tree, with: [path: ticked])
    }

    /// The file with what two sides did to it, by boxes or else by lines; `nil` where the lines conflict.
    func joined(base: TreeEntry, ours: TreeEntry, theirs: TreeEntry) throws -> TreeEntry? {
        if ours.id == base.id { return TreeEntry(path: path, mode: ours.mode, id: theirs.id) }
        if theirs.id == base.id || theirs.id == ours.id { return ours }
        let contents = try [ours, base, theirs].map { try repository.blob($0.id) }
        if let united = TodoList.uniting(base: contents[1], ours: contents[0], theirs: contents[2]) {
            return TreeEntry(path: path, mode: ours.mode, id: try repository.createBlob(united))
        }
        let folder = try TemporaryFolder(in: repository.gitDirectory.appending("wf"), prefix: "todo.")
        let files = ["ours", "base", "theirs"].map { RootedFile($0, in: folder.path) }
        for (file, bytes) in zip(files, contents) { try file.write(bytes) }
        let merged = try journal.repository.git.run(
            ["merge-file", "-p"] + files.map(\.path.string), in: journal.place)
        guard merged.status == 0 else { return nil }
        return TreeEntry(path: path, mode: ours.mode, id: try repository.createBlob(merged.output))
    }
}
