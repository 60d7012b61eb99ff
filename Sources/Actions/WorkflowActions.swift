internal import Git
internal import GitValues
internal import Journal
package import Workflow

/// What is done with a workflow as a whole: it goes to another branch, or ends before its last phase.
package struct WorkflowActions {
    private let session: Session

    package init(_ session: Session) { self.session = session }

    /// Has the workflow belong to another branch from now on.
    /// - Parameter text: the branch as a user names it, short or in full.
    /// - Returns: the checkpoint that records it.
    package func move(to text: String) throws -> Checkpoint {
        try session.requireLeader("move a workflow")
        let state = try session.state()
        let branch = text.hasPrefix("refs/heads/") ? text : "refs/heads/\(text)"
        guard try session.repository.references(under: "refs/heads/").contains(where: { $0.name == branch }) else {
            throw ActionError("there is no branch \(text.quoted)", .refused, hint: "git branch lists them")
        }
        if LaneRefs.agentBranch(branch) != nil {
            throw ActionError("\(branch.shortBranch) is the branch of an agent", .refused)
        }
        if branch == state.branch { throw ActionError("\(state.name) belongs to \(text) already", .refused) }
        if !state.isComplete {
            for other in try session.workspace.workflows() where other.text != state.name {
                guard let standing = try session.workspace.journal(workflow: other).state() else { continue }
                if !standing.isComplete, standing.branch == branch {
                    throw ActionError(
                        "the workflow \(other) is still \(standing.status.rawValue) on \(branch.shortBranch), and a branch has "
                            + "one at a time", .refused)
                }
            }
        }
        let draft = Draft(
            .branchRenamed,
            "Workflow moved from \(state.branch.shownBranch) to \(branch.shortBranch)"
        ).with(TrailerKey.newBranch, branch)
        return try record(draft, state: state)
    }

    /// Ends the workflow where it stands.
    package func end(reason: String) throws -> Checkpoint {
        try session.requireLeader("end a workflow")
        guard reason.contains(where: { !$0.isWhitespace }) else {
            throw ActionError("a workflow ends with a reason, and the one that was given is empty", .usage)
        }
        let state = try session.state()
        return try record(
            Draft(.workflowCompleted, "Workflow ended: \(reason)", phase: state.shownPhase)
                .with(TrailerKey.reason, reason), state: state)
    }

    private func record(_ draft: Draft, state: WorkflowState) throws -> Checkpoint {
        // Whoever puts a workflow in order does not mean to work for it here.
        session.journal.binds = false
        // Documents of the branch that it comes to are compared with what was known before.
        let recorded = try session.journal.append([draft], snapshot: session.snapshot(for: state), newsLast: true)
        guard let checkpoint = recorded.first else { throw ActionError("nothing was recorded", .impossible) }
        return checkpoint
    }
}

extension Journal {
    /// Records that the workflow's branch has another name, where `git branch -m` gave it one since the last checkpoint.
    /// - Returns: what to tell; `nil` where there was nothing to record.
    func followBranch(by actor: Actor? = nil) throws -> String? {
        guard lane == .leader, let state = try state(), let old = state.branch,
            let new = try repository.newName(of: old)
        else { return nil }
        var draft = Draft(.branchRenamed, "Branch renamed from \(old.shortBranch) to \(new.shortBranch)")
        draft.actor = actor
        try append([draft], snapshot: takeSnapshot(definition: state.definition), newsLast: true)
        return "\(old.shortBranch) was renamed to \(new.shortBranch), and the workflow \(workflow) follows it"
    }
}
