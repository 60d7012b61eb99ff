internal import Agents
internal import Git
internal import GitValues
internal import Journal
internal import Snapshots
internal import Workflow

/// What an agent did not commit is committed to its branch before anything else, so that a merge has all of it.
struct Leftovers {
    let journal: Journal

    /// - Returns: a note for the user; `nil` where everything is committed. Where the worktree is gone, the note names what only
    ///   the newest checkpoint has.
    /// - Throws: `MergeError` where the agent's worktree is in no state to be committed.
    func commit(of work: AgentWork) throws -> String? {
        guard let folder = work.folder else { return try work.notOnBranch(journal) }
        guard work.worktree?.branch == work.branch else {
            throw MergeError(
                .refused,
                "the worktree of \(work.name), \(folder), is not on \(work.branch.shortBranch)",
                hint: "git switch \(work.branch.shortBranch), there, once git is in the middle of nothing")
        }
        let there = try journal.journal(of: work.name, in: folder)
        let snapshot = try there.takeSnapshot()
        // The leader's repository compares it.
        try there.repository.pending.makeVisible()
        if let operation = snapshot.operation {
            throw MergeError(
                .refused, "git is in the middle of a \(operation) in \(folder); finish it or abort it there first")
        }
        let variables = work.worktree?.variables ?? [:]
        let unmerged = try journal.repository.gitElsewhere.unmergedPaths(in: folder, variables: variables)
        guard unmerged.isEmpty else {
            throw MergeError(
                .refused, "\(work.name) has not resolved \(unmerged.listed()) in \(folder)",
                hint: "resolve what is between the markers and git add it, there", paths: unmerged)
        }
        let headTree = snapshot.headTree ?? Repository.emptyTree
        let changes = try journal.repository.changes(from: headTree, to: snapshot.tree)
        if changes.isEmpty { return nil }
        if work.laneTip != nil {
            _ = try there.appendAutomatic(
                .merge, title: "Before what \(work.name) left is committed", snapshot: snapshot, isOnlyIfChanged: true)
        }
        let git = journal.repository.gitElsewhere
        let specs = [":(top)"] + snapshot.skipped.map { ":(top,exclude,literal)\($0.path)" }
        try git.succeed(
            "add what \(work.name) left", ["add", "--all", "--pathspec-from-file=-", "--pathspec-file-nul"], in: folder,
            variables: variables, input: specs.flatMap { Array($0.utf8) + [0] })
        // All that differed may have been left out of the index on purpose.
        if try git.run(["diff", "--cached", "--quiet"], in: folder, variables: variables).status == 0 { return nil }
        try git.succeed(
            "commit what \(work.name) left",
            journal.identity + ["commit", "--quiet", "--no-verify", "-F", "-"], in: folder, variables: variables,
            input: Array("Work of \(work.name) that it did not commit itself\n".utf8))
        return
            "\(work.name) had not committed \(changes.count) path\(changes.count == 1 ? "" : "s"), which git-wf committed "
            + "to \(work.branch.shortBranch): \(changes.map(\.path).listed())"
    }
}

extension Journal {
    /// Arguments that give git a committer where the user has none.
    var identity: [String] {
        get throws {
            let name = try surroundings.environment["GIT_COMMITTER_NAME"] ?? repository.config("user.name")
            return name != nil ? [] : ["-c", "user.name=git-wf", "-c", "user.email=git-wf@localhost"]
        }
    }
}
