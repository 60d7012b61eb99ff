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
        let git = journal.surroundings.git
        try journal.repository.pending.makeVisible()
        let folder = try journal.makeWorktreesFolder()
        // No agent's name begins so.
        let place = folder.appending("_verify.\(getpid())")
        try git.succeed(
            "make a worktree to verify in",
            ["worktree", "add", "--quiet", "--detach", place.string, commit.hex], in: journal.place)
        let result: Result<Verification, any Error> = Result {
            let tree = try journal.repository.commit(commit).tree
            let clock = ContinuousClock()
            let start = clock.now
            let child = try git.runUserCommand(command, in: place, output: output)
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
