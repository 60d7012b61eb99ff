/// By what an item of TODO.md is known, however its text is edited and wherever it is moved to.
///
/// It is a hash of the workflow, of the text that the item had first, and of how many items had that text first before it: two
/// clones that add the same item give it the same id. It stands in checkpoints, never in TODO.md.
package struct ItemID: Hashable, Sendable {
    private let word: UInt64

    /// - Parameters:
    ///   - workflow: the UUID of the workflow.
    ///   - text: the item's first text.
    ///   - ordinal: 0 for the first item of that text.
    package init(workflow: String, text: String, ordinal: Int = 0) {
        self.init(hashing: Array("\(workflow)\0\(ordinal)\0\(text)".utf8))
    }

    package init(hashing bytes: [UInt8]) { word = SHA1.prefix(of: bytes) }

    /// - Parameter hex: 16 hexadecimal digits; anything else gives `nil`.
    package init?(hex: some StringProtocol) {
        guard hex.utf8.count == 16, hex.utf8.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }),
            let word = UInt64(hex, radix: 16)
        else { return nil }
        self.word = word
    }

    /// 16 lower-case hexadecimal digits.
    package var hex: String {
        let digits = String(word, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

extension ItemID: Comparable {
    package static func < (left: ItemID, right: ItemID) -> Bool { left.word < right.word }
}

extension ItemID: Stored {
    package init(from store: inout StoredBytes) throws(StoredBytes.Damaged) {
        word = UInt64(bitPattern: try store.read(Int64.self))
    }

    package func write(to store: inout StoredBytes) { store.add(Int64(bitPattern: word)) }
}
