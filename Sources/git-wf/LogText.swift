import GitValues
import Journal
import Overview
internal import Workflow

/// `log` as text.
struct LogText {
    let state: WorkflowState
    private let now: Timestamp
    let terminal: Terminal
    /// Whether each visit to a phase has a heading, with its checkpoints below it.
    let hasHeadings: Bool
    /// Whether each decision that a checkpoint records is a line below it, with the id that `decide --replaces` takes.
    let showsDecisions: Bool
    /// Whether agents' lanes are in it.
    let isOfAllLanes: Bool
    /// Of what was told last.
    private var heading: (phase: String, newerVisits: Int)?

    init(
        state: WorkflowState, now: Timestamp, terminal: Terminal, hasHeadings: Bool, showsDecisions: Bool,
        isOfAllLanes: Bool
    ) {
        self.state = state
        self.now = now
        self.terminal = terminal
        self.hasHeadings = hasHeadings
        self.showsDecisions = showsDecisions
        self.isOfAllLanes = isOfAllLanes
    }

    /// The lines of the next older checkpoint.
    mutating func lines(of entry: Timeline.Entry) -> String {
        var lines = Lines()
        if hasHeadings { addHeading(of: entry, to: &lines) }
        add(entry, indent: hasHeadings ? "  " : "", to: &lines)
        return lines.text
    }

    /// What stands below the last one.
    func end(_ rest: Timeline.Rest, automatic: Int) -> String {
        var lines = Lines()
        func add(_ text: String) { lines.add(terminal.styled(text.cut(toColumns: terminal.columns), .dim)) }
        if !rest.isCounted {
            add("… older ones were not searched; -n 0 searches all")
        } else if rest.count > 0 {
            add("… \(rest.count) older; git wf log\(isOfAllLanes ? " --agents" : "") -n 0 shows all")
        }
        if automatic > 0 { add("\(automatic) automatic, shown with --auto") }
        return lines.text
    }

    private mutating func addHeading(of entry: Timeline.Entry, to lines: inout Lines) {
        let phase = entry.checkpoint.phase ?? ""
        // What was recorded before the first visit began belongs to it.
        let oldest = max(0, (state.phase(phase)?.visits.count ?? 1) - 1)
        let place = (phase: phase, newerVisits: min(entry.newerVisits, oldest))
        if let heading {
            if heading == place { return }
            lines.add()
        }
        lines.add(text(ofHeading: place.phase, newerVisits: place.newerVisits))
        heading = place
    }

    private func add(_ entry: Timeline.Entry, indent: String, to lines: inout Lines) {
        let checkpoint = entry.checkpoint
        lines.add(line(checkpoint, indent: indent))
        lines.add(entry.renames, limit: 5, of: "renamed") { rename in
            "\(indent)  renamed \(rename.from.text.printable) to \(rename.to.text.printable)"
        }
        let decisions = checkpoint.values(of: TrailerKey.decision)
        guard showsDecisions, checkpoint.kind != .decision || decisions.count > 1 else { return }
        for (number, text) in decisions.enumerated() {
            let id = checkpoint.id.short + (number == 0 ? "" : ".\(number + 1)")
            let room = max(10, terminal.columns - indent.count - 2 - 12)
            lines.add("\(indent)  \(id.padded(to: 10))  \(text.printable.cut(toColumns: room))")
        }
    }

    private func text(ofHeading name: String, newerVisits: Int) -> String {
        guard let phase = state.phase(name) else {
            return terminal.styled(name.isEmpty ? state.name : name.printable, .bold)
        }
        let visit = newerVisits < phase.visits.count ? phase.visits[phase.visits.count - 1 - newerVisits] : nil
        var text = "\(name): \(status(of: visit, phase, isNewest: newerVisits == 0))"
        if let visit {
            text += ", entered \(visit.entered.dateAndTime(in: now.offset))"
            if let end = visit.completed ?? visit.failed {
                text +=
                    ", \(visit.failed == nil ? "completed" : "failed") \(end.shown(at: now, beside: visit.entered)) "
                    + "(\(WorkflowDuration(from: visit.entered, to: end).text))"
            }
        }
        text += ", \(phase.checkpoints) checkpoint\(phase.checkpoints == 1 ? "" : "s")"
        return terminal.styled(text.cut(toColumns: terminal.columns), .bold)
    }

    private func status(of visit: WorkflowState.Visit?, _ phase: WorkflowState.Phase, isNewest: Bool) -> String {
        if isNewest { return state.status(of: phase).rawValue.replacingDash }
        return visit?.failed != nil ? "failed" : visit?.completed != nil ? "complete" : "left"
    }

    private func line(_ checkpoint: Checkpoint, indent: String) -> String {
        let id = terminal.styled(checkpoint.id.short, checkpoint.kind == .auto ? .dim : .yellow)
        let time = checkpoint.time.shown(at: now)
        var text = checkpoint.title.printable
        if checkpoint.kind == .checkpoint { text = "checkpoint: " + text }
        if checkpoint.kind == .auto, let trigger = checkpoint.trigger { text = "auto (\(trigger)): \(text)" }
        if checkpoint.actor != "leader", checkpoint.kind != .auto {
            text += "  [\(checkpoint.actor.printable)\(claim(checkpoint))]"
        }
        let used = indent.count + 7 + 2 + time.columns + 2
        return "\(indent)\(id)  \(time)  \(text.cut(toColumns: max(10, terminal.columns - used)))"
    }

    private func claim(_ checkpoint: Checkpoint) -> String { checkpoint[TrailerKey.claimed] == nil ? "" : ", claimed" }
}
