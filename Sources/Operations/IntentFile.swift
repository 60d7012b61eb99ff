internal import Files
internal import Git
package import Journal
internal import SystemPackage

/// Where the intents of one worktree are: `<commondir>/wf/intents/<workflow>.<worktree>`, and beside it, with `.waiting`, that
/// of a merge which waits for somebody. In a worktree's own folder `git worktree prune` would delete them.
package struct IntentFile {
    private let file: FilePath
    private let journal: Journal

    /// What is being done.
    package static func running(_ journal: Journal) -> IntentFile { IntentFile(journal, ending: "") }

    /// What waits for somebody, while other operations go on.
    package static func waiting(_ journal: Journal) -> IntentFile { IntentFile(journal, ending: ".waiting") }

    private init(_ journal: Journal, ending: String) {
        self.journal = journal
        file = journal.repository.commonDirectory.appending("wf").appending("intents")
            .appending("\(journal.workflow).\(journal.binding.worktree)\(ending)")
    }

    /// - Returns: `nil` where there is none. One that is not whole is none: it was flushed before anything was done.
    package func read() throws -> Intent? { try OrdinaryFile.read(file).flatMap { Intent(parsing: $0) } }

    package func write(_ intent: Intent) throws {
        try WholeFile.write(
            intent.encoded, to: file, access: journal.repository.access,
            isDurable: journal.repository.pending.isDurable)
    }

    package func remove() throws { try WholeFile.remove(file) }

    /// Removes what processes left that were killed while they wrote one.
    func removeLeft() { TemporaryFile.removeLeft(in: file.removingLastComponent(), prefix: WholeFile.prefix) }
}
