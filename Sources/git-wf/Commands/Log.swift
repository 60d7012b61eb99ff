import ArgumentParser
import Git
import Journal
import Workflow

struct Log: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log", abstract: "Tell the phases' story, newest first.",
        usage: "git wf log [OPTION…] [CHECKPOINT] [-- PATH…]",
        discussion: """
            Phases are headings, with when they were entered and completed; their checkpoints stand under them. Automatic ones \
            are counted, and shown with --auto.

            Example: git wf log --kind decision
            """)

    @Option(name: [.customShort("n"), .long], help: ArgumentHelp("How many; 0 for all.", valueName: "count"))
    var maxCount = 20
    @Flag(help: "One line each, without headings.")
    var oneline = false
    @Flag(help: "The lanes as git log --graph draws them.")
    var graph = false
    @Option(help: ArgumentHelp("Only this kind; may be repeated.", valueName: "kind"))
    var kind: [String] = []
    @Option(help: ArgumentHelp("Only this phase; may be repeated.", valueName: "phase"))
    var phase: [String] = []
    @Option(name: .customLong("actor"), help: ArgumentHelp("Only by this actor; may be repeated.", valueName: "actor"))
    var actors: [String] = []
    @Flag(help: "The agents' lanes too.")
    var agents = false
    @Flag(help: "Automatic checkpoints too.")
    var auto = false
    @Option(help: ArgumentHelp("Only newer ones; any time that git understands.", valueName: "time"))
    var since: String?
    @Option(help: ArgumentHelp("Only older ones.", valueName: "time"))
    var until: String?
    @Argument(
        help: ArgumentHelp("Where to begin; behind -- the paths that must have changed.", valueName: "checkpoint"))
    var arguments: [String] = []
    @OptionGroup var options: SharedOptions

    func validate() throws {
        if arguments.count > 1 { throw ValidationError("one checkpoint to begin at; paths stand behind --") }
        if graph, options.json {
            throw ValidationError("--graph is a drawing; --json has each one's parents")
        }
        if maxCount < 0 { throw ValidationError("-n takes a number that is not negative") }
    }

    func run() throws {
        let session = try options.open()
        let state = try session.state()
        if graph { return try drawGraph(session) }
        let start = try arguments.first.map { try session.journal.resolve($0) }
        var lanes: [(Lane, ObjectID?)] = [(session.journal.lane, start?.id)]
        if agents, session.journal.lane == .leader {
            lanes += try session.journal.agentNames().map { (.agent($0), nil) }
        }
        let filter = try Filter(self, session: session)
        var found: [LogText.Entry] = []
        var more = 0
        for (lane, start) in lanes {
            var history = try session.journal.history(of: lane, from: start, withAutomatic: auto)
            var visits = try start.map { try newerVisits(than: $0, session) } ?? VisitCounter()
            var taken = 0
            while let checkpoint = try history.next() {
                let newerVisits = visits.pass(checkpoint)
                if filter.isBefore(checkpoint) { continue }
                guard try filter.takes(checkpoint) else { continue }
                if maxCount > 0, taken >= maxCount {
                    more += 1
                    // What is left is counted from the state, not walked, where nothing is filtered.
                    if filter.isEmpty { break }
                    continue
                }
                taken += 1
                found.append(LogText.Entry(checkpoint: checkpoint, newerVisits: newerVisits))
            }
        }
        // A newer version may have written kinds that are not known here; one that nobody wrote is a slip.
        if found.isEmpty, let unknown = kind.first(where: { !CheckpointKind(rawValue: $0).isKnown }) {
            let known = CheckpointKind.known.map(\.rawValue).joined(separator: ", ")
            throw Failure("there is no kind \(unknown.quoted); the kinds are \(known)", status: .usage)
        }
        if options.json {
            struct Answer: Encodable { let checkpoints: [CheckpointAnswer] }
            return try JSONDocument.print(Answer(checkpoints: found.map { CheckpointAnswer($0.checkpoint) }))
        }
        let automatic = try session.journal.automaticCount(of: session.journal.lane)
        if filter.isEmpty, lanes.count == 1, start == nil, case .leader = session.journal.lane {
            more = max(0, state.count + (auto ? automatic : 0) - found.count)
        }
        let text = LogText(
            state: state, zone: session.surroundings.now.offset, terminal: .standard,
            showsDecisions: kind.contains("decision"))
        Terminal.standard.answer(
            oneline ? text.lines(found, more: more) : text.story(found, more: more, automatic: auto ? 0 : automatic))
    }

    /// The visits to each phase that began after a checkpoint of this lane.
    private func newerVisits(than start: ObjectID, _ session: Session) throws -> VisitCounter {
        var counter = VisitCounter()
        let place = try session.journal.checkpoint(start).id(of: TrailerKey.after) ?? start
        var history = try session.journal.history(of: session.journal.lane, withAutomatic: false)
        while let checkpoint = try history.next() {
            if checkpoint.id == place { return counter }
            _ = counter.pass(checkpoint)
        }
        // Another lane's.
        return VisitCounter()
    }

    private func drawGraph(_ session: Session) throws {
        let refs = LaneRefs(workflow: session.journal.workflow)
        var arguments = ["log", "--graph", "--oneline", "--decorate-refs=refs/wf/"]
        if maxCount > 0 { arguments.append("--max-count=\(maxCount)") }
        let lanes =
            [refs.lane(session.journal.lane)] + (agents ? ["--glob=\(refs.agentLanes)*"] : [])
            + (auto ? ["--glob=\(refs.segments(of: session.journal.lane))*"] : [])
        let result = try session.surroundings.git.succeed(
            "draw the lanes", arguments + (auto || agents ? lanes : ["--first-parent"] + lanes),
            in: session.surroundings.directory)
        // git prints subjects as they are, and anybody may have pushed them.
        Terminal.standard.answer(result.text.printableLines)
    }
}

extension Log {
    /// What `log` leaves out.
    struct Filter {
        private let kinds: Set<String>
        private let phases: Set<String>
        private let actors: Set<String>
        private let since: Int64?
        private let until: Int64?
        private let paths: [String]
        private let session: Session

        init(_ log: Log, session: Session) throws {
            kinds = Set(log.kind)
            phases = Set(log.phase)
            actors = Set(log.actors)
            since = try log.since.map { try Self.seconds($0, option: "since", session: session) }
            until = try log.until.map { try Self.seconds($0, option: "until", session: session) }
            paths = try session.pathspecs(Invocation.current.paths)
            self.session = session
        }

        var isEmpty: Bool {
            kinds.isEmpty && phases.isEmpty && actors.isEmpty && since == nil && until == nil && paths.isEmpty
        }

        func isBefore(_ checkpoint: Checkpoint) -> Bool { since.map { checkpoint.time.seconds < $0 } ?? false }

        func takes(_ checkpoint: Checkpoint) throws -> Bool {
            if let until, checkpoint.time.seconds > until { return false }
            let hasDecision = kinds.contains("decision") && !checkpoint.values(of: TrailerKey.decision).isEmpty
            if !kinds.isEmpty, !kinds.contains(checkpoint.kind.rawValue), !hasDecision { return false }
            if !phases.isEmpty, !phases.contains(checkpoint.phase ?? "") { return false }
            if !actors.isEmpty, !actors.contains(checkpoint.actor) { return false }
            if paths.isEmpty { return true }
            let previous =
                try checkpoint.previous.map { try session.repository.commit($0).tree } ?? Repository.emptyTree
            return try !session.repository.changes(from: previous, to: checkpoint.tree, paths: paths).isEmpty
        }

        /// A time, by git's own date parser.
        private static func seconds(_ text: String, option: String, session: Session) throws -> Int64 {
            let result = try session.surroundings.git.succeed(
                "read --\(option)", ["rev-parse", "--\(option)=\(text)"], in: session.surroundings.directory)
            guard let equals = result.text.firstIndex(of: "="),
                let seconds = Int64(result.text[result.text.index(after: equals)...])
            else { throw Failure("--\(option) does not understand \(text.quoted)", status: .usage) }
            return seconds
        }
    }
}

/// Counts the visits to phases on a walk back.
struct VisitCounter {
    private var counts: [String: Int] = [:]

    /// - Returns: how many visits to the checkpoint's phase began after it.
    mutating func pass(_ checkpoint: Checkpoint) -> Int {
        let phase = checkpoint.phase ?? ""
        let newer = counts[phase, default: 0]
        if checkpoint.kind == .phaseStarted { counts[phase] = newer + 1 }
        return newer
    }
}

/// `log` as text.
struct LogText {
    /// A checkpoint, and how many visits to its phase began after it.
    struct Entry {
        let checkpoint: Checkpoint
        let newerVisits: Int
    }

    let state: WorkflowState
    let zone: Int
    let terminal: Terminal
    /// Whether each decision that a checkpoint records is a line below it, with the id that `decide --replaces` takes.
    let showsDecisions: Bool

    func lines(_ entries: [Entry], more: Int) -> String {
        var lines = Lines()
        for entry in entries { add(entry.checkpoint, indent: "", to: &lines) }
        if more > 0 { lines.add(rest(more)) }
        return lines.text
    }

    func story(_ entries: [Entry], more: Int, automatic: Int) -> String {
        var lines = Lines()
        var heading: (phase: String, newerVisits: Int)?
        for entry in entries {
            let phase = entry.checkpoint.phase ?? ""
            // What was recorded before the first visit began belongs to it.
            let oldest = max(0, (state.phase(phase)?.visits.count ?? 1) - 1)
            let place = (phase: phase, newerVisits: min(entry.newerVisits, oldest))
            if heading.map({ $0 != place }) ?? true {
                if heading != nil { lines.add() }
                lines.add(self.heading(place.phase, newerVisits: place.newerVisits))
                heading = place
            }
            add(entry.checkpoint, indent: "  ", to: &lines)
        }
        if more > 0 { lines.add(rest(more)) }
        if automatic > 0 { lines.add(terminal.styled("\(automatic) automatic, shown with --auto", .dim)) }
        return lines.text
    }

    private func rest(_ count: Int) -> String {
        terminal.styled("… \(count) older; git wf log -n 0 shows all".cut(toColumns: terminal.columns), .dim)
    }

    private func add(_ checkpoint: Checkpoint, indent: String, to lines: inout Lines) {
        lines.add(line(checkpoint, indent: indent))
        let decisions = checkpoint.values(of: TrailerKey.decision)
        guard showsDecisions, checkpoint.kind != .decision || decisions.count > 1 else { return }
        for (number, text) in decisions.enumerated() {
            let id = checkpoint.id.short + (number == 0 ? "" : ".\(number + 1)")
            let room = max(10, terminal.columns - indent.count - 2 - 12)
            lines.add("\(indent)  \(id.padded(to: 10))  \(text.printable.cut(toColumns: room))")
        }
    }

    private func heading(_ name: String, newerVisits: Int) -> String {
        guard let phase = state.phase(name) else {
            return terminal.styled(name.isEmpty ? state.name : name.printable, .bold)
        }
        let visit = newerVisits < phase.visits.count ? phase.visits[phase.visits.count - 1 - newerVisits] : nil
        var text = "\(name): \(status(of: visit, phase, isNewest: newerVisits == 0))"
        if let visit {
            text += ", entered \(visit.entered.shown(in: zone))"
            if let end = visit.completed ?? visit.failed {
                text +=
                    ", \(visit.failed == nil ? "completed" : "failed") \(end.shown(in: zone, since: visit.entered)) "
                    + "(\(WorkflowDuration(from: visit.entered, to: end).text))"
            }
        }
        text += ", \(phase.checkpoints) checkpoint\(phase.checkpoints == 1 ? "" : "s")"
        return terminal.styled(text.cut(toColumns: terminal.columns), .bold)
    }

    private func status(of visit: WorkflowState.Visit?, _ phase: WorkflowState.Phase, isNewest: Bool) -> String {
        if isNewest { return state.status(of: phase).rawValue.replacingDash }
        return visit?.failed != nil ? "failed" : visit?.completed != nil ? "complete" : "left"
    }

    private func line(_ checkpoint: Checkpoint, indent: String) -> String {
        let id = terminal.styled(checkpoint.id.short, checkpoint.kind == .auto ? .dim : .yellow)
        let time = checkpoint.time.shown(in: zone, since: state.started)
        var text = checkpoint.title.printable
        if checkpoint.kind == .checkpoint { text = "checkpoint: " + text }
        if checkpoint.kind == .auto, let trigger = checkpoint.trigger { text = "auto (\(trigger)): \(text)" }
        if checkpoint.actor != "leader", checkpoint.kind != .auto {
            text += "  [\(checkpoint.actor.printable)\(claim(checkpoint))]"
        }
        let used = indent.count + 7 + 2 + time.columns + 2
        return "\(indent)\(id)  \(time)  \(text.cut(toColumns: max(10, terminal.columns - used)))"
    }

    private func claim(_ checkpoint: Checkpoint) -> String { checkpoint[TrailerKey.claimed] == nil ? "" : ", claimed" }
}
