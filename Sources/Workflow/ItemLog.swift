/// What a lane says of the items of TODO.md, by their ids.
///
/// Which item has which id follows from the TODO file itself, but for what is recorded here: the items of one text have the
/// ids 0, 1, 2 … of that text, in the file's order. An item that was reworded, or that lost or overtook one of the same text,
/// has another id than its place would give it; then the ids of all items of its text are recorded with the change.
///
///     TODO.md       ids, by text and ordinal    recorded
///     - [ ] test    test 0
///     - [ ] test    test 1
///
///     - [ ] test    test 1                      test: test 1
///     - [ ] tests   test 0                      tests: test 0
package struct ItemLog: Hashable, Sendable {
    /// What is known of an item beside its text.
    package struct Record: Hashable, Sendable {
        package let isDone: Bool
        /// The commit that did it.
        package let commit: String?
    }

    let workflow: String
    /// The items that a checkpoint was about.
    package private(set) var records: [ItemID: Record] = [:]
    /// The item that was started last, while it is open.
    package private(set) var started: ItemID?
    /// The ids of the items of a text, where they are not as counted: in the file's order, then those of items that are gone
    /// and had the text last. A text is known by the id of its first item.
    private var orders: [ItemID: [ItemID]] = [:]
    /// The text that an item of ``orders`` has, or had last.
    private var texts: [ItemID: ItemID] = [:]

    /// - Parameter workflow: its UUID.
    package init(workflow: String) { self.workflow = workflow }

    package func record(of item: TodoItem) -> Record? { item.id.flatMap { records[$0] } }

    /// Whether an item is done and no commit is known that says so.
    package var hasUncommitted: Bool { records.values.contains { $0.isDone && $0.commit == nil } }

    // MARK: Folding

    /// The item that a checkpoint is about. One that has no id is the first of its text.
    func item(in checkpoint: Checkpoint) -> RecordedItem? {
        guard let text = checkpoint[TrailerKey.item] else { return nil }
        let id = checkpoint[TrailerKey.itemID].flatMap { ItemID(hex: $0) }
        return RecordedItem(id: id ?? firstID(of: text), text: text)
    }

    private func firstID(of text: String) -> ItemID {
        let key = ItemID(workflow: workflow, text: text)
        return orders[key]?.first { has($0, text: key) } ?? key
    }

    /// Takes what a checkpoint says of items. One that was added is open, also where it was done before and is back.
    package mutating func record(_ checkpoint: Checkpoint) {
        for value in checkpoint.values(of: TrailerKey.itemOrder) {
            let ids = value.split(separator: " ").compactMap { ItemID(hex: $0) }
            if let key = ids.first { setOrder(of: key, to: Array(ids.dropFirst())) }
        }
        guard let item = item(in: checkpoint) else { return }
        switch checkpoint.kind {
        case .itemStarted: started = item.id
        case .itemAdded, .itemReopened: records[item.id] = Record(isDone: false, commit: nil)
        case .itemDone:
            records[item.id] = Record(isDone: true, commit: checkpoint[TrailerKey.commit])
            if started == item.id { started = nil }
        case .itemCommitted:
            if records[item.id]?.isDone == true {
                records[item.id] = Record(isDone: true, commit: checkpoint[TrailerKey.commit])
            }
        case .itemReworded where checkpoint[TrailerKey.itemID] == nil:
            if let old = checkpoint[TrailerKey.was] {
                setOrder(of: ItemID(workflow: workflow, text: item.text), to: [firstID(of: old)])
            }
        default: break
        }
    }

    /// Sets what is known of an item.
    mutating func keep(_ record: Record, of id: ItemID) { records[id] = record }

    private mutating func setOrder(of text: ItemID, to ids: [ItemID]) {
        orders[text] = ids
        for id in ids { texts[id] = text }
    }

    /// Whether an item may have a text now: it was not reworded to another one.
    private func has(_ id: ItemID, text: ItemID) -> Bool { texts[id, default: text] == text }

    /// Takes over what another lane says. An item that is done in either is done.
    package mutating func unite(_ other: ItemLog) {
        for (id, theirs) in other.records {
            guard let mine = records[id], mine.isDone else {
                records[id] = theirs
                continue
            }
            if mine.commit == nil, theirs.isDone { records[id] = theirs }
        }
        orders.merge(other.orders) { mine, theirs in mine + theirs.filter { !mine.contains($0) } }
        texts.merge(other.texts) { mine, _ in mine }
    }

    // MARK: Telling items apart

    /// A TODO file with the ids of its items.
    ///
    /// An item of the version before keeps its id, as ``ItemMatching`` finds it. Any other one is an item that is back and had
    /// the text last, or else a new one: the next of its text.
    /// - Parameter old: the version before, with ids.
    package func identified(_ list: TodoList, after old: TodoList? = nil) -> TodoList {
        let keys = keys(of: list)
        var ids: [ItemID?] = Array(repeating: nil, count: keys.count)
        if let old {
            let matching = ItemMatching(old: old.items, new: list.items) { [orders] index in
                orders[keys[index], default: []] + [keys[index]]
            }
            ids = matching.partners.map { $0.flatMap { old.items[$0].id } }
        }
        var used = Set(ids.compactMap { $0 })
        // What this very list held when another clone reworded it.
        let isAnyText = old == nil
        for mayHave in [has(_:text:)] + (isAnyText ? [{ _, _ in true }] : []) {
            var waiting: [ItemID: ArraySlice<ItemID>] = [:]
            for index in keys.indices where ids[index] == nil {
                var left = waiting[keys[index]] ?? orders[keys[index], default: []][...]
                ids[index] = left.popFirst { mayHave($0, keys[index]) && used.insert($0).inserted }
                waiting[keys[index]] = left
            }
        }
        var ordinals: [ItemID: Int] = [:]
        let identified = keys.indices.map { index in
            if let id = ids[index] { return id }
            while true {
                let id = id(keys[index], of: list.items[index], ordinal: ordinals[keys[index], default: 0])
                ordinals[keys[index], default: 0] += 1
                if isAnyText || has(id, text: keys[index]), used.insert(id).inserted { return id }
            }
        }
        return list.identified(identified)
    }

    /// As ``identified(_:after:)``, of the file's bytes.
    package func identified(_ bytes: [UInt8], after old: TodoList? = nil) -> TodoList {
        if let old, old.bytes == bytes { return old }
        return identified(TodoList(bytes), after: old)
    }

    /// What has to be recorded, so that ``identified(_:after:)`` finds the ids of a list by itself.
    /// - Returns: for each text whose ids changed, one of its items, and the value of a trailer.
    package func orderNews(in list: TodoList) -> [(item: TodoItem, value: String)] {
        let keys = keys(of: list)
        let places = Dictionary(grouping: keys.indices) { keys[$0] }
        let present = Set(list.items.map(\.id))
        return keys.indices.compactMap { index in
            let key = keys[index]
            guard let places = places[key], places.first == index else { return nil }
            let items = places.map { list.items[$0] }
            let ids = items.compactMap(\.id)
            let recorded = orders[key]?.filter { has($0, text: key) }
            let expected = recorded ?? ids.indices.map { id(key, of: items[$0], ordinal: $0) }
            if expected.starts(with: ids), ids.allSatisfy({ has($0, text: key) }) { return nil }
            let gone = recorded?.filter { !present.contains($0) } ?? []
            return (items[0], ([key] + ids + gone).map(\.hex).joined(separator: " "))
        }
    }

    /// The id of each item's text.
    private func keys(of list: TodoList) -> [ItemID] {
        var known: [String: ItemID] = [:]
        return list.items.map { item in
            if let key = known[item.text] { return key }
            let key = ItemID(workflow: workflow, text: item.text)
            known[item.text] = key
            return key
        }
    }

    private func id(_ key: ItemID, of item: TodoItem, ordinal: Int) -> ItemID {
        ordinal == 0 ? key : ItemID(workflow: workflow, text: item.text, ordinal: ordinal)
    }
}

extension ArraySlice {
    /// Takes elements off the front, up to the first one that is wanted.
    fileprivate mutating func popFirst(where isWanted: (Element) -> Bool) -> Element? {
        while let element = popFirst() {
            if isWanted(element) { return element }
        }
        return nil
    }
}

extension ItemLog: Stored {
    package init(from store: inout StoredBytes) throws(StoredBytes.Damaged) {
        workflow = try store.read()
        records = try store.read()
        started = try store.read()
        orders = try store.read()
        texts = try store.read()
    }

    package func write(to store: inout StoredBytes) {
        store.add(workflow)
        store.add(records)
        store.add(started)
        store.add(orders)
        store.add(texts)
    }
}

extension ItemLog.Record: Stored {
    package init(from store: inout StoredBytes) throws(StoredBytes.Damaged) {
        self.init(isDone: try store.read(), commit: try store.read())
    }

    package func write(to store: inout StoredBytes) {
        store.add(isDone)
        store.add(commit)
    }
}
