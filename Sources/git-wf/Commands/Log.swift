import ArgumentParser
import Git
import GitValues
import Journal
import Snapshots
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

    private static let usualCount = 20

    @Option(
        name: [.customShort("n", allowingJoined: true), .long],
        help: ArgumentHelp("How many; 0 for all.", valueName: "count"))
    var maxCount = Log.usualCount
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
        if graph { return try drawGraph(session) }
        let start = try arguments.first.map { try session.journal.resolve($0) }
        var lanes: [(Lane, ObjectID?)] = [(session.journal.lane, start?.id)]
        if agents, session.journal.lane == .leader {
            lanes += try session.journal.agentNames().map { (.agent($0), nil) }
        }
        let filter = try Filter(self, session: session)
        // JSON needs nothing of the state.
        if options.json {
            var document = JSONListDocument(key: "checkpoints")
            _ = try walk(lanes, session, filter) { entry in
                try document.add(CheckpointAnswer(entry.checkpoint, renames: entry.renames))
            }
            return try document.finish()
        }
        var text = LogText(
            state: try session.state(), zone: session.surroundings.now.offset, terminal: .standard,
            hasHeadings: !oneline, showsDecisions: kind.contains("decision"))
        let rest = try walk(lanes, session, filter) { entry in
            try Terminal.standard.answer(piece: text.lines(of: entry))
        }
        let automatic = auto || oneline ? 0 : try session.journal.automaticCount(of: session.journal.lane)
        try Terminal.standard.answer(piece: text.end(rest, automatic: automatic))
    }

    /// Finds checkpoints, and hands each one over as soon as it is found.
    /// - Returns: what else there is.
    private func walk(
        _ lanes: [(Lane, ObjectID?)], _ session: Session, _ filter: Filter, _ body: (LogText.Entry) throws -> Void
    ) throws -> LogText.Rest {
        var rest = LogText.Rest()
        var isAnyFound = false
        for (lane, start) in lanes {
            var history = try session.journal.history(of: lane, from: start, withAutomatic: auto)
            var visits = VisitCounter()
            if let start, !oneline, !options.json { visits = try newerVisits(than: start, session) }
            var taken = 0
            while let checkpoint = try history.next() {
                let newerVisits = visits.pass(checkpoint)
                guard let found = try filter.match(checkpoint) else { continue }
                taken += 1
                isAnyFound = true
                try body(LogText.Entry(checkpoint: checkpoint, newerVisits: newerVisits, renames: found.renames))
                if taken != maxCount { continue }
                if options.json {
                    // It does not say what else there is.
                } else if filter.isEmpty, start == nil {
                    rest.count += try session.journal.count(of: lane, withAutomatic: auto) - taken
                } else if filter.hasPaths {
                    // Whether one changed the paths takes a look at its trees.
                    if try history.next() != nil { rest.isCounted = false }
                } else {
                    rest.count += try count(&history, filter)
                }
                break
            }
        }
        // A newer version may have written kinds that are not known here; one that nobody wrote is a slip.
        if !isAnyFound, let unknown = kind.first(where: { !CheckpointKind(rawValue: $0).isKnown }) {
            let known = CheckpointKind.known.map(\.rawValue).joined(separator: ", ")
            throw Failure("there is no kind \(unknown.quoted); the kinds are \(known)", status: .usage)
        }
        return rest
    }

    /// How many older ones are not left out.
    private func count(_ history: inout History, _ filter: Filter) throws -> Int {
        var count = 0
        while let checkpoint = try history.next() {
            if try filter.match(checkpoint) != nil { count += 1 }
        }
        return count
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

extension Log: Plain {
    /// Of nothing, or of `-n COUNT`.
    static func plain(_ words: [String]) -> Log? {
        var log = Log()
        switch (words.first, words.count) {
        case (nil, _): log.maxCount = usualCount
        case ("-n", 2):
            guard let count = Int(words[1]), count >= 0 else { return nil }
            log.maxCount = count
        default: return nil
        }
        log.oneline = false
        log.graph = false
        log.kind = []
        log.phase = []
        log.actors = []
        log.agents = false
        log.auto = false
        log.since = nil
        log.until = nil
        log.arguments = []
        log.options = .plain
        return log
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
        private let paths: [PathSelection]
        private let session: Session

        init(_ log: Log, session: Session) throws {
            kinds = Set(log.kind)
            phases = Set(log.phase)
            actors = Set(log.actors)
            since = try log.since.map { try Self.seconds($0, option: "since", session: session) }
            until = try log.until.map { try Self.seconds($0, option: "until", session: session) }
            paths = try session.selections(Invocation.current.paths)
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
            if !actors.isEmpty, !actors.contains(checkpoint.actor) { return nil }
            return hasPaths ? try session.journal.change(at: checkpoint, of: paths) : PathChange(renames: [])
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
    /// A checkpoint, how many visits to its phase began after it, and what it renamed of the paths that were asked for.
    struct Entry {
        let checkpoint: Checkpoint
        let newerVisits: Int
        let renames: [PathChange.Rename]
    }

    /// What is older than the newest that were asked for.
    struct Rest {
        var count = 0
        /// Whether that is all; else nobody looked whether any is.
        var isCounted = true
    }

    let state: WorkflowState
    let zone: Int
    let terminal: Terminal
    /// Whether each visit to a phase has a heading, with its checkpoints below it.
    let hasHeadings: Bool
    /// Whether each decision that a checkpoint records is a line below it, with the id that `decide --replaces` takes.
    let showsDecisions: Bool
    /// Of what was told last.
    private var heading: (phase: String, newerVisits: Int)?

    init(state: WorkflowState, zone: Int, terminal: Terminal, hasHeadings: Bool, showsDecisions: Bool) {
        self.state = state
        self.zone = zone
        self.terminal = terminal
        self.hasHeadings = hasHeadings
        self.showsDecisions = showsDecisions
    }

    /// The lines of the next older checkpoint.
    mutating func lines(of entry: Entry) -> String {
        var lines = Lines()
        if hasHeadings { addHeading(of: entry, to: &lines) }
        add(entry, indent: hasHeadings ? "  " : "", to: &lines)
        return lines.text
    }

    /// What stands below the last one.
    func end(_ rest: Rest, automatic: Int) -> String {
        var lines = Lines()
        func add(_ text: String) { lines.add(terminal.styled(text.cut(toColumns: terminal.columns), .dim)) }
        if !rest.isCounted {
            add("… older ones were not searched; -n 0 searches all")
        } else if rest.count > 0 {
            add("… \(rest.count) older; git wf log -n 0 shows all")
        }
        if automatic > 0 { add("\(automatic) automatic, shown with --auto") }
        return lines.text
    }

    private mutating func addHeading(of entry: Entry, to lines: inout Lines) {
        let phase = entry.checkpoint.phase ?? ""
        // What was recorded before the first visit began belongs to it.
        let oldest = max(0, (state.phase(phase)?.visits.count ?? 1) - 1)
        let place = (phase: phase, newerVisits: min(entry.newerVisits, oldest))
        if let heading {
            if heading == place { return }
            lines.add()
        }
        lines.add(text(ofHeading: place.phase, newerVisits: place.newerVisits))
        heading = place
    }

    private func add(_ entry: Entry, indent: String, to lines: inout Lines) {
        let checkpoint = entry.checkpoint
        lines.add(line(checkpoint, indent: indent))
        lines.add(entry.renames, limit: 5, of: "renamed") { rename in
            "\(indent)  renamed \(rename.from.text.printable) to \(rename.to.text.printable)"
        }
        let decisions = checkpoint.values(of: TrailerKey.decision)
        guard showsDecisions, checkpoint.kind != .decision || decisions.count > 1 else { return }
        for (number, text) in decisions.enumerated() {
            let id = checkpoint.id.short + (number == 0 ? "" : ".\(number + 1)")
            let room = max(10, terminal.columns - indent.count - 2 - 12)
            lines.add("\(indent)  \(id.padded(to: 10))  \(text.printable.cut(toColumns: room))")
        }
    }

    private func text(ofHeading name: String, newerVisits: Int) -> String {
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
