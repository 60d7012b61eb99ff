import Agents
import ArgumentParser
import Files
import Git
import GitValues
import Journal
import SystemPackage
import Workflow

struct AgentCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agent",
        abstract: "Send sub-agents off, each in a worktree of its own, and collect what they report.",
        discussion: "Example: git wf agent start search --item 3",
        subcommands: [Start.self, List.self, Report.self, Results.self, Diff.self, Remove.self],
        defaultSubcommand: List.self)

    struct Start: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "start", abstract: "Make an agent's worktree, branch and lane.",
            discussion: """
                The spec specs/NAME.md is taken where --spec does not say. Prints the worktree's path and a prompt to paste.

                Example: git wf agent start search --item 3
                """)
        @Argument(help: "The agent's name.") var name: String
        @Option(help: ArgumentHelp("A spec's file, or its name below specs/.", valueName: "spec")) var spec: String?
        @Option(help: ArgumentHelp("The commit to begin at; the branch's by default.", valueName: "rev")) var base:
            String?
        @Option(help: ArgumentHelp("The item of TODO.md that it works on.", valueName: "number")) var item: Int?
        @OptionGroup var options: SharedOptions

        func run() throws {
            let session = try options.open(forWriting: true)
            try session.requireLeader("start agents")
            let started = try AgentStart(session.journal).start(
                AgentStart.Request(name: name, spec: spec, base: base, item: item))
            for warning in started.warnings { Terminal.standard.narrate("warning: \(warning.printable)") }
            if options.json {
                struct Answer: Encodable {
                    let name: String
                    let worktree: String
                    let branch: String
                    let base: String
                    let spec: String?
                    let item: String?
                    let attempt: Int
                    let prompt: String
                    let warnings: [String]
                }
                return try JSONDocument.print(
                    Answer(
                        name: started.name.text, worktree: started.worktree.string, branch: started.branch,
                        base: started.base.hex, spec: started.spec?.string, item: started.item,
                        attempt: started.attempt,
                        prompt: started.prompt, warnings: started.warnings))
            }
            Terminal.standard.answer("\(started.worktree.string.printable)\n\n\(started.prompt.printableLines)")
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List the agents and how far they are.",
            discussion: "Example: git wf agent list")
        @OptionGroup var options: SharedOptions

        func run() throws {
            let agents = try AgentAnswer.all(options.open())
            if options.json {
                struct Answer: Encodable { let agents: [AgentAnswer] }
                return try JSONDocument.print(Answer(agents: agents))
            }
            var lines = Lines()
            for agent in agents {
                lines.add(agent.line.printable)
                if let worktree = agent.worktree, agent.state != "merged" { lines.add("    \(worktree.printable)") }
            }
            if agents.isEmpty { lines.add("no agent was started; git wf agent start NAME starts one") }
            Terminal.standard.answer(lines.text)
        }
    }

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
            let session = try options.open(forWriting: true)
            let (report, document) = try read(session)
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
            let bytes: [UInt8]
            if file == "-" {
                bytes = try StandardInput.read()
            } else if let found = try OrdinaryFile.read(session.surroundings.directory.pushing(FilePath(file))) {
                bytes = found
            } else {
                throw Failure("there is no file \(file.quoted)", status: .impossible)
            }
            return (try Workflow.Report(bytes), bytes)
        }
    }

    struct Results: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "results", abstract: "Print the reports of the agents.",
            discussion: "Example: git wf agent results")
        @Argument(help: "Only these.") var names: [String] = []
        @OptionGroup var options: SharedOptions

        func run() throws {
            let session = try options.open()
            let agents = try AgentAnswer.all(session).filter { names.isEmpty || names.contains($0.name) }
            if let unknown = names.first(where: { name in !agents.contains { $0.name == name } }) {
                throw Failure("there is no agent \(unknown.quoted); git wf agent list names them", status: .no)
            }
            let reported = agents.filter { $0.result != nil }
            if options.json {
                struct Answer: Encodable { let agents: [AgentAnswer] }
                return try JSONDocument.print(Answer(agents: reported))
            }
            let texts = reported.compactMap { agent in agent.result.map { text(agent, $0) } }
            let silent = agents.filter { $0.result == nil }.map(\.name)
            let rest = silent.isEmpty ? "" : "No report yet: \(silent.joined(separator: ", ")).\n"
            Terminal.standard.answer((texts + (rest.isEmpty ? [] : [rest])).joined(separator: "\n"))
        }

        private func text(_ agent: AgentAnswer, _ result: AgentAnswer.Result) -> String {
            let status = Workflow.Report.Status.allCases.first {
                $0.rawValue.lowercased() == result.status.lowercased()
            }
            return Workflow.Report(
                title: "\(agent.name): \(result.summary)", status: status ?? .partial, linesAdded: result.lines,
                decisions: result.decisions, tests: result.tests, issues: result.issues
            ).text.printableLines
        }
    }

    struct Diff: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "diff", abstract: "Show what an agent changed, what it did not commit included.",
            discussion: "Example: git wf agent diff search --stat")
        @Argument(help: "The agent.") var name: String
        @Flag(help: "The paths and how much changed in each.") var stat = false
        @OptionGroup var options: SharedOptions

        func run() throws {
            let session = try options.open()
            let range = try AgentDiff(session.journal).trees(of: name)
            try TreeDiff(session).answer(
                json: options.json, stat: stat, from: range.old, to: range.new, paths: [])
        }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "remove", abstract: "Remove an agent's worktree and branch; its history stays.",
            discussion: """
                A checkpoint keeps what it has first. Stops while there are ignored or skipped files that nobody else holds.

                Example: git wf agent remove search
                """)
        @Argument(help: "The agent.") var name: String
        @Flag(help: "Even with files that no checkpoint holds.") var force = false
        @OptionGroup var options: SharedOptions

        func run() throws {
            let session = try options.open(forWriting: true)
            try session.requireLeader("remove agents")
            let removed = try AgentRemove(session.journal).remove(name, isForced: force)
            for warning in removed.warnings { Terminal.standard.narrate("warning: \(warning.printable)") }
            if options.json {
                struct Answer: Encodable {
                    let name: String
                    let checkpoint: String?
                    let worktree: String?
                    let branchDeleted: Bool
                    let dropped: Bool
                }
                return try JSONDocument.print(
                    Answer(
                        name: removed.name.text, checkpoint: removed.checkpoint?.id.hex,
                        worktree: removed.worktree?.string,
                        branchDeleted: removed.isBranchDeleted, dropped: removed.isDropped))
            }
            var text = "Removed \(removed.name)"
            if let worktree = removed.worktree { text += " and its worktree \(worktree.string.printable)" }
            if let checkpoint = removed.checkpoint { text += "; \(checkpoint.id.short) holds what was there" }
            Terminal.standard.answer(text)
        }
    }
}
