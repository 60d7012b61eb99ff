internal import Agents
internal import Files
internal import Git
internal import GitValues
internal import Glibc
internal import Journal
internal import Operations
internal import Snapshots
internal import SystemPackage
internal import Workflow

/// The ordinary commit that a checkpoint also makes (`--commit`, `checkpoint.commit`): by git itself, so that the user's hooks
/// run, with their identity, signed where they sign, without what the snapshot skipped.
///
/// Everything is staged in a copy of the index, as `git commit -a` does it. The user's own is replaced once the commit is made,
/// so whatever goes wrong before leaves it as it was.
struct BranchCommit {
    let session: Session

    private var repository: Repository { session.repository }
    private var index: FilePath { repository.gitDirectory.appending("index") }
    private var copyFile: RootedFile { RootedFile("wf/index.commit", in: repository.gitDirectory) }
    private var copy: FilePath { copyFile.path }

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
        guard let top = repository.workTree else { throw WorkspaceError.bare }
        let unmerged = try session.repository.git.unmergedPaths(in: top)
        guard unmerged.isEmpty else {
            throw ActionError(
                "nothing was committed: \(unmerged.listed()) \(unmerged.count == 1 ? "is" : "are") not resolved",
                .refused,
                hint: "git add marks what is resolved")
        }
        let file = IntentFile(.commit, of: session.journal)
        return try file.alone {
            defer { for ending in ["", ".lock"] { try? WholeFile.remove(FilePath(copy.string + ending)) } }
            let before = try copyIndex()
            let excluded = snapshot.skipped.map { ":(top,exclude,literal)\($0.path.description)" }
            let staged = try git(["add", "-A", "--", ":/"] + excluded)
            guard staged.status == 0 else {
                throw ActionError("nothing was committed: \(GitProgram.reason(of: staged))", .refused)
            }
            if try git(["diff", "--cached", "--quiet"]).status == 0 { return nil }
            var intent = Intent(.commit, branch: snapshot.head.branch)
            intent.facts["head"] = snapshot.head.commit?.hex
            intent.facts["index"] = before
            try file.write(intent)
            let message = body.isEmpty ? "\(title)\n" : "\(title)\n\n\(body)\n"
            let result = try git(["commit", "-q", "-F", "-"], input: message, output: session.narration.output)
            guard result.status == 0 else {
                try file.remove()
                throw ActionError(
                    "nothing was committed: git commit ended with \(result.status), as a hook may have said above",
                    .refused)
            }
            try takeIndex(intent)
            try file.remove()
            return try repository.head().commit
        }
    }

    /// Ends a commit that was cut short: once it was made the index follows, else nothing was done.
    func recover(_ intent: Intent) throws -> Recovery.Outcome? {
        defer { for ending in ["", ".lock"] { try? WholeFile.remove(FilePath(copy.string + ending)) } }
        let what = "a commit to \(intent.branch.shownBranch) that was cut short"
        let head = try repository.head()
        guard head.branch == intent.branch, let commit = head.commit, commit.hex != intent.facts["head"] else {
            return .takenBack(what)
        }
        guard try repository.commit(commit).parents.first?.hex == intent.facts["head"] else {
            return .givenUp("\(what) was left as it is: the branch has moved since")
        }
        try takeIndex(intent)
        return .finished("\(what): \(commit.short)")
    }

    private func git(
        _ arguments: [String], input: String = "", output: ChildProcess.Output = .collected
    ) throws -> ChildProcess.Result {
        guard let top = repository.workTree else { throw WorkspaceError.bare }
        return try session.repository.git.run(
            arguments, in: top, variables: ["GIT_INDEX_FILE": copy.string], input: Array(input.utf8), output: output)
    }

    /// - Returns: what the user's index is known by; `nil` where there is none yet.
    private func copyIndex() throws -> String? {
        guard let bytes = try OrdinaryFile.read(index, upTo: .max - 1) else { return nil }
        try copyFile.write(bytes, access: repository.access)
        // Its entries are as old as they were: git tells by that which files it has to look at again.
        var status = stat()
        guard stat(index.string, &status) == 0 else { throw FileError("read \(index)") }
        var times = [status.st_mtim, status.st_mtim]
        guard utimensat(AT_FDCWD, copy.string, &times, 0) == 0 else { throw FileError("write \(copy)") }
        return try Repository.blobID(of: bytes).hex
    }

    /// Puts the copy in the place of the user's index, by git's own lock. Where somebody staged something meanwhile, theirs
    /// stays, and only what was committed is brought into it.
    private func takeIndex(_ intent: Intent) throws {
        let lock = FilePath(index.string + ".lock")
        var attempts = 0
        // One that is the copy itself was left by a process of ours that was killed here.
        while link(copy.string, lock.string) != 0, !isSameFile(copy, lock) {
            guard errno == EEXIST, attempts < 500 else { throw FileError("write \(index)") }
            attempts += 1
            usleep(2000)
        }
        let present = try OrdinaryFile.read(index, upTo: .max - 1).map { try Repository.blobID(of: $0).hex }
        if present == intent.facts["index"] {
            guard rename(lock.string, index.string) == 0 else { throw FileError("write \(index)") }
            return
        }
        try WholeFile.remove(lock)
        guard let top = repository.workTree, let commit = try repository.head().commit else { return }
        let old = intent.facts["head"] ?? Repository.emptyTree.hex
        try session.repository.git.succeed(
            "bring what was committed into the index", ["read-tree", "-i", "-m", old, commit.hex], in: top)
    }

    private func isSameFile(_ one: FilePath, _ other: FilePath) -> Bool {
        var (first, second) = (stat(), stat())
        guard stat(one.string, &first) == 0, stat(other.string, &second) == 0 else { return false }
        return first.st_ino == second.st_ino && first.st_dev == second.st_dev
    }
}
