internal import Files
internal import Git
package import GitValues
package import Snapshots
package import Workflow

/// A ref of a lane that `git wf fsck --repair` moved forward.
package struct LaneRepair {
    package let ref: String
    /// Where it was; `nil` where there was none.
    package let from: ObjectID?
    package let to: ObjectID
    /// What named the tip; `nil` where there was only the checkpoint itself.
    package let witness: String?
}

extension LaneCheck {
    /// Moves refs of lanes forward to the later tips that were found. One that somebody moved meanwhile is left alone.
    package func repair() throws -> [LaneRepair] {
        var repairs: [LaneRepair] = []
        for tip in lost {
            let ref = tip.place.ref
            let lock = try FileLock(
                journal(of: tip.place).lockFile(tip.place.lane.text), access: repository.access)
            try withExtendedLifetime(lock) {
                guard try repository.reference(ref) == tip.from else { return }
                try repository.setReference(ref, to: tip.to, expecting: tip.from, reason: "git-wf: fsck --repair")
                repairs.append(LaneRepair(ref: ref, from: tip.from, to: tip.to, witness: tip.witness))
            }
        }
        return repairs
    }
}

extension Journal {
    /// Records in this worktree's lane what was repaired, with a kind that means nothing for the state.
    package func record(_ repairs: [LaneRepair], snapshot: Snapshot) throws -> Checkpoint? {
        let title =
            repairs.count == 1
            ? "Repaired \(repairs[0].ref)" : "Repaired \(repairs.count) lanes"
        var draft = Draft(.rewritten, title)
        draft.body = repairs.map { repair in
            "- \(repair.ref) was moved forward "
                + (repair.from.map { "from \($0) " } ?? "") + "to \(repair.to)"
                + (repair.witness.map { ", which \($0) names" } ?? ", which no ref led to")
        }.joined(separator: "\n")
        return try append([draft], snapshot: snapshot).first
    }
}
