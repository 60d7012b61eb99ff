internal import Files
internal import Git
internal import GitValues
internal import Glibc
internal import Snapshots
internal import SystemPackage

/// The files of a worktree that would be lost with it: no checkpoint holds them, and the leader does not have the same.
struct UnheldFiles {
    let worktree: FilePath
    let leader: FilePath
    let git: GitProgram
    let repository: Repository

    /// Ignored files, files that the snapshot left out, and repositories inside.
    func find(_ snapshot: Snapshot) throws -> [RepositoryPath] {
        let listed = try git.succeed(
            "list the ignored files of \(worktree)",
            ["--no-optional-locks", "ls-files", "-z", "--others", "--ignored", "--exclude-standard"], in: worktree)
        let ignored = listed.output.split(separator: 0).map { RepositoryPath(bytes: $0) }
        let skipped = snapshot.skipped.map(\.path)
        let nested = try repository.changes(from: Repository.emptyTree, to: snapshot.tree)
            .filter { $0.new?.mode == .gitlink && OrdinaryFile.isThere(file($0.path, in: worktree).appending(".git")) }
            .map(\.path)
        return try Set(ignored + skipped + nested).sorted().filter { try !isOurs($0) && !leaderHas($0) }
    }

    /// The spec that `agent start` wrote is held by the leader's lane.
    private func isOurs(_ path: RepositoryPath) -> Bool {
        path == RepositoryPath(".wf/spec.md") || path == RepositoryPath(".wf/.gitignore")
            || path == RepositoryPath("workflow-state.md")
    }

    private func leaderHas(_ path: RepositoryPath) throws -> Bool {
        let (here, there) = (file(path, in: worktree), file(path, in: leader))
        guard let size = OrdinaryFile.size(of: here), size == OrdinaryFile.size(of: there) else { return false }
        return try OrdinaryFile.read(here) == OrdinaryFile.read(there)
    }

    private func file(_ path: RepositoryPath, in top: FilePath) -> FilePath { top.pushing(FilePath(path.description)) }
}
