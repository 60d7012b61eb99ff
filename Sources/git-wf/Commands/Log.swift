import Actions
import ArgumentParser
import Git
import GitValues
import Journal
import Overview

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
    private static let nothing = "No checkpoint is like that; git wf log --agents --auto -n 0 shows all there are"

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
    @Option(
        name: .customLong("actor"),
        help: ArgumentHelp("Only by this actor, in any lane; may be repeated.", valueName: "actor"))
    var actors: [String] = []
    @Flag(help: "The agents' lanes too, in one order by time.")
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
        let timeline = try Timeline(
            session,
            Timeline.Request(
                start: arguments.first, count: maxCount, kinds: kind, phases: phase, actors: actors,
                withAgents: agents, withAutomatic: auto, since: since, until: until,
                paths: Invocation.current.paths, counts: !options.json, visits: !oneline && !options.json))
        // JSON needs nothing of the state.
        if options.json {
            var document = JSONListDocument(key: "checkpoints")
            _ = try timeline.walk { entry in
                try document.add(CheckpointAnswer(entry.checkpoint, renames: entry.renames))
            }
            return try document.finish()
        }
        var text = LogText(
            state: try session.state(), now: session.surroundings.now, terminal: .standard,
            hasHeadings: !oneline, showsDecisions: kind.contains("decision"), isOfAllLanes: agents)
        let rest = try timeline.walk { entry in
            try Terminal.standard.answer(piece: text.lines(of: entry))
        }
        if rest.shown == 0 {
            // Of lines for a program there are none.
            if oneline { return Terminal.standard.narrate(Self.nothing) }
            return Terminal.standard.answer(Self.nothing)
        }
        let automatic = auto || oneline ? 0 : try session.journal.automaticCount(of: session.journal.lane)
        try Terminal.standard.answer(piece: text.end(rest, automatic: automatic))
    }

    private func drawGraph(_ session: Session) throws {
        let refs = LaneRefs(workflow: session.journal.workflow)
        var arguments = ["log", "--graph", "--oneline", "--decorate-refs=refs/wf/"]
        if maxCount > 0 { arguments.append("--max-count=\(maxCount)") }
        let lanes =
            [refs.lane(session.journal.lane)] + (agents ? ["--glob=\(refs.agentLanes)*"] : [])
            + (auto ? ["--glob=\(refs.segments(of: session.journal.lane))*"] : [])
        // Where there is one line, the commits beside it are the user's.
        let isLine = try !auto && !agents && !session.journal.isJoined(session.journal.lane, inNewest: maxCount)
        let result = try session.repository.git.succeed(
            "draw the lanes", arguments + (isLine ? ["--first-parent"] : []) + lanes,
            in: session.surroundings.directory, variables: GitProgram.literally)
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
