internal import Actions
import Workflow

extension TodoFile {
    /// Answers with all items.
    /// - Parameter number: the item that was changed: as text it and the one in hand are all that a reader needs.
    func answer(item number: Int? = nil, json: Bool) throws {
        if json {
            struct Answer: Encodable { let items: ItemsAnswer }
            return try JSONDocument.print(Answer(items: ItemsAnswer(list, state: state)))
        }
        if let number, let item = list.items.first(where: { $0.number == number }) {
            let current = list.current(in: state)
            var text = "[\(item.done ? "x" : " ")] \(number). \(item.text.printable)"
            if let current, current != item { text += "\nNext: \(current.number). \(current.text.printable)" }
            if current == nil {
                let isDone = list.items.allSatisfy(\.done)
                text += isDone ? "\nEvery item is done." : "\nEvery open item is in an agent's hands."
            }
            return Terminal.standard.answer(text)
        }
        var lines = Lines()
        let current = list.current(in: state)
        var section: String?
        for item in list.items {
            if item.section != section {
                section = item.section
                if let section { lines.add(section.printable) }
            }
            let commit = item.done ? state.commit(of: item).map { " (committed: \($0.prefix(7)))" } ?? "" : ""
            let mark = item.mark(in: state, current: current)
            let indent = String(repeating: "  ", count: item.depth + 1)
            lines.add("\(indent)[\(item.done ? "x" : " ")] \(item.number). \(item.text.printable)\(commit)\(mark)")
        }
        if lines.lines.isEmpty { lines.add("\(state.definition.todo) has no items; git wf todo add TEXT adds one") }
        Terminal.standard.answer(lines.text)
    }
}

extension TodoItem {
    /// What stands behind an item: whose it is.
    func mark(in state: WorkflowState, current: TodoItem?) -> String {
        self == current ? "  <-- current" : state.agent(on: self).map { "  (agent \($0))" } ?? ""
    }
}
