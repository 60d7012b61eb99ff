import ArgumentParser
import Git
import Journal
import Snapshots
import Workflow

struct Restore: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Bring files back.",
        discussion: """
            Without --from each path goes to the nearest earlier content that differs from what is there now; asked again, one \
            further back. What is there is checkpointed first, and git wf undo brings it back. The index and the branch stay.

            Example: git wf restore src/index.ts
            """)

    @Option(help: ArgumentHelp("The checkpoint to take them from.", valueName: "checkpoint"))
    var from: String?
    @Flag(name: [.customShort("n"), .long], help: "Only say what would be done, and list the contents to choose from.")
    var dryRun = false
    @Flag(help: "Every path that the checkpoint has.")
    var all = false
    @Flag(help: "With --all: also remove what the checkpoint does not have, but nothing ignored.")
    var exact = false
    @Argument(help: ArgumentHelp("Files or folders.", valueName: "path"))
    var paths: [String] = []
    @OptionGroup var options: SharedOptions

    func validate() throws {
        if all, !paths.isEmpty { throw ValidationError("--all takes no paths") }
        if !all, paths.isEmpty { throw ValidationError("which files? name them, or give --all with --from") }
        if all, from == nil { throw ValidationError("--all needs --from CHECKPOINT") }
        if exact, !all { throw ValidationError("--exact goes with --all") }
    }

    func run() throws {
        let session = try options.open()
        let state = try session.state()
        let source = try from.map { try session.journal.resolve($0) }
        let snapshot = try session.snapshot(for: state)
        let restoration = Restoration(session.journal, snapshot: snapshot)
        let specs = try session.pathspecs(paths)
        let plan =
            try source.map { try restoration.plan(from: $0, paths: specs, isExact: exact) }
            ?? restoration.plan(paths: specs)
        if dryRun {
            let candidates = try source == nil ? specs.flatMap { try restoration.candidates($0) } : []
            return try answer(plan, before: nil, candidates: candidates, session: session)
        }
        try refuse(plan)
        if plan.steps.isEmpty { return try answer(plan, before: nil, candidates: nil, session: session) }
        let result = try session.journal.restore(plan, snapshot: snapshot)
        try answer(plan, before: result.before, candidates: nil, session: session)
    }

    private func refuse(_ plan: RestorePlan) throws {
        if !plan.blockers.isEmpty {
            let list = plan.blockers.prefix(5).map { "\($0.path.text.printable) (\($0.reason))" }.joined(
                separator: ", ")
            let more = plan.blockers.count > 5 ? " and \(plan.blockers.count - 5) more" : ""
            throw Failure("nothing was restored, because these must not be touched: \(list)\(more)", status: .no)
        }
        if let missing = plan.unmatched.first {
            throw Failure(
                from == nil
                    ? "nothing earlier of \(missing.quoted) is recorded that differs from what is there"
                    : "that checkpoint has no \(missing.quoted)", status: .no)
        }
    }

    private func answer(
        _ plan: RestorePlan, before: Checkpoint?, candidates: [RestoreCandidate]?, session: Session
    ) throws {
        if options.json { return try JSONDocument.print(Answer(plan, before: before, candidates: candidates)) }
        var lines = Lines()
        let verb = dryRun ? ("would restore", "would remove") : ("restored", "removed")
        for step in plan.steps {
            let action = step.change.new == nil ? verb.1 : verb.0
            lines.add("\(action) \(step.change.path.text.printable) from \(step.from.short)")
        }
        for entry in plan.unchanged { lines.add("\(entry.path.text.printable) is as in \(entry.from.short) already") }
        if dryRun {
            for blocker in plan.blockers {
                lines.add("must not be touched: \(blocker.path.text.printable) (\(blocker.reason))")
            }
            for missing in plan.unmatched {
                lines.add("nothing earlier of \(missing.printable) differs from what is there")
            }
        }
        if let candidates, !candidates.isEmpty {
            lines.add("contents, newest first:")
            for candidate in candidates {
                let time = candidate.time.shown(in: session.surroundings.now.offset)
                lines.add(
                    "  \(candidate.id.short)  \(time)  \(candidate.actor.printable)  \(candidate.size) bytes  \(candidate.path.text.printable)"
                )
            }
        }
        if before != nil { lines.add("git wf undo takes this back") }
        if lines.lines.isEmpty { lines.add("Everything is as in that checkpoint already.") }
        Terminal.standard.answer(lines.text)
    }

    struct Answer: Encodable {
        struct Candidate: Encodable {
            let path: String
            let id: String
            let time: JSONTime
            let actor: String
            let size: Int
        }

        let before: String?
        let restored: [RestoredAnswer]
        let candidates: [Candidate]?

        init(_ plan: RestorePlan, before: Checkpoint?, candidates: [RestoreCandidate]?) {
            self.before = before?.id.hex
            restored =
                plan.steps.map { RestoredAnswer($0.change, from: $0.from) }
                + plan.unchanged.map {
                    RestoredAnswer(path: $0.path.description, from: $0.from.hex, action: "unchanged")
                }
            self.candidates = candidates?.map {
                Candidate(
                    path: $0.path.description, id: $0.id.hex, time: JSONTime($0.time), actor: $0.actor, size: $0.size)
            }
        }
    }
}

extension RestoredAnswer {
    init(_ change: TreeChange, from: ObjectID) {
        self.init(path: change.path.description, from: from.hex, action: change.new == nil ? "removed" : "written")
    }
}

struct Undo: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Take back the last restore, merge or undo of this worktree.",
        discussion: "Files, index and branch are as they were before it. An undo can be undone.\n\nExample: git wf undo"
    )

    @Flag(name: [.customShort("n"), .long], help: "Only say what would be done.")
    var dryRun = false
    @OptionGroup var options: SharedOptions

    func run() throws {
        let session = try options.open()
        let snapshot = try session.snapshot(for: session.state())
        let plan = try session.journal.planUndo(snapshot: snapshot)
        if !plan.blockers.isEmpty, !dryRun {
            let list = plan.blockers.prefix(5).map { "\($0.path.text.printable) (\($0.reason))" }.joined(
                separator: ", ")
            throw Failure("nothing was undone, because these must not be touched: \(list)", status: .no)
        }
        let result = try dryRun ? nil : session.journal.undo(plan, snapshot: snapshot)
        if options.json {
            struct Answer: Encodable {
                let undone: String
                let restored: [RestoredAnswer]
                let head: String?
            }
            return try JSONDocument.print(
                Answer(
                    undone: plan.operation.id.hex,
                    restored: plan.changes.map { RestoredAnswer($0, from: plan.before.id) },
                    head: try session.repository.head().commit?.hex))
        }
        var lines = Lines()
        lines.add("\(dryRun ? "would undo" : "undid") \(plan.operation.id.short): \(plan.operation.title.printable)")
        if let move = plan.move { lines.add("  the branch goes from \(move.from.short) to \(move.to.short)") }
        for change in plan.changes.prefix(20) {
            lines.add("  \(change.new == nil ? "removed" : "restored") \(change.path.text.printable)")
        }
        if !plan.edited.isEmpty {
            let list = plan.edited.prefix(5).map(\.text.printable).joined(separator: ", ")
            let more = plan.edited.count > 5 ? " and \(plan.edited.count - 5) more" : ""
            let holder =
                result.map { "\($0.before.id.short) holds those edits" } ?? "a checkpoint will hold those edits"
            lines.add("  edited since: \(list)\(more); \(holder)")
        }
        if plan.changes.count > 20 { lines.add("  … \(plan.changes.count - 20) more paths") }
        Terminal.standard.answer(lines.text)
    }
}
