internal import GitValues

/// A step that the state machine does not allow.
package struct IllegalTransition: ExplainedError, Hashable, Sendable {
    /// What was tried, and why not.
    package let reason: String
    /// The commands that are allowed from here.
    package let allowed: [String]

    package init(_ reason: String, allowed: [String]) {
        self.reason = reason
        self.allowed = allowed
    }
}

extension IllegalTransition {
    package var cause: String { reason }
    package var hint: String? {
        allowed.isEmpty ? nil : "allowed now: \(allowed.map { "git wf \($0)" }.joined(separator: ", "))"
    }
}
