internal import GitValues

/// What is decided, seen from each checkpoint of a tangle, and in the end from its join.
///
/// A checkpoint repeats, or takes the place of, what its own writer knew of. So each is looked at behind what it follows and
/// nothing else, and at a join two views become one: what either has, without what either saw replaced. Two clones that
/// decided the same thing each keep their own record of it till the end: whoever replaces the one does not know of the other.
struct DecisionUnion {
    private struct View {
        /// One text may be there several times.
        var log: DecisionLog
        /// The ids of decisions that were replaced since the base.
        var replaced: Set<String> = []
    }

    private var views: HandedOn<View>
    /// The place of each decision: those of the base as they were there, then as they came.
    private var places: [String: Int] = [:]

    init(of tangle: Tangle, from log: DecisionLog) {
        views = HandedOn(tangle.steps.lazy.map(\.node))
        place(log)
        views.keep(View(log: log), of: tangle.base)
    }

    /// Passes over a checkpoint, and takes what it says of decisions.
    /// - Parameters:
    ///   - isRefused: whether it says nothing.
    ///   - agent: the lane that it merged.
    mutating func take(_ node: LaneNode, isRefused: Bool = false, agent: AgentState?) {
        guard var view = node.parents.first.flatMap({ views.take(from: $0) }) else { return }
        if let other = node.parents.dropFirst().first.flatMap({ views.take(from: $0) }) {
            view.replaced.formUnion(other.replaced)
            view.log = view.log.united(with: other.log, without: view.replaced) { [places] in places[$0, default: 0] }
        } else if !isRefused {
            let before = view.log
            view.log.record(node.checkpoint)
            if let agent { view.log.append(agent.decisions) }
            if view.log != before {
                let now = Set(view.log.decisions.map(\.id))
                view.replaced.subtract(now)
                view.replaced.formUnion(before.decisions.map(\.id).filter { !now.contains($0) })
                place(view.log)
            }
        }
        views.keep(view, of: node.id)
    }

    /// What is decided behind the join, each text once.
    mutating func log(behind join: ObjectID) -> DecisionLog {
        views.take(from: join)?.log.withoutRepeats ?? DecisionLog()
    }

    private mutating func place(_ log: DecisionLog) {
        for decision in log.decisions where places[decision.id] == nil { places[decision.id] = places.count }
    }
}
