internal import Files
internal import Git
internal import GitValues
internal import Journal
internal import Snapshots
internal import SystemPackage
internal import Workflow

/// The ordinary commit that a checkpoint also makes (`--commit`, `checkpoint.commit`): by git itself, so that the user's hooks
/// run, with their identity, signed where they sign, without what the snapshot skipped.
struct BranchCommit {
    let session: Session
    let state: WorkflowState

    /// Commits everything that a snapshot holds to the workflow's branch.
    /// - Returns: `nil` where there was nothing to commit.
    /// - Throws: `ActionError` where it is not the workflow's branch, git is in the middle of something, or a hook refuses;
    ///   then the index is as it was.
    func commit(title: String, body: String, snapshot: Snapshot) throws -> ObjectID? {
        guard let top = session.repository.workTree else { throw WorkspaceError.bare }
        guard session.journal.lane != .leader || snapshot.head.branch == state.branch else {
            throw ActionError(
                "nothing was committed: this worktree is not on \(state.branch.shownBranch), the workflow's branch",
                .refused)
        }
        if let operation = snapshot.operation {
            throw ActionError("nothing was committed: git is in the middle of a \(operation)", .refused)
        }
        let index = session.repository.gitDirectory.appending("index")
        let before = try OrdinaryFile.read(index)
        let excluded = snapshot.skipped.map { ":(top,exclude,literal)\($0.path.description)" }
        let git = session.surroundings.git
        try git.succeed("stage the worktree", ["add", "-A", "--", ":/"] + excluded, in: top)
        if try git.run(["diff", "--cached", "--quiet"], in: top).status == 0 { return nil }
        let message = body.isEmpty ? "\(title)\n" : "\(title)\n\n\(body)\n"
        let result = try git.run(
            ["commit", "-q", "-F", "-"], in: top, input: Array(message.utf8), output: session.narration.output)
        guard result.status == 0 else {
            if let before { try WholeFile.write(before, to: index) }
            throw ActionError(
                "nothing was committed: git commit ended with \(result.status), as a hook may have said above",
                .refused)
        }
        return try session.repository.head().commit
    }
}
