/// An item as a checkpoint names it: `Wf-Item-Id` says which one, `Wf-Item` what its text was then.
package struct RecordedItem: Hashable, Sendable {
    package let id: ItemID
    package let text: String

    package init(id: ItemID, text: String) {
        self.id = id
        self.text = text
    }
}

extension RecordedItem: Stored {
    package init(from store: inout StoredBytes) throws(StoredBytes.Damaged) {
        self.init(id: try store.read(), text: try store.read())
    }

    package func write(to store: inout StoredBytes) {
        store.add(id)
        store.add(text)
    }
}
