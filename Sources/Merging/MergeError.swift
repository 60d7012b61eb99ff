package import GitValues

/// Why a merge was not begun, not finished, or not taken back.
package struct MergeError: ExplainedError {
    /// What callers tell apart.
    package enum Code: Hashable, Sendable {
        /// The answer is no: another branch is checked out, nothing is waiting.
        case refused
        /// The conflict in hand is not resolved; ``paths`` are what is left of it.
        case unresolved
        /// It could not be done.
        case failed
    }

    package let code: Code
    package let paths: [RepositoryPath]
    package let cause: String
    package let hint: String?

    package init(_ code: Code, _ cause: String, hint: String? = nil, paths: [RepositoryPath] = []) {
        self.code = code
        self.paths = paths
        self.cause = cause
        self.hint = hint
    }
}
