/// The brief of a sub-agent in its own worktree: what it is asked for, within what bounds, and how it reports.
package struct AgentBrief: Sendable {
    /// The most that one may cost, whatever the budget.
    package static let budget = 1000

    private let name: String
    private let workflow: String
    private let spec: Spec?
    /// Where its spec is.
    package var specPath: String?
    /// The branch that it commits to, without `refs/heads/`.
    package var branch: String?
    package var attempt = 1
    /// The item of the TODO file that it works on.
    package var item: String?
    /// The next actions that it left behind in its own lane.
    package var next: [String] = []
    /// What the leader wants of it, where it was sent back.
    package var reason: String?
    /// What the leader answered last.
    package var answer: String?
    /// What it asked and nobody answered.
    package var question: String?
    /// What it reported already.
    package var result: AgentState.Result?
    package var files: [BriefFile] = []

    package init(_ name: String, workflow: String, spec: Spec?) {
        self.name = name
        self.workflow = workflow
        self.spec = spec
    }

    package func fitted(to limits: Brief.Limits) -> Brief {
        var limits = limits
        limits.tokens = min(limits.tokens, Self.budget)
        let title = spec.map { $0.title.isEmpty ? "" : ": \($0.title)" } ?? ""
        // A title of any length would not be left out.
        let heading = "Agent \(name) of \(workflow)\(title)"
        return Brief(
            title: TokenEstimate.tokens(in: heading) <= 40 ? heading : "Agent \(name) of \(workflow)",
            sections: sections,
            priorities: [
                "state", "report", "goal", "constraints", "modifies", "deliverable", "requirements", "others", "files",
                "next",
            ], limits: limits)
    }

    private var sections: [BriefSection] {
        [
            section("state", "", stateLines, noun: "state line", command: "git wf agent list"),
            section("goal", "Goal", spec.map { $0.goal.isEmpty ? [] : [line($0.goal)] } ?? [], noun: "goal"),
            section(
                "requirements", "Requirements", spec?.requirements.map { "- \(line($0))" } ?? [], noun: "requirement"),
            section("constraints", "Constraints", spec?.constraints.map { "- \(line($0))" } ?? [], noun: "constraint"),
            section("deliverable", "Deliverable", spec?.deliverable.map { "- \(line($0))" } ?? [], noun: "deliverable"),
            section(
                "modifies", "Files to modify",
                spec?.modifies.map { path in
                    "- \(BriefText.code(path.pattern.text))\(path.note.map { " (\(line($0)))" } ?? "")"
                } ?? [], noun: "path"),
            section("files", "Files to read", files.map(\.line), noun: "file"),
            section(
                "others", "Also in the spec", spec?.otherSections.map { line($0) } ?? [], noun: "section"),
            section(
                "next", "Next actions recorded here",
                next.enumerated().map { "\($0.offset + 1). \(line($0.element))" }, noun: "next action",
                command: "git wf show"),
            section("report", "How the result is reported", reporting, noun: "note", command: "git wf agent report -h"),
        ]
    }

    private var stateLines: [String] {
        var lines: [String] = []
        if let answer { lines.append("- The leader answers: \(line(answer))") }
        if let reason { lines.append("- Sent back: \(line(reason))") }
        if let branch {
            lines.append("- The work is committed to the branch \(BriefText.code(branch)) of this worktree")
        }
        if let item { lines.append("- Item: \(line(item))") }
        if attempt > 1 { lines.append("- This is attempt \(attempt)") }
        if let question { lines.append("- Not answered yet: \(line(question))") }
        if let result { lines.append("- Reported as \(line(result.status)): \(line(result.summary))") }
        lines.append(
            specPath.map { "- The whole spec: \(BriefText.code($0))" } ?? "- There is no spec")
        return lines
    }

    private let reporting = [
        "- `git wf agent report --status complete --summary \"TITLE\"` records the result; `partial` and `failed` are the "
            + "other statuses. `--decision`, `--test` and `--issue` add one line each.",
        "- The leader merges what is committed, and reads the report instead of the whole work.",
    ]

    private func section(
        _ name: String, _ heading: String, _ entries: [String], noun: String, command: String? = nil
    ) -> BriefSection {
        BriefSection(
            name, heading: heading, entries: entries, rounds: [8],
            noun: noun,
            command: command ?? specPath.map { "cat \(BriefText.line($0))" } ?? "git wf agent list")
    }

    private func line(_ text: String) -> String { BriefText.line(text) }
}
