package import GitValues

extension WorkflowState {
    /// What the lane says about an item of TODO.md: which commit did it.
    package struct ItemRecord: Hashable, Sendable {
        package fileprivate(set) var text: String
        package let isDone: Bool
        package let commit: String?
        package let time: Timestamp
    }
}

extension [WorkflowState.ItemRecord] {
    /// Takes what a checkpoint says of the item `text`. One that was added is open, also where one of the same text was
    /// done before and is gone.
    mutating func record(_ checkpoint: Checkpoint, of text: String) {
        let isDone = checkpoint.kind == .itemDone
        if checkpoint.kind == .itemAdded, !contains(where: { $0.text == text }) { return }
        append(
            WorkflowState.ItemRecord(
                text: text, isDone: isDone, commit: checkpoint[TrailerKey.commit], time: checkpoint.time))
    }

    /// Takes back the newest record of an item, where it says what the one before it says.
    mutating func dropRepeat(of text: String) {
        let records = indices.filter { self[$0].text == text }.suffix(2)
        if let last = records.last, records.count == 2, records.allSatisfy({ self[$0].isDone == self[last].isDone }) {
            remove(at: last)
        }
    }

    /// An item in other words keeps what is known of it.
    mutating func reword(_ old: String, to text: String) {
        guard let index = lastIndex(where: { $0.text == old }) else { return }
        self[index].text = text
    }

    /// How many items of a text are done, as far as the lane recorded: several may have the same text.
    package func countOfDone(_ text: String) -> Int {
        var count = 0
        for record in self where record.text == text { count = Swift.max(0, count + (record.isDone ? 1 : -1)) }
        return count
    }
}

extension WorkflowState.ItemRecord: Stored {
    package init(from store: inout StoredBytes) throws(StoredBytes.Damaged) {
        self.init(text: try store.read(), isDone: try store.read(), commit: try store.read(), time: try store.read())
    }

    package func write(to store: inout StoredBytes) {
        store.add(text)
        store.add(isDone)
        store.add(commit)
        store.add(time)
    }
}
