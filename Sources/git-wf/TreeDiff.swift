import Actions
import ArgumentParser
import Git
import GitValues
import Journal
import Snapshots

/// Differences between two trees, printed by git itself, with the user's pager and colours.
struct TreeDiff {
    private let session: Session

    init(_ session: Session) { self.session = session }

    /// As a command that shows differences answers.
    func answer(json: Bool, stat: Bool, from old: ObjectID, to new: ObjectID, paths: [PathSelection]) throws {
        guard json else { return try show(stat ? ["--stat"] : [], from: old, to: new, paths: paths) }
        struct Change: Encodable {
            let path: String
            let status: String
        }
        struct Answer: Encodable { let changes: [Change] }
        let changes = try session.repository.changes(from: old, to: new).filter { change in
            paths.isEmpty || paths.contains { $0.contains(change.path) }
        }
        try JSONDocument.print(
            Answer(
                changes: changes.map {
                    Change(
                        path: $0.path.description,
                        status: $0.old == nil ? "added" : $0.new == nil ? "deleted" : "modified")
                }))
    }

    func show(_ format: [String], from old: ObjectID, to new: ObjectID, paths: [PathSelection]) throws {
        // git would go on for ever through what claims to hold more than fits anywhere.
        _ = try session.repository.changeCount(from: old, to: new)
        let result = try session.repository.git.run(
            ["diff"] + format + [old.hex, new.hex, "--"], paths: paths.flatMap(\.gitArguments),
            in: session.repository.workTree ?? session.surroundings.directory,
            variables: GitProgram.literally, output: .inherited)
        // 141: the reader went away.
        if result.status != 0, result.status != 141 { throw ExitCode(result.status) }
    }
}
