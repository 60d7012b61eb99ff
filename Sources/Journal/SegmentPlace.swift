internal import Git
internal import GitValues
internal import Workflow

/// Where a part of the automatic checkpoints is kept that one worktree took beside a lane:
/// `refs/wf/<workflow>/auto/<lane>/<worktree>/<nnnn>`.
///
/// The worktree's id is part of the name, so two worktrees, or two clones, never write one ref.
struct SegmentPlace: Hashable {
    /// How many automatic checkpoints a segment holds.
    static let length = 1000

    let workflow: Name
    let lane: Lane
    /// The id that the worktree's binding keeps.
    let worktree: String
    let number: Int

    init(workflow: Name, lane: Lane, worktree: String, number: Int) {
        self.workflow = workflow
        self.lane = lane
        self.worktree = worktree
        self.number = number
    }

    /// - Returns: `nil` for a ref that is no segment's.
    init?(ref: String) {
        guard ref.hasPrefix(LaneRefs.root) else { return nil }
        let parts = ref.dropFirst(LaneRefs.root.count).split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 5, parts[1] == "auto", let workflow = try? Name(String(parts[0])),
            let lane = parts[2] == "leader" ? Lane.leader : (try? Name(String(parts[2]))).map({ .agent($0) }),
            Binding.isID(parts[3]), let number = Int(parts[4]), number > 0
        else { return nil }
        self.init(workflow: workflow, lane: lane, worktree: String(parts[3]), number: number)
    }

    /// What the refs of all segments of this worktree and lane begin with.
    var chain: String { LaneRefs(workflow: workflow).segments(of: lane) + "\(worktree)/" }

    var owner: LaneOwner { LaneOwner(workflow, lane, worktree: worktree) }

    var ref: String {
        let digits = String(number)
        return chain + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    /// The one that the worktree begins once this one is full.
    var next: SegmentPlace {
        SegmentPlace(workflow: workflow, lane: lane, worktree: worktree, number: number + 1)
    }
}

extension Repository {
    /// The segments whose refs begin with `prefix` and that can be read: a list for each lane and worktree, oldest first.
    func segments(under prefix: String) throws -> [[(place: SegmentPlace, end: LaneEnd)]] {
        let all = try references(under: prefix).compactMap { reference in
            try SegmentPlace(ref: reference.name).flatMap { place in
                try end(of: place.owner, at: reference.target).map { (place: place, end: $0) }
            }
        }
        return Dictionary(grouping: all, by: \.place.chain).sorted { $0.key < $1.key }
            .map { $0.value.sorted { $0.place.number < $1.place.number } }
    }
}
