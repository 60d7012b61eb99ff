import Actions
import Agents
import ArgumentParser
import Git
import GitValues
import Journal
import Workflow

struct Gc: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gc", abstract: "Put the packs of checkpoints together, and drop old automatic checkpoints.",
        discussion: """
            Automatic checkpoints are kept in segments of 1,000. A segment whose newest is older than git config wf.keepAuto \
            (30d where it is not set) is dropped whole, but never the newest of a lane. A commit of yours that nothing else \
            holds is kept: it becomes a parent of a checkpoint. Checkpoints that somebody asked for are never dropped, nor \
            those that one of them names, and no id changes.

            The worktrees of removed agents that are kept go once git config wf.keepRemoved (14d) is over, but for those with \
            commits that nothing else could hold.

            The packs that checkpoints wrote become one, as small as git can make it. git gc then frees what no ref holds any \
            more. Nothing of this runs by itself, but that small packs are put together.

            Example: git wf gc -n
            """)

    @Flag(name: [.customShort("n"), .long], help: "Only say what would be done.")
    var dryRun = false
    @OptionGroup var options: SharedOptions

    func run() throws {
        let session = try options.open()
        let collection: GarbageCollection
        let repacking: Repacking?
        let lettingGo = LettingGo(session.journal)
        let worktrees =
            dryRun ? try lettingGo.due().map { LettingGo.Outcome(removed: $0, reason: nil) } : try lettingGo.run()
        if dryRun {
            collection = try session.journal.planCollection()
            repacking = session.repository.repackable()
        } else {
            collection = try session.journal.collectGarbage { try session.snapshot(for: session.state()) }
            repacking = try session.repository.repack(by: session.repository.git)
        }
        if options.json {
            return try JSONDocument.print(Answer(collection, worktrees, repacking: repacking, isDryRun: dryRun))
        }
        Terminal.standard.answer(
            text(collection, worktrees, repacking: repacking, zone: session.surroundings.now.offset))
    }

    private func text(
        _ collection: GarbageCollection, _ worktrees: [LettingGo.Outcome], repacking: Repacking?, zone: Int
    ) -> String {
        var lines = Lines()
        for outcome in worktrees { lines.add((dryRun ? "would " : "") + outcome.line.printable) }
        let count = collection.segments.reduce(0) { $0 + $1.checkpoints }
        if count > 0 {
            lines.add(
                "\(dryRun ? "would drop" : "dropped") \(count) automatic checkpoint\(count == 1 ? "" : "s") older than "
                    + "\(collection.keepAuto)")
            lines.add(collection.segments, limit: 20, of: "segments") { segment in
                "  \(segment.ref.printable)  \(segment.checkpoints), the newest of \(segment.newest.dateAndTime(in: zone))"
            }
        }
        if !collection.kept.isEmpty {
            let number = collection.kept.count
            let holder = collection.recorded.last.map { "; \($0.id.short) holds them" } ?? ""
            lines.add(
                "\(dryRun ? "would keep" : "kept") \(number) commit\(number == 1 ? "" : "s") that nothing else holds\(holder)"
            )
        }
        if let repacking {
            let before = ByteSize(bytes: Int64(repacking.before)).text
            let after = repacking.after.map { " of \(ByteSize(bytes: Int64($0)).text)" } ?? ""
            lines.add(
                "\(dryRun ? "would put" : "put") \(repacking.packs) pack\(repacking.packs == 1 ? "" : "s") of \(before) into one\(after)"
            )
        }
        for damaged in collection.unreadable {
            lines.add("left alone  \(damaged.ref.printable): \(damaged.reason.printable); see git wf fsck")
        }
        if lines.lines.isEmpty {
            lines.add("nothing to do: no segment is older than \(collection.keepAuto), and there is one pack at most")
        } else if count > 0, !dryRun {
            lines.add("git gc frees what no ref holds any more")
        }
        return lines.text
    }

    private struct Answer: Encodable {
        struct Segment: Encodable {
            let ref: String
            let id: String
            let checkpoints: Int
            let newest: JSONTime
        }

        struct Unreadable: Encodable {
            let ref: String
            let problem: String
        }

        struct Packs: Encodable {
            let count: Int
            let before: Int
            let after: Int?
        }

        let dryRun: Bool
        let keepAuto: String
        let dropped: [Segment]
        let kept: [String]
        /// Agents whose kept worktrees went.
        let removed: [String]
        /// The checkpoints that hold what was kept.
        let recorded: [String]
        let packs: Packs?
        /// What cannot be read stays.
        let unreadable: [Unreadable]?

        init(
            _ collection: GarbageCollection, _ worktrees: [LettingGo.Outcome], repacking: Repacking?, isDryRun: Bool
        ) {
            dryRun = isDryRun
            removed = worktrees.filter(\.isGone).map(\.removed.agent.text)
            keepAuto = collection.keepAuto.description
            dropped = collection.segments.map {
                Segment(ref: $0.ref, id: $0.tip.hex, checkpoints: $0.checkpoints, newest: JSONTime($0.newest))
            }
            kept = collection.kept.map(\.hex)
            recorded = collection.recorded.map(\.id.hex)
            unreadable =
                collection.unreadable.isEmpty
                ? nil : collection.unreadable.map { Unreadable(ref: $0.ref, problem: $0.reason) }
            packs = repacking.map { Packs(count: $0.packs, before: $0.before, after: $0.after) }
        }
    }
}
