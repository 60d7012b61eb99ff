internal import CGit
internal import Files
package import GitValues
internal import Glibc

/// The branch that is checked out, held by git's own locks (`HEAD.lock` and the branch's) until it is moved, or this ends:
/// nobody commits to it and nobody switches away from it meanwhile.
package final class HeldReference {
    private let name: String
    private let repository: Repository
    private let transaction: Handle

    /// - Parameter expected: what it points at.
    /// - Throws: `GitError` with code `.locked` where somebody else held a lock for a second, `.modified` where it has moved.
    package init(_ name: String, at expected: ObjectID, in repository: Repository) throws {
        self.name = name
        self.repository = repository
        transaction = try Handle("hold \(name)", freedBy: git_transaction_free) {
            git_transaction_new(&$0, repository.pointer)
        }
        for reference in ["HEAD", name] { try lock(reference) }
        guard try repository.reference(name) == expected else {
            throw GitError(.modified, doing: "move \(name)", reason: "it has moved")
        }
    }

    private func lock(_ reference: String) throws {
        try repository.access.underItsUmask {
            for _ in 0..<500 {
                do {
                    _ = try check(git_transaction_lock_ref(transaction.pointer, reference), "hold \(reference)")
                    return
                } catch let error as GitError where error.code == .locked {
                    usleep(2000)
                }
            }
            _ = try check(git_transaction_lock_ref(transaction.pointer, reference), "hold \(reference)")
        }
    }

    /// Points the branch at `target`, and gives the locks back. What this process made is visible, and kept, before that.
    /// - Parameter reason: for the reflog.
    package func move(to target: ObjectID, reason: String) throws {
        try repository.pending.publish {
            try repository.access.underItsUmask {
                var oid = target.oid
                _ = try check(
                    git_transaction_set_target(transaction.pointer, name, &oid, nil, reason), "move \(name)")
                _ = try check(git_transaction_commit(transaction.pointer), "move \(name)")
            }
        }
    }
}
