import Actions
import Agents
import ArgumentParser
import Journal
import Overview
import Workflow

struct Next: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "next", abstract: "Say what to do next; change nothing.",
        discussion:
            "The item in hand, the open agents, and the next actions of the latest checkpoint that gives any.\n\nExample: "
            + "git wf next")

    @OptionGroup var options: SharedOptions

    func run() throws {
        let session = try options.open()
        let state = try session.state()
        let item = try session.journal.todo(state)?.current(in: state)
        let agents = try AgentList(session.journal).agents().filter(\.state.isOpen)
        let waiting = try session.waitingChanges(of: state)
        if options.json {
            struct Answer: Encodable {
                let phase: String
                let status: String
                let item: ItemAnswer?
                let next: [String]
                let blocks: [String]
                let agents: [AgentAnswer]
            }
            return try JSONDocument.print(
                Answer(
                    phase: state.shownPhase, status: state.status.rawValue,
                    item: item.map { ItemAnswer($0, state: state) },
                    next: state.next, blocks: state.blocks.map(\.reason),
                    agents: agents.map { AgentAnswer($0) }))
        }
        var lines = Lines()
        for block in state.blocks { lines.add("Blocked on \(block.needs): \(block.reason.printable)") }
        if !waiting.isEmpty {
            let count = waiting.count == 1 ? "a change" : "\(waiting.count) changes"
            lines.add("A human decides about \(count) of .wfconfig: git wf trust")
        }
        if let item { lines.add("Item \(item.number): \(item.text.printable)") }
        for agent in agents { lines.add("Agent \(agent.line.printable)") }
        for (number, action) in state.next.enumerated() { lines.add("\(number + 1). \(action.printable)") }
        if lines.lines.isEmpty {
            lines.add(
                state.isComplete
                    ? "Nothing: the workflow is over."
                    : "Every item is done; git wf phase complete ends \(state.shownPhase).")
        }
        Terminal.standard.answer(lines.text)
    }
}
