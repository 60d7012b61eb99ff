import Agents
import ArgumentParser
import GitValues
import Journal

struct Fsck: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fsck", abstract: "Check that every lane is whole and says what the machine allows.",
        discussion: """
            Reads every checkpoint of every workflow, their trees and what their trailers name, folds each lane from its \
            beginning, and looks for later tips that a ref does not lead to. Names the commits of yours that only \
            checkpoints hold. Changes nothing; exits 1 when something is wrong.

            --repair moves the ref of a lane forward to a later tip that a cache, a reflog or a trailer names, or that is \
            there and whole without a ref, and records that. A ref that was emptied or overwritten comes back so; one that \
            leads to a commit that is no checkpoint is taken back to the newest one behind it. It drops nothing: a commit that \
            a ref was taken back from has a ref of its own below refs/wf-kept.

            Example: git wf fsck
            """)

    @Flag(help: "Move refs of lanes to what can be proven.") var repair = false
    @Flag(help: "Print one JSON document.") var json = false

    func run() throws {
        let workspace = try Workspace(Invocation.current.surroundings())
        var check = try LaneCheck(workspace)
        var repairs: [LaneRepair] = []
        if repair {
            repairs = try check.repair()
            if !repairs.isEmpty { try record(repairs, in: workspace) }
            // Another one may have repaired something meanwhile.
            check = try LaneCheck(workspace)
        }
        for removed in try RemovedWorktree.all(in: workspace.repository) {
            check.note(
                "worktree",
                "the removed agent \(removed.agent) of \(removed.workflow) is kept in \(removed.folder); "
                    + "git wf agent restore \(removed.agent) brings it back")
        }
        for folder in try RemovedWorktree.unreadable(in: workspace.repository) {
            check.note(
                "worktree", "\(folder) is kept for a removed agent, and nothing says which; git worktree list has it")
        }
        if json {
            try JSONDocument.print(Answer(check, repairs: repair ? repairs : nil))
        } else {
            Terminal.standard.answer(text(check, repairs: repairs))
        }
        if !check.problems.isEmpty { throw ExitCode(Failure.Status.no.rawValue) }
    }

    /// A repair that cannot be recorded is a repair all the same.
    private func record(_ repairs: [LaneRepair], in workspace: Workspace) throws {
        do {
            let journal = try workspace.journal()
            _ = try journal.record(repairs, snapshot: journal.takeSnapshot())
        } catch {
            Terminal.standard.narrate("git wf: the repair was not recorded: \(Failure(error).cause.printableLines)")
        }
    }

    private func text(_ check: LaneCheck, repairs: [LaneRepair]) -> String {
        var lines = Lines()
        for repair in repairs {
            let from = repair.from.map { " from \($0.short)" } ?? ""
            let way = repair.isBack ? "taken back" : "moved forward"
            let witness = repair.witness.map { ", which \($0) names" } ?? ""
            lines.add("repaired  \(repair.ref.printable): \(way)\(from) to \(repair.to.short)\(witness)")
        }
        for lane in check.lanes {
            lines.add("\(lane.isOK ? "ok  " : "FAIL")  \(lane.ref.printable)  \(lane.checkpoints) checkpoints")
        }
        for problem in check.problems { lines.add("\(shown(problem.id)): \(problem.text.printable)") }
        lines.add(check.notes, limit: 20, of: "notes") { "note  \(shown($0.id)): \($0.text.printable)" }
        if check.lanes.isEmpty { lines.add("There are no lanes here.") }
        return lines.text
    }

    /// An id is cut short; a ref is not.
    private func shown(_ id: String) -> String { id.hasPrefix(LaneRefs.root) ? id.printable : String(id.prefix(12)) }

    private struct Answer: Encodable {
        struct Lane: Encodable {
            let ref: String
            let checkpoints: Int
            let ok: Bool
        }
        struct Problem: Encodable {
            let id: String
            let problem: String
        }
        struct Note: Encodable {
            let id: String
            let note: String
        }
        struct Repair: Encodable {
            let ref: String
            let from: String?
            let to: String
            let witness: String?
        }

        let lanes: [Lane]
        let problems: [Problem]
        let notes: [Note]
        /// With `--repair`.
        let repaired: [Repair]?

        init(_ check: LaneCheck, repairs: [LaneRepair]?) {
            lanes = check.lanes.map { Lane(ref: $0.ref, checkpoints: $0.checkpoints, ok: $0.isOK) }
            problems = check.problems.map { Problem(id: $0.id, problem: $0.text) }
            notes = check.notes.map { Note(id: $0.id, note: $0.text) }
            repaired = repairs?.map { Repair(ref: $0.ref, from: $0.from?.hex, to: $0.to.hex, witness: $0.witness) }
        }
    }
}
