/// Why something that was asked for is not done.
package struct ActionError: Error, CustomStringConvertible {
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
    package let description: String

    package init(_ description: String, _ code: Code) {
        self.description = description
        self.code = code
    }
}
