internal import Agents
internal import Git
internal import GitValues
internal import Journal
internal import Operations
internal import Workflow

// How a merge is recorded, and what its commit says.
extension MergeQueue {
    /// What the merge commit says.
    func message(_ work: AgentWork) throws -> String {
        let summary = try work.result?.summary ?? work.spec(in: repository)?.title ?? ""
        let line = summary.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        return "Merge agent \(work.name)" + (line.isEmpty ? "" : ": \(line)")
    }

    func checkpointBefore(_ title: String) throws -> Checkpoint {
        guard let before = try journal.appendAutomatic(.merge, title: title, snapshot: journal.takeSnapshot()) else {
            throw MergeError(.failed, "no checkpoint could be taken")
        }
        return before
    }

    /// Records that an agent is merged. What its lane says becomes part of the leader's state with it.
    func record(
        _ work: AgentWork, commit: ObjectID, before: ObjectID, verify: Verification?
    ) throws -> MergeOutcome.Merged {
        let old = try journal.checkpoint(before).head.map { try repository.commit($0).tree } ?? Repository.emptyTree
        let draft = try draft(
            work, commit: commit, before: before, verify: verify,
            wrote: repository.changes(from: old, to: repository.commit(commit).tree).map(\.path))
        let written = try journal.append([draft], snapshot: journal.takeSnapshot(), newsLast: true)
        guard !written.isEmpty else { throw MergeError(.failed, "the merge of \(work.name) was not recorded") }
        return try merged(work, commit: commit, verify: verify)
    }

    func draft(
        _ work: AgentWork, commit: ObjectID, before: ObjectID, verify: Verification?, wrote written: [RepositoryPath]
    ) throws -> Draft {
        var draft = Draft(.agentMerged, try message(work).replacing("Merge agent", with: "Merged agent"))
            .with(TrailerKey.agent, work.name.text).about(Self.finishedItem(work))
            .with(TrailerKey.scope, try scope(of: work)?.trailers ?? [])
            .with(
                TrailerKey.verify,
                verify.map { "\($0.command) (exit \($0.exit), \($0.seconds) s, tree \($0.tree.hex))" }
            )
            .holding(TrailerKey.commit, commit).holding(TrailerKey.laneTip, work.laneTip)
            .holding(TrailerKey.undo, before)
        // The TODO file's boxes are carried over by us.
        let paths = Set(written + [RepositoryPath(try journal.leaderState().definition.todo)])
        try WrittenPaths(paths.sorted().map { WrittenPaths.Entry(path: $0) }).record(in: &draft, journal: journal)
        return draft
    }

    func merged(
        _ work: AgentWork, commit: ObjectID, verify: Verification?
    ) throws -> MergeOutcome.Merged {
        MergeOutcome.Merged(
            agent: work.name, commit: commit, verify: verify, outOfScope: try scope(of: work)?.outside ?? [])
    }

    /// Whether what the agent's branch changed is what it may change.
    func scope(of work: AgentWork) throws -> AgentScope? {
        let state = try journal.leaderState()
        let leader = try state.branch.flatMap { try repository.reference($0) }
        let changes = try work.changes(in: repository, leader: leader)
        return try changes.flatMap { try work.scope(of: $0.committed, in: repository, todo: state.definition.todo) }
    }
}
