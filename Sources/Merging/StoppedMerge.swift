internal import Git
package import GitValues
package import Journal
internal import Operations
package import Workflow

/// A merge of the queue that stopped at a conflict, and waits for whoever resolves it.
package struct StoppedMerge: Sendable {
    package let agent: Name
    /// The paths that git has as unmerged.
    package let unmerged: [RepositoryPath]
    /// Those that follow it.
    package let remaining: [Name]

    /// Looks for one; nothing is written.
    /// - Returns: `nil` where none waits in this worktree.
    package init?(_ journal: Journal) throws {
        guard journal.lane == .leader, let waiting = try WaitingMerge.read(journal) else { return nil }
        agent = waiting.agent
        remaining = waiting.remaining
        let top = journal.repository.workTree ?? journal.surroundings.directory
        // Of the index alone: nothing that the repository's configuration names is run for it.
        let listed = try journal.repository.git.succeed("list what is unmerged", ["ls-files", "-u", "-z"], in: top)
        let tab = UInt8(ascii: "\t")
        unmerged = Set(
            listed.output.split(separator: 0).map { RepositoryPath(bytes: $0.drop { $0 != tab }.dropFirst()) }
        ).sorted()
    }

    /// What it waits for, and the commands that lead on.
    package var text: String {
        let paths = unmerged.prefix(5).map(\.text).joined(separator: ", ") + (unmerged.count > 5 ? ", …" : "")
        let doing = unmerged.isEmpty ? "" : "resolve \(paths) and git add; "
        return
            "the merge of \(agent) stopped at a conflict: \(doing)git wf merge --continue goes on, --abort takes it back"
    }
}
