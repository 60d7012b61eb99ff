package import GitValues

/// The brief of whoever goes on with a workflow: facts only, the most useful ones first when there is little room.
package struct LeaderBrief: Sendable {
    private let state: WorkflowState
    private let todo: TodoList?
    private let now: Timestamp
    /// The item in hand.
    private let current: TodoItem?
    /// The latest checkpoint that somebody asked for.
    package var document: CheckpointDocument?
    /// What else that checkpoint's message says, paragraph by paragraph.
    package var remarks: [String] = []
    package var since = WorkSince()
    /// One line each.
    package var agents: [String] = []
    /// What agents wait to know, one line each.
    package var questions: [String] = []
    package var files: [BriefFile] = []
    package var warnings: [String] = []

    /// - Parameter now: when it is read, in the zone in which times are shown.
    package init(_ state: WorkflowState, todo: TodoList?, now: Timestamp) {
        self.state = state
        self.todo = todo
        self.now = now
        current = todo?.current(in: state)
    }

    package func fitted(to limits: Brief.Limits) -> Brief {
        Brief(
            title: "\(state.name): \(standing)", sections: sections,
            priorities: [
                "state", "questions", "blocks", "outside", "next", "todo", "checkpoint", "decisions", "agents", "files",
                "commits",
                "since", "changes",
            ], limits: limits)
    }

    /// In the order in which they are read.
    private var sections: [BriefSection] {
        [
            BriefSection(
                "state", heading: "", entries: stateLines, rounds: [20], noun: "state line",
                command: "git wf status"),
            BriefSection(
                "questions", heading: "Agents that wait for an answer", entries: questions.map { "- \(line($0))" },
                rounds: [4, 10], noun: "question", command: "git wf next"),
            BriefSection(
                "blocks", heading: "Blocked on",
                entries: state.blocks.reversed().map {
                    "- \(line($0.needs)): \(line($0.reason)) (\(line($0.phase)), since \(time($0.since)))"
                }, rounds: [3, 10], noun: "block", command: "git wf status"),
            BriefSection(
                "outside", heading: "Done outside of git, and not taken back by it",
                entries: state.outside.map { "- \(line($0.text)) (\(time($0.time)))" }, rounds: [3, 10],
                isNewestLast: true,
                noun: "effect", command: "git wf log -n 0"),
            BriefSection(
                "next", heading: "Next actions, in order",
                entries: state.next.enumerated().map { "\($0.offset + 1). \(line($0.element))" }, rounds: [5, 10],
                noun: "next action", command: "git wf next"),
            checkpoint,
            BriefSection(
                "todo",
                heading: "Remaining items\(open.isEmpty ? "" : " (\(open.count) of \(todo?.items.count ?? 0))")",
                entries: open.map { "- \($0.number): \(line($0.text))\(hand($0))" },
                rounds: [3, 9], noun: "item", command: "git wf todo"),
            BriefSection(
                "decisions", heading: "Decided, and not open any more",
                entries: state.decisions.decisions.map(decision),
                rounds: [5, 10], isNewestLast: true, noun: "decision", command: "git wf log --kind decision"),
            BriefSection(
                "agents", heading: "Agents", entries: agents.map { "- \(line($0))" }, rounds: [6, 6], noun: "agent",
                command: "git wf agent list"),
        ] + happened + [
            BriefSection(
                "files", heading: "Worth reading", entries: files.map(\.line), rounds: [3, 7], noun: "file",
                command: "git wf resume --json")
        ]
    }

    // MARK: The state

    private var standing: String {
        state.end ?? "\(state.shownPhase), \(words(state.status))"
    }

    private var stateLines: [String] {
        var lines: [String] = []
        if let goal = state.definition.goal { lines.append("- Goal: \(line(goal))") }
        lines.append("- Phases: \(state.phases.map(phase).joined(separator: ", "))")
        let gates = state.definition.phases.filter { $0.gate != nil }.map { line($0.name.text) }
        if !gates.isEmpty { lines.append("- A human approves the end of: \(gates.joined(separator: ", "))") }
        let checks =
            state.definition.phases.compactMap { phase in
                phase.check.map { "\(line(phase.name.text)) ends with \(BriefText.code($0))" }
            } + [state.definition.merge.verify.map { "each merge with \(BriefText.code($0))" }].compactMap { $0 }
        if !checks.isEmpty { lines.append("- Checks that must pass: \(checks.joined(separator: ", "))") }
        let branch = state.branch.map { $0.hasPrefix("refs/heads/") ? String($0.dropFirst(11)) : $0 }
        let place = branch.map { " on the branch \(BriefText.code($0))" } ?? ""
        lines.append("- Started \(state.started.dateAndTime(in: now.offset))\(place)")
        // How many are open stands above them.
        if let todo, !todo.items.isEmpty, open.isEmpty { lines.append("- Items: all \(todo.items.count) done") }
        let budgets = [
            state.currentName.flatMap { name in
                state.definition.phases.first { $0.name.text == name }?.budget.map { "\($0) tokens for \(line(name))" }
            }, state.definition.budget.map { "\($0) tokens for the whole workflow" },
        ].compactMap { $0 }
        if !budgets.isEmpty { lines.append("- Budget: \(budgets.joined(separator: ", "))") }
        if let last = state.lastAskedFor {
            lines.append("- Latest checkpoint: \(last.id.short), \(time(last.time)), \(line(last.title))")
        }
        return lines + warnings.map { "- Warning: \(line($0))" }
    }

    /// The one in hand has its status in the title.
    private func phase(_ phase: WorkflowState.Phase) -> String {
        let status = state.status(of: phase)
        if phase.name == state.currentName { return "\(line(phase.name)) now" }
        return status == .pending ? line(phase.name) : "\(line(phase.name)) \(words(status))"
    }

    private func words(_ status: WorkflowState.Status) -> String {
        status == .inProgress ? "in progress" : status.rawValue
    }

    // MARK: Sections

    private var checkpoint: BriefSection {
        var entries: [String] = []
        if let document {
            entries += document.summary.map { "- \(line($0))" }
            entries += document.files.map { "- \(line($0.text))" }
            entries += remarks.map(quoted)
        }
        return BriefSection(
            "checkpoint", heading: "The latest checkpoint", entries: entries, rounds: [4, 8],
            noun: "checkpoint line", command: "git wf show")
    }

    private var happened: [BriefSection] {
        let since = state.lastAskedFor.map { " since \($0.id.short)" } ?? ""
        var commits = BriefSection(
            "commits", heading: "Commits\(since)", entries: self.since.commits.map { "- \(line($0))" }, rounds: [3, 7],
            noun: "commit", command: "git log")
        commits.unlisted = self.since.olderCommits
        var events = BriefSection(
            "since", heading: "What happened\(since)",
            entries: self.since.events.filter { !isTold($0) }.map { "- \(time($0.time)): \(line($0.title))" },
            rounds: [3, 7],
            noun: "event", command: "git wf log")
        events.unlisted = self.since.olderEvents
        let count = self.since.changes.count
        return [
            commits, events,
            BriefSection(
                "changes", heading: "\(count) file\(count == 1 ? "" : "s") changed\(since)",
                entries: self.since.changes.map(\.line), rounds: [3, 7], noun: "changed file",
                command: "git wf diff last --stat"),
        ]
    }

    /// Whether a line above says it: which phase is in hand, what blocks it, which agents there are.
    private func isTold(_ event: Checkpoint) -> Bool {
        switch event.kind {
        case .workflowStarted, .agentStarted: true
        case .phaseStarted, .phaseCompleted: event[TrailerKey.reason] == nil
        case .blocked: state.blocks.contains { $0.id == event.id }
        case .agentMerged, .agentDropped, .agentRefused: state.agents.contains { $0.name == event[TrailerKey.agent] }
        default: false
        }
    }

    private func hand(_ item: TodoItem) -> String {
        item == current ? " (in hand)" : state.agent(on: item).map { " (agent \(line($0)))" } ?? ""
    }

    /// The one in hand first.
    private var open: [TodoItem] {
        let open = todo?.items.filter { !$0.done } ?? []
        guard let current else { return open }
        return [current] + open.filter { $0 != current }
    }

    private func decision(_ decision: Decision) -> String {
        let reason = decision.because.map { " (\(line($0)))" } ?? ""
        return "- \(time(decision.time)): \(line(decision.text))\(reason)"
    }

    private func time(_ time: Timestamp) -> String { time.shown(at: now) }

    private func line(_ text: String) -> String { BriefText.line(text) }

    /// A paragraph as it was written, its table or list whole.
    private func quoted(_ paragraph: String) -> String {
        paragraph.split(separator: "\n").map { "> \(line(String($0)))" }.joined(separator: "\n")
    }
}
