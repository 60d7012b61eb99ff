import GitValues
import Merging
internal import Overview
import Workflow

/// `status` for a reader with little room: at most 60 lines, each within the terminal.
struct StatusText {
    private let standing: Standing
    private let terminal: Terminal
    private var state: WorkflowState { standing.state }

    /// How many entries of one list are shown; the rest is counted.
    private var listLength = 6
    /// Decisions hold as long as the workflow does, so all are shown where there is room.
    private var decisionLength = Int.max
    private static let phaseLength = 12
    private static let lineLimit = 60

    init(_ standing: Standing, terminal: Terminal) {
        self.standing = standing
        self.terminal = terminal
    }

    /// Where everything is full, the lists are shorter.
    var text: String {
        var shorter = self
        var lines = lines
        if lines.count > Self.lineLimit {
            // First those in the middle go.
            shorter.decisionLength = max(6, state.decisions.decisions.count - (lines.count - Self.lineLimit) - 1)
            lines = shorter.lines
        }
        while lines.count > Self.lineLimit, shorter.listLength > 1 {
            shorter.listLength -= 1
            shorter.decisionLength = max(2, min(shorter.decisionLength, shorter.listLength))
            lines = shorter.lines
        }
        return lines.map { cut($0) + "\n" }.joined()
    }

    private var lines: [String] {
        var lines = Lines()
        if let since = standing.since {
            let age = WorkflowDuration(from: state.lastCheckpoint.time, to: standing.now)
            lines.add(terminal.styled("Since the last checkpoint, \(age.text) ago", .bold))
            for text in since.isEmpty ? ["nothing happened"] : since { lines.add(cut("  " + text.printable)) }
            lines.add()
        }
        head(&lines)
        list("Asked", standing.agents.compactMap(\.asked), .yellow, &lines)
        phases(&lines)
        items(&lines)
        list("Blocked on", state.blocks.map { "\($0.needs): \($0.reason) (since \(time($0.since)))" }, .red, &lines)
        list("Agents", standing.agents.map { $0.line(at: standing.now) }, .cyan, &lines)
        list("Next", state.next.enumerated().map { "\($0.offset + 1). \($0.element)" }, .bold, &lines)
        decisions(&lines)
        list("Warnings", standing.warnings, .yellow, &lines)
        if let hint {
            lines.add()
            // A command that is cut helps nobody.
            for line in hint.wrapped(toColumns: terminal.columns) { lines.add(line) }
        }
        return lines.lines
    }

    private func head(_ lines: inout Lines) {
        let status = state.end?.printable ?? "\(state.shownPhase), \(state.status.rawValue.replacingDash)"
        lines.add(cut("\(terminal.styled(state.name, .bold)): \(status)"))
        if let goal = state.definition.goal { lines.add(cut("  \(goal.printable)")) }
        let age = WorkflowDuration(from: state.lastCheckpoint.time, to: standing.now)
        var last = "  last checkpoint \(state.lastCheckpoint.id.short) \(age.text) ago"
        if standing.automatic > 0 { last += ", \(standing.automatic) automatic" }
        if let operation = standing.operation { last += "; in the middle of a \(operation)" }
        lines.add(cut(last))
        if let merge = standing.merge {
            for line in merge.text.printable.wrapped(toColumns: terminal.columns - 2) {
                lines.add("  " + terminal.styled(line, .red))
            }
        }
        if let due = standing.due { lines.add(cut("  " + terminal.styled("due: ", .yellow) + due.reason)) }
    }

    private func phases(_ lines: inout Lines) {
        // Long names leave room for the status and the times beside them.
        let room = max(16, terminal.columns - "  >   in progress  09:00 to 09:00 (00h 00m)".count)
        let width = min(state.phases.map(\.name.columns).max() ?? 0, room)
        let shown = shownPhases
        lines.add()
        for phase in shown {
            let status = state.status(of: phase)
            var line = "  \(symbol(status)) \(phase.name.cut(toColumns: width).padded(to: width))  "
            line += status.rawValue.replacingDash
            if let visit = phase.visits.last {
                let gap = "in progress".count - status.rawValue.count + 2
                line += String(repeating: " ", count: gap) + time(visit.entered)
                if let end = visit.completed ?? visit.failed {
                    line += " to \(time(end)) (\(WorkflowDuration(from: visit.entered, to: end).text))"
                }
                if phase.visits.count > 1 { line += ", visit \(phase.visits.count)" }
            }
            lines.add(cut(line))
        }
        if shown.count < state.phases.count { lines.add("    … \(state.phases.count - shown.count) more phases") }
    }

    /// All of them, or those around the one in hand.
    private var shownPhases: ArraySlice<WorkflowState.Phase> {
        guard state.phases.count > Self.phaseLength else { return state.phases[...] }
        let current = state.phases.firstIndex { $0.name == state.shownPhase } ?? 0
        let start = min(max(0, current - Self.phaseLength / 2), state.phases.count - Self.phaseLength)
        return state.phases[start..<(start + Self.phaseLength)]
    }

    private func items(_ lines: inout Lines) {
        guard let todo = standing.todo, !todo.items.isEmpty else { return }
        let current = todo.current(in: state)
        let done = todo.items.count { $0.done }
        lines.add()
        lines.add(terminal.styled("Items", .bold) + ": \(done) of \(todo.items.count) done")
        let open = todo.items.filter { !$0.done }
        var shown = Array(open.prefix(listLength))
        if let current, !shown.contains(current) { shown = [current] + shown.dropLast() }
        for item in shown {
            let mark = item.mark(in: state, current: current)
            lines.add(cut("  \(item.number). \(item.text.printable)", keeping: mark))
        }
        if open.count > shown.count { lines.add("  … \(open.count - shown.count) more; git wf todo lists them") }
    }

    /// Where not all have room, the oldest and the newest: those in the middle are counted.
    private func decisions(_ lines: inout Lines) {
        let all = state.decisions.decisions.map { "\(time($0.time)): \($0.text)" }
        guard !all.isEmpty else { return }
        let shown = min(decisionLength, all.count)
        let oldest = shown == all.count ? shown : (shown + 1) / 2
        lines.add()
        lines.add(terminal.styled("Decided", .bold))
        for text in all.prefix(oldest) { lines.add(cut("  " + text.printable)) }
        if shown < all.count { lines.add("  … \(all.count - shown) more; git wf log --kind decision") }
        for text in all.suffix(shown - oldest) { lines.add(cut("  " + text.printable)) }
    }

    private func list(_ title: String, _ entries: [String], _ style: Terminal.Style, _ lines: inout Lines) {
        guard !entries.isEmpty else { return }
        lines.add()
        lines.add(terminal.styled(title, style))
        for entry in entries.prefix(listLength) { lines.add(cut("  " + entry.printable)) }
        if entries.count > listLength {
            lines.add("  … \(entries.count - listLength) more; git wf status --json has all")
        }
    }

    /// What to do next, when there is one thing to do.
    private var hint: String? {
        if state.isComplete {
            return "The workflow \(state.endReason == nil ? "is complete" : "was ended"). git wf log tells its story."
        }
        if let block = state.blocks.last {
            return block.isGate
                ? "A human decides: git wf approve, or git wf reject --reason T"
                : "git wf unblock --answer T goes on"
        }
        if state.currentName == nil, let next = state.startable.first { return "git wf phase start \(next) goes on" }
        return nil
    }

    private func symbol(_ status: WorkflowState.Status) -> String {
        switch status {
        case .pending: terminal.styled("·", .dim)
        case .inProgress: terminal.styled(">", .cyan)
        case .blocked: terminal.styled("!", .red)
        case .failed: terminal.styled("x", .red)
        case .complete: terminal.styled("+", .green)
        }
    }

    private func time(_ time: Timestamp) -> String { time.shown(at: standing.now) }

    private func cut(_ line: String, keeping tail: String = "") -> String {
        // Colours take no columns, so a coloured line is only cut when its text is too long.
        let plain = line.withoutStyles
        let room = terminal.columns - tail.columns
        return (plain.columns <= room ? line : plain.cut(toColumns: room)) + tail
    }
}

extension String {
    /// `in-progress` as prose has it.
    var replacingDash: String { String(map { $0 == "-" ? " " : $0 }) }

    /// This text in lines of at most so many columns, broken at spaces.
    func wrapped(toColumns columns: Int) -> [String] {
        var lines: [String] = []
        for word in split(separator: " ") {
            if let last = lines.last, last.columns + 1 + String(word).columns <= columns {
                lines[lines.count - 1] = "\(last) \(word)"
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }

    func padded(to columns: Int) -> String { self + String(repeating: " ", count: max(0, columns - self.columns)) }

    /// Without the escapes that `Terminal.styled` adds.
    var withoutStyles: String {
        var result = ""
        var rest = self[...]
        while let escape = rest.firstIndex(of: "\u{1b}") {
            result += rest[..<escape]
            guard let end = rest[escape...].firstIndex(of: "m") else { break }
            rest = rest[rest.index(after: end)...]
        }
        return result + rest
    }
}
