package import Agents
internal import Files
internal import Git
internal import Glibc
internal import GitValues
internal import Journal
package import Runner
internal import Snapshots
internal import SystemPackage
package import Workflow

/// Starts agents' processes and watches over them, ends them, and tells what became of them.
package struct RunningAgents {
    /// What was asked for, where the definition is not to say it.
    package struct Wishes: Sendable {
        package var command: [String] = []
        package var parallel: Int?
        package var timeout: WorkflowDuration?
        package var retries: Int?

        package init() {}
    }

    private let session: Session
    /// The same again, as it is at that moment.
    private let reopen: () throws -> Session

    package init(_ session: Session, reopen: @escaping () throws -> Session) throws {
        try session.requireLeader("run agents")
        self.session = session
        self.reopen = reopen
    }

    /// The agents that are meant.
    /// - Parameters:
    ///   - names: those that were named.
    ///   - all: each that is open and has nothing to say yet, and each spec below `specs/` without an agent.
    package func choose(_ names: [Name], all: Bool) throws -> [Name] {
        if !names.isEmpty { return names }
        guard all else {
            throw ActionError(
                "which agents are to run was not said", .usage,
                hint: "git wf agent run --all runs all that have something to do"
            )
        }
        let agents = try session.agents()
        let known = Set(agents.map(\.name))
        let open = agents.filter { $0.state == .open || $0.state == .sentBack }.map(\.name)
        let specs = try SpecFolder(session.journal).names()
        return open + specs.filter { !known.contains($0) }
    }

    /// Runs agents until each of them has reported, asks, or failed for good.
    /// - Returns: whether none failed.
    package func run(
        _ names: [Name], wishes: Wishes, until isEnough: () -> Bool, tell: @escaping (Name, Supervisor.Event) -> Void
    ) throws -> Bool {
        let state = try session.state()
        let settings = state.definition.agents
        let request = Supervisor.Request(
            agents: names, command: try command(wishes, state), parallel: wishes.parallel ?? settings.parallel,
            retries: wishes.retries ?? settings.retries,
            limits: RunLimits(
                timeout: Int((wishes.timeout ?? settings.timeout).seconds), stall: Int(settings.stall.seconds),
                onStall: RunLimits.OnStall(rawValue: settings.onStall.rawValue) ?? .say,
                look: Int(settings.look.seconds), grace: Int(settings.grace.seconds),
                tokens: settings.tokens.flatMap { Int(exactly: $0) },
                logSize: Int(settings.logSize.bytes)
            ),
            passing: try passing(state))
        session.protectAgents(beside: "a run of \(names.map(\.text).listed())")
        return try Supervisor(request, journal: { try reopen().journal }, tell: tell).run(until: isEnough)
    }

    /// As ``run(_:wishes:until:tell:)``, in a process that nobody waits for and that outlives the terminal.
    package func runDetached(_ names: [Name], wishes: Wishes) throws {
        // What would be refused is said here, where somebody reads it.
        _ = try command(wishes, session.state())
        var words = ["/proc/self/exe", "--workflow", session.journal.workflow.text, "agent", "run"] + names.map(\.text)
        if let parallel = wishes.parallel { words += ["-j", String(parallel)] }
        if let timeout = wishes.timeout { words += ["--timeout", timeout.description] }
        if let retries = wishes.retries { words += ["--retries", String(retries)] }
        if !wishes.command.isEmpty { words += ["--"] + wishes.command }
        _ = try ChildProcess(words, in: session.journal.place, environment: session.surroundings.environment)
            .startDetached()
        // Whoever asks next finds them in its hands.
        let folders = names.map { RunFolder($0, of: session.journal) }
        for _ in 0..<100 where !folders.allSatisfy(\.isWatched) { usleep(20_000) }
    }

    /// Lets an agent go on whose process has ended, with the command that it ran with.
    /// - Returns: whether there was one.
    package func goOn(_ name: Name) throws -> Bool {
        guard let command = try RunInHand(RunFolder(name, of: session.journal)).commandToGoOn() else { return false }
        var wishes = Wishes()
        wishes.command = command
        try runDetached([name], wishes: wishes)
        return true
    }

    private func command(_ wishes: Wishes, _ state: WorkflowState) throws -> AgentCommandLine {
        if !wishes.command.isEmpty { return AgentCommandLine(words: wishes.command) }
        guard let line = try session.trustedCommand(\.agents.command, of: state),
            let command = AgentCommandLine(line: line)
        else {
            throw ActionError(
                "no command is known that is an agent", .usage,
                hint: "git config -f .wfconfig agents.command 'claude -p {prompt}', or name one behind --")
        }
        return command
    }

    /// What the definition lets through of the environment, where the user trusts that.
    private func passing(_ state: WorkflowState) throws -> Set<String> {
        guard !state.definition.agents.env.isEmpty, try session.journal.trust(of: state).covers(state.definition) else {
            return []
        }
        return Set(state.definition.agents.env)
    }

    /// Keeps one attempt of an agent until its end. Nothing of it is for a terminal.
    package func keep(_ name: Name, attempt: Int) throws {
        let journal = session.journal
        let work = try AgentWork(named: name.text, journal: journal)
        guard let folder = work.folder else {
            throw ActionError(work.absence ?? "the worktree of \(name) is gone", .impossible)
        }
        _ = try Keeper.keep(
            RunFolder(name, of: journal), attempt: attempt, worktree: folder,
            environment: session.surroundings.environment
        ) {
            // What cannot be looked at now is looked at again; its keeper has more to do than that.
            (try? AgentProtection(reopen().journal).take(name, title: "While \(name) runs").isChanged) ?? false
        }
    }

    /// Asks an agent's process to end, and waits until nothing of it is left.
    /// - Returns: how it ended; `nil` where none ran.
    package func stop(_ name: Name, reason: String) throws -> RunEnd? {
        let work = try AgentWork(named: name.text, journal: session.journal)
        let run = RunInHand(RunFolder(name, of: session.journal))
        guard let (attempt, end) = try run.stop(reason: reason) else { return nil }
        // Its supervisor records it, where there is one.
        if !run.isWatched, work.record?.isOpen == true {
            let draft = Draft(.agentStopped, "Agent \(name) was stopped: \(end.text)")
                .with(TrailerKey.agent, name.text).with(TrailerKey.attempt, String(attempt))
                .with(TrailerKey.reason, end.text)
            try session.journal.append([draft], snapshot: session.snapshot(for: session.state()))
        }
        return end
    }
}

extension Session {
    /// The agents of the workflow, with what is known here of their processes.
    package func agents() throws -> [Agent] {
        try AgentList(journal, process: AgentProcesses(journal).process).agents()
    }
}
