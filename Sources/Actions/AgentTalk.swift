internal import Agents
internal import Git
internal import GitValues
internal import Journal
internal import Runner
internal import Snapshots
internal import SystemPackage
package import Workflow

/// What a leader and an agent say to each other: questions and answers, and why work comes back.
package struct AgentTalk {
    private let session: Session

    package init(_ session: Session) { self.session = session }

    // MARK: The agent's part

    /// Records what an agent wants to know of the leader.
    /// - Parameter options: the answers to choose from; none where any will do.
    /// - Returns: the checkpoint that asks.
    package func ask(_ question: String, options: [String]) throws -> Checkpoint {
        guard case .agent(let name) = session.journal.lane else {
            throw ActionError(
                "a question is an agent's, and this is not the worktree of one", .usage,
                hint: "git wf agent list names the worktrees")
        }
        let text = try said(question, "a question needs words")
        try AgentReport(session.journal).requireOwn(name)
        let state = try session.journal.leaderState()
        if let record = state.agent(name.text), !record.isOpen {
            throw ActionError("\(name) is \(record.stage.rawValue) already, so nobody would answer", .refused)
        }
        return try recorded([
            Draft.question(
                text, options: options, of: name, attempt: state.agent(name.text)?.attempt, phase: state.shownPhase)
        ])
    }

    // MARK: The leader's part

    /// Records the answer to an agent's question, or what it is told without one.
    package func answer(_ name: Name, _ text: String) throws -> Checkpoint {
        try session.requireLeader("answer agents")
        let text = try said(text, "an answer needs words")
        let work = try AgentWork(named: name.text, journal: session.journal)
        guard work.record?.isOpen == true else {
            throw ActionError(
                "\(name) is \(work.progress.rawValue), so nobody would read it", .refused,
                hint: "git wf agent retry \(name) --reason TEXT opens it again")
        }
        let draft = Draft(.agentAnswered, "Answered \(name): \(text)").with(TrailerKey.agent, name.text)
            .with(TrailerKey.answer, text).with(TrailerKey.asked, work.question?.id.hex)
        return try recorded([draft])
    }

    /// What sending work back came to.
    package struct SentBack: Sendable {
        package let attempt: Int
        package let warnings: [String]
    }

    /// Sends an agent's work back, or opens one that is over for another attempt.
    /// - Parameters:
    ///   - reason: what is wanted of it; where nothing is said, how the attempt before ended.
    ///   - spec: another one than before, as a path or the name of a file in `specs/`.
    ///   - isFresh: whether it begins at its base again; a checkpoint holds what it had.
    package func sendBack(_ name: Name, reason: String?, spec: String?, isFresh: Bool) throws -> SentBack {
        try session.requireLeader("send work back")
        let work = try AgentWork(named: name.text, journal: session.journal)
        guard let record = work.record else {
            throw ActionError("the leader's history does not know the agent \(name)", .refused)
        }
        guard let folder = work.folder, work.place == .ok else {
            throw ActionError(
                work.absence ?? "the worktree of \(name) is not on its branch, \(work.branch.shortBranch)", .refused,
                hint: "git wf agent restore \(name) brings it back")
        }
        if try AgentProcesses(session.journal).process(of: name, record)?.isAlive == true {
            throw ActionError("\(name) is running", .refused, hint: "git wf agent stop \(name) ends it")
        }
        let newSpec = try spec.map { try NewSpec($0, for: name, session.journal) }
        _ = try AgentProtection(session.journal).take(name, title: "Before \(name) begins again")
        var warnings: [String] = []
        if isFresh { try begin(name, at: record.base) }
        if record.stage == .merged, let head = try session.repository.head().commit {
            // What was merged goes on from where the leader is.
            let result = try session.repository.gitElsewhere.run(
                ["-C", folder.string, "merge", "--ff-only", "--quiet", head.hex], in: folder)
            if result.status != 0 {
                warnings.append(
                    "\(name) goes on from its own branch: it could not be moved to \(head.short) (\(GitProgram.reason(of: result)))"
                )
            }
        }
        let attempt = record.attempt + 1
        let why = reason ?? record.reason ?? "another attempt was asked for"
        var draft = Draft(.agentReopened, "Sent back to \(name): \(why)").with(TrailerKey.agent, name.text)
            .with(TrailerKey.attempt, String(attempt)).with(TrailerKey.reason, why)
        if let newSpec { draft = try newSpec.recorded(in: draft) }
        _ = try recorded([draft])
        if let newSpec, let base = record.base {
            try newSpec.write(in: session.journal.journal(of: name, in: folder), base: base)
        }
        return SentBack(attempt: attempt, warnings: warnings)
    }

    /// Brings an agent's files, index and branch to a commit.
    private func begin(_ name: Name, at base: ObjectID?) throws {
        guard let base else { throw ActionError("it is not recorded where \(name) began", .impossible) }
        let there = try session.inWorktree(of: name)
        var first: Checkpoint?
        var history = try session.journal.history(of: .agent(name), withAutomatic: false)
        while let checkpoint = try history.next() { first = checkpoint }
        guard let first else { throw ActionError("it is not recorded what \(name) began with", .impossible) }
        _ = try BringingBack(there).restore(
            RestoreRequest(from: first.id.hex, isAll: true, isExact: true, paths: []), isDryRun: false)
        _ = try there.repository.git.succeed(
            "move the branch of \(name)", ["reset", "--quiet", "--mixed", base.hex], in: there.journal.place)
    }

    // MARK: Both

    private func said(_ text: String, _ problem: String) throws -> String {
        guard text.contains(where: { !$0.isWhitespace }) else { throw ActionError(problem, .usage) }
        return text
    }

    private func recorded(_ drafts: [Draft]) throws -> Checkpoint {
        let snapshot = try session.snapshot(for: session.journal.leaderState())
        guard let checkpoint = try session.journal.append(drafts, snapshot: snapshot).first else {
            throw ActionError("it was not recorded", .impossible)
        }
        return checkpoint
    }
}

extension Session {
    /// The same in an agent's worktree, in the leader's hands. Where that is, git is told by us.
    /// - Throws: `ActionError` where it is gone, or not the agent's.
    package func inWorktree(of name: Name) throws -> Session {
        let work = try AgentWork(named: name.text, journal: journal)
        guard let folder = work.folder else {
            throw ActionError(work.absence ?? "the worktree of \(name) is gone", .impossible)
        }
        let there = try journal.journal(of: name, in: folder)
        let caller = Caller(
            named: .leader, isHumanPresent: caller.isHumanPresent, isInHarness: caller.isInHarness, userName: nil)
        var session = try Session(
            there.surroundings, workflow: journal.workflow, caller: caller, narration: narration)
        try session.endInterrupted()
        return session
    }
}
