internal import Actions
internal import Git
internal import GitValues
internal import Glibc
internal import Journal
internal import Snapshots
internal import Workflow

/// What a timeline leaves out.
struct TimelineFilter {
    private let kinds: Set<String>
    private let phases: Set<String>
    private let actors: Set<String>
    private let since: Int64?
    private let until: Int64?
    private let paths: [PathSelection]
    private let session: Session

    init(_ request: Timeline.Request, session: Session) throws {
        kinds = Set(request.kinds)
        phases = Set(request.phases)
        actors = Set(request.actors)
        since = try request.since.map { try Self.seconds($0, option: "since", session: session) }
        until = try request.until.map { try Self.seconds($0, option: "until", session: session) }
        paths = try session.selections(request.paths)
        self.session = session
    }

    var isEmpty: Bool {
        kinds.isEmpty && phases.isEmpty && actors.isEmpty && since == nil && until == nil && paths.isEmpty
    }

    var hasPaths: Bool { !paths.isEmpty }

    /// Trees are read only where paths were asked for, and only of what nothing else leaves out.
    /// - Returns: `nil` for a checkpoint that is left out.
    func match(_ checkpoint: Checkpoint) throws -> PathChange? {
        // A clock may have gone back, so one that is too old says nothing of those behind it.
        if let since, checkpoint.time.seconds < since { return nil }
        if let until, checkpoint.time.seconds > until { return nil }
        let hasDecision = kinds.contains("decision") && !checkpoint.values(of: TrailerKey.decision).isEmpty
        if !kinds.isEmpty, !kinds.contains(checkpoint.kind.rawValue), !hasDecision { return nil }
        if !phases.isEmpty, !phases.contains(checkpoint.phase ?? "") { return nil }
        if !actors.isEmpty, !isBy(checkpoint.actor) { return nil }
        return hasPaths ? try session.journal.change(at: checkpoint, of: paths) : PathChange(renames: [])
    }

    /// Whether an actor is asked for: in full, or by its name alone.
    private func isBy(_ actor: String) -> Bool {
        actors.contains(actor)
            || actor.firstIndex(of: ":").map { actors.contains(String(actor[actor.index(after: $0)...])) } == true
    }

    /// A time, by git's own date parser.
    private static func seconds(_ text: String, option: String, session: Session) throws -> Int64 {
        let result = try session.repository.git.succeed(
            "read --\(option)", ["rev-parse", "--\(option)=\(text)"], in: session.surroundings.directory)
        guard let equals = result.text.firstIndex(of: "="),
            let seconds = Int64(result.text[result.text.index(after: equals)...])
        else { throw ActionError("--\(option) does not understand \(text.quoted)", .usage) }
        return seconds
    }
}
