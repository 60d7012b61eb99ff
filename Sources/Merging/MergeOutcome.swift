package import GitValues
package import Workflow

/// A command that was run on a merged result before the branch moved.
package struct Verification: Hashable, Sendable {
    package let command: String
    package let exit: Int
    /// The tree that it ran on.
    package let tree: ObjectID
    package let seconds: Int
}

/// What a run of the merge queue came to.
package struct MergeOutcome: Sendable {
    /// An agent whose work is on the leader's branch now.
    package struct Merged: Hashable, Sendable {
        package let agent: Name
        package let commit: ObjectID
        package let verify: Verification?
        /// Changed paths that its spec does not name.
        package let outOfScope: [RepositoryPath]
    }

    package enum StopReason: String, Hashable, Sendable {
        case conflict, verify, dirty
    }

    /// What both sides did to a path that they disagree about, as git shows it.
    package struct Sides: Hashable, Sendable {
        package let path: RepositoryPath
        package let ours: String
        package let theirs: String
    }

    /// Where the queue stopped.
    package struct Stopped: Hashable, Sendable {
        package let agent: Name
        package let reason: StopReason
        package let paths: [RepositoryPath]
        package let outOfScope: [RepositoryPath]
        /// For each path of a conflict.
        package let sides: [Sides]
        package let verify: Verification?
        /// One sentence: what it is, and what leads on.
        package let detail: String
    }

    package var merged: [Merged] = []
    package var stopped: Stopped?
    package var remaining: [Name] = []
    /// What the user should know: work that was committed for an agent, agents that were passed over.
    package var notes: [String] = []

    package init() {}
}
