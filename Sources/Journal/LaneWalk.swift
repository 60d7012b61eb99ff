internal import GitValues
internal import Workflow

/// The way through a lane from a checkpoint back to its beginning, each once, and each before all that it follows.
struct LaneWalk {
    /// The checkpoint that is next; `nil` behind the first of the lane.
    private(set) var position: ObjectID?
    /// Where there were several sides: what is behind the position down to where they parted, oldest first.
    private var tangle: [ObjectID] = []
    private let isLeader: Bool

    init(_ lane: Lane, from start: ObjectID?) {
        position = start
        isLeader = lane == .leader
    }

    /// Goes on from the position.
    /// - Parameter checkpoint: the one there.
    mutating func goOn(from checkpoint: Checkpoint, in journal: Journal) throws {
        if let older = tangle.popLast() {
            position = older
        } else if isLeader, checkpoint.kind == .lanesJoined, let sides = try journal.tangle(below: checkpoint.id) {
            tangle = [sides.base] + sides.steps.dropLast().map(\.node.id)
            position = tangle.popLast()
        } else {
            position = checkpoint.previous
        }
    }
}
