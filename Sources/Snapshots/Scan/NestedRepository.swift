internal import Git
internal import GitValues
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
        let link = path.appending(Array(".git".utf8))
        // What cannot be looked at makes no repository.
        guard let status = (try? top.status(of: link)) ?? nil, status.isDirectory || Self.isLink(link, below: top)
        else {
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

    /// Whether a file is what git puts in the place of `.git` where the repository is elsewhere.
    private static func isLink(_ path: RepositoryPath, below top: FilePath) -> Bool {
        let descriptor = open(top.appending(path), O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        // git takes one that it cannot read for a link.
        guard descriptor >= 0 else { return true }
        defer { close(descriptor) }
        var start = [UInt8](repeating: 0, count: 8)
        return read(descriptor, &start, start.count) == 8 && start == Array("gitdir: ".utf8)
    }
}
