package import Agents
internal import Glibc
internal import Workflow

extension Agent {
    /// One line for a person: process and place where they say something.
    package var line: String {
        var text = "\(name): \(state.rawValue)"
        if let result, state == .reported, result.status != "complete" { text += " \(result.status)" }
        if process.state != .none { text += ", \(process.state.rawValue)" }
        if let place, place != .ok { text += ", \(place.rawValue)" }
        if let changes, state != .merged {
            let (count, open) = (changes.paths.count, changes.uncommitted.count + changes.untracked.count)
            text += ", \(count) path\(count == 1 ? "" : "s") changed"
            if open > 0 { text += " (\(open) not committed)" }
        }
        if isConflicted { text += ", conflicts" }
        if let problem { text += ", \(problem)" }
        if let scope, !scope.outside.isEmpty { text += ", \(scope.outside.count) outside of its spec" }
        let words: String? =
            switch state {
            case .asking: question.map(\.text)
            case .reported, .merged: result?.summary
            case .open, .sentBack, .refused, .dropped: reason
            }
        return words.map { "\(text) - \($0)" } ?? text
    }
}
