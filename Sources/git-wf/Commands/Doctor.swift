import ArgumentParser
import Files
import Git
import GitValues
import Journal
import SystemPackage
import Workflow

struct Doctor: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Check what long work needs before it starts, and what needs attention.",
        discussion: """
            The orchestration checklist, then the environment; each finding with its fix. Exits 1 when something needs \
            attention.

            Example: git wf doctor
            """)

    @OptionGroup var options: SharedOptions

    func run() throws {
        let workspace = try Workspace(Invocation.current.surroundings())
        guard let top = workspace.repository.workTree else { throw WorkspaceError.bare }
        let (state, journal) = try state(workspace)
        let definition = try state?.definition ?? onDisk(top)
        let todo =
            try journal.flatMap { journal in try state.flatMap { try journal.todo($0) } }
            ?? OrdinaryFile.read(top.appending(definition?.todo ?? "TODO.md")).map { TodoList($0) }
        let checklist = try Checklist(top: top, definition: definition, todo: todo).findings()
        let environment = try EnvironmentCheck(workspace, state: state).findings()
        let findings = checklist + environment
        if options.json {
            struct Answer: Encodable { let checks: [Finding] }
            try JSONDocument.print(Answer(checks: findings))
        } else {
            Terminal.standard.answer(text(checklist, environment))
        }
        if findings.contains(where: { $0.state != .ok }) { throw ExitCode(Failure.Status.no.rawValue) }
    }

    /// Without a workflow the checklist says what is missing before one starts.
    private func state(_ workspace: Workspace) throws -> (WorkflowState?, Journal?) {
        do {
            let name = try (options.workflow ?? Invocation.current.workflow).map { try Name($0) }
            let journal = try workspace.journal(workflow: name)
            return (try journal.state(), journal)
        } catch WorkspaceError.noWorkflow {
            return (nil, nil)
        }
    }

    private func onDisk(_ top: FilePath) throws -> Definition? {
        guard let bytes = try OrdinaryFile.read(top.appending(".wfconfig")) else { return nil }
        return try Definition(entries: Repository.configEntries(of: bytes, file: ".wfconfig"), file: ".wfconfig")
    }

    private func text(_ checklist: [Finding], _ environment: [Finding]) -> String {
        let terminal = Terminal.standard
        var lines = Lines()
        func add(_ finding: Finding) {
            let (word, style): (String, Terminal.Style) =
                switch finding.state {
                case .ok: ("ok  ", .green)
                case .warn: ("warn", .yellow)
                case .fail: ("FAIL", .red)
                }
            lines.add("\(terminal.styled(word, style))  \(finding.name): \(finding.detail.printable)")
            if let fix = finding.fix { lines.add("      \(fix.printable)") }
        }
        lines.add("Before the work")
        checklist.forEach(add)
        lines.add()
        lines.add("Environment")
        environment.forEach(add)
        return lines.text
    }
}
