internal import Git
internal import Glibc
internal import SystemPackage

/// What a directory of a worktree is: a repository of its own, or not.
enum NestedRepository: Equatable {
    /// Not one; a `.git` in it may still be something else.
    case none
    /// One whose HEAD is at a commit, or at none yet.
    case at(ObjectID?)
    case unreadable(String)

    init(at path: RepositoryPath, below top: FilePath) {
        guard access(top.appending(path.appending(Array(".git".utf8))), F_OK) == 0 else {
            self = .none
            return
        }
        do {
            let place = FilePath(platformString: top.appending(path))
            let nested = try Repository.open(in: place, gitDirectory: FilePath(".git"))
            self = .at(try nested.head().commit)
        } catch let error as GitError where error.code == .notFound {
            self = .none
        } catch let error as GitError {
            self = .unreadable(error.reason)
        } catch {
            self = .unreadable("\(error)")
        }
    }
}
