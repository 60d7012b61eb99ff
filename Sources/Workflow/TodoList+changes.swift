/// What became of an item between two versions of a TODO file. Each item is the new version's, but for one removed.
package enum TodoChange: Hashable, Sendable {
    case done(TodoItem)
    case reopened(TodoItem)
    /// The old version does not have it. One that came ticked is followed by `done`.
    case added(TodoItem)
    case removed(TodoItem)
    /// The same item in other words. One that was also ticked or cleared is followed by `done` or `reopened`.
    case reworded(from: TodoItem, to: TodoItem)
}

extension TodoList {
    /// What was done to a TODO file, in the order of the new version; removed items come last, in the order of the old.
    /// - Parameters:
    ///   - old: with ids.
    ///   - new: with ids; an item that has the id of one in `old` is the same one. To be moved is no change.
    package static func changes(from old: TodoList, to new: TodoList) -> [TodoChange] {
        let former = Dictionary(old.items.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        var changes: [TodoChange] = []
        for item in new.items {
            guard let before = former[item.id] else {
                changes.append(.added(item))
                if item.done { changes.append(.done(item)) }
                continue
            }
            if before.text != item.text { changes.append(.reworded(from: before, to: item)) }
            if before.done != item.done { changes.append(item.done ? .done(item) : .reopened(item)) }
        }
        let kept = Set(new.items.map(\.id))
        return changes + old.items.filter { !kept.contains($0.id) }.map { .removed($0) }
    }
}
