/// What became of an item between two versions of a TODO file. Each item is the new version's, but for one removed.
package enum TodoChange: Hashable, Sendable {
    case done(TodoItem)
    case reopened(TodoItem)
    /// Follows no item of the old version. One that came ticked is followed by `done`.
    case added(TodoItem)
    case removed(TodoItem)
    /// The same item in other words. One that was also ticked or cleared is followed by `done` or `reopened`.
    case reworded(from: TodoItem, to: TodoItem)
}

extension TodoList {
    /// What was done to a TODO file, in the order of the new version; removed items come last, in the order of the old.
    ///
    /// Items are matched by text and section, then by text alone (moved, which is no change), then, within a section, by
    /// words: an item is reworded when at least 60% of its words are kept. Of several candidates the closest is taken,
    /// then the first. Items of equal text are matched in order.
    package static func changes(from old: TodoList, to new: TodoList) -> [TodoChange] {
        var matching = Matching(old: old.items, new: new.items)
        matching.match { ItemKey(text: $0.text, section: $0.section) }
        matching.match { ItemKey(text: $0.text, section: nil) }
        matching.matchReworded()
        var changes: [TodoChange] = []
        for (item, partner) in zip(new.items, matching.partners) {
            guard let partner else {
                changes.append(.added(item))
                if item.done { changes.append(.done(item)) }
                continue
            }
            let before = old.items[partner]
            if before.text != item.text { changes.append(.reworded(from: before, to: item)) }
            if before.done != item.done { changes.append(item.done ? .done(item) : .reopened(item)) }
        }
        for (item, isMatched) in zip(old.items, matching.isMatched) where !isMatched { changes.append(.removed(item)) }
        return changes
    }
}

private struct ItemKey: Hashable {
    var text: String
    var section: String?
}

/// Which item of the old version each item of the new one is.
private struct Matching {
    let old: [TodoItem]
    let new: [TodoItem]
    /// For each new item the index of its old one.
    private(set) var partners: [Int?]
    /// For each old item whether it has a new one.
    private(set) var isMatched: [Bool]

    init(old: [TodoItem], new: [TodoItem]) {
        self.old = old
        self.new = new
        partners = Array(repeating: nil, count: new.count)
        isMatched = Array(repeating: false, count: old.count)
    }

    /// Matches, in order, the items that are left on both sides and have the same key.
    mutating func match(by key: (TodoItem) -> ItemKey) {
        var waiting: [ItemKey: [Int]] = [:]
        for index in old.indices.reversed() where !isMatched[index] {
            waiting[key(old[index]), default: []].append(index)
        }
        for index in new.indices where partners[index] == nil {
            if let partner = waiting[key(new[index])]?.popLast() { pair(partner, with: index) }
        }
    }

    /// Matches what is left by words, the closest pair first.
    mutating func matchReworded() {
        let candidates = rewordedCandidates().sorted { $0.isCloser(than: $1) }
        for candidate in candidates where !isMatched[candidate.old] && partners[candidate.new] == nil {
            pair(candidate.old, with: candidate.new)
        }
    }

    private mutating func pair(_ oldIndex: Int, with newIndex: Int) {
        partners[newIndex] = oldIndex
        isMatched[oldIndex] = true
    }

    private struct Candidate {
        var old: Int
        var new: Int
        var kept: Int
        /// The words of both items together; the fewer, the closer are two that share as many.
        var total: Int

        func isCloser(than other: Candidate) -> Bool {
            let mine = kept * other.total
            let others = other.kept * total
            if mine != others { return mine > others }
            return (new, old) < (other.new, other.old)
        }
    }

    /// A word that more items than this have in common says nothing about which of them is meant, and comparing all of
    /// them would take the square of their number.
    private static let commonWordLimit = 500

    private func rewordedCandidates() -> [Candidate] {
        let oldLeft = old.indices.filter { !isMatched[$0] }
        let newLeft = new.indices.filter { partners[$0] == nil }
        guard !oldLeft.isEmpty, !newLeft.isEmpty else { return [] }
        var oldCounts: [Int: [String: Int]] = [:]
        var having: [ItemKey: [Int]] = [:]
        for index in oldLeft {
            let counts = wordCounts(old[index])
            oldCounts[index] = counts
            for word in counts.keys {
                having[ItemKey(text: word, section: old[index].section), default: []].append(index)
            }
        }
        var result: [Candidate] = []
        for index in newLeft {
            let counts = wordCounts(new[index])
            var found: Set<Int> = []
            for word in counts.keys {
                let sharing = having[ItemKey(text: word, section: new[index].section)] ?? []
                if sharing.count <= Self.commonWordLimit { found.formUnion(sharing) }
            }
            for oldIndex in found {
                let before = oldCounts[oldIndex] ?? [:]
                let kept = before.reduce(0) { $0 + min($1.value, counts[$1.key] ?? 0) }
                let size = before.values.reduce(0, +)
                if kept * 10 >= size * 6 {
                    let total = size + counts.values.reduce(0, +)
                    result.append(Candidate(old: oldIndex, new: index, kept: kept, total: total))
                }
            }
        }
        return result
    }

    private func wordCounts(_ item: TodoItem) -> [String: Int] {
        words(of: item.text).reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }
}
