internal import Files
internal import Git
internal import GitValues
internal import Glibc
internal import Journal
internal import SystemPackage
internal import Workflow

/// The branch and the worktree of an agent that is about to be started.
struct NewWorktree {
    private let journal: Journal
    private let name: Name
    private let place: FilePath
    private let base: ObjectID
    let branch: String
    /// What an interrupted start left: the worktree, or the branch alone.
    private let hasWorktree: Bool
    private let hasBranch: Bool

    /// Checks that nothing is in the way; writes nothing.
    /// - Throws: `AgentError`, which names what is.
    init(_ name: Name, place: FilePath, base: ObjectID, journal: Journal) throws {
        self.journal = journal
        self.name = name
        self.place = place
        self.base = base
        let repository = journal.repository
        let branch = journal.refs.branch(of: name)
        self.branch = branch

        // A ref is a file, so `wf` and `wf/x` cannot both be.
        for parent in ["wf", "wf/\(journal.workflow)"] where try repository.reference("refs/heads/\(parent)") != nil {
            throw AgentError(
                .refused,
                "a branch called \(parent) keeps git from making \(branch.shortBranch)",
                hint: "git branch -m \(parent) NEW renames it")
        }
        let siblings = try repository.references(under: "\(LaneRefs.branchRoot)\(journal.workflow)/").map(\.name)
        if let clash = siblings.first(where: { $0.hasPrefix(branch + "/") }) {
            throw AgentError(
                .refused, "a branch called \(clash.shortBranch) keeps git from making \(branch.shortBranch)")
        }
        if let clash = siblings.first(where: { $0 != branch && $0.lowercased() == branch }) {
            throw AgentError(
                .refused,
                "there is a branch \(clash.shortBranch), which differs from \(branch.shortBranch) in case only")
        }
        let worktrees = try LinkedWorktree.all(of: journal)
        let present = worktrees.first { $0.path == place }
        let tip = try repository.reference(branch)
        hasBranch = tip != nil
        if let elsewhere = worktrees.first(where: { $0.holds(branch) && $0.path != place }) {
            throw AgentError(.refused, "the branch \(branch.shortBranch) is checked out in \(elsewhere.path)")
        }
        if let tip, tip != base {
            throw AgentError(
                .refused,
                "there is a branch \(branch.shortBranch) already, at another commit than the agent would begin at",
                hint: "git log \(branch.shortBranch) shows what it holds")
        }
        // What an interrupted start left is taken up: its worktree, on its branch, at the same commit.
        hasWorktree = present.map { $0.branch == branch && !$0.isGone && $0.isOwn && tip != nil } ?? false
        if !hasWorktree, OrdinaryFile.isThere(place) {
            throw AgentError(.refused, "\(place) is in the way of the agent's worktree; move it, or take another name")
        }
        if let present, present.isGone {
            throw AgentError(
                .refused, "git still knows a worktree \(place), whose folder is gone",
                hint: "git worktree list shows it; another name has a place of its own")
        }
    }

    /// What an intent says of it, for whoever takes it back.
    var facts: [String: String] {
        [
            "agent": name.text, "base": base.hex, "hadWorktree": String(hasWorktree), "hadBranch": String(hasBranch),
        ]
    }

    /// One that was being made.
    init(_ name: Name, place: FilePath, base: ObjectID, journal: Journal, facts: [String: String]) {
        self.journal = journal
        self.name = name
        self.place = place
        self.base = base
        branch = journal.refs.branch(of: name)
        hasWorktree = facts["hadWorktree"] == "true"
        hasBranch = facts["hadBranch"] == "true"
    }

    /// Whether a `git worktree add` is at work here: it holds such a lock until the worktree is whole. One that is a minute old
    /// was left by a git that was killed.
    var isBeingMade: Bool {
        let worktrees = journal.repository.commonDirectory.appending("worktrees")
        return ((try? Folder.names(in: worktrees)) ?? []).contains { name in
            let folder = worktrees.appending(name)
            guard let link = try? OrdinaryFile.read(folder.appending("gitdir")),
                String(decoding: link, as: UTF8.self).hasPrefix("\(place)/"),
                let reason = try? OrdinaryFile.read(folder.appending("locked")),
                String(decoding: reason, as: UTF8.self).hasPrefix("initializing")
            else { return false }
            var status = stat()
            return stat(folder.appending("locked").string, &status) == 0 && time(nil) - status.st_mtim.tv_sec < 60
        }
    }

    /// Makes the branch and the worktree.
    /// - Returns: what a hook of the user's said against it.
    func prepare() throws -> WorktreeMaking.HookFailure? {
        _ = try journal.makeWorktreesFolder()
        if hasWorktree {
            try journal.requireOwn(place)
            return nil
        }
        var attempt = 0
        while true {
            let exists = try journal.repository.reference(branch) != nil
            let target =
                exists
                ? [place.string, branch.shortBranch]
                : ["--no-track", "-b", branch.shortBranch, place.string, base.hex]
            do {
                let failure = try WorktreeMaking.add(place, target, in: journal.repository)
                chmod(place.string, journal.repository.access.widenedFolder(0o700))
                return failure
            } catch let refusal as WorktreeMaking.Refusal {
                // git waits for none of its locks when it makes a worktree.
                guard attempt < 12, Self.isHeldLock(refusal.reason), !OrdinaryFile.isThere(place) else {
                    try takeBack()
                    throw GitError(
                        .program(status: refusal.status), doing: "make the worktree \(place)", reason: refusal.reason)
                }
                usleep(10_000 << min(attempt, 6))
                attempt += 1
            }
        }
    }

    private static func isHeldLock(_ reason: String) -> Bool {
        reason.contains("could not lock") || reason.contains("cannot lock") || reason.contains(".lock")
    }

    /// Whether nothing came to the worktree since, ignored files among it, which git would remove without a word. One that git
    /// cannot look at is not.
    private func isAsMade() throws -> Bool {
        guard let worktree = try LinkedWorktree.all(of: journal).first(where: { $0.path == place }), !worktree.isGone
        else { return true }
        do {
            return try worktree.isOwn
                && WorktreeContents(
                    of: place, variables: worktree.variables, filters: .asConfigured,
                    git: journal.repository.gitElsewhere
                ).isClean
        } catch is GitError {
            return false
        }
    }

    /// Takes back what ``prepare()`` made, while nothing can be in it yet.
    func takeBack() throws {
        if !hasWorktree, try isAsMade() {
            // Without --force: git refuses where somebody put something there.
            _ = try journal.repository.git.run(["worktree", "remove", place.string], in: journal.place)
            journal.removeEmptyFolders(above: place)
        }
        if !hasBranch, !OrdinaryFile.isThere(place), try journal.repository.reference(branch) == base {
            try journal.repository.deleteReference(branch, expecting: base)
        }
    }
}
