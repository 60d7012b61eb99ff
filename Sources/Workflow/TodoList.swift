import Markdown

/// A TODO file: its bytes, and the check boxes in them.
///
/// The file is the user's. It is read as GitHub reads it (a box in code, HTML or a quote is text), and an edit
/// gives back the same bytes except for the one thing asked for. There is no text that is not a TODO file.
package struct TodoList: Sendable {
    /// The file as it was given.
    package let bytes: [UInt8]
    /// Every box, in document order.
    package private(set) var items: [TodoItem]

    let outline: MarkdownOutline
    /// The items as the outline has them, in the order of `items`.
    let tasks: [MarkdownOutline.Item]

    /// - Parameter bytes: the content of the file, in UTF-8 or not, with any line ends.
    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
        let outline = MarkdownOutline(bytes)
        let tasks = outline.tasks
        var chains: [Int: [String]] = [:]
        var items: [TodoItem] = []
        items.reserveCapacity(tasks.count)
        for task in tasks {
            var headings: [String] = []
            if let heading = task.heading {
                headings = chains[heading] ?? outline.headingChain(heading)
                chains[heading] = headings
            }
            items.append(
                TodoItem(
                    number: items.count + 1, text: task.text, done: task.box?.isChecked ?? false, depth: task.depth,
                    headings: headings, line: task.line))
        }
        self.outline = outline
        self.tasks = tasks
        self.items = items
    }

    package init(_ text: String) { self.init(Array(text.utf8)) }

    /// The same file, its items with ids.
    func identified(_ ids: [ItemID]) -> TodoList {
        var list = self
        for (index, id) in zip(items.indices, ids) { list.items[index].id = id }
        return list
    }

    /// The item that is in hand.
    /// - Parameters:
    ///   - taken: items in agents' hands, which are in nobody else's.
    ///   - started: the item that was started last.
    ///   - phase: the phase that the workflow is in.
    ///   - phases: the names of all phases.
    /// - Returns: the item started while it is open, else the first open one of the phase, else the first open one of
    ///   all; `nil` when everything is done.
    package func current(
        started: ItemID?, phase: String?, phases: [String], taken: Set<ItemID> = []
    ) -> TodoItem? {
        let open = items.lazy.filter { item in !item.done && !(item.id.map(taken.contains) ?? false) }
        if let started, let item = open.first(where: { $0.id == started }) { return item }
        if let phase, let first = open.first(where: { $0.phase(among: phases) == phase }) { return first }
        return open.first
    }

    /// The text of the first heading that names a phase, as ``TodoItem/phase(among:)`` understands it; `nil` when none
    /// does.
    package func section(of phase: String, among phases: [String]) -> String? {
        outline.headings.first { phaseNamed(by: $0.text, among: phases) == phase }?.text
    }
}

/// Why a TODO file could not be edited.
package enum TodoListError: Error, Hashable, CustomStringConvertible {
    /// No item has this number.
    case noItem(number: Int, count: Int)
    /// No heading has this text.
    case noSection(String, sections: [String])
    case emptyText
    /// Where the item belongs a box would be text, since a code block or a comment above is open. The line is counted
    /// from 1.
    case noPlace(line: Int)

    package var description: String {
        switch self {
        case .noItem(let number, 0): "there is no item \(number): the TODO file has no check box"
        case .noItem(let number, let count): "there is no item \(number): the TODO file has items 1 to \(count)"
        case .noSection(let section, let sections):
            "the TODO file has no section \"\(section)\"; "
                + (sections.isEmpty ? "it has no headings" : "its sections are " + sections.joined(separator: ", "))
        case .emptyText: "an item needs a text"
        case .noPlace(let line):
            "an item at line \(line) of the TODO file would be text: close the code block or the comment above it"
        }
    }
}
