internal import Git
package import Journal
internal import Workflow

/// What `agent diff` compares.
package struct AgentDiff {
    private let journal: Journal

    package init(_ journal: Journal) { self.journal = journal }

    /// The tree that the agent began with and the one that it has now, with what it did not commit.
    /// - Throws: `AgentError` where there is no such agent, or nothing of it is left to compare.
    package func trees(of name: String) throws -> AgentWork.Range {
        let work = try AgentWork(named: name, journal: journal)
        let state = try journal.leaderState()
        let leader = try state.branch.flatMap { try journal.repository.reference($0) }
        guard let range = try work.range(journal, leader: leader) else {
            throw AgentError(
                .refused, "the branch of \(work.name) is gone",
                hint: "git wf log agent/\(work.name) shows what its lane holds")
        }
        return range
    }
}
