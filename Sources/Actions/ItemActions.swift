internal import Files
internal import Git
internal import GitValues
internal import Journal
internal import SystemPackage
package import Workflow

/// Changes the items: in TODO.md itself, with a checkpoint.
package struct ItemActions {
    private let session: Session

    package init(_ session: Session) { self.session = session }

    /// Adds an item to the section of the phase in hand.
    /// - Returns: its number.
    package func add(_ text: String) throws -> Int? {
        let before = try TodoFile.change(session) { file in
            let phases = file.state.phases.map(\.name)
            let section = file.state.currentName.flatMap { file.list.section(of: $0, among: phases) }
            return try file.list.adding(text, section: section)
        }
        let known = Set(before.list.items.map(\.id))
        // What cannot be read any more is no reason to say that nothing was added.
        return try? TodoFile(session, state: session.state()).list.items.first { !known.contains($0.id) }?.number
    }

    /// Says that an item is in hand.
    package func start(_ number: Int) throws {
        let state = try session.state()
        let item = try TodoFile(session, state: state).item(number)
        if item.done {
            throw ActionError("item \(number) is done", .refused, hint: "git wf todo reopen \(number) opens it")
        }
        let draft = Draft(.itemStarted, "Started: \(item.text)").about(item.reference)
        try session.journal.append([draft], snapshot: session.snapshot(for: state))
    }

    /// Ticks an item, or clears its box.
    package func set(_ number: Int, done: Bool) throws {
        try TodoFile.change(session) { file in
            if try file.item(number).done == done {
                throw ActionError("item \(number) is \(done ? "done" : "open") already", .refused)
            }
            return try file.list.settingDone(number, done)
        }
    }
}

/// TODO.md in the hands of an action.
package struct TodoFile {
    private let file: RootedFile
    private let session: Session
    package let state: WorkflowState
    package let list: TodoList

    /// - Throws: `FileError` where something else stands in the file's place, or it is in another encoding.
    package init(_ session: Session, state: WorkflowState) throws {
        self.session = session
        file = try session.journal.todoFile(state)
        _ = try file.readText()
        self.state = state
        list = try session.journal.todo(state) ?? TodoList("")
    }

    package func item(_ number: Int) throws -> TodoItem {
        guard let item = list.items.first(where: { $0.number == number }) else {
            throw TodoListError.noItem(number: number, count: list.items.count)
        }
        return item
    }

    /// Changes the file, one command at a time: two that read it at once would lose one's change.
    /// - Returns: the file before.
    @discardableResult
    static func change(_ session: Session, _ edit: (TodoFile) throws -> [UInt8]) throws -> TodoFile {
        try FileLock.hold(session.journal.lockFile("todo"), access: session.repository.access) { _ in
            let file = try TodoFile(session, state: session.state())
            try file.change(to: edit(file))
            return file
        }
    }

    /// Writes the file, and lets the lane notice what changed, as it does whoever changed it. Where that fails the file is
    /// as it was.
    /// - Throws: `ActionError` on another branch: what is listed then is what the lane recorded, and the file there is another.
    private func change(to bytes: [UInt8]) throws {
        let branch = try session.repository.head().branch
        guard branch == session.journal.binding.branch else {
            throw ActionError(
                "\(state.definition.todo) stays as it is: this worktree is on \(branch.shownBranch), and the items "
                    + "belong to \(session.journal.binding.branch.shownBranch)", .refused)
        }
        // What others changed is noticed by itself, so that what is changed now is told exactly, beside items of equal text too.
        if try session.journal.recordedTodo(state)?.items != list.items { try notice() }
        let old = try file.read()
        try file.write(bytes)
        do {
            try notice()
        } catch {
            if let old { try file.write(old) } else { try file.remove() }
            throw error
        }
    }

    private func notice() throws { try session.journal.append([], snapshot: session.snapshot(for: state)) }
}
