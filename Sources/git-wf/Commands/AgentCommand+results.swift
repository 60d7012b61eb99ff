import Actions
import Agents
import ArgumentParser
import Workflow

extension AgentCommand {
    struct Results: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "results", abstract: "Print the reports of the agents.",
            discussion: "Example: git wf agent results")
        @Argument(help: "Only these.") var names: [String] = []
        @OptionGroup var options: SharedOptions

        func run() throws {
            let session = try options.open()
            let agents = try session.agents().map { AgentAnswer($0) }.filter {
                names.isEmpty || names.contains($0.name)
            }
            if let unknown = names.first(where: { name in !agents.contains { $0.name == name } }) {
                throw Failure("there is no agent \(unknown.quoted)", status: .no, hint: "git wf agent list names them")
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
}
