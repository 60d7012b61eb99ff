internal import Git
package import GitValues
package import Journal
internal import Snapshots
package import Workflow

/// Another spec for an agent that was started with one, or without any.
package struct NewSpec {
    private let source: SpecSource
    private let agent: Name
    private let journal: Journal

    /// - Parameter text: a path, or the name of a file in `specs/`.
    /// - Throws: `AgentError` where there is none.
    package init(_ text: String, for agent: Name, _ journal: Journal) throws {
        guard let source = try SpecSource.find(text, agent: agent, journal: journal) else {
            throw AgentError(.usage, "there is no spec \(text.quoted)", hint: "git wf spec list names them")
        }
        self.source = source
        self.agent = agent
        self.journal = journal
    }

    /// Puts the spec on the record with what is recorded of the agent.
    package func recorded(in draft: Draft) throws -> Draft {
        draft.with(TrailerKey.specPath, source.path)
            .holding(TrailerKey.spec, try source.attachment(journal, agent: agent))
    }

    /// Writes it where the agent finds it.
    /// - Parameter there: of the agent's worktree.
    package func write(in there: Journal, base: ObjectID) throws {
        try SpecPlace(source.bytes, path: source.path, base: base, worktree: there.repository)
            .write(source.bytes, in: there.repository)
    }
}
