/// The moment that an automatic checkpoint was taken at, or that one is due at: the value of `Wf-Trigger`, and the words of
/// `checkpoint.on`.
package struct Trigger: RawRepresentable, Hashable, Sendable, Stored {
    /// The word; not always one of `known`, since a newer version may have written it.
    package let rawValue: String

    package init(rawValue: String) { self.rawValue = rawValue }

    // MARK: What git did

    package static let commit = Trigger(rawValue: "commit")
    package static let merge = Trigger(rawValue: "merge")
    package static let checkout = Trigger(rawValue: "checkout")
    /// Commits were rewritten, as `git commit --amend` does.
    package static let rewrite = Trigger(rawValue: "rewrite")
    package static let rebase = Trigger(rawValue: "rebase")

    // MARK: What the work came to

    package static let item = Trigger(rawValue: "item")
    package static let phase = Trigger(rawValue: "phase")
    package static let delegate = Trigger(rawValue: "delegate")
    /// Before an operation that is hard to take back.
    package static let risky = Trigger(rawValue: "risky")
    package static let time = Trigger(rawValue: "time")

    // MARK: What the session did

    package static let pause = Trigger(rawValue: "break")
    package static let toolUse = Trigger(rawValue: "tool-use")
    /// Before a coding agent compresses its context.
    package static let compact = Trigger(rawValue: "compact")
    package static let sessionEnd = Trigger(rawValue: "session-end")

    // MARK: What others did

    /// The leader did something that a checkpoint goes with: its agents' worktrees have one of their own beside it.
    package static let leader = Trigger(rawValue: "leader")

    // MARK: Before our own operations

    package static let restore = Trigger(rawValue: "restore")
    package static let undo = Trigger(rawValue: "undo")

    /// Every trigger of this version.
    package static let known: [Trigger] = [
        .commit, .item, .phase, .delegate, .merge, .checkout, .rewrite, .rebase, .time, .pause, .toolUse, .risky,
        .compact,
        .sessionEnd, .leader, .restore, .undo,
    ]

    /// Whether this version knows the word.
    package var isKnown: Bool { Self.known.contains(self) }
}

extension Trigger: CustomStringConvertible {
    package var description: String { rawValue }
}
