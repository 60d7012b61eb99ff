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
    /// - Parameters:
    ///   - title: of those checkpoints.
    ///   - looking: the command that does for one agent what ``take(_:title:)`` does, without the agent's name and the title. Several
    ///     run beside each other, each in a process: what is made in one worktree is no other's, and a damaged one ends nobody else.
    /// - Returns: for each agent that could not be looked at a sentence that says why, with the command that helps.
    package func take(title: String, by looking: [String]) throws -> [String] {
        var rest = try journal.leaderState().agents.filter(\.isOpen).compactMap { try? Name($0.name) }[...]
        if rest.count == 1, let name = rest.first { return [problem(name, title)].compactMap { $0 } }
        var problems: [String] = []
        while !rest.isEmpty {
            let children = rest.prefix(Self.parallelLooks).map { name in
                Result {
                    try ChildProcess(
                        looking + [name.text, title], in: journal.place, environment: journal.surroundings.environment
                    ).start()
                }
            }
            for (name, child) in zip(rest, children) {
                do {
                    let result = try child.get().wait()
                    if result.status != 0 { problems.append(failed(name, GitProgram.reason(of: result))) }
                    if !result.output.isEmpty { problems.append(result.text) }
                } catch {
                    problems.append(failed(name, "\(error)"))
                }
            }
            rest = rest.dropFirst(Self.parallelLooks)
        }
        return problems
    }

    /// How many worktrees are looked at beside each other.
    private static let parallelLooks = 8

    /// As ``take(title:by:)``, of one agent in this process.
    /// - Returns: why it could not be looked at.
    package func problem(_ name: Name, _ title: String) -> String? {
        do {
            return try take(name, title: title).problem
        } catch {
            // One that cannot be looked at stops nothing else.
            return failed(name, "\(error)")
        }
    }

    private func failed(_ name: Name, _ reason: String) -> String {
        "what \(name) has could not be recorded: \(reason)"
    }

    /// Takes one of one agent's worktree.
    /// - Returns: whether something had changed, and why nothing was read where nothing was.
    package func take(_ name: Name, title: String) throws -> (isChanged: Bool, problem: String?) {
        let work = try AgentWork(
            name, journal: journal, state: journal.leaderState(), worktrees: LinkedWorktree.all(of: journal))
        guard let worktree = work.worktree, work.folder != nil else { return (false, work.absence) }
        // Without a lane its start was cut short, which its own recovery ends.
        guard work.laneTip != nil else {
            return (false, work.damage.map { "what \(work.name) has was not recorded: \($0)" })
        }
        let there = try journal.journal(of: work.name, in: worktree)
        let left = try AgentOutbox(work.name, there).takeUp()
        let snapshot = try there.takeSnapshot(definition: journal.leaderState().definition)
        let taken = try there.appendAutomatic(.leader, title: title, snapshot: snapshot, isOnlyIfChanged: true)
        return (taken != nil || left > 0, nil)
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
