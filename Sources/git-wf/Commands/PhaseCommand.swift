import ArgumentParser
import Git
import GitValues
import Journal
import Snapshots
import Workflow

struct PhaseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "phase",
        abstract: "List phases, and move from one to the next.",
        discussion: "Example: git wf phase complete",
        subcommands: [List.self, Start.self, Complete.self, Fail.self],
        defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List the phases.", discussion: "Example: git wf phase list")
        @OptionGroup var options: SharedOptions

        func run() throws {
            let session = try options.open()
            try PhaseAnswer(session, state: session.state()).print(json: options.json)
        }
    }

    struct Start: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "start", abstract: "Start a phase.",
            discussion: "Example: git wf phase start implementing --reason \"a bug in search\"")
        @Argument(help: "The phase.") var name: String
        @Option(help: ArgumentHelp("Why a phase that was visited starts again.", valueName: "text")) var reason: String?
        @OptionGroup var options: SharedOptions

        func run() throws {
            let session = try options.open(forWriting: true)
            try session.requireLeader("move between phases")
            let state = try session.state()
            try session.requireDefined(state)
            let draft = Draft(.phaseStarted, "Phase started: \(name)", phase: name).with(TrailerKey.reason, reason)
            try session.journal.append([draft], snapshot: session.snapshot(for: state))
            try PhaseAnswer(session, state: session.state()).print(json: options.json)
        }
    }

    struct Complete: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "complete", abstract: "Complete the phase in hand, and start the one that follows.",
            discussion: """
                Runs the phase's check first, and waits at its gate for a human's approval (exit 1).

                Example: git wf phase complete
                """)
        @Argument(help: "The phase in hand.") var name: String?
        @OptionGroup var options: SharedOptions

        func run() throws {
            let session = try options.open(forWriting: true)
            try session.requireLeader("move between phases")
            // A check or a gate that was just written into .wfconfig holds for this very step.
            let before = try session.state()
            try session.requireDefined(before)
            try session.journal.append([], snapshot: session.snapshot(for: before))
            let state = try session.state()
            let steps = PhaseSteps(session: session, state: state)
            let phase = try steps.requireInHand(name, doing: "complete")
            let check = try steps.runCheck(of: phase)
            let snapshot = try session.snapshot(for: state)
            if let check, check.status != 0 {
                try session.journal.append(
                    [Draft(.checkpoint, "Check failed: \(check.command)").with(TrailerKey.check, check.text(snapshot))],
                    snapshot: snapshot)
                throw Failure(
                    "\(phase) stays in progress: its check, \(check.command.quoted), ended with \(check.status); "
                        + "git wf phase fail --reason T gives the phase up", status: .no)
            }
            if state.definition.phases.first(where: { $0.name.text == phase })?.gate != nil,
                state.phase(phase)?.visits.last?.isApproved != true
            {
                let reason = "\(phase) is done and waits for approval"
                let draft = Draft(.blocked, "Waiting at the gate of \(phase)", phase: phase).with(
                    TrailerKey.needs, "review"
                )
                .with(TrailerKey.gate, "human").with(TrailerKey.reason, reason)
                .with(TrailerKey.check, check?.text(snapshot))
                try session.journal.append([draft], snapshot: snapshot)
                throw Failure(
                    "\(phase) waits at its gate: a human runs git wf approve, or git wf reject --reason T", status: .no)
            }
            var completed = Draft(.phaseCompleted, "Phase completed: \(phase)", phase: phase)
            completed.add(TrailerKey.check, check?.text(snapshot))
            try session.journal.append(
                [completed] + steps.following(phase), snapshot: steps.committed(phase, snapshot: snapshot))
            try PhaseAnswer(session, state: session.state()).print(json: options.json)
        }
    }

    struct Fail: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "fail", abstract: "Give the phase in hand up; its onFail phase begins, where it has one.",
            discussion: "Example: git wf phase fail testing --reason \"search is too slow\"")
        @Argument(help: "The phase in hand.") var name: String?
        @Option(help: ArgumentHelp("Why.", valueName: "text")) var reason: String
        @OptionGroup var options: SharedOptions

        func run() throws {
            let session = try options.open(forWriting: true)
            try session.requireLeader("move between phases")
            let state = try session.state()
            try session.requireDefined(state)
            let phase = try PhaseSteps(session: session, state: state).requireInHand(name, doing: "fail")
            var drafts = [Draft(.phaseFailed, "Phase failed: \(phase)", phase: phase).with(TrailerKey.reason, reason)]
            if let next = state.definition.phases.first(where: { $0.name.text == phase })?.onFail?.text {
                drafts.append(
                    Draft(.phaseStarted, "Phase started: \(next)", phase: next)
                        .with(TrailerKey.reason, "\(phase) failed: \(reason)"))
            }
            try session.journal.append(drafts, snapshot: session.snapshot(for: state))
            try PhaseAnswer(session, state: session.state()).print(json: options.json)
        }
    }
}

/// What completing a phase is made of; `approve` finishes it as `phase complete` does.
struct PhaseSteps {
    let session: Session
    let state: WorkflowState

    /// The phase in hand.
    /// - Throws: `IllegalTransition` where it cannot be left, or `name` is another one.
    func requireInHand(_ name: String?, doing: String) throws -> String {
        let allowed = state.allowedCommands
        if let name, state.phase(name) == nil {
            throw IllegalTransition(
                "cannot \(doing) \(name.quoted): there is no such phase; the phases are "
                    + state.phases.map(\.name).joined(separator: ", "), allowed: allowed)
        }
        guard let current = state.currentName else {
            throw IllegalTransition(
                "cannot \(doing) \(name ?? "a phase"): none is in progress", allowed: allowed)
        }
        if let name, name != current {
            throw IllegalTransition("cannot \(doing) \(name): \(current) is in progress", allowed: allowed)
        }
        if let block = state.blocks.last {
            throw IllegalTransition("cannot \(doing) \(current): it is blocked: \(block.reason)", allowed: allowed)
        }
        return current
    }

    /// What is recorded behind a phase's completion: its successor's start, or the workflow's completion.
    func following(_ phase: String) -> [Draft] {
        if let next = state.successor(of: phase) {
            return [Draft(.phaseStarted, "Phase started: \(next)", phase: next)]
        }
        return [Draft(.workflowCompleted, "Workflow completed: \(state.name)", phase: phase)]
    }

    /// Commits a finished phase to the branch, where `checkpoint.commit` asks for it.
    /// - Returns: the snapshot to record: a new one, where the branch moved.
    /// - Throws: `Failure` where git refused; the phase stays in progress.
    func committed(_ phase: String, snapshot: Snapshot) throws -> Snapshot {
        if state.definition.checkpoint.commit == .never { return snapshot }
        let made = try BranchCommit(session: session, state: state)
            .commit(title: "Complete \(phase)", body: "", snapshot: snapshot)
        return try made == nil ? snapshot : session.snapshot(for: state)
    }

    /// A command that was run.
    struct Check {
        let command: String
        let status: Int32
        let seconds: Int64

        /// As `Wf-Check` has it.
        func text(_ snapshot: Snapshot) -> String {
            "exit \(status), \(seconds) s, tree \(snapshot.tree.short): \(command)"
        }
    }

    /// Runs the check of a phase, with its output on the terminal.
    /// - Returns: `nil` where the phase has none.
    func runCheck(of phase: String) throws -> Check? {
        guard let command = state.definition.phases.first(where: { $0.name.text == phase })?.check else { return nil }
        try Trust(Invocation.current.environment).require(state.definition)
        guard let top = session.repository.workTree else { throw WorkspaceError.bare }
        Terminal.standard.narrate("check: \(command.printable)")
        let began = ContinuousClock.now
        let result = try ChildProcess(
            ["sh", "-c", command], in: top, environment: session.surroundings.git.environment
        ).run(output: .narrated)
        return Check(command: command, status: result.status, seconds: (ContinuousClock.now - began).components.seconds)
    }
}

/// What the commands about phases answer.
struct PhaseAnswer {
    private let session: Session
    private let state: WorkflowState

    init(_ session: Session, state: WorkflowState) {
        self.session = session
        self.state = state
    }

    func print(json: Bool) throws {
        if json { return try JSONDocument.print(StatusAnswer(Standing(session, state: state))) }
        var lines = Lines()
        let width = state.phases.map(\.name.columns).max() ?? 0
        for phase in state.phases {
            let mark = phase.name == state.currentName ? ">" : " "
            lines.add("\(mark) \(phase.name.padded(to: width))  \(state.status(of: phase).rawValue)")
        }
        if state.isComplete { lines.add("The workflow \(state.name) is complete.") }
        Terminal.standard.answer(lines.text)
    }
}
