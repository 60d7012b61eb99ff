internal import GitValues

/// Why something that was asked about an agent is not done.
package struct AgentError: ExplainedError {
    /// What callers tell apart.
    package enum Code: Hashable, Sendable {
        /// What was asked cannot be meant: an invalid name, a file that is not there.
        case usage
        /// The answer is no: it exists already, it would lose something.
        case refused
        /// It could not be done.
        case failed
    }

    package let code: Code
    package let cause: String
    package let hint: String?

    package init(_ code: Code, _ cause: String, hint: String? = nil) {
        self.code = code
        self.cause = cause
        self.hint = hint
    }
}
