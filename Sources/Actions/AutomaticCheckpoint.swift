package import Git
package import GitValues
package import Journal
internal import Snapshots
package import Workflow

/// Takes the checkpoints that hooks ask for: cheaply, and only where the policy wants one.
package struct AutomaticCheckpoint {
    /// What happened.
    package let trigger: Trigger
    /// Who saw it.
    package let actor: Actor
    private let journal: Journal
    private let state: WorkflowState

    package var repository: Repository { journal.repository }

    /// - Returns: `nil` where there is no workflow in hand, or its policy takes none for this.
    package init?(_ trigger: Trigger, by actor: Actor, in surroundings: Surroundings) throws {
        let journal: Journal
        do {
            journal = try Workspace(surroundings).journal()
        } catch is WorkspaceError {
            return nil
        } catch let error as GitError where error.code == .unsupported {
            // A repository that no workflow can be in.
            return nil
        }
        // A git that we started ourselves: the operation records what it does.
        if journal.repository.isInOperation { return nil }
        guard let state = try journal.state(), !state.isComplete else { return nil }
        let policy = CheckpointPolicy(
            definition: state.definition, elapsed: WorkflowDuration(from: state.started, to: surroundings.now))
        guard policy.takes(trigger) else { return nil }
        self.trigger = trigger
        self.actor = actor
        self.journal = journal
        self.state = state
        _ = try journal.followBranch(by: actor)
    }

    /// - Parameters:
    ///   - title: from what HEAD's commit is.
    ///   - isOnlyIfChanged: whether nothing is recorded where nothing changed.
    ///   - autostash: work that git set aside.
    package func take(title: (ObjectID?) throws -> String, isOnlyIfChanged: Bool, autostash: ObjectID?) throws {
        let snapshot = try journal.takeSnapshot(definition: state.definition)
        _ = try journal.appendAutomatic(
            trigger, title: title(snapshot.head.commit), actor: actor, snapshot: snapshot,
            isOnlyIfChanged: isOnlyIfChanged, autostash: autostash)
    }
}
