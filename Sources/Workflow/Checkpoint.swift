package import GitValues

/// A checkpoint: a commit of ours, read. Its tree is the worktree's snapshot, its trailers say what happened.
package struct Checkpoint: Sendable {
    package let id: ObjectID
    package let tree: ObjectID
    package let parents: [ObjectID]
    package let time: Timestamp
    package let message: CheckpointMessage
    package let kind: CheckpointKind

    package init(id: ObjectID, tree: ObjectID, parents: [ObjectID], time: Timestamp, message: CheckpointMessage) {
        kind = CheckpointKind(rawValue: message[TrailerKey.kind] ?? "")
        self.id = id
        self.tree = tree
        self.parents = parents
        self.time = time
        self.message = message
    }

    /// `nil` where the commit is none of ours: it has no `Wf-Kind`.
    package init?(_ commit: Commit) {
        self.init(anyCommit: commit)
        guard self[TrailerKey.kind] != nil else { return nil }
    }

    /// A commit that stands in a lane, whoever put it there: it may have no `Wf-Kind`, and the fold then refuses it.
    package init(anyCommit commit: Commit) {
        self.init(
            id: commit.id, tree: commit.tree, parents: commit.parents, time: commit.committer.time,
            message: CheckpointMessage(parsing: commit.message))
    }

    /// What a fold needs of one, and nothing else: no parents, no body, no trailers that say nothing about the state.
    /// - Parameter message: as the commit has it.
    package init(folding id: ObjectID, tree: ObjectID, time: Timestamp, message: UnsafeBufferPointer<UInt8>) {
        self.init(id: id, tree: tree, parents: [], time: time, message: CheckpointMessage(folding: message))
    }

    package var title: String { message.title }
    package var phase: String? { self[TrailerKey.phase] }
    package var actor: String { self[TrailerKey.actor] ?? "unknown" }
    package var trigger: Trigger? { self[TrailerKey.trigger].map { Trigger(rawValue: $0) } }
    package var workflow: String? { self[TrailerKey.workflow] }
    package var lane: String? { self[TrailerKey.lane] }
    package var head: ObjectID? { id(of: TrailerKey.head) }

    /// The version of the format; a greater one than ours is read, never appended to.
    package var version: Int { self[TrailerKey.version].flatMap { Int($0) } ?? 1 }
    package static let currentVersion = 1

    /// The previous checkpoint of the same lane: the first parent, but for the first of a lane, which has none.
    package var previous: ObjectID? { parents.first }

    /// The value of a trailer that is there once.
    package subscript(key: String) -> String? { message[key] }

    /// The values of a trailer that is there for each entry of a list.
    package func values(of key: String) -> [String] { message.values(of: key) }

    /// The value of a trailer that names an object.
    package func id(of key: String) -> ObjectID? { self[key].flatMap { ObjectID(hex: $0) } }

    /// Whether TODO.md and `.wfconfig` of its tree speak for the workflow: it was taken on the workflow's branch while git
    /// was not in the middle of anything.
    package func speaks(for branch: String?) -> Bool {
        kind != .auto && self[TrailerKey.operation] == nil && branch != nil && self[TrailerKey.branch] == branch
    }
}
