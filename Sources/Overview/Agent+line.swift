package import Agents
internal import Glibc
internal import Workflow
package import GitValues

extension Agent {
    /// One line for a person: process and place where they say something.
    /// - Parameter now: tells how old the newest checkpoint is, of one that is not over; `nil` for a line without that.
    package func line(at now: Timestamp? = nil) -> String {
        var text = "\(name): \(state.rawValue)"
        if let result, state == .reported, result.status != "complete" { text += " \(result.status)" }
        if process.state != .none { text += ", \(process.state.rawValue)" }
        if let place, place != .ok { text += ", \(place.rawValue)" }
        if let changes, state != .merged {
            let (count, open) = (changes.paths.count, changes.uncommitted.count + changes.untracked.count)
            text += ", \(count) path\(count == 1 ? "" : "s") changed"
            if open > 0 { text += " (\(open) not committed)" }
        }
        if let now, let lastCheckpoint, state != .merged, state != .dropped {
            text += ", checkpoint \(WorkflowDuration(from: lastCheckpoint.time, to: now).text) ago"
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

    /// What the leader has to answer, with the command that does; `nil` where it asks nothing.
    package var asked: String? {
        question.map { question in
            let options = question.options.isEmpty ? "" : " (\(question.options.joined(separator: " | ")))"
            return "\(name) asks: \(question.text)\(options) - git wf agent answer \(name) TEXT"
        }
    }
}
