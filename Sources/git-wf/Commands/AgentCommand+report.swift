import Actions
import Agents
import ArgumentParser
import Files
import GitValues
import Journal
import SystemPackage
import Workflow

extension AgentCommand {
    struct Report: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "report", abstract: "Report a result, from inside the agent's worktree.",
            discussion: """
                The lines added are computed, never asked.

                Example: git wf agent report --status complete --summary "Feedback endpoint" --test "POST with valid data"
                """)
        @Option(
            name: .customShort("F"),
            help: ArgumentHelp("A report in the article's form; - for standard input.", valueName: "file"))
        var file: String?
        @Option(help: ArgumentHelp("complete, partial or failed.", valueName: "status")) var status: String?
        @Option(help: ArgumentHelp("What was done, in one line.", valueName: "text")) var summary: String?
        @Option(help: ArgumentHelp("A decision; may be repeated.", valueName: "text")) var decision: [String] = []
        @Option(help: ArgumentHelp("A test that is needed; may be repeated.", valueName: "text")) var test: [String] =
            []
        @Option(help: ArgumentHelp("A problem that is left; may be repeated.", valueName: "text")) var issue: [String] =
            []
        @OptionGroup var options: SharedOptions

        func validate() throws {
            if file == nil, status == nil || summary == nil {
                throw ValidationError("a report needs --status and --summary, or -F FILE")
            }
            if file != nil, status != nil || summary != nil { throw ValidationError("-F says it all; use it alone") }
            if let status, Workflow.Report.Status(rawValue: status) == nil,
                !Workflow.Report.Status.allCases.contains(where: { $0.rawValue.lowercased() == status.lowercased() })
            {
                throw ValidationError("--status takes complete, partial or failed, not \(status.quoted)")
            }
        }

        func run() throws {
            let (report, document) = try read(options.open())
            guard let session = try options.openAsAgent(leaving: .report(report)) else { return }
            let recorded = try AgentReport(session.journal).record(report, document: document)
            for warning in recorded.warnings { Terminal.standard.narrate("warning: \(warning.printable)") }
            if options.json {
                struct Answer: Encodable {
                    let id: String
                    let status: String
                    let summary: String
                    let lines: String?
                    let warnings: [String]
                }
                return try JSONDocument.print(
                    Answer(
                        id: recorded.checkpoint.id.hex, status: recorded.result.status,
                        summary: recorded.result.summary,
                        lines: recorded.result.lines, warnings: recorded.warnings))
            }
            Terminal.standard.answer("Reported \(recorded.checkpoint.id.short): \(recorded.result.status)")
        }

        private func read(_ session: Session) throws -> (Workflow.Report, [UInt8]?) {
            guard let file else {
                let wanted = status?.lowercased() ?? ""
                let status = Workflow.Report.Status.allCases.first { $0.rawValue.lowercased() == wanted } ?? .complete
                return (
                    Workflow.Report(
                        title: summary ?? "", status: status, decisions: decision, tests: test, issues: issue), nil
                )
            }
            let bytes = try Document.read(file, session)
            return (try Workflow.Report(bytes), bytes)
        }
    }
}
