import ArgumentParser
import Files
import Git
import GitValues
import Journal
import SystemPackage
import Workflow

struct Todo: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "todo", abstract: "List the items of TODO.md, and tick them.",
        discussion:
            "Items are the checkboxes of the file itself; done takes a checkpoint.\n\nExample: git wf todo done 3",
        subcommands: [List.self, Add.self, Start.self, Done.self, Reopen.self],
        defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List the items.", discussion: "Example: git wf todo list")
        @OptionGroup var options: SharedOptions

        func run() throws {
            let session = try options.open()
            try TodoFile(session, state: session.state()).answer(json: options.json)
        }
    }

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "add", abstract: "Add an item to the section of the phase in hand.",
            discussion: "Example: git wf todo add \"Rate limiting\"")
        @Argument(help: "The item.") var text: String
        @OptionGroup var options: SharedOptions

        func run() throws {
            let session = try options.open(forWriting: true)
            try TodoFile.change(session) { file in
                let phases = file.state.phases.map(\.name)
                let section = file.state.currentName.flatMap { file.list.section(of: $0, among: phases) }
                return try file.list.adding(text, section: section)
            }
            let file = try TodoFile(session, state: session.state())
            // The new one is the last of its text.
            try file.answer(item: file.list.items.last { $0.text == text }?.number, json: options.json)
        }
    }

    struct Start: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "start", abstract: "Say that an item is in hand.", discussion: "Example: git wf todo start 4")
        @Argument(help: "Its number.") var number: Int
        @OptionGroup var options: SharedOptions

        func run() throws {
            let session = try options.open(forWriting: true)
            let state = try session.state()
            let item = try TodoFile(session, state: state).item(number)
            if item.done { throw Failure("item \(number) is done; git wf todo reopen \(number) opens it", status: .no) }
            let draft = Draft(.itemStarted, "Started: \(item.text)").with(TrailerKey.item, item.text)
            try session.journal.append([draft], snapshot: session.snapshot(for: state))
            try TodoFile(session, state: session.state()).answer(item: number, json: options.json)
        }
    }

    struct Done: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "done", abstract: "Tick an item, and take a checkpoint.",
            discussion: "Example: git wf todo done 4")
        @Argument(help: "Its number.") var number: Int
        @OptionGroup var options: SharedOptions
        func run() throws { try tick(number, true, options) }
    }

    struct Reopen: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "reopen", abstract: "Clear an item's box.", discussion: "Example: git wf todo reopen 4")
        @Argument(help: "Its number.") var number: Int
        @OptionGroup var options: SharedOptions
        func run() throws { try tick(number, false, options) }
    }

    private static func tick(_ number: Int, _ done: Bool, _ options: SharedOptions) throws {
        let session = try options.open(forWriting: true)
        try TodoFile.change(session) { file in
            if try file.item(number).done == done {
                throw Failure("item \(number) is \(done ? "done" : "open") already", status: .no)
            }
            return try file.list.settingDone(number, done)
        }
        try TodoFile(session, state: session.state()).answer(item: number, json: options.json)
    }
}

/// TODO.md in the hands of a command.
struct TodoFile {
    private let path: FilePath
    private let session: Session
    let state: WorkflowState
    let list: TodoList

    init(_ session: Session, state: WorkflowState) throws {
        self.session = session
        path = try session.journal.todoFile(state)
        self.state = state
        list = try session.journal.todo(state) ?? TodoList("")
    }

    func item(_ number: Int) throws -> TodoItem {
        guard let item = list.items.first(where: { $0.number == number }) else {
            throw TodoListError.noItem(number: number, count: list.items.count)
        }
        return item
    }

    /// Changes the file, one command at a time: two that read it at once would lose one's change.
    static func change(_ session: Session, _ edit: (TodoFile) throws -> [UInt8]) throws {
        try FileLock.hold(session.journal.lockFile("todo"), access: session.repository.access) { _ in
            let file = try TodoFile(session, state: session.state())
            try file.change(to: edit(file))
        }
    }

    /// Writes the file, and lets the lane notice what changed, as it does whoever changed it. Where that fails the file is
    /// as it was.
    /// - Throws: `Failure` on another branch: what is listed then is what the lane recorded, and the file there is another;
    ///   and where the file is a link that leads out of the worktree, whose target no checkpoint holds.
    private func change(to bytes: [UInt8]) throws {
        if let top = session.repository.workTree, let target = OrdinaryFile.resolved(path), let root = OrdinaryFile.resolved(top),
            !target.starts(with: root)
        {
            throw Failure(
                "\(state.definition.todo) leads to \(target), outside of the worktree, so it stays as it is",
                status: .no)
        }
        let branch = try session.repository.head().branch
        guard branch == session.journal.binding.branch else {
            throw Failure(
                "\(state.definition.todo) stays as it is: this worktree is on \(Warnings.branchName(branch)), and the items "
                    + "belong to \(Warnings.branchName(session.journal.binding.branch))", status: .no)
        }
        let old = try OrdinaryFile.read(path)
        try WholeFile.write(bytes, to: path, followsLink: true)
        do {
            try session.journal.append([], snapshot: session.snapshot(for: state))
        } catch {
            if let old { try WholeFile.write(old, to: path, followsLink: true) } else { try WholeFile.remove(path) }
            throw error
        }
    }

    /// Answers with all items.
    /// - Parameter number: the item that was changed: as text it and the one in hand are all that a reader needs.
    func answer(item number: Int? = nil, json: Bool) throws {
        if json {
            struct Answer: Encodable { let items: ItemsAnswer }
            return try JSONDocument.print(Answer(items: ItemsAnswer(list, state: state)))
        }
        if let number, let item = list.items.first(where: { $0.number == number }) {
            let current = list.current(in: state)
            var text = "[\(item.done ? "x" : " ")] \(number). \(item.text.printable)"
            if let current, current != item { text += "\nNext: \(current.number). \(current.text.printable)" }
            if current == nil { text += "\nEvery item is done." }
            return Terminal.standard.answer(text)
        }
        var lines = Lines()
        let current = list.current(in: state)
        var section: String?
        for item in list.items {
            if item.section != section {
                section = item.section
                if let section { lines.add(section.printable) }
            }
            let commit = item.done ? state.commit(of: item).map { " (committed: \($0.prefix(7)))" } ?? "" : ""
            let mark = item == current ? "  <-- current" : ""
            let indent = String(repeating: "  ", count: item.depth + 1)
            lines.add("\(indent)[\(item.done ? "x" : " ")] \(item.number). \(item.text.printable)\(commit)\(mark)")
        }
        if lines.lines.isEmpty { lines.add("\(state.definition.todo) has no items; git wf todo add TEXT adds one") }
        Terminal.standard.answer(lines.text)
    }
}
