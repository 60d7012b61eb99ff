import Testing
import Workflow

/// Edits of a TODO file beside a model that knows which item is which. `GIT_WF_TEST_COUNT` says how many files are edited; a
/// failure names the seed.
@Suite("Items have ids, whatever is done to the file")
struct ItemRandomTests {
    private struct Item: Equatable {
        var text: String
        var isDone: Bool
        var section: Int
        var id: ItemID?

        /// Whether a reader of the file could not tell the two apart where they stand side by side.
        func isTwin(of other: Item) -> Bool {
            text == other.text && isDone == other.isDone && section == other.section
        }
    }

    /// The items in the order of the file, and those that are gone.
    private struct Model {
        var items: [Item] = []
        var gone: [Item] = []
        private var words = 0

        init() {}

        var text: String {
            (0..<3).map { section in
                "## \(section)\n"
                    + items.filter { $0.section == section }
                    .map { "- [\($0.isDone ? "x" : " ")] \($0.text)\n" }.joined()
            }.joined()
        }

        mutating func newWord() -> String {
            words += 1
            return "w\(words)"
        }

        /// Of twins side by side, which one came or went cannot be seen: it is the last of them.
        func lastTwin(of index: Int) -> Int {
            var last = index
            while last + 1 < items.count, items[last + 1].isTwin(of: items[index]) { last += 1 }
            return last
        }

        func isAlone(_ text: String) -> Bool { items.count { $0.text == text } == 1 }
    }

    /// Does one thing to the model.
    /// - Returns: what was done, the place of an item that is new, and the texts whose items may have changed places.
    private func edit(
        _ model: inout Model, _ random: inout DocumentGenerator
    ) -> (what: String, added: Int?, mixed: Set<String>) {
        let place = model.items.indices.randomElement(using: &random)
        switch (Int.random(in: 0..<7, using: &random), place) {
        case (0, let place?), (1, let place?):
            model.items[place].isDone.toggle()
            return ("tick \(place)", nil, [])
        case (2, let place?):
            model.items[place].text += " " + model.newWord()
            return ("reword \(place)", nil, [])
        case (3, let place?):
            let last = model.lastTwin(of: place)
            model.gone.append(model.items.remove(at: last))
            return ("remove \(last)", nil, [])
        case (4, let place?):
            var item = model.items.remove(at: place)
            item.section = Int.random(in: 0..<3, using: &random)
            let room = room(in: item.section, of: model)
            model.items.insert(item, at: Int.random(in: room, using: &random))
            // Which of several equal ones was moved, or was passed, cannot always be seen.
            let texts = model.items.map(\.text).filter { !model.isAlone($0) }
            return ("move \(place)", nil, Set(texts))
        case (5, let place?):
            return ("add an equal one", add(model.items[place].text, to: &model, &random), [])
        case (6, _) where !model.gone.isEmpty:
            let item = model.gone[Int.random(in: model.gone.indices, using: &random)]
            return ("bring back", add(item.text, to: &model, &random), [])
        default:
            let text = "\(model.newWord()) \(model.newWord()) \(model.newWord())"
            return ("add", add(text, to: &model, &random), [])
        }
    }

    private func room(in section: Int, of model: Model) -> ClosedRange<Int> {
        model.items.count { $0.section < section }...model.items.count { $0.section <= section }
    }

    private func add(_ text: String, to model: inout Model, _ random: inout DocumentGenerator) -> Int {
        let section = Int.random(in: 0..<3, using: &random)
        let place = Int.random(in: room(in: section, of: model), using: &random)
        model.items.insert(Item(text: text, isDone: Bool.random(using: &random), section: section, id: nil), at: place)
        let last = model.lastTwin(of: place)
        let new = model.items.remove(at: place)
        model.items.insert(new, at: last)
        return last
    }

    @Test("each item keeps the id that it got, edit after edit, and a lane's reader finds the same ids")
    func edits() throws {
        for seed in documentSeeds() {
            var random = DocumentGenerator(seed: seed)
            var model = Model()
            var todo = NoticedTodo(model.text)
            for step in 0..<40 {
                let (what, added, mixed) = edit(&model, &random)
                let ids = model.items.map(\.id)
                try todo.notice(model.text)
                let context: Comment = "seed \(seed), step \(step): \(what)"
                for (place, item) in model.items.enumerated() where place != added && !mixed.contains(item.text) {
                    #expect(todo.ids[place] == item.id, context)
                }
                #expect(Set(ids.compactMap { $0 }).isSubset(of: Set(todo.ids.compactMap { $0 })), context)
                if let added { check(todo.ids[added], of: model.items[added], in: &model, context) }
                for place in model.items.indices { model.items[place].id = todo.ids[place] }
                let written = try writtenAndRead(todo.log)
                #expect(written == todo.log, context)
            }
        }
    }

    /// A new item has an id that no other item has, and that of one that is gone where only that one can be meant.
    private func check(_ id: ItemID?, of item: Item, in model: inout Model, _ context: Comment) {
        let present = Set(model.items.compactMap(\.id))
        #expect(id.map { !present.contains($0) } == true, context)
        let meant = Set(model.gone.filter { $0.text == item.text }.compactMap(\.id)).subtracting(present)
        if meant.count == 1, model.isAlone(item.text) { #expect(id == meant.first, context) }
        model.gone.removeAll { $0.id == id }
    }

    private func writtenAndRead(_ log: ItemLog) throws -> ItemLog {
        var written = StoredBytes()
        written.add(log)
        var store = StoredBytes(written.bytes)
        return try store.read(ItemLog.self)
    }

    @Test("two clones that add the same items, in any order and among any others, give them the same ids")
    func clones() throws {
        for seed in documentSeeds() {
            var random = DocumentGenerator(seed: seed)
            var model = Model()
            var base = NoticedTodo(model.text)
            for _ in 0..<10 {
                _ = edit(&model, &random)
                try base.notice(model.text)
            }
            let shared = (0..<3).map { _ in "\(model.newWord()) shared \(model.newWord())" }
            let clones = try (0..<2).map { clone in
                var (own, todo) = (model, base)
                for text in shared.shuffled(using: &random) + ["only \(clone)"] {
                    _ = add(text, to: &own, &random)
                    try todo.notice(own.text)
                }
                return todo
            }
            for text in shared {
                let ids = clones.map { $0.list.items.first { $0.text == text }?.id }
                #expect(ids[0] != nil && ids[0] == ids[1], "seed \(seed)")
            }
            var united = clones[0].log
            united.unite(clones[1].log)
            let known = Set(base.log.records.keys)
            #expect(united.records.count { !known.contains($0.key) } == shared.count + 2, "seed \(seed)")
        }
    }
}
