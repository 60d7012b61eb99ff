/// Which next actions are over, once something is done that they speak of. They are a person's words, so what counts is that
/// they name it: all words of an item, one behind the other; an agent, with a word for what a leader does with its work.
extension [String] {
    /// Without those that are about an item.
    func without(item: String) -> [String] {
        let item = words(of: item)
        if item.isEmpty { return self }
        return filter { action in
            let action = words(of: action)
            // Of an action that says less than the item, one word alone says too little.
            return !action.containsInOrder(item) && !(action.count > 1 && item.containsInOrder(action))
        }
    }

    /// Without those that name a phase, in whatever form of its word: "Write the plan" is about planning.
    func without(phase name: String) -> [String] {
        let phase = words(of: name)
        return filter { action in
            let action = words(of: action)
            return !action.containsInOrder(["phase", "complete"])
                && !action.contains { word in phase.contains { Self.isSameStem(word, $0) } }
        }
    }

    private static func isSameStem(_ one: String, _ other: String) -> Bool {
        let common = zip(one, other).prefix { $0 == $1 }.count
        let (short, long) = (Swift.min(one.count, other.count), Swift.max(one.count, other.count))
        return one == other || common >= 4 && (common == short || common + 3 >= long)
    }

    private static let collecting: Set<String> = [
        "merge", "merging", "integrate", "collect", "review", "await", "wait", "take", "finish",
    ]

    /// Without those that only wait for the work of an agent.
    /// - Parameter others: agents whose work is still to come; what names one of them too stays.
    func without(agent name: String, others: [String]) -> [String] {
        let name = words(of: name)
        return filter { action in
            let action = words(of: action)
            return !action.containsInOrder(name) || Self.collecting.isDisjoint(with: action)
                || others.contains { action.containsInOrder(words(of: $0)) }
        }
    }
}
