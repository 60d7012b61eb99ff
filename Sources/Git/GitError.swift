internal import CGit

/// Why something that was asked of a repository could not be done.
package struct GitError: Error, Hashable {
    /// What callers tell apart; everything else keeps libgit2's number.
    package enum Code: Hashable, Sendable {
        case notFound, exists, ambiguous, locked, modified, conflict, notOwned, unsupported, invalid, bare
        /// An object that git would not have made.
        case malformed
        /// Something is there, and not what it should be.
        case damaged
        case program(status: Int32)
        case other(Int32)
    }

    package let code: Code
    /// What was being done, as in "could not …".
    package let doing: String
    /// What the library, the system or the git program said.
    package let reason: String

    package init(_ code: Code, doing: String, reason: String) {
        self.code = code
        self.doing = doing
        self.reason = reason
    }
}

extension GitError: CustomStringConvertible {
    package var description: String { "could not \(doing): \(reason)" }
}

/// The funnel: every status of libgit2 goes through here.
///
/// libgit2 keeps its last error for each thread, so it is read and cleared at once.
/// - Returns: the status, where it is not an error (some functions return a count).
/// - Throws: `GitError` for a negative status.
@discardableResult
func check(_ status: Int32, _ doing: @autoclosure () -> String) throws(GitError) -> Int32 {
    guard status < 0 else { return status }
    throw failure(status, doing())
}

/// As ``check(_:_:)``, where "not found" is an answer and not an error.
/// - Returns: whether it was found.
func found(_ status: Int32, _ doing: @autoclosure () -> String) throws(GitError) -> Bool {
    if status == GIT_ENOTFOUND.rawValue {
        git_error_clear()
        return false
    }
    try check(status, doing())
    return true
}

private func failure(_ status: Int32, _ doing: String) -> GitError {
    var reason = "libgit2 gave no reason (\(status))"
    var isUnsupported = false
    var isNotOwned = status == GIT_EOWNER.rawValue
    if let last = git_error_last(), let message = last.pointee.message {
        reason = String(cString: message)
        // Without any `safe.directory` libgit2 1.5 says "not found" of that key.
        isNotOwned = isNotOwned || reason.contains("'safe.directory'")
        isUnsupported = reason.hasPrefix("unsupported extension") || reason.hasPrefix("unsupported repository version")
    }
    git_error_clear()
    if isUnsupported {
        let name = reason.split(separator: " ").last { $0.hasPrefix("extensions.") }
        reason = "git-wf does not support this repository: " + (name.map { "it has \($0)" } ?? reason)
    } else if isNotOwned {
        reason =
            "it belongs to another user; if you trust it, run `git config --global --add safe.directory` with its path"
    }
    let code: GitError.Code =
        switch git_error_code(status) {
        case _ where isNotOwned: .notOwned
        case GIT_ENOTFOUND, GIT_EUNBORNBRANCH: .notFound
        case GIT_EEXISTS: .exists
        case GIT_EAMBIGUOUS: .ambiguous
        case GIT_ELOCKED: .locked
        case GIT_EMODIFIED: .modified
        case GIT_ECONFLICT, GIT_EMERGECONFLICT, GIT_EUNMERGED: .conflict
        case GIT_EINVALID, GIT_EINVALIDSPEC: .invalid
        case GIT_EBAREREPO: .bare
        default: isUnsupported ? .unsupported : .other(status)
        }
    return GitError(code, doing: doing, reason: reason)
}
