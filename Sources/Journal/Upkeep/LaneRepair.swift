internal import Files
internal import Git
package import GitValues
package import Snapshots
internal import SystemPackage
package import Workflow

/// A ref that `git wf fsck --repair` moved.
package struct LaneRepair {
    package let ref: String
    /// Where it was; `nil` where there was none, or none that could be read.
    package let from: ObjectID?
    package let to: ObjectID
    /// What named the tip; `nil` where there was only the checkpoint itself.
    package let witness: String?
    /// Whether a commit of somebody else's was in front of the lane; a ref of its own holds it from now on.
    package let isBack: Bool

    /// What was done, in words.
    package var text: String {
        if isBack { return "was taken back to \(to) from \(from?.hex ?? "nothing"), which is no checkpoint" }
        return "was moved forward " + (from.map { "from \($0) " } ?? "") + "to \(to)"
            + (witness.map { ", which \($0) names" } ?? ", which no ref led to")
    }
}

extension LaneCheck {
    /// Moves refs to the tips that were found. One that somebody moved meanwhile is left alone.
    package func repair() throws -> [LaneRepair] {
        var repairs: [LaneRepair] = []
        for tip in lost {
            try FileLock.hold(lockFile(of: tip.owner), access: repository.access) { _ in
                guard try repository.state(ofReference: tip.ref) == tip.from else { return }
                var from: ObjectID?
                switch tip.from {
                case .missing: try move(tip, expecting: nil)
                case .broken: try repository.mendReference(tip.ref, to: tip.to)
                case .at(let id):
                    from = id
                    // Whatever it is, it may be all that somebody has of it.
                    if try tip.leavesCommit && repository.contains(id) {
                        try repository.keep(id, at: KeptRefs(workflow: tip.owner.workflow).foreign(id))
                    }
                    try move(tip, expecting: id)
                }
                repairs.append(
                    LaneRepair(ref: tip.ref, from: from, to: tip.to, witness: tip.witness, isBack: tip.isBehind))
            }
        }
        return repairs
    }

    private func move(_ tip: LostTip, expecting old: ObjectID?) throws {
        try repository.setReference(tip.ref, to: tip.to, expecting: old, reason: "git-wf: fsck --repair")
    }

    /// Where whoever appends to it takes the lock.
    private func lockFile(of owner: LaneOwner) -> FilePath {
        let binding = owner.worktree.map {
            Binding(workflow: owner.workflow, lane: owner.lane, branch: nil, worktree: $0)
        }
        let journal = Journal(
            repository: repository, surroundings: workspace.surroundings, workflow: owner.workflow, lane: owner.lane,
            binding: binding, branch: nil, actor: nil)
        return binding == nil ? journal.lockFile(owner.lane.text) : journal.segmentLockFile
    }
}

extension Journal {
    /// Records in this worktree's lane what was repaired, with a kind that means nothing for the state.
    package func record(_ repairs: [LaneRepair], snapshot: Snapshot) throws -> Checkpoint? {
        let title =
            repairs.count == 1
            ? "Repaired \(repairs[0].ref)" : "Repaired \(repairs.count) lanes"
        var draft = Draft(.rewritten, title)
        draft.body = repairs.map { "- \($0.ref) \($0.text)" }.joined(separator: "\n")
        return try append([draft], snapshot: snapshot).first
    }
}
