internal import GitValues

/// Why something that was asked for is not done.
package struct ActionError: ExplainedError {
    /// What callers tell apart.
    package enum Code: String, Hashable, Sendable {
        /// The answer is no: a closed gate, a failed check, nothing to do.
        case refused
        /// It could not be done, and nothing changed.
        case impossible
        /// What was asked cannot be meant.
        case usage
    }

    package let code: Code
    package let cause: String
    package let hint: String?

    package init(_ cause: String, _ code: Code, hint: String? = nil) {
        self.cause = cause
        self.code = code
        self.hint = hint
    }
}
