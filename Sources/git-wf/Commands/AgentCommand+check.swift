import Actions
import Agents
import ArgumentParser
import GitValues
import Workflow

extension AgentCommand {
    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "check", abstract: "Look at what agents changed: beside their specs, and for signs of damage.",
            discussion: """
                Nothing is stopped by it, unless merge.scope is strict. --grant lets an agent change what its spec does not name, on the \
                record.

                Example: git wf agent check search --grant package.json --reason "the parser is needed"
                """)
        @Argument(help: "The agents; all that are open where none is named.") var names: [String] = []
        @Option(help: ArgumentHelp("A path or glob that the agent may change; may be repeated.", valueName: "path"))
        var grant: [String] = []
        @Option(help: ArgumentHelp("Why it may.", valueName: "text")) var reason: String?
        @OptionGroup var options: SharedOptions

        func validate() throws {
            if grant.isEmpty != (reason == nil) { throw ValidationError("--grant and --reason go together") }
            if !grant.isEmpty, names.count != 1 { throw ValidationError("--grant is for one agent: name it") }
        }

        func run() throws {
            let session = try options.open(forWriting: !grant.isEmpty)
            let auditing = AuditingAgents(session)
            if let reason { try auditing.grant(Name(names[0]), grant, reason: reason) }
            let chosen = try names.isEmpty ? AgentNews.open(session) : names.map { try Name($0) }
            let found = try chosen.map { (name: $0, findings: try auditing.findings(of: $0)) }
            if options.json {
                struct Answer: Encodable {
                    struct Finding: Encodable {
                        let agent: String
                        let kind: String
                        let path: String?
                        let text: String
                    }

                    let findings: [Finding]
                }
                try JSONDocument.print(
                    Answer(
                        findings: found.flatMap { name, findings in
                            findings.map {
                                .init(
                                    agent: name.text, kind: $0.kind.rawValue, path: $0.path?.description, text: $0.text)
                            }
                        }))
            } else {
                var lines = Lines()
                for (name, findings) in found {
                    lines.add("\(name): \(findings.isEmpty ? "nothing odd" : "\(findings.count) to look at")")
                    lines.add(findings.filter { $0.kind != .outside }, limit: 20, of: "findings") {
                        "  \($0.text(of: name))".printable
                    }
                    let outside = findings.filter { $0.kind == .outside }.compactMap(\.path)
                    if !outside.isEmpty {
                        lines.add("  outside of the spec's files to modify: \(outside.listed())".printable)
                    }
                }
                if found.isEmpty { lines.add("no agent is open") }
                Terminal.standard.answer(lines.text)
            }
            if !found.allSatisfy(\.findings.isEmpty) { throw ExitCode(Failure.Status.no.rawValue) }
        }
    }
}
