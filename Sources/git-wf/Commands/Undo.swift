import Actions
import ArgumentParser
import Git
import GitValues
import Operations
import Snapshots
import Workflow

struct Undo: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "undo", abstract: "Take back the last restore, merge or undo of this worktree.",
        discussion: """
            Files, index and branch are as they were before it. An undo is an operation too: undo again does it again. \
            --further goes back one operation more each time, --redo comes forward one:

              after restore A, B and C     what it takes back   in effect then
              git wf undo                  C                    A B
              git wf undo                  that undo            A B C
              git wf undo --further        C                    A B
              git wf undo --further        B                    A
              git wf undo --redo           the undo of B        A B

            A new restore or merge ends that: what was undone before it stays undone, and --further passes over it. Other \
            worktrees' operations do not count.

            Example: git wf undo
            """)

    @Flag(name: [.customShort("n"), .long], help: "Only say what would be done.")
    var dryRun = false
    @Flag(help: "Take back the last restore or merge that is still in effect, not the last undo.")
    var further = false
    @Flag(help: "Do again what the last undo took back; each time one more.")
    var redo = false
    @OptionGroup var options: SharedOptions

    func validate() throws {
        if further, redo { throw ValidationError("--further or --redo, not both") }
    }

    func run() throws {
        let session = try options.open(forWriting: !dryRun)
        let undone = try BringingBack(session).undo(
            further ? .further : redo ? .redo : .last, isDryRun: dryRun)
        let (plan, refusal) = (undone.plan, undone.refusal)
        if options.json {
            let head = try session.repository.head().commit
            try JSONDocument.print(Answer(plan, head: head, isRefused: refusal != nil))
        } else {
            answer(plan, result: undone.result, refusal: refusal)
        }
        // As without -n.
        if let refusal { throw ExitCode(Failure(refusal).status.rawValue) }
    }

    private func answer(_ plan: UndoPlan, result: RestoreResult?, refusal: ActionError?) {
        var lines = Lines()
        let shown = redo ? plan.origin : plan.operation
        let verb = redo ? (would: "would redo", did: "redid") : (would: "would undo", did: "undid")
        lines.add("\(dryRun ? verb.would : verb.did) \(shown.id.short): \(shown.title.printable)")
        if let refusal {
            lines.add("  \(refusal.description)")
            return Terminal.standard.answer(lines.text)
        }
        if let move = plan.move { lines.add("  the branch goes from \(move.from.short) to \(move.to.short)") }
        lines.add(plan.changes, limit: 20, of: "paths") {
            "  \($0.new == nil ? "removed" : "restored") \($0.path.text.printable)"
        }
        lines.add(plan.left, limit: 20, of: "paths that were left") {
            "  left as it is: \($0.path.text.printable) (\($0.reason.printable))"
        }
        if !plan.edited.isEmpty {
            let list = plan.edited.prefix(5).map(\.text.printable).joined(separator: ", ")
            let more = plan.edited.count > 5 ? " and \(plan.edited.count - 5) more" : ""
            let holder =
                result.map { "\($0.before.id.short) holds those edits" } ?? "a checkpoint will hold those edits"
            lines.add("  edited since: \(list)\(more); \(holder)")
        }
        Terminal.standard.answer(lines.text)
    }

    private struct Answer: Encodable {
        let undone: String
        let restored: [RestoredAnswer]
        let head: String?
        let left: [ObstacleAnswer]?
        let blocked: [ObstacleAnswer]?

        init(_ plan: UndoPlan, head: ObjectID?, isRefused: Bool) {
            undone = plan.operation.id.hex
            restored = isRefused ? [] : plan.changes.map { RestoredAnswer($0, from: plan.before.id) }
            self.head = head?.hex
            left = ObstacleAnswer.list(plan.left)
            blocked = ObstacleAnswer.list(plan.blockers)
        }
    }
}
