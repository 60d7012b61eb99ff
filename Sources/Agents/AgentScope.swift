package import Git
package import GitValues
package import Workflow

/// Whether what an agent changed is what its spec lets it change.
package struct AgentScope: Hashable, Sendable {
    /// How many of the changed paths the spec names.
    package let within: Int
    /// Those that it does not name, in order.
    package let outside: [RepositoryPath]

    /// - Parameters:
    ///   - changes: all that the agent changed.
    ///   - spec: without one, or with one that names no files, there is no scope.
    ///   - always: paths that every agent may change, such as the TODO file.
    package init?(of changes: [TreeChange], spec: Spec?, always: Set<RepositoryPath>) {
        guard let spec, !spec.modifies.isEmpty else { return nil }
        outside = changes.map(\.path).filter { !always.contains($0) && !spec.allows(path: $0) }
        within = changes.count - outside.count
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
