internal import Git
internal import GitValues
internal import Glibc
internal import Journal
internal import Snapshots
internal import SystemPackage

/// Which of the repositories in a worktree have something that their commit does not hold: a checkpoint has the commit, so it
/// would not bring that back.
struct DirtyRepositories {
    let session: Session

    /// - Returns: their paths, in order.
    func find(in snapshot: Snapshot) throws -> [RepositoryPath] {
        guard let top = session.repository.workTree else { return [] }
        return try snapshot.repositories.filter { path in
            let place = top.appending(
                path.components.compactMap { FilePath.Component(String(decoding: $0, as: UTF8.self)) })
            // Its own git asks nobody else about it, and writes nothing.
            let arguments = [
                "--no-optional-locks", "-c", "core.fsmonitor=false", "status", "--porcelain",
                "--ignore-submodules=none",
            ]
            guard access(place.string, X_OK) == 0 else { return false }
            let result = try session.repository.gitElsewhere.run(arguments, in: place)
            return result.status == 0 && !result.output.isEmpty
        }
    }
}
