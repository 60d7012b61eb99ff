/// Which item of a TODO file's old version each item of its new version is.
///
/// What is equal at the beginning and at the end of both versions stays what it was, so that a single edit is told exactly.
/// The rest is matched by text, by the surroundings that say most first: the neighbours, the items above it in an outline,
/// the section, the text alone. Items of equal text and surroundings are matched in order. Then come texts that an item of the
/// old version is known to have had, and at last words: within a section, an item is reworded when at least 60% of its words
/// are kept. Of several candidates the closest is taken, then the first.
struct ItemMatching {
    private let old: [TodoItem]
    private let new: [TodoItem]
    /// For each new item the index of its old one.
    private(set) var partners: [Int?]
    /// For each old item whether it has a new one.
    private var isMatched: [Bool]

    /// - Parameter known: the ids that an item may have by its text; the index is one of `new`.
    init(old: [TodoItem], new: [TodoItem], known: (Int) -> [ItemID]) {
        self.old = old
        self.new = new
        partners = Array(repeating: nil, count: new.count)
        isMatched = Array(repeating: false, count: old.count)
        var outline = Outline()
        let places = (old: outline.places(of: old), new: outline.places(of: new))
        matchEnds(places)
        match(places) { Key(place: $0, section: $1.section, before: $0.before, after: $0.after, done: $1.done) }
        match(places) { Key(place: $0, section: $1.section) }
        match(places) { Key(text: $1.text, section: $1.section) }
        match(places) { Key(text: $1.text) }
        matchKnown(known)
        matchReworded()
    }

    private var isComplete: Bool { !partners.contains(nil) || !isMatched.contains(false) }

    private mutating func pair(_ oldIndex: Int, with newIndex: Int) {
        partners[newIndex] = oldIndex
        isMatched[oldIndex] = true
    }

    // MARK: By text

    /// Matches what both versions begin with, then what both end in.
    private mutating func matchEnds(_ places: (old: [Outline.Place], new: [Outline.Place])) {
        func isSame(_ one: Int, _ other: Int) -> Bool {
            places.old[one].node == places.new[other].node && old[one].done == new[other].done
                && old[one].section == new[other].section
        }
        let shorter = min(old.count, new.count)
        var start = 0
        while start < shorter, isSame(start, start) {
            pair(start, with: start)
            start += 1
        }
        var end = 0
        while end < shorter - start, isSame(old.count - 1 - end, new.count - 1 - end) {
            end += 1
            pair(old.count - end, with: new.count - end)
        }
    }

    /// What has to be equal. `nil` stands for whatever is there, but for the section and the neighbours, which may be missing.
    private struct Key: Hashable {
        var text: String?
        var node: Int?
        var section: String?
        var before: String?
        var after: String?
        var done: Bool?

        init(text: String, section: String? = nil) {
            self.text = text
            self.section = section
        }

        init(place: Outline.Place, section: String?, before: String? = nil, after: String? = nil, done: Bool? = nil) {
            node = place.node
            self.section = section
            self.before = before
            self.after = after
            self.done = done
        }
    }

    /// Matches the items that are left on both sides and have the same key.
    ///
    /// Where there are as many on one side as on the other, they are matched in order. Else one was added or removed: those at
    /// the beginning and at the end whose boxes are equal go first.
    private mutating func match(
        _ places: (old: [Outline.Place], new: [Outline.Place]), by key: (Outline.Place, TodoItem) -> Key
    ) {
        if isComplete { return }
        let oldGroups = Dictionary(grouping: old.indices.filter { !isMatched[$0] }) { key(places.old[$0], old[$0]) }
        let newGroups = Dictionary(grouping: new.indices.filter { partners[$0] == nil }) {
            key(places.new[$0], new[$0])
        }
        for (key, newIndices) in newGroups {
            guard let oldIndices = oldGroups[key] else { continue }
            var (olds, news) = (oldIndices[...], newIndices[...])
            if olds.count != news.count {
                while let (first, other) = both(olds.first, news.first), old[first].done == new[other].done {
                    pair(olds.removeFirst(), with: news.removeFirst())
                }
                while let (last, other) = both(olds.last, news.last), old[last].done == new[other].done {
                    pair(olds.removeLast(), with: news.removeLast())
                }
            }
            for (oldIndex, newIndex) in zip(olds, news) { pair(oldIndex, with: newIndex) }
        }
    }

    private func both(_ one: Int?, _ other: Int?) -> (Int, Int)? {
        guard let one, let other else { return nil }
        return (one, other)
    }

    // MARK: By what is known

    /// Matches a text with the old item that had it before, or has it in another lane.
    private mutating func matchKnown(_ known: (Int) -> [ItemID]) {
        if isComplete { return }
        let left = old.indices.filter { !isMatched[$0] }
        let indices = Dictionary(left.map { (old[$0].id, $0) }, uniquingKeysWith: { first, _ in first })
        for index in new.indices where partners[index] == nil {
            let found = known(index).lazy.compactMap { indices[$0] }.first { [isMatched] in !isMatched[$0] }
            if let found { pair(found, with: index) }
        }
    }

    // MARK: By words

    /// Matches what is left by words, the closest pair first.
    private mutating func matchReworded() {
        let candidates = rewordedCandidates().sorted { $0.isCloser(than: $1) }
        for candidate in candidates where !isMatched[candidate.old] && partners[candidate.new] == nil {
            pair(candidate.old, with: candidate.new)
        }
    }

    private struct WordKey: Hashable {
        var word: String
        var section: String?
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
        var having: [WordKey: [Int]] = [:]
        for index in oldLeft {
            let counts = wordCounts(old[index])
            oldCounts[index] = counts
            for word in counts.keys {
                having[WordKey(word: word, section: old[index].section), default: []].append(index)
            }
        }
        var result: [Candidate] = []
        for index in newLeft {
            let counts = wordCounts(new[index])
            var found: Set<Int> = []
            for word in counts.keys {
                let sharing = having[WordKey(word: word, section: new[index].section)] ?? []
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

/// The places of items in their outlines. Two places have the same node when the items and those above them have the same
/// texts.
private struct Outline {
    struct Place {
        var node: Int
        /// The texts of the items before and behind it.
        var before: String?
        var after: String?
    }

    private struct Node: Hashable {
        var parent: Int?
        var text: String
    }

    private var nodes: [Node: Int] = [:]

    mutating func places(of items: [TodoItem]) -> [Place] {
        var above: [(depth: Int, node: Int)] = []
        return items.indices.map { index in
            let item = items[index]
            while let last = above.last, last.depth >= item.depth { above.removeLast() }
            let key = Node(parent: above.last?.node, text: item.text)
            let node = nodes[key] ?? nodes.count
            nodes[key] = node
            above.append((item.depth, node))
            return Place(
                node: node, before: index == 0 ? nil : items[index - 1].text,
                after: index + 1 == items.count ? nil : items[index + 1].text)
        }
    }
}
