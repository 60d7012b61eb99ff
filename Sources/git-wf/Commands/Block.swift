import ArgumentParser
import Git
import GitValues
import Journal
import Workflow

struct Block: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "block", abstract: "Say that the phase cannot go on without something.",
        discussion:
            "Work goes on; the phase cannot be left until unblock.\n\nExample: git wf block \"which region?\" --needs input"
    )

    @Argument(help: "What is missing.") var reason: String
    @Option(help: ArgumentHelp("input, review or external.", valueName: "what")) var needs = "input"
    @OptionGroup var options: SharedOptions

    func validate() throws {
        if reason.allSatisfy(\.isWhitespace) { throw ValidationError("what is missing? a block needs a reason") }
        guard ["input", "review", "external"].contains(needs) else {
            throw ValidationError("--needs takes input, review or external, not \(needs.quoted)")
        }
    }

    func run() throws {
        try record(options, doing: "block a phase") { _ in
            Draft(.blocked, "Blocked: \(reason)").with(TrailerKey.needs, needs).with(TrailerKey.reason, reason)
        }
    }
}

struct Unblock: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unblock", abstract: "Lift the newest block.",
        discussion: "Example: git wf unblock --answer \"eu-west-1\"")

    @Option(help: ArgumentHelp("The answer.", valueName: "text")) var answer: String?
    @OptionGroup var options: SharedOptions

    func run() throws {
        try record(options, doing: "lift a block") { _ in
            Draft(.unblocked, "Unblocked\(answer.map { ": \($0)" } ?? "")").with(TrailerKey.answer, answer)
        }
    }
}

struct Reject: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reject", abstract: "Send a phase that waits at its gate back to work.",
        discussion: "Example: git wf reject --reason \"no rollback plan\"")

    @Option(help: ArgumentHelp("Why.", valueName: "text")) var reason: String
    @OptionGroup var options: SharedOptions

    func run() throws {
        try record(options, doing: "reject a phase") { session in
            let human = try session.actors.human(options.actor, in: session.repository, doing: "reject a phase")
            return Draft(.rejected, "Rejected: \(reason)").with(TrailerKey.reason, reason)
                .with(TrailerKey.claimed, human.isClaimed ? "yes" : nil).by(human.actor)
        }
    }
}

struct Approve: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve",
        abstract: "Approve the phase that waits at its gate, and complete it. Only a human may.",
        discussion: "Example: git wf approve deploying --note \"checked on staging\"")

    @Argument(help: "The phase that waits.") var phase: String?
    @Option(help: ArgumentHelp("A note for the record.", valueName: "text")) var note: String?
    @OptionGroup var options: SharedOptions

    func run() throws {
        let session = try options.open(forWriting: true)
        try session.requireLeader("approve a phase")
        let state = try session.state()
        guard let gate = state.blocks.last(where: \.isGate) else {
            throw IllegalTransition("cannot approve: no phase waits at its gate", allowed: state.allowedCommands)
        }
        let human = try session.actors.human(options.actor, in: session.repository, doing: "approve a phase")
        var approved = Draft(.approved, "Approved: \(phase ?? gate.phase)", phase: phase ?? gate.phase).by(human.actor)
        approved.add(TrailerKey.answer, note)
        if human.isClaimed { approved.add(TrailerKey.claimed, "yes") }
        // Other blocks still hold the phase; then the approval alone is recorded.
        let isHeld = state.blocks.contains { !$0.isGate }
        let steps = PhaseSteps(session: session, state: state)
        var snapshot = try session.snapshot(for: state)
        var drafts = [approved]
        if !isHeld {
            snapshot = try steps.committed(gate.phase, snapshot: snapshot)
            drafts.append(Draft(.phaseCompleted, "Phase completed: \(gate.phase)", phase: gate.phase))
            drafts += steps.following(gate.phase)
        }
        try session.journal.append(drafts, snapshot: snapshot)
        try PhaseAnswer(session, state: session.state()).print(json: options.json)
    }
}

/// Records one checkpoint about the phase in hand and says how the phases stand.
private func record(_ options: SharedOptions, doing: String, _ draft: (Session) throws -> Draft) throws {
    let session = try options.open(forWriting: true)
    try session.requireLeader(doing)
    let state = try session.state()
    try session.journal.append([draft(session)], snapshot: session.snapshot(for: state))
    try PhaseAnswer(session, state: session.state()).print(json: options.json)
}
