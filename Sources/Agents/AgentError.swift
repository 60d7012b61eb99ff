/// Why something that was asked about an agent is not done.
package struct AgentError: Error, CustomStringConvertible {
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
    /// One sentence, with the command that helps.
    package let description: String

    package init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
