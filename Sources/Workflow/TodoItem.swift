/// One check box of a TODO file.
package struct TodoItem: Hashable, Sendable {
    /// 1 for the first box of the file, counted in document order.
    package let number: Int
    /// The item's first paragraph as one line, its inline Markdown as written.
    package let text: String
    package let done: Bool
    /// How many list items this one is inside of.
    package let depth: Int
    /// The texts of the headings that the item is under, from the outermost to the nearest.
    package let headings: [String]
    /// The 0-based line of the box.
    package let line: Int
    /// Where it is known; see ``ItemLog/identified(_:after:)``.
    package internal(set) var id: ItemID?

    package init(number: Int, text: String, done: Bool, depth: Int = 0, headings: [String] = [], line: Int = 0) {
        self.number = number
        self.text = text
        self.done = done
        self.depth = depth
        self.headings = headings
        self.line = line
    }

    /// As a checkpoint names it; `nil` where its id is not known.
    package var reference: RecordedItem? { id.map { RecordedItem(id: $0, text: text) } }

    /// The text of the nearest heading above; `nil` above the first one.
    package var section: String? { headings.last }

    /// The phase that the item belongs to. A heading names a phase when the phase's words follow one another in it, in any case:
    /// `## Phase 2: Implementing` names `implementing`. Of several the one with most words is taken, then the first.
    /// - Parameter phases: the names of the workflow's phases, in order.
    /// - Returns: the one that the nearest heading names, else the one that the heading above that names, and so on.
    package func phase(among phases: [String]) -> String? {
        for heading in headings.reversed() {
            if let phase = phaseNamed(by: heading, among: phases) { return phase }
        }
        return nil
    }
}

/// The phase that a heading's text names, by the rule of ``TodoItem/phase(among:)``.
func phaseNamed(by heading: String, among phases: [String]) -> String? {
    let headingWords = words(of: heading)
    var best: (phase: String, count: Int)?
    for phase in phases {
        let phaseWords = words(of: phase)
        if headingWords.containsInOrder(phaseWords), phaseWords.count > best?.count ?? 0 {
            best = (phase, phaseWords.count)
        }
    }
    return best?.phase
}

extension [String] {
    /// Whether `words`, of which there is at least one, stand somewhere in this list one after the other.
    func containsInOrder(_ words: [String]) -> Bool {
        guard !words.isEmpty, words.count <= count else { return false }
        return (0...(count - words.count)).contains { self[$0..<($0 + words.count)].elementsEqual(words) }
    }
}
