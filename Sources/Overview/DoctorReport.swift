internal import Files
internal import Git
internal import Glibc
package import Journal
internal import SystemPackage
package import Workflow

/// What long work needs before it starts, and what needs attention.
package struct DoctorReport {
    /// The orchestration checklist.
    package let checklist: [Check]
    package let environment: [Check]

    /// - Parameter workflow: the one that was named. Without any, the checklist says what is missing before one starts.
    package init(_ surroundings: Surroundings, workflow: Name?) throws {
        let workspace = try Workspace(surroundings)
        guard let top = workspace.repository.workTree else { throw WorkspaceError.bare }
        let (state, journal) = try Self.state(workspace, workflow)
        let definition = try state?.definition ?? Self.onDisk(top)
        let todo =
            try journal.flatMap { journal in try state.flatMap { try journal.todo($0) } }
            ?? (try? RootedFile(definition?.todo ?? "TODO.md", in: top).readText()).map { TodoList($0) }
        checklist = try Checklist(
            top: top, definition: definition, todo: todo, directory: surroundings.directory
        ).checks()
        environment = try EnvironmentCheck(workspace, state: state).checks()
    }

    private static func state(_ workspace: Workspace, _ name: Name?) throws -> (WorkflowState?, Journal?) {
        do {
            let journal = try workspace.journal(workflow: name)
            return (try journal.state(), journal)
        } catch WorkspaceError.noWorkflow, WorkspaceError.notTakenUp {
            return (nil, nil)
        }
    }

    private static func onDisk(_ top: FilePath) throws -> Definition? {
        guard let bytes = try RootedFile(".wfconfig", in: top).read() else { return nil }
        return try Definition(entries: Repository.configEntries(of: bytes, file: ".wfconfig"), file: ".wfconfig")
    }
}
