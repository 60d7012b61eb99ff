package import GitValues

/// Something that was decided and is not to be decided again.
package struct Decision: Hashable, Sendable {
    /// The checkpoint that records it; behind a dot its number there, from the second one on.
    package let id: String
    package let text: String
    package let because: String?
    package let time: Timestamp
    /// The id of the decision that this one took the place of.
    package let replaces: String?
}

/// The decisions in force, in the order in which they were made.
package struct DecisionLog: Hashable, Sendable {
    package private(set) var decisions: [Decision] = []

    package init() {}

    /// Takes the decisions of a checkpoint. A text that is in force already is kept once.
    ///
    /// `Wf-Because` and `Wf-Replaces` belong to the `Wf-Decision` before them.
    package mutating func record(_ checkpoint: Checkpoint) {
        var found: [(text: String, because: String?, replaces: String?)] = []
        for trailer in checkpoint.message.trailers {
            switch trailer.key {
            case TrailerKey.decision: found.append((trailer.value, nil, nil))
            case TrailerKey.because where !found.isEmpty: found[found.count - 1].because = trailer.value
            case TrailerKey.replaces where !found.isEmpty: found[found.count - 1].replaces = trailer.value
            default: break
            }
        }
        for (number, entry) in found.enumerated() {
            if let replaced = entry.replaces.flatMap({ decision($0) }) {
                decisions.removeAll { $0.text == replaced.text }
            }
            if decisions.contains(where: { $0.text == entry.text }) { continue }
            decisions.append(
                Decision(
                    id: checkpoint.id.hex + (number == 0 ? "" : ".\(number + 1)"), text: entry.text,
                    because: entry.because, time: checkpoint.time, replaces: entry.replaces))
        }
    }

    /// The decision that an id, whole or abbreviated, names; `nil` where it names none or several.
    package func decision(_ id: String) -> Decision? {
        let parts = id.split(separator: ".", omittingEmptySubsequences: false)
        guard let commit = parts.first, commit.count >= 4 else { return nil }
        let number = parts.count > 1 ? "." + parts[1] : ""
        let matching = decisions.filter { decision in
            let own = decision.id.split(separator: ".")
            return own[0].hasPrefix(commit) && (own.count > 1 ? "." + own[1] : "") == number
        }
        return matching.count == 1 ? matching[0] : nil
    }

    /// What either of two logs holds, without some ids and in a given order. A text that both recorded is there twice.
    func united(
        with other: DecisionLog, without ids: Set<String>, orderedBy place: (String) -> Int
    ) -> DecisionLog {
        let own = Set(decisions.map(\.id))
        var union = self
        union.decisions += other.decisions.filter { !own.contains($0.id) }
        union.decisions.removeAll { ids.contains($0.id) }
        union.decisions.sort { place($0.id) < place($1.id) }
        return union
    }

    /// The same with each text once: the first record of it.
    var withoutRepeats: DecisionLog {
        var texts: Set<String> = []
        var log = self
        log.decisions.removeAll { !texts.insert($0.text).inserted }
        return log
    }

    /// Takes the decisions of another lane, behind one's own.
    mutating func append(_ other: DecisionLog) {
        for decision in other.decisions where !decisions.contains(where: { $0.text == decision.text }) {
            decisions.append(decision)
        }
    }
}

extension Decision: Stored {
    package init(from store: inout StoredBytes) throws(StoredBytes.Damaged) {
        self.init(
            id: try store.read(), text: try store.read(), because: try store.read(), time: try store.read(),
            replaces: try store.read())
    }

    package func write(to store: inout StoredBytes) {
        store.add(id)
        store.add(text)
        store.add(because)
        store.add(time)
        store.add(replaces)
    }
}

extension DecisionLog: Stored {
    package init(from store: inout StoredBytes) throws(StoredBytes.Damaged) {
        decisions = try store.read()
    }

    package func write(to store: inout StoredBytes) {
        store.add(decisions)
    }
}
