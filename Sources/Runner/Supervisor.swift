internal import Agents
internal import Files
internal import Git
internal import GitValues
internal import Glibc
package import Journal
internal import SystemPackage
package import Workflow

/// Sees to it that agents run: starts their keepers, waits, and decides what follows an end.
///
///     waiting ──▶ running ──▶ over
///                 │     ▲
///                 ▼     │
///                 pausing      before another attempt
///
/// All that it knows is written down by keepers or recorded in a lane, so that another one goes on where it was killed. For each
/// agent it holds a lock: nobody decides twice.
package final class Supervisor {
    package struct Request: Sendable {
        package var agents: [Name]
        package var command: AgentCommandLine
        /// How many run at once.
        package var parallel: Int
        /// How many more attempts follow one that failed.
        package var retries: Int
        package var limits: RunLimits
        /// What the environment of the command has of ours beside the usual.
        package var passing: Set<String>

        package init(
            agents: [Name], command: AgentCommandLine, parallel: Int, retries: Int, limits: RunLimits,
            passing: Set<String> = []
        ) {
            self.agents = agents
            self.command = command
            self.parallel = parallel
            self.retries = retries
            self.limits = limits
            self.passing = passing
        }
    }

    /// What happened to an agent.
    package enum Event: Sendable {
        /// Specs that come before this one's are not done.
        case waits(for: [String])
        case started(attempt: Int, pid: Int32?)
        /// It ran already, under a keeper that somebody else started.
        case found(attempt: Int, pid: Int32?)
        case stalled(seconds: Int)
        case movesAgain
        case reported(status: String, summary: String, isMade: Bool)
        case asks(String)
        case again(RunEnd, attempt: Int, seconds: Int)
        case stopped(RunEnd)
        case failed(RunEnd)
        /// Nothing was done about it, and why.
        case left(String)
    }

    private final class Watched {
        enum Stage {
            case waiting
            case running(RunRecord)
            /// - Parameter until: by the awake clock.
            case pausing(until: Double)
            case over
        }

        let name: Name
        let folder: RunFolder
        let lock: FileLock
        var stage = Stage.waiting
        var keeper: pid_t?
        var isStalled = false
        var saidThatItWaits = false
        /// How many attempts in a row failed.
        var failures = 0

        init(_ name: Name, _ folder: RunFolder, _ lock: FileLock) {
            self.name = name
            self.folder = folder
            self.lock = lock
        }

        var isRunning: Bool { if case .running = stage { true } else { false } }
        var isOver: Bool { if case .over = stage { true } else { false } }
    }

    private let request: Request
    /// Made anew for each thing that is recorded: with the moment that it happens at, and with what others recorded meanwhile.
    private let journal: () throws -> Journal
    private let tell: (Name, Event) -> Void
    private var watched: [Watched] = []
    private var clock = AwakeClock()
    private var succeeded = true

    package init(_ request: Request, journal: @escaping () throws -> Journal, tell: @escaping (Name, Event) -> Void) {
        self.request = request
        self.journal = journal
        self.tell = tell
    }

    /// Returns once nothing is left to run.
    /// - Parameter isEnough: whether somebody wants no more of it; agents that run go on under their keepers.
    /// - Returns: whether each agent reported, or asks.
    package func run(until isEnough: () -> Bool = { false }) throws -> Bool {
        for name in request.agents {
            let folder = RunFolder(name, of: try journal())
            if let lock = try folder.watch() {
                watched.append(Watched(name, folder, lock))
            } else {
                tell(name, .left("another git wf agent run watches over it"))
            }
        }
        while !watched.allSatisfy(\.isOver), !isEnough() {
            for agent in watched where !agent.isOver { try turn(agent) }
            giveUpWaiting()
            usleep(Self.turn)
            clock.tick()
        }
        return succeeded
    }

    /// Between two looks at keepers, in microseconds.
    private static let turn: UInt32 = 100_000

    private func turn(_ agent: Watched) throws {
        do {
            switch agent.stage {
            case .waiting:
                guard watched.count(where: \.isRunning) < request.parallel else { return }
                try begin(agent)
            case .running(let record): try watch(agent, record)
            case .pausing(let until):
                guard clock.seconds >= until, watched.count(where: \.isRunning) < request.parallel else { return }
                try start(agent)
            case .over: break
            }
        } catch {
            // One agent's trouble is not the others'.
            leave(agent, "\(error)")
        }
    }

    private func leave(_ agent: Watched, _ reason: String) {
        tell(agent.name, .left(reason))
        agent.stage = .over
        succeeded = false
    }

    /// Those that wait for what will not come.
    private func giveUpWaiting() {
        let isAnybodyAtWork = watched.contains { agent in
            switch agent.stage {
            case .running, .pausing: true
            case .waiting: !agent.saidThatItWaits
            case .over: false
            }
        }
        if isAnybodyAtWork { return }
        for agent in watched where !agent.isOver { leave(agent, "what its spec depends on is not done") }
    }

    // MARK: Beginning

    /// Takes up an agent: one that runs already, one whose end nobody judged, one that is to begin.
    private func begin(_ agent: Watched) throws {
        let journal = try journal()
        let state = try journal.leaderState()
        guard let record = state.agent(agent.name.text) else {
            if try !mayBegin(agent, try spec(of: agent.name, journal), state, journal) { return }
            _ = try AgentStart(journal).start(AgentStart.Request(name: agent.name.text))
            return try start(agent)
        }
        guard record.isOpen else { return leave(agent, "it is \(record.stage.rawValue)") }
        let work = try AgentWork(agent.name, journal: journal, state: state, worktrees: LinkedWorktree.all(of: journal))
        if let attempt = try agent.folder.attempts.last, attempt >= record.attempt,
            let run = try agent.folder.record(attempt)
        {
            let isFinal = record.stage == .failed
            agent.failures = isFinal ? 0 : run.failures + (agent.folder.isJudged(attempt) ? 1 : 0)
            let standing = try agent.folder.standing(of: run)
            if !standing.isOver {
                agent.stage = .running(run)
                return tell(agent.name, .found(attempt: attempt, pid: run.process?.pid))
            }
            // Its supervisor was killed before it judged the end.
            if standing != .notBegun, !agent.folder.isJudged(attempt) {
                agent.stage = .running(run)
                return
            }
        } else if let result = work.result {
            // Nothing is left to do for an attempt that its session reported.
            tell(agent.name, .reported(status: result.status, summary: result.summary, isMade: false))
            agent.stage = .over
            return
        }
        if try !mayBegin(agent, work.spec(in: journal.repository), state, journal) { return }
        try start(agent)
    }

    /// The spec that an agent would be started with.
    private func spec(of name: Name, _ journal: Journal) throws -> Spec? {
        try RootedFile("specs/\(name).md", in: journal.place).read().map { Spec($0) }
    }

    /// Whether all that its spec depends on is reported as complete, or merged.
    private func mayBegin(_ agent: Watched, _ spec: Spec?, _ state: WorkflowState, _ journal: Journal) throws -> Bool {
        let open = try (spec?.dependsOn ?? []).filter { text in
            guard let name = try? Name(text) else { return true }
            let record = state.agent(text)
            if record?.stage == .merged { return false }
            return try journal.agentState(name)?.result(for: record)?.status != "complete"
        }
        if open.isEmpty { return true }
        if !agent.saidThatItWaits { tell(agent.name, .waits(for: open)) }
        agent.saidThatItWaits = true
        return false
    }

    /// Begins the next attempt.
    private func start(_ agent: Watched) throws {
        let journal = try journal()
        let state = try journal.leaderState()
        let work = try AgentWork(agent.name, journal: journal, state: state, worktrees: LinkedWorktree.all(of: journal))
        guard let folder = work.folder, work.place == .ok, let record = work.record else {
            return leave(
                agent,
                work.absence ?? "its worktree is not on its branch, \(work.branch.shortBranch); switch it back first")
        }
        var attempt = record.attempt
        var reason = record.reason
        if let last = try agent.folder.attempts.last, last >= attempt, let run = try agent.folder.record(last),
            try agent.folder.standing(of: run) != .notBegun
        {
            attempt = last + 1
            let end = try agent.folder.end(last)
            let answer = end?.isSuccess == true ? record.answer?.text : nil
            reason = answer.map { "it asked, and the leader answers: \($0)" } ?? end?.text
            try reopen(agent.name, attempt, reason: answer == nil ? reason : "its question is answered", journal)
        }
        try takeUp(agent.name, attempt, in: folder, journal)
        var prompt = try AgentPrompt(work, journal: journal, worktree: folder)
        prompt.attempt = attempt
        prompt.reason = reason
        let run = RunRecord(
            attempt: attempt, failures: agent.failures, id: journal.newRunID(), command: request.command.words,
            arguments: request.command.filled([
                "spec": prompt.specPath?.string ?? "", "prompt": prompt.text, "name": agent.name.text,
                "worktree": folder.string,
            ]),
            variables: variables(agent.name, attempt, spec: prompt.specPath?.string, journal), limits: request.limits,
            started: journal.surroundings.now, starter: ProcessIdentity(of: getpid()))
        try agent.folder.make()
        try agent.folder.write(run)
        agent.keeper = try startKeeper(agent.name, attempt, journal)
        agent.stage = .running(run)
        agent.isStalled = false
        tell(agent.name, .started(attempt: attempt, pid: nil))
    }

    private func reopen(_ name: Name, _ attempt: Int, reason: String?, _ journal: Journal) throws {
        let draft = Draft(.agentReopened, "Agent \(name) tries again")
            .with(TrailerKey.agent, name.text).with(TrailerKey.attempt, String(attempt))
            .with(TrailerKey.reason, reason ?? "another attempt was asked for")
        try journal.append([draft], snapshot: journal.takeSnapshot(definition: journal.leaderState().definition))
    }

    /// Says in the agent's own lane which attempt it is at.
    private func takeUp(_ name: Name, _ attempt: Int, in folder: FilePath, _ journal: Journal) throws {
        guard let lane = try journal.agentState(name), lane.attempt < attempt else { return }
        let there = try journal.journal(of: name, in: folder)
        let draft = Draft(.agentReopened, "Attempt \(attempt) begins")
            .with(TrailerKey.agent, name.text).with(TrailerKey.attempt, String(attempt))
        try there.append([draft], snapshot: there.takeSnapshot(definition: journal.leaderState().definition))
    }

    private func variables(_ name: Name, _ attempt: Int, spec: String?, _ journal: Journal) -> [String: String] {
        var variables = [
            "GIT_WF_WORKFLOW": journal.workflow.text, "GIT_WF_AGENT": name.text, "GIT_WF_ATTEMPT": String(attempt),
            "GIT_WF_PORT": String(AgentPort(of: name, journal).number),
        ]
        variables["GIT_WF_SPEC"] = spec
        return variables
    }

    private func startKeeper(_ name: Name, _ attempt: Int, _ journal: Journal) throws -> pid_t {
        // This very program, also where another one stands under its name by now.
        let child = ChildProcess(
            ["/proc/self/exe", "agent", "keep", journal.workflow.text, name.text, String(attempt)], in: journal.place,
            environment: AgentEnvironment(journal.surroundings.environment, more: request.passing).variables)
        return try child.startDetached()
    }

    // MARK: Watching

    private func watch(_ agent: Watched, _ record: RunRecord) throws {
        if let keeper = agent.keeper, waitpid(keeper, nil, WNOHANG) == keeper { agent.keeper = nil }
        switch try agent.folder.standing(of: record) {
        case .beginning: break
        case .running:
            let seen = try agent.folder.seen(record.attempt)
            if let seconds = seen.stalled, !agent.isStalled { tell(agent.name, .stalled(seconds: seconds)) }
            if seen.stalled == nil, agent.isStalled { tell(agent.name, .movesAgain) }
            agent.isStalled = seen.stalled != nil
        case .notBegun:
            // The keeper that was started is not there: it could not begin.
            if agent.keeper == nil { try start(agent) }
        case .lost: if let end = try agent.folder.endLost(record) { try judge(agent, record, end) }
        case .ended(let end): try judge(agent, record, end)
        }
    }

    /// Decides what follows the end of an attempt.
    private func judge(_ agent: Watched, _ run: RunRecord, _ end: RunEnd) throws {
        try decide(agent, run, end)
        try agent.folder.setJudged(run.attempt)
    }

    private func decide(_ agent: Watched, _ run: RunRecord, _ end: RunEnd) throws {
        let journal = try journal()
        let state = try journal.leaderState()
        let work = try AgentWork(agent.name, journal: journal, state: state, worktrees: LinkedWorktree.all(of: journal))
        if let result = work.result {
            tell(agent.name, .reported(status: result.status, summary: result.summary, isMade: false))
            agent.stage = .over
            if result.status == "failed" { succeeded = false }
        } else if let question = work.question {
            tell(agent.name, .asks(question.text))
            agent.stage = .over
        } else if end.isSuccess || end.reason == .tokens {
            try report(agent, work, run, end, journal)
        } else if end.reason == .stopped {
            try record(.agentStopped, agent.name, run, end, journal)
            tell(agent.name, .stopped(end))
            agent.stage = .over
            succeeded = false
        } else if agent.failures < request.retries, end.reason != .unstartable,
            end.reason != .stalled || request.limits.onStall == .retry
        {
            agent.failures += 1
            let pause = Self.pause(agent.failures)
            agent.stage = .pausing(until: clock.seconds + pause)
            tell(agent.name, .again(end, attempt: run.attempt + 1, seconds: Int(pause.rounded())))
        } else {
            try record(.agentFailed, agent.name, run, end, journal)
            tell(agent.name, .failed(end))
            agent.stage = .over
            succeeded = false
        }
    }

    /// Seconds before another attempt: twice as long each time, up to five minutes, and not for all agents the same.
    private static func pause(_ failures: Int) -> Double {
        min(300, Double(1 << min(failures, 12)) / 2) * Double.random(in: 0.75...1.25)
    }

    private func record(_ kind: CheckpointKind, _ name: Name, _ run: RunRecord, _ end: RunEnd, _ journal: Journal)
        throws
    {
        let what = kind == .agentStopped ? "was stopped" : "failed"
        let draft = Draft(kind, "Agent \(name) \(what): \(end.text)")
            .with(TrailerKey.agent, name.text).with(TrailerKey.attempt, String(run.attempt))
            .with(TrailerKey.reason, end.text)
        try journal.append([draft], snapshot: journal.takeSnapshot(definition: journal.leaderState().definition))
    }

    /// Makes the report of an agent that ended well and said nothing.
    private func report(
        _ agent: Watched, _ work: AgentWork, _ run: RunRecord, _ end: RunEnd, _ journal: Journal
    ) throws {
        guard let folder = work.folder else {
            return leave(agent, work.absence ?? "its worktree is gone")
        }
        let there = try journal.journal(of: agent.name, in: folder)
        let made = try AgentReport(there).make(for: agent.name, ending: end.text)
        tell(agent.name, .reported(status: made.result.status, summary: made.result.summary, isMade: true))
        agent.stage = .over
    }
}

/// A port that an agent may listen on: the same for all its attempts, and hardly ever another agent's.
struct AgentPort {
    let number: Int

    init(of agent: Name, _ journal: Journal) {
        // FNV-1a
        var hash: UInt32 = 2_166_136_261
        for byte in "\(journal.repository.commonDirectory) \(journal.workflow) \(agent)".utf8 {
            hash = (hash ^ UInt32(byte)) &* 16_777_619
        }
        number = 20_000 + Int(hash % 20_000)
    }
}

extension Journal {
    fileprivate func newRunID() -> String { String(UInt64.random(in: .min ... .max), radix: 36) }
}
