import Actions
import Agents
import ArgumentParser
import Files
import Glibc
import GitValues
import Runner
import Workflow

extension AgentCommand {
    struct Run: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "run", abstract: "Run agents, and watch over them until each has reported, asks or failed.",
            discussion: """
                The command is agents.command, or what stands behind --: words, which no shell reads. {prompt}, {spec}, {name} and \
                {worktree} stand for what they say. Those that were not started are started first. Interrupted, it leaves them \
                running; run again, it goes on watching.

                Example: git wf agent run --all -j 4 -- claude -p {prompt}
                """)
        @Argument(help: "The agents.") var names: [String] = []
        @Flag(help: "All that have something to do, and each spec without an agent.") var all = false
        @Option(name: .customShort("j"), help: ArgumentHelp("How many run at once.", valueName: "number")) var parallel:
            Int?
        @Option(help: ArgumentHelp("How long one may run, such as 45m.", valueName: "time")) var timeout: String?
        @Option(help: ArgumentHelp("How many more attempts follow one that failed.", valueName: "number")) var retries:
            Int?
        @Flag(help: "Return at once; git wf agent wait returns at the first news.") var detach = false
        @OptionGroup var options: SharedOptions

        func validate() throws {
            if all, !names.isEmpty { throw ValidationError("name agents, or give --all") }
            if let parallel, !(1...1000).contains(parallel) {
                throw ValidationError("-j takes a number from 1 to 1000")
            }
            if let retries, !(0...1000).contains(retries) {
                throw ValidationError("--retries takes a number from 0 to 1000")
            }
            if let timeout, WorkflowDuration(parsing: timeout).map({ $0.seconds > 0 }) != true {
                throw ValidationError("--timeout takes a time, such as 45m, not \(timeout.quoted)")
            }
        }

        func run() throws {
            let session = try options.open(forWriting: true)
            let running = try RunningAgents(session) { try options.open() }
            var wishes = RunningAgents.Wishes()
            wishes.command = Invocation.current.paths.map(\.text)
            wishes.parallel = parallel
            wishes.timeout = timeout.flatMap { WorkflowDuration(parsing: $0) }
            wishes.retries = retries
            let chosen = try running.choose(names.map { try Name($0) }, all: all)
            if chosen.isEmpty {
                throw Failure("no agent has anything to do", status: .no, hint: "git wf agent list says how they stand")
            }
            if detach {
                try running.runDetached(chosen, wishes: wishes)
                if options.json {
                    struct Answer: Encodable { let agents: [String] }
                    return try JSONDocument.print(Answer(agents: chosen.map(\.text)))
                }
                return Terminal.standard.answer(
                    "Running \(chosen.map(\.text).listed()); git wf agent wait returns at the first news")
            }
            let interruption = Interruption()
            let json = options.json
            let succeeded = try running.run(chosen, wishes: wishes, until: { interruption.came }) { name, event in
                if json {
                    // A line that cannot be written has no reader any more; the agents have.
                    try? JSONDocument.print(EventAnswer(name, event))
                } else {
                    Terminal.standard.answer(event.line(of: name).printable)
                }
            }
            if interruption.came {
                let still = chosen.count == 1 ? chosen[0].text : "--all"
                throw Failure(
                    "interrupted; what runs goes on under its keepers", status: .no,
                    hint: "git wf agent run \(still) goes on watching, git wf agent stop NAME ends one")
            }
            if !succeeded { throw ExitCode(Failure.Status.no.rawValue) }
        }
    }
}

/// What asks this process to end, from the moment that this is made: it is answered where nothing is half done.
private struct Interruption {
    init() {
        withUnsafeMutablePointer(to: &signals) { set in
            sigemptyset(set)
            for signal in [SIGINT, SIGTERM, SIGHUP] { sigaddset(set, signal) }
            pthread_sigmask(SIG_BLOCK, set, nil)
        }
    }

    private var signals = sigset_t()

    var came: Bool {
        var pending = sigset_t()
        sigpending(&pending)
        return [SIGINT, SIGTERM, SIGHUP].contains { sigismember(&pending, $0) == 1 }
    }
}

extension Supervisor.Event {
    /// For people, and for agents that read what a terminal shows.
    func line(of name: Name) -> String {
        let text: String =
            switch self {
            case .waits(let specs): "waits for \(specs.listed())"
            case .started(let attempt, _): "started\(attempt > 1 ? ", attempt \(attempt)" : "")"
            case .found(let attempt, let pid):
                "runs already, attempt \(attempt)\(pid.map { ", process \($0)" } ?? "")"
            case .stalled(let seconds):
                "stalled: nothing came from it for \(WorkflowDuration(seconds: Int64(seconds)).text); "
                    + "git wf agent log \(name) shows its last words"
            case .movesAgain: "goes on"
            case .reported(let status, let summary, _): "reported \(status): \(summary)"
            case .asks(let question): "asks: \(question)"
            case .again(let end, let attempt, let seconds): "\(end.text); attempt \(attempt) in \(seconds) s"
            case .stopped(let end): end.text
            case .failed(let end): "failed: \(end.text); git wf agent log \(name) shows its last words"
            case .left(let reason): "left alone: \(reason)"
            }
        return "\(name): \(text)"
    }

    /// The word that programs go by.
    var word: String {
        switch self {
        case .waits: "waits"
        case .started: "started"
        case .found: "running"
        case .stalled: "stalled"
        case .movesAgain: "resumed"
        case .reported: "reported"
        case .asks: "asking"
        case .again: "retrying"
        case .stopped: "stopped"
        case .failed: "failed"
        case .left: "left"
        }
    }
}

/// One line of `agent run --json`.
private struct EventAnswer: Encodable {
    let agent: String
    let event: String
    let text: String
    let attempt: Int?
    let exit: Int?

    init(_ name: Name, _ event: Supervisor.Event) {
        agent = name.text
        self.event = event.word
        text = event.line(of: name)
        switch event {
        case .started(let attempt, _), .found(let attempt, _), .again(_, let attempt, _): self.attempt = attempt
        default: attempt = nil
        }
        switch event {
        case .again(let end, _, _), .stopped(let end), .failed(let end): exit = end.exit
        default: exit = nil
        }
    }
}
