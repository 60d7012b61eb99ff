internal import Git
internal import GitValues
package import Workflow

/// What whoever goes on must know, whenever it was said: the decisions in force and the next actions that are open.
package struct InForce: Sendable {
    package var decisions: [String] = []
    package var next: [String] = []

    fileprivate init(_ fold: Fold) {
        switch fold.state {
        case .empty: break
        case .leader(let state): (decisions, next) = (state.decisions.decisions.map(\.text), state.next)
        case .agent(let state): (decisions, next) = (state.decisions.decisions.map(\.text), state.next)
        }
    }
}

extension Journal {
    /// As this worktree's lane has it now.
    package func inForce() throws -> InForce { InForce(try folded(lane, tip: tip(of: lane))) }

    /// As it was once a checkpoint was taken.
    /// - Returns: `nil` for one of a lane that cannot be read: what it says itself is all that is known then.
    package func inForce(at checkpoint: Checkpoint) throws -> InForce? {
        guard let lane = checkpoint.lane.flatMap({ Lane(text: $0) }) else { return nil }
        let id = checkpoint.kind == .auto ? checkpoint.id(of: TrailerKey.after) ?? checkpoint.id : checkpoint.id
        do {
            // The cache has the lane's tip, and one that is older must not take its place.
            return InForce(try id == tip(of: lane) ? folded(lane, tip: id) : foldedFromRoot(lane, tip: id))
        } catch is GitError {
            return nil
        } catch is IllegalTransition {
            return nil
        }
    }
}
