package import Agents
internal import Glibc
internal import Workflow

extension Agent {
    /// One line for a person.
    package var line: String {
        var text = "\(name): \(state.rawValue)"
        if let changed, state != .merged { text += ", \(changed) path\(changed == 1 ? "" : "s") changed" }
        if let scope, !scope.outside.isEmpty { text += ", \(scope.outside.count) outside of its spec" }
        if let result { text += " - \(result.summary)" } else if let reason { text += " - \(reason)" }
        return text
    }
}
