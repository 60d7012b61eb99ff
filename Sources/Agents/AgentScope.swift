internal import Git
package import GitValues
package import Workflow

/// Whether what an agent changed is what its spec lets it change.
package struct AgentScope: Hashable, Sendable {
    /// How many of the changed paths the spec names.
    package let within: Int
    /// Those that it does not name, in order.
    package let outside: [RepositoryPath]

    /// - Parameters:
    ///   - paths: all that the agent changed.
    ///   - spec: without one, or with one that names no files, there is no scope.
    ///   - granted: what the agent may change beside that, as a spec names paths.
    package init?(of paths: [RepositoryPath], spec: Spec?, granted: [String]) {
        guard let spec, !spec.modifies.isEmpty else { return nil }
        let granted = granted.map { PathPattern($0) }
        outside = paths.filter { path in !spec.allows(path: path) && !granted.contains { $0.covers(path) } }
        within = paths.count - outside.count
    }

    /// As `Wf-Scope` has it: `within`, or the paths outside, each in a trailer of its own.
    package var trailers: [String] {
        outside.isEmpty ? ["within"] : outside.map { "outside: \($0)" }
    }
}

extension Collection {
    /// Some paths or names in one line: the first ones, and how many more there are.
    package func listed<Text: CustomStringConvertible>(atMost limit: Int = 5) -> String where Element == Text {
        let shown = prefix(limit).map(\.description).joined(separator: ", ")
        return count > limit ? "\(shown) and \(count - limit) more" : shown
    }
}
