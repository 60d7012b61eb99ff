internal import Git
package import Journal
internal import Snapshots
package import Workflow

/// Checkpoints of agents' worktrees that the leader's own commands take, so that nothing of theirs is only in a folder that
/// somebody may delete.
package struct AgentProtection {
    private let journal: Journal

    /// - Parameter journal: of the leader's worktree.
    package init(_ journal: Journal) { self.journal = journal }

    /// Takes an automatic checkpoint of each open agent's worktree in which something changed, in the agent's own lane. Where
    /// a worktree is not the agent's, or not there, nothing is read or written.
    /// - Parameter title: of those checkpoints.
    /// - Returns: for each agent that could not be looked at a sentence that says why, with the command that helps.
    package func take(title: String) throws -> [String] {
        let state = try journal.leaderState()
        let names = state.agents.filter(\.isOpen).compactMap { try? Name($0.name) }
        if names.isEmpty { return [] }
        let worktrees = try LinkedWorktree.all(of: journal)
        return try names.compactMap { name in
            let work = try AgentWork(name, journal: journal, state: state, worktrees: worktrees)
            do {
                return try take(work, title).problem
            } catch {
                // One that cannot be looked at stops nothing else.
                return "what \(name) has could not be recorded: \(error)"
            }
        }
    }

    /// As ``take(title:)``, of one agent.
    /// - Returns: whether something had changed.
    package func take(_ name: Name, title: String) throws -> Bool {
        let work = try AgentWork(
            name, journal: journal, state: journal.leaderState(), worktrees: LinkedWorktree.all(of: journal))
        return try take(work, title).isChanged
    }

    private func take(_ work: AgentWork, _ title: String) throws -> (isChanged: Bool, problem: String?) {
        guard let worktree = work.worktree, work.folder != nil else { return (false, work.absence) }
        // Without a lane its start was cut short, which its own recovery ends.
        guard work.laneTip != nil else {
            return (false, work.damage.map { "what \(work.name) has was not recorded: \($0)" })
        }
        let there = try journal.journal(of: work.name, in: worktree)
        let snapshot = try there.takeSnapshot(definition: journal.leaderState().definition)
        let taken = try there.appendAutomatic(.leader, title: title, snapshot: snapshot, isOnlyIfChanged: true)
        return (taken != nil, nil)
    }
}

extension AgentWork {
    /// Why nothing is read of its worktree, with the command that helps; `nil` where it is there.
    package var absence: String? {
        switch place {
        case .ok, .moved, .switched: nil
        case .lost:
            "the worktree of \(name) is gone; git wf agent restore \(name) makes it again from its branch and its newest checkpoint"
        case .foreign:
            "the folder of \(name) belongs to something else, so nothing in it was read; git wf agent list shows where it is"
        }
    }
}
