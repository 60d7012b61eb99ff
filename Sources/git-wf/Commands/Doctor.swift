import ArgumentParser
import Overview
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
        let name = try (options.workflow ?? Invocation.current.workflow).map { try Name($0) }
        let examination = try DoctorReport(Invocation.current.surroundings(), workflow: name)
        let (checklist, environment) = (examination.checklist, examination.environment)
        let checks = checklist + environment
        if options.json {
            try JSONDocument.print(Answer(checks))
        } else {
            Terminal.standard.answer(text(checklist, environment))
        }
        if checks.contains(where: { $0.state != .ok }) { throw ExitCode(Failure.Status.no.rawValue) }
    }

    private func text(_ checklist: [Check], _ environment: [Check]) -> String {
        let terminal = Terminal.standard
        var lines = Lines()
        func add(_ check: Check) {
            let (word, style): (String, Terminal.Style) =
                switch check.state {
                case .ok: ("ok  ", .green)
                case .warn: ("warn", .yellow)
                case .fail: ("FAIL", .red)
                }
            lines.add("\(terminal.styled(word, style))  \(check.name): \(check.detail.printable)")
            if let fix = check.fix { lines.add("      \(fix.printable)") }
        }
        lines.add("Before the work")
        checklist.forEach(add)
        lines.add()
        lines.add("Environment")
        environment.forEach(add)
        return lines.text
    }

    private struct Answer: Encodable {
        struct Line: Encodable {
            let name: String
            let state: String
            let detail: String
            let fix: String?
        }

        let checks: [Line]

        init(_ checks: [Check]) {
            self.checks = checks.map {
                Line(name: $0.name, state: $0.state.rawValue, detail: $0.detail, fix: $0.fix)
            }
        }
    }
}
