import ArgumentParser
import GitValues
import Journal
import Workflow

extension Workflows {
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List the workflows.", discussion: "Example: git wf workflows list")

        @Flag(help: "Print one JSON document.") var json = false

        func run() throws {
            let workspace = try Workspace(Invocation.current.surroundings())
            let states = try workspace.workflows().compactMap { try workspace.journal(workflow: $0).state() }
            if json {
                struct Workflow: Encodable {
                    let name: String
                    let branch: String?
                    let phase: String
                    let status: String
                    /// Why it was ended before its last phase.
                    let ended: String?
                    let started: JSONTime
                    let checkpoints: Int
                }
                struct Answer: Encodable { let workflows: [Workflow] }
                return try JSONDocument.print(
                    Answer(
                        workflows: states.map {
                            Workflow(
                                name: $0.name, branch: $0.branch, phase: $0.shownPhase, status: $0.status.rawValue,
                                ended: $0.endReason,
                                started: JSONTime($0.started), checkpoints: $0.count)
                        }))
            }
            if states.isEmpty { throw try workspace.noWorkflow() }
            var lines = Lines()
            for state in states {
                let ended = state.endReason.map { "ended: \($0.printable)" }
                lines.add(
                    "\(state.name)  \(ended ?? "\(state.shownPhase), \(state.status.rawValue)")  "
                        + "on \(state.branch.shownBranch.printable)  \(state.count) checkpoints")
            }
            Terminal.standard.answer(lines.text)
        }
    }
}
