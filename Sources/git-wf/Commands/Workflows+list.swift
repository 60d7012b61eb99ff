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
            let (read, unreadable) = try workspace.states()
            let states = read.map(\.state)
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
                struct Unreadable: Encodable {
                    let name: String
                    let problem: String
                }
                struct Answer: Encodable {
                    let workflows: [Workflow]
                    /// Those whose histories cannot be read.
                    let unreadable: [Unreadable]?
                }
                return try JSONDocument.print(
                    Answer(
                        workflows: states.map {
                            Workflow(
                                name: $0.name, branch: $0.branch, phase: $0.shownPhase, status: $0.status.rawValue,
                                ended: $0.endReason,
                                started: JSONTime($0.started), checkpoints: $0.count)
                        },
                        unreadable: unreadable.isEmpty
                            ? nil
                            : unreadable.map { Unreadable(name: $0.name.text, problem: Failure($0.error).cause) }))
            }
            if states.isEmpty, unreadable.isEmpty { throw try workspace.noWorkflow() }
            var lines = Lines()
            for state in states {
                let ended = state.endReason.map { "ended: \($0.printable)" }
                lines.add(
                    "\(state.name)  \(ended ?? "\(state.shownPhase), \(state.status.rawValue)")  "
                        + "on \(state.branch.shownBranch.printable)  \(state.count) checkpoints")
            }
            for (name, error) in unreadable {
                lines.add("\(name)  cannot be read: \(Failure(error).cause.printable); see git wf fsck")
            }
            Terminal.standard.answer(lines.text)
        }
    }
}
