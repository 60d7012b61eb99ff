import Actions
import Agents
import ArgumentParser
import GitValues
import Journal
import Merging
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
        let agents = try session.agents().filter(\.state.isOpen)
        let waiting = try session.waitingChanges(of: state)
        let merge = try StoppedMerge(session.journal)
        if options.json {
            struct Answer: Encodable {
                let phase: String
                let status: String
                let item: ItemAnswer?
                let next: [String]
                let blocks: [String]
                let agents: [AgentAnswer]
                let merge: Merge?
            }
            /// One that stopped at a conflict.
            struct Merge: Encodable {
                let agent: String
                let unmerged: [String]
                let remaining: [String]
            }
            return try JSONDocument.print(
                Answer(
                    phase: state.shownPhase, status: state.status.rawValue,
                    item: item.map { ItemAnswer($0, state: state) },
                    next: state.next, blocks: state.blocks.map(\.reason),
                    agents: agents.map { AgentAnswer($0) },
                    merge: merge.map {
                        Merge(
                            agent: $0.agent.text, unmerged: $0.unmerged.map(\.description),
                            remaining: $0.remaining.map(\.text))
                    }))
        }
        var lines = Lines()
        if let merge { lines.add("First: \(merge.text.printable)") }
        for question in agents.compactMap(\.asked) { lines.add(question.printable) }
        for block in state.blocks {
            let retry = block.retry.map { retry in
                retry <= session.surroundings.now
                    ? "; try again now, and git wf unblock where it works"
                    : "; try again at \(retry.shown(at: session.surroundings.now))"
            }
            lines.add("Blocked on \(block.needs): \(block.reason.printable)\(retry ?? "")")
        }
        if !waiting.isEmpty {
            let count = waiting.count == 1 ? "a change" : "\(waiting.count) changes"
            lines.add("A human decides about \(count) of .wfconfig: git wf trust")
        }
        if let item { lines.add("Item \(item.number): \(item.text.printable)") }
        for agent in agents where agent.question == nil {
            lines.add("Agent \(agent.line().printable)")
            if agent.state == .reported, merge == nil { lines.add("  git wf merge \(agent.name) takes its work") }
        }
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
