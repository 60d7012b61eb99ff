internal import Files
internal import Git
internal import GitValues
internal import SystemPackage
internal import Workflow

/// Whether a checkpoint was written in this repository, as far as this machine can tell.
struct CheckpointOrigin {
    private let repository: Repository
    private let worktrees: Set<String>
    /// What the last fetch of each worktree brought.
    private let fetched: [ObjectID]

    init(_ repository: Repository) throws {
        self.repository = repository
        worktrees = try Binding.worktreeIDs(in: repository)
        fetched = try Binding.gitDirectories(of: repository).flatMap { directory in
            // A line for each head: its id, a tab, and where it came from.
            let bytes = try OrdinaryFile.read(directory.appending("FETCH_HEAD")) ?? []
            return bytes.split(separator: UInt8(ascii: "\n")).compactMap {
                ObjectID(hex: String(decoding: $0.prefix(40), as: UTF8.self))
            }
        }
    }

    /// Whether the checkpoint says that a worktree wrote it which is one of this repository's.
    func isHere(_ checkpoint: Checkpoint) -> Bool { checkpoint[TrailerKey.worktree].map(worktrees.contains) ?? false }

    /// Whether a fetch brought a commit: whoever knows the id of a worktree can claim to be it.
    func isFetched(_ id: ObjectID) throws -> Bool {
        try fetched.contains { tip in
            guard try repository.contains(tip) else { return false }
            return try tip == id || repository.isDescendant(tip, of: id)
        }
    }
}
