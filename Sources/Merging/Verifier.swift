internal import Agents
internal import Files
internal import Git
internal import GitValues
internal import Glibc
internal import Journal
internal import SystemPackage

/// Runs the user's own command on a commit, in a worktree made for it and removed after it.
struct Verifier {
    let journal: Journal
    let output: ChildProcess.Output

    func verify(_ command: String, commit: ObjectID) throws -> Verification {
        let git = journal.repository.git
        try journal.repository.pending.makeVisible()
        let folder = try journal.makeWorktreesFolder()
        // No agent's name begins so.
        let place = folder.appending("_verify.\(getpid())")
        let refused: WorktreeMaking.HookFailure?
        do {
            refused = try WorktreeMaking.add(
                place, ["--detach", place.string, commit.hex], in: journal.repository)
        } catch let refusal as WorktreeMaking.Refusal {
            throw GitError(
                .program(status: refusal.status), doing: "make a worktree to verify in", reason: refusal.reason)
        }
        if let refused { journal.note(refused.text) }
        let result: Result<Verification, any Error> = Result {
            let tree = try journal.repository.commit(commit).tree
            let clock = ContinuousClock()
            let start = clock.now
            // Of that worktree, and not of ours.
            let child = try journal.repository.gitElsewhere.runUserCommand(command, in: place, output: output)
            return Verification(
                command: command, exit: Int(child.status), tree: tree,
                seconds: Int((clock.now - start).components.seconds))
        }
        try git.succeed(
            "remove the worktree \(place)", ["worktree", "remove", "--force", "--force", place.string],
            in: journal.place)
        for directory in [folder, folder.removingLastComponent()] { rmdir(directory.string) }
        return try result.get()
    }
}
