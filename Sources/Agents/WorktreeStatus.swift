internal import Git
internal import GitValues
internal import SystemPackage

/// What `git status` says of a worktree. It takes no lock, writes nothing, and starts no program that the worktree names.
struct WorktreeStatus {
    private(set) var uncommitted: [RepositoryPath] = []
    private(set) var untracked: [RepositoryPath] = []
    /// Why nothing is known, in git's words.
    private(set) var problem: String?

    /// What is not committed in each of several worktrees, looked at beside each other.
    static func all(_ worktrees: [LinkedWorktree?], git: GitProgram) throws -> [WorktreeStatus?] {
        let children = try worktrees.map { try $0.map { try start(in: $0, git: git) } }
        return children.map { $0.map { WorktreeStatus($0.wait()) } }
    }

    /// git is told where the git directory is, whatever the folder says of that.
    private static func start(in worktree: LinkedWorktree, git: GitProgram) throws -> RunningChild {
        try git.start(
            [
                "--no-optional-locks", "-c", "core.fsmonitor=false", "status", "--porcelain", "-z", "--no-renames",
                "--untracked-files=all", "--ignore-submodules=dirty",
            ], in: worktree.path, variables: worktree.variables)
    }

    private init(_ result: ChildProcess.Result) {
        guard result.status == 0 else {
            problem = GitProgram.reason(of: result)
            return
        }
        for entry in result.output.split(separator: 0) where entry.count > 3 {
            let path = RepositoryPath(bytes: entry.dropFirst(3))
            if entry.starts(with: "??".utf8) { untracked.append(path) } else { uncommitted.append(path) }
        }
    }
}
