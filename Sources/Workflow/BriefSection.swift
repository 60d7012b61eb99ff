/// A part of a brief: entries that are shown whole or not at all.
package struct BriefSection: Sendable {
    /// A line, or several that make no sense apart.
    package struct Entry: Sendable {
        package let text: String
        /// When it gets its place in the brief: entries of an earlier round go before those of all later ones.
        package let round: Int
    }

    /// As `--json` has it.
    package let name: String
    /// Without the `##`; empty for the one that needs no heading.
    package let heading: String
    /// In the order in which they are shown.
    package private(set) var entries: [Entry] = []
    /// Whether the last entry is worth the most, as in a list that grows at its end.
    package let isNewestLast: Bool
    /// What one entry is called where some are left out.
    package let noun: String
    /// The command that shows what is left out.
    package let command: String
    /// Entries that there are, but that were not even handed over.
    package var unlisted = 0

    /// - Parameter rounds: how many of the most useful entries get a place in the first round, in the second, and so on;
    ///   the rest comes in the last.
    package init(
        _ name: String, heading: String, entries: [String], rounds: [Int], isNewestLast: Bool = false, noun: String,
        command: String
    ) {
        self.name = name
        self.heading = heading.visible
        self.isNewestLast = isNewestLast
        self.noun = noun
        self.command = command
        for (index, text) in entries.enumerated() {
            let rank = isNewestLast ? entries.count - 1 - index : index
            var round = 0
            var reached = 0
            while round < rounds.count {
                reached += rounds[round]
                if rank < reached { break }
                round += 1
            }
            self.entries.append(Entry(text: text.visible, round: round))
        }
    }

    /// The entries from the most to the least useful.
    var ranked: [Int] { isNewestLast ? entries.indices.reversed() : Array(entries.indices) }
}
