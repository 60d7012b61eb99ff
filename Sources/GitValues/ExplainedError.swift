/// An error that people see: what went wrong and what helps, apart. Only a door makes lines of them.
package protocol ExplainedError: Error, CustomStringConvertible {
    /// What was tried and why it failed, in one sentence without a command.
    var cause: String { get }
    /// The one command that helps, and what it does; `nil` where none does. Never one that destroys.
    var hint: String? { get }
}

extension ExplainedError {
    package var description: String { hint.map { "\(cause); \($0)" } ?? cause }
}
