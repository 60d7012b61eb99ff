internal import Files
package import Git
internal import Glibc
internal import SystemPackage

/// git's own lock of a worktree's index (`index.lock`). While we hold it nobody stages, commits, switches, stashes or resets.
///
/// It says in it whose it is, so that one which a killed process left is known: nobody but the holder of the operation's lock
/// takes it in that name.
package enum IndexLock {
    /// Runs `body` while the lock is held; waits for a moment where a git of somebody else's has it.
    /// - Parameter holder: what the operation is known by.
    /// - Throws: `OperationError` where that git does not end soon, `FileError`.
    package static func hold<Result>(
        of repository: Repository, by holder: String, _ body: () throws -> Result
    ) throws -> Result {
        let file = file(of: repository)
        try take(file, repository, holder)
        // One that cannot be removed is as one that a crash left, which git names.
        defer { unlink(file.characters) }
        return try body()
    }

    private static func take(_ file: FilePath, _ repository: Repository, _ holder: String) throws {
        let folder = repository.gitDirectory.appending("wf")
        try Folder.make(folder, access: repository.access)
        let own = try TemporaryFile(in: folder, prefix: "lock.", mode: 0o666)
        try own.setMode { repository.access.widened($0) }
        try own.write(text(holder))
        for _ in 0..<1000 {
            if try own.claim(file) { return }
            usleep(2000)
        }
        throw OperationError(
            "a git command holds \(file), or crashed and left it there; nothing was changed",
            hint: "ps says whether one is at work; once none is, rm \(file), as git says too, and run this again")
    }

    /// Removes the one that a process of ours left when it was killed.
    package static func removeIfLeft(in repository: Repository, by holder: String) throws {
        let file = file(of: repository)
        // One that cannot be read is not ours.
        guard let bytes = try? OrdinaryFile.read(file, upTo: 4096), bytes == text(holder) else { return }
        try WholeFile.remove(file)
    }

    private static func file(of repository: Repository) -> FilePath { repository.gitDirectory.appending("index.lock") }

    private static func text(_ holder: String) -> [UInt8] { Array("git-wf \(holder)\n".utf8) }
}
