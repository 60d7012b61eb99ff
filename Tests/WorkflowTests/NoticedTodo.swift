import GitValues
import Testing
import Workflow

/// A TODO file as a lane notices it, version after version: what a lane records of ids is folded again, as the journal does it.
struct NoticedTodo {
    var log: ItemLog
    private(set) var list: TodoList
    private(set) var changes: [TodoChange] = []
    private(set) var recorded: [Checkpoint] = []

    init(_ text: String, workflow: String = "11111111-1111-4111-8111-111111111111") {
        log = ItemLog(workflow: workflow)
        list = log.identified(TodoList(text))
    }

    var ids: [ItemID?] { list.items.map(\.id) }

    mutating func notice(_ text: String) throws {
        let old = list
        list = log.identified(TodoList(text), after: old)
        changes = TodoList.changes(from: old, to: list)
        for change in changes {
            switch change {
            case .added(let item): try record("item-added", item)
            case .done(let item): try record("item-done", item)
            case .reopened(let item): try record("item-reopened", item)
            case .reworded(let old, let item): try record("item-reworded", item, [(TrailerKey.was, old.text)])
            case .removed: break
            }
        }
        for news in log.orderNews(in: list) {
            try record("item-moved", news.item, [(TrailerKey.itemOrder, news.value)])
        }
        // Who has only the lane and the file finds the same ids.
        #expect(log.identified(TodoList(text)).items == list.items)
        #expect(log.orderNews(in: list).isEmpty)
        #expect(Set(ids).count == ids.count && !ids.contains(nil))
    }

    mutating func record(_ kind: String, _ item: TodoItem, _ more: [(String, String)] = []) throws {
        let named = [(TrailerKey.item, item.text), (TrailerKey.itemID, try #require(item.id).hex)]
        let checkpoint = Self.checkpoint(kind, named + more)
        log.record(checkpoint)
        recorded.append(checkpoint)
    }

    static func checkpoint(_ kind: String, _ trailers: [(String, String)]) -> Checkpoint {
        let message = CheckpointMessage(
            title: kind,
            trailers: ([(TrailerKey.kind, kind)] + trailers).map { Trailer(key: $0.0, value: $0.1) })
        return Checkpoint(
            id: .zero, tree: .zero, parents: [], time: Timestamp(seconds: 0, offset: 0),
            message: CheckpointMessage(parsing: message.encoded()))
    }
}
