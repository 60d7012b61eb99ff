internal import Agents
internal import Git
internal import GitValues
internal import Journal

// What is told of a merge that stopped.
extension MergeQueue {
    func stopped(_ merge: OneMerge, _ dirt: LeaderWorktree.Dirt) throws -> MergeOutcome.Stopped {
        MergeOutcome.Stopped(
            agent: merge.name, reason: .dirty, paths: dirt.paths,
            outOfScope: try scope(of: merge.work)?.outside ?? [], sides: [], verify: nil,
            detail:
                "\(dirt.detail), which the merge of \(merge.name) needs untouched; commit or put it aside, then merge again"
        )
    }

    func stopped(_ merge: OneMerge, _ verification: Verification) throws -> MergeOutcome.Stopped {
        MergeOutcome.Stopped(
            agent: merge.name, reason: .verify, paths: [], outOfScope: try scope(of: merge.work)?.outside ?? [],
            sides: [],
            verify: verification,
            detail: "\(verification.command) gave \(verification.exit) on the merged result; the branch was not moved")
    }

    func stopped(_ merge: OneMerge, conflicts: [RepositoryPath]) throws -> MergeOutcome.Stopped {
        let base = try repository.mergeBase(merge.position.head, merge.tip) ?? merge.position.head
        func diff(_ side: ObjectID, _ path: RepositoryPath) throws -> String {
            try git.succeed(
                "show a side of \(path)",
                ["diff-tree", "-p", base.hex, side.hex, "--", ":(top,literal)\(path)"],
                in: journal.place
            ).text
        }
        return MergeOutcome.Stopped(
            agent: merge.name, reason: .conflict, paths: conflicts,
            outOfScope: try scope(of: merge.work)?.outside ?? [],
            sides: try conflicts.map {
                MergeOutcome.Sides(path: $0, ours: try diff(merge.position.head, $0), theirs: try diff(merge.tip, $0))
            },
            verify: nil,
            detail: "\(merge.name) conflicts in \(conflicts.listed()); resolve it in the worktree, then "
                + "git wf merge --continue, or take it back with git wf merge --abort")
    }
}
