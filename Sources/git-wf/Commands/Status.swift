import ArgumentParser
import Files
import Git
import GitValues
import Glibc
import Hooks
import Journal
import SystemPackage
import Workflow

struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Say where the workflow stands.",
        discussion: """
            Phase, items, blocks, agents, next actions, and whether a checkpoint is due. With --due it prints nothing and \
            exits 1 when one is due, for prompts and scripts.

            Example: git wf status
            """)

    @Flag(help: "Print nothing; exit 1 when a checkpoint is due.")
    var due = false
    @OptionGroup var options: SharedOptions

    func run() throws {
        let session = try options.open()
        let state = try session.state()
        let standing = try Standing(session, state: state)
        if due {
            if standing.due != nil { throw ExitCode(Failure.Status.no.rawValue) }
            return
        }
        if options.json { return try JSONDocument.print(StatusAnswer(standing)) }
        Terminal.standard.answer(StatusText(standing, terminal: .standard).text)
    }
}

extension Status: Plain {
    static func plain(_ words: [String]) -> Status? {
        guard words.isEmpty else { return nil }
        var status = Status()
        status.due = false
        status.options = .plain
        return status
    }
}

/// All that `status` says, gathered once.
struct Standing {
    let state: WorkflowState
    let todo: TodoList?
    let due: CheckpointPolicy.Due?
    let warnings: [String]
    /// What was cut short: an operation of ours, else one that git is in the middle of.
    let operation: String?
    let agents: [AgentAnswer]
    let automatic: Int
    let now: Timestamp
    /// Where the reader's worktree works.
    let lane: Lane

    init(_ session: Session, state: WorkflowState) throws {
        self.state = state
        now = session.surroundings.now
        lane = session.journal.lane
        todo = try session.journal.todo(state)
        due = try Self.due(session, state: state)
        automatic = try session.journal.automaticCount(of: session.journal.lane)
        agents = try AgentAnswer.all(session, readsWorktrees: false)
        let found = try Warnings(session, state: state, todo: todo)
        warnings = found.list
        operation = found.interrupted?.trigger?.rawValue ?? session.repository.operation
    }
}

extension Standing {
    /// Why a checkpoint is due, when one is.
    private static func due(_ session: Session, state: WorkflowState) throws -> CheckpointPolicy.Due? {
        if state.isComplete { return nil }
        let now = session.surroundings.now
        let policy = CheckpointPolicy(
            definition: state.definition, elapsed: WorkflowDuration(from: state.started, to: now))
        func due(workInHand: Bool) -> CheckpointPolicy.Due? {
            policy.due(
                now: now, lastCheckpoint: state.lastCheckpoint.time, started: state.started, workInHand: workInHand)
        }
        // Whether there is work in hand costs a look at every file, so it is asked only where it decides.
        guard let candidate = due(workInHand: true) else { return nil }
        return try due(workInHand: hasWorkInHand(session, state: state)) == nil ? nil : candidate
    }

    /// Whether anything differs from the last checkpoint, as far as git can tell without writing: a commit since, or a
    /// changed file.
    private static func hasWorkInHand(_ session: Session, state: WorkflowState) throws -> Bool {
        let last = try session.journal.checkpoint(state.lastCheckpoint.id)
        if try session.repository.head().commit != last.head { return true }
        let result = try session.surroundings.git.succeed(
            "look for changes",
            ["--no-optional-locks", "-c", "core.fsmonitor=false", "status", "--porcelain"],
            in: session.repository.workTree ?? session.surroundings.directory)
        return !result.output.isEmpty
    }
}

/// What `status` warns of.
struct Warnings {
    private(set) var list: [String] = []
    /// The checkpoint before an operation that was cut short.
    let interrupted: Checkpoint?

    init(_ session: Session, state: WorkflowState, todo: TodoList?) throws {
        interrupted = try session.journal.interruptedOperation()
        let repository = session.repository
        for refusal in state.refusals {
            list.append("checkpoint \(refusal.id.short) was not allowed and changed nothing: \(refusal.reason)")
        }
        let misses = HookMiss.misses(in: repository.commonDirectory)
        if let last = misses.last {
            list.append(
                "hooks could not checkpoint \(misses.count) time\(misses.count == 1 ? "" : "s"), last \(last.hook) at \(last.time); "
                    + "git wf hooks status says more")
        }
        let head = try repository.head()
        if session.journal.lane == .leader, head.branch != state.branch {
            list.append(
                "this worktree is on \(Self.branchName(head.branch)), the workflow belongs to \(Self.branchName(state.branch)): "
                    + "checkpoints keep the files, and say nothing of the items")
        }
        if todo == nil {
            let name = state.definition.todo
            var status = stat()
            let isFolder = stat(try session.journal.todoFile(state).string, &status) == 0
            list.append(
                isFolder
                    ? "\(name) is a folder, so there are no items; git mv it away, and git wf todo add TEXT makes the file"
                    : "there is no \(name); git wf todo add TEXT makes one")
        }
        try warnOfDefinition(session, state: state)
        try warnOfRemotes(session)
        try warnOfFiles(session)
        if let before = interrupted {
            list.append(
                "the \(before.trigger == .undo ? "undo" : "restore") after \(before.id.short) (\(before.title)) was cut short; "
                    + "the next command that records something finishes it")
        }
    }

    /// Files of the user's in the place of ours, and hooks that went away.
    private mutating func warnOfFiles(_ session: Session) throws {
        guard let top = session.repository.workTree, session.journal.lane == .leader else { return }
        let head = try session.repository.head().commit.map { try session.repository.commit($0).tree }
        if let head, try session.repository.entry(at: RepositoryPath(StateDocument.name), in: head) != nil {
            list.append("\(StateDocument.name) is a tracked file, so it is left alone")
        } else if let bytes = try OrdinaryFile.read(top.appending(StateDocument.name)), !bytes.isEmpty,
            !bytes.starts(with: StateDocument.beginning.utf8)
        {
            list.append("\(StateDocument.name) is not one that git-wf wrote, so it is left alone")
        }
        let directory = try HookDirectory(session.repository, surroundings: session.surroundings)
        let states = try GitHooks.status(in: directory.path, binary: Invocation.current.binary)
        // None at all may be what the user chose; some is nobody's choice.
        let gone = states.filter { $0.state == .foreign || $0.state == .missing }
        if !gone.isEmpty, gone.count < states.count {
            list.append(
                "hooks that checkpoint are not in place: \(gone.map(\.name).joined(separator: ", ")); "
                    + "git wf hooks install puts them back")
        }
    }

    static func branchName(_ branch: String?) -> String {
        guard let branch else { return "no branch" }
        return branch.hasPrefix("refs/heads/") ? String(branch.dropFirst("refs/heads/".count)) : branch
    }

    private mutating func warnOfDefinition(_ session: Session, state: WorkflowState) throws {
        guard session.journal.isOwnWorktree, let top = session.repository.workTree else { return }
        guard let bytes = try OrdinaryFile.read(top.appending(".wfconfig")) else { return }
        do {
            let new = try Definition(entries: Repository.configEntries(of: bytes, file: ".wfconfig"), file: ".wfconfig")
            if let current = state.currentName, !new.phases.contains(where: { $0.name.text == current }) {
                list.append(
                    ".wfconfig no longer has \(current), the phase in hand; the recorded definition stays in force")
            }
        } catch let error as DefinitionError {
            list.append("\(error.description); the recorded definition stays in force")
        } catch let error as GitError {
            list.append("\(error.description); the recorded definition stays in force")
        }
    }

    /// Lanes that somebody fetched from elsewhere and that went another way than ours.
    private mutating func warnOfRemotes(_ session: Session) throws {
        let repository = session.repository
        for reference in try repository.references(under: LaneRefs.remoteRoot) {
            let parts = reference.name.dropFirst(LaneRefs.remoteRoot.count).split(separator: "/", maxSplits: 1)
            guard parts.count == 2, parts[1].hasPrefix("\(session.journal.workflow)/") else { continue }
            let own = LaneRefs.root + parts[1]
            guard let tip = try repository.reference(own), tip != reference.target else { continue }
            if try repository.isDescendant(tip, of: reference.target) { continue }
            if try repository.isDescendant(reference.target, of: tip) {
                list.append("\(own) is behind \(parts[0]): \(tip.short) here, \(reference.target.short) there")
            } else {
                list.append(
                    "\(own) went another way than on \(parts[0]): \(tip.hex) here, \(reference.target.hex) there; "
                        + "neither is overwritten")
            }
        }
    }
}

/// `status --json`
struct StatusAnswer: Encodable {
    struct Checkpoint: Encodable {
        let id: String
        let time: JSONTime
        let title: String
        let kind: String
    }
    struct Phase: Encodable {
        let name: String
        let status: String
        let entered: JSONTime?
        let completed: JSONTime?
        let visits: Int
        let checkpoints: Int
        let gate: String?
    }
    struct Block: Encodable {
        let needs: String
        let reason: String
        let since: JSONTime
        let phase: String
    }

    let workflow: String
    let goal: String?
    let branch: String?
    let phase: String
    let status: String
    let started: JSONTime
    let lastCheckpoint: Checkpoint
    let due: Bool
    let dueReason: String?
    let phases: [Phase]
    let items: ItemsAnswer
    let blocks: [Block]
    let decisions: [DecisionAnswer]
    let next: [String]
    let agents: [AgentAnswer]
    let warnings: [String]
    let operation: String?

    init(_ standing: Standing) {
        let state = standing.state
        workflow = state.name
        goal = state.definition.goal
        branch = state.branch
        phase = state.shownPhase
        status = state.status.rawValue
        started = JSONTime(state.started)
        lastCheckpoint = Checkpoint(
            id: state.lastCheckpoint.id.hex, time: JSONTime(state.lastCheckpoint.time),
            title: state.lastCheckpoint.title,
            kind: state.lastCheckpoint.kind.rawValue)
        due = standing.due != nil
        dueReason = standing.due?.reason
        phases = state.phases.map { phase in
            Phase(
                name: phase.name, status: state.status(of: phase).rawValue,
                entered: phase.visits.last.map { JSONTime($0.entered) },
                completed: phase.visits.last?.completed.map { JSONTime($0) }, visits: phase.visits.count,
                checkpoints: phase.checkpoints,
                gate: state.definition.phases.first { $0.name.text == phase.name }?.gate?.rawValue)
        }
        items = ItemsAnswer(standing.todo, state: state)
        blocks = state.blocks.map {
            Block(needs: $0.needs, reason: $0.reason, since: JSONTime($0.since), phase: $0.phase)
        }
        decisions = state.decisions.decisions.map { DecisionAnswer($0) }
        next = state.next
        agents = standing.agents
        warnings = standing.warnings
        operation = standing.operation
    }
}
