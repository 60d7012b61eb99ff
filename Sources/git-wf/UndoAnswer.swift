import Actions
import ArgumentParser
import Git
import GitValues
import Journal
import Operations
import Snapshots
import Workflow

/// What `undo` and `redo` do and answer.
struct UndoAnswer {
    private let target: UndoTarget
    private let isDryRun: Bool
    private let options: SharedOptions

    init(_ target: UndoTarget, isDryRun: Bool, options: SharedOptions) {
        self.target = target
        self.isDryRun = isDryRun
        self.options = options
    }

    func run() throws {
        let session = try options.open(forWriting: !isDryRun)
        let undone = try BringingBack(session).undo(target, isDryRun: isDryRun)
        if options.json {
            try JSONDocument.print(Answer(undone, head: session.repository.head().commit))
        } else {
            Terminal.standard.answer(text(undone, zone: session.surroundings.now.offset))
        }
        // As without -n.
        if let refusal = undone.refusal { throw ExitCode(Failure(refusal).status.rawValue) }
    }

    private func text(_ undone: UndoneOperation, zone: Int) -> String {
        let plan = undone.plan
        var lines = Lines()
        let verb = target == .redo ? (would: "would redo", did: "redid") : (would: "would undo", did: "undid")
        lines.add("\(isDryRun ? verb.would : verb.did) \(plan.origin.id.short): \(plan.origin.title.printable)")
        if let refusal = undone.refusal {
            lines.add("  \(refusal.description)")
            return lines.text
        }
        if let move = plan.move { lines.add("  the branch goes from \(move.from.short) to \(move.to.short)") }
        lines.add(plan.changes, limit: 20, of: "paths") { change in
            let path = change.path.text.printable
            return undone.versions[change.path].map { "  restored \(path) \($0.text(in: zone))" } ?? "  removed \(path)"
        }
        lines.add(plan.left, limit: 20, of: "paths that were left") {
            "  left as it is: \($0.path.text.printable) (\($0.reason.printable))"
        }
        if !plan.edited.isEmpty {
            let list = plan.edited.prefix(5).map(\.text.printable).joined(separator: ", ")
            let more = plan.edited.count > 5 ? " and \(plan.edited.count - 5) more" : ""
            let holder =
                undone.result.map { "\($0.before.id.short) holds those edits" } ?? "a checkpoint will hold those edits"
            lines.add("  edited since: \(list)\(more); \(holder)")
        }
        return lines.text
    }

    private struct Answer: Encodable {
        let undone: String
        let restored: [RestoredAnswer]
        let head: String?
        let left: [ObstacleAnswer]?
        let blocked: [ObstacleAnswer]?

        init(_ undone: UndoneOperation, head: ObjectID?) {
            let plan = undone.plan
            self.undone = plan.operation.id.hex
            restored =
                undone.refusal == nil
                ? plan.changes.map { RestoredAnswer($0, from: plan.before.id, undone.versions[$0.path]) } : []
            self.head = head?.hex
            left = ObstacleAnswer.list(plan.left)
            blocked = ObstacleAnswer.list(plan.blockers)
        }
    }
}
