internal import Git
internal import GitValues
package import HookFolder
internal import Journal
package import Workflow

/// Workflows that another clone began and that this one goes on with.
package struct TakenUp: Sendable {
    /// Where their histories came from.
    package let remote: String
    package let states: [WorkflowState]
    /// The agents whose histories came too.
    package let agents: [Name]
    /// What was not taken up, and why.
    package let leftOut: [String]
    /// `nil` where none were to be installed.
    package let hooks: HookDirectory.Outcome?
}

/// Begins this clone's lanes with those that a fetch brought from another one.
struct TakingUp {
    let workspace: Workspace
    let copies: LaneCopies
    let workflows: [Name]

    /// - Returns: `nil` where nothing is to be taken up: there is none, or another name was asked for.
    init?(_ workspace: Workspace, wanted: Name?, existing: [Name]) throws {
        for copies in try LaneCopies.all(in: workspace.repository) {
            let new = copies.workflows.filter { name in
                !existing.contains(name) && (wanted == nil ? existing.isEmpty : wanted == name)
            }
            if new.isEmpty { continue }
            self.workspace = workspace
            self.copies = copies
            workflows = new
            return
        }
        return nil
    }

    /// Checks each lane, and begins with those that are as they should be.
    /// - Parameter hooks: called once it is known that something can be taken up.
    /// - Throws: `ActionError` where nothing can.
    func take(hooks: () throws -> HookDirectory.Installation?) throws -> TakenUp {
        var checked: [CheckedLanes] = []
        var leftOut: [String] = []
        for workflow in workflows {
            do {
                checked.append(try copies.checked(workflow, in: workspace))
            } catch let error as LaneCopyError {
                leftOut.append(error.description)
            }
        }
        if checked.isEmpty, let first = leftOut.first { throw ActionError(first, .refused) }
        for lanes in checked {
            // Other lanes of the same workflow are no obstacle: an init that was cut short began them.
            try LaneNames(workspace.repository).check(workflow: lanes.workflow, beside: [lanes.workflow])
        }
        let hooks = try hooks()
        for lanes in checked { try lanes.begin(in: workspace.repository) }
        do {
            try workspace.bindToTakenUp()
        } catch WorkspaceError.ambiguous {
            // None of them is of this branch: whichever is named first is bound to.
        }
        return TakenUp(
            remote: copies.remote, states: checked.map(\.state), agents: checked.flatMap(\.agents),
            leftOut: leftOut + checked.flatMap(\.leftOut).map(\.description), hooks: try hooks?.install())
    }
}
