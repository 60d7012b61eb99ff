package import Git
package import GitValues
package import Journal
package import Snapshots
internal import Workflow

/// An operation of several steps that was begun.
///
/// It is written, and flushed, before anything of the user's changes, and removed once the operation is recorded. Whoever
/// finds it while nobody is at work knows from it what is left to do, and what the record of it says.
package struct Intent {
    /// What is done, by the word that a user knows it by.
    package enum Word: String, Sendable {
        case restore, undo, redo, merge, commit
        /// A merge that waits for its conflict to be resolved.
        case conflict
        case agentStart = "agent-start"
        case agentRemove = "agent-remove"
        case agentRestore = "agent-restore"
    }

    package let word: Word
    /// The branch that the worktree was on, in full; `nil` where HEAD was detached.
    package let branch: String?
    /// How the operation is recorded; `nil` where its last step records it in another way.
    package var draft: Draft?
    /// The checkpoint of what was there before.
    package var before: ObjectID?
    /// The tree of files that git's conversions would not give back.
    package var unconverted: ObjectID?
    /// The trees that the user's index goes from and to.
    package var index: IndexMove?
    /// What the index has in the place of the second tree's entry.
    package var staged: [TreeEntry] = []
    /// The branch that moves with the files.
    package var move: BranchMove?
    package var changes: [TreeChange] = []
    /// The permissions that files get.
    package var modes = FileModes.none
    /// What else the operation needs to be finished: words of the room that it belongs to.
    package var facts: [String: String] = [:]

    package init(_ word: Word, branch: String?) {
        self.word = word
        self.branch = branch
    }
}

/// A branch that goes from one commit to another with an operation.
package struct BranchMove: Equatable, Sendable {
    package let branch: String
    package let from: ObjectID
    package let to: ObjectID

    package init(branch: String, from: ObjectID, to: ObjectID) {
        self.branch = branch
        self.from = from
        self.to = to
    }
}

/// An index that goes from one tree to another.
package struct IndexMove: Equatable, Sendable {
    package let from: ObjectID
    package let to: ObjectID

    package init(from: ObjectID, to: ObjectID) {
        self.from = from
        self.to = to
    }
}
