internal import Agents
internal import Git
internal import GitValues
internal import Journal
internal import Operations
internal import Snapshots
internal import Workflow

/// The ordinary commit that a checkpoint also makes (`--commit`, `checkpoint.commit`): by git itself, so that the user's hooks
/// run, with their identity, signed where they sign, without what the snapshot skipped.
///
/// Everything is staged in a copy of the index, as `git commit -a` does it. The user's own is replaced once the commit is made,
/// so whatever goes wrong before leaves it as it was.
struct BranchCommit {
    let session: Session

    private static let name = "commit"
    private var repository: Repository { session.repository }
    private var file: IntentFile { IntentFile(.commit, of: session.journal) }

    /// Commits everything that a snapshot holds to the workflow's branch.
    /// - Returns: `nil` where there was nothing to commit.
    /// - Throws: `ActionError` where it is not the workflow's branch, git is in the middle of something, or a hook refuses.
    func commit(title: String, body: String, state: WorkflowState, snapshot: Snapshot) throws -> ObjectID? {
        guard session.journal.lane != .leader || snapshot.head.branch == state.branch else {
            throw ActionError(
                "nothing was committed: this worktree is not on \(state.branch.shownBranch), the workflow's branch",
                .refused)
        }
        if let operation = snapshot.operation {
            throw ActionError("nothing was committed: git is in the middle of a \(operation)", .refused)
        }
        // It would wait for the commit whose hook runs it.
        guard !repository.isInOperation else {
            throw ActionError("nothing was committed: a hook of a git command of git-wf's own runs this", .refused)
        }
        guard let top = repository.workTree else { throw WorkspaceError.bare }
        let unmerged = try session.repository.git.unmergedPaths(in: top)
        guard unmerged.isEmpty else {
            throw ActionError(
                "nothing was committed: \(unmerged.listed()) \(unmerged.count == 1 ? "is" : "are") not resolved",
                .refused,
                hint: "git add marks what is resolved")
        }
        return try file.alone {
            // What is left of it is in nobody's way, and goes with the next one.
            defer { try? IndexCopy.remove(Self.name, of: repository) }
            let copy = try IndexCopy(Self.name, of: repository, at: top)
            let excluded = snapshot.skipped.map { ":(top,exclude,literal)\($0.path.description)" }
            let staged = try copy.git(["add", "-A", "--", ":/"] + excluded)
            guard staged.status == 0 else {
                throw ActionError("nothing was committed: \(GitProgram.reason(of: staged))", .refused)
            }
            if try copy.git(["diff", "--cached", "--quiet"]).status == 0 { return nil }
            var intent = Intent(.commit, branch: snapshot.head.branch)
            intent.facts["head"] = snapshot.head.commit?.hex
            intent.facts["index"] = copy.origin
            try file.write(intent)
            let message = body.isEmpty ? "\(title)\n" : "\(title)\n\n\(body)\n"
            let result = try copy.git(
                ["commit", "-q", "-F", "-"], input: Array(message.utf8), output: session.narration.output)
            guard result.status == 0 else {
                try file.remove()
                throw ActionError(
                    "nothing was committed: git commit ended with \(result.status), as a hook may have said above",
                    .refused)
            }
            try take(copy, intent)
            try file.remove()
            return try repository.head().commit
        }
    }

    /// Ends a commit that was cut short: once it was made the index follows, else nothing was done.
    func recover(_ intent: Intent) throws -> Recovery.Outcome? {
        defer { try? IndexCopy.remove(Self.name, of: repository) }
        guard let top = repository.workTree else { throw WorkspaceError.bare }
        let what = "a commit to \(intent.branch.shownBranch) that was cut short"
        let head = try repository.head()
        guard head.branch == intent.branch, let commit = head.commit, commit.hex != intent.facts["head"] else {
            return .takenBack(what)
        }
        guard try repository.commit(commit).parents.first?.hex == intent.facts["head"] else {
            return .givenUp("\(what) was left as it is: the branch has moved since")
        }
        try take(
            IndexCopy(left: Self.name, of: repository, at: top, origin: intent.facts["index"]), intent)
        return .finished("\(what): \(commit.short)")
    }

    /// Puts the copy in the place of the user's index, by git's own lock. Where somebody staged something meanwhile, theirs
    /// stays, and only what was committed is brought into it.
    private func take(_ copy: IndexCopy, _ intent: Intent) throws {
        let isTaken = try IndexLock.hold(of: repository, by: file.holder) {
            guard try copy.isCurrent else { return false }
            try copy.exchange()
            return true
        }
        if isTaken { return }
        guard let top = repository.workTree, let commit = try repository.head().commit else { return }
        let old = intent.facts["head"] ?? Repository.emptyTree.hex
        try repository.git.succeed(
            "bring what was committed into the index", ["read-tree", "-i", "-m", old, commit.hex], in: top)
    }
}
