import Actions
import ArgumentParser
import GitValues
import HookFolder
import SystemPackage
import Workflow

struct Init: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Begin a workflow on the current branch.",
        discussion: """
            Writes what is missing of .wfconfig and TODO.md, installs the hooks, and records the start and the first phase. \
            Run again, it says what is there and changes nothing. In a clone it takes up the history that a fetch brought to \
            refs/wf-remotes, once it has checked it.

            Example: git wf init --template feature --goal "Feedback for the API"
            """)

    @Option(help: ArgumentHelp("feature, migration, monitoring, articles or minimal.", valueName: "name"))
    var template: String?
    @Option(help: ArgumentHelp("The workflow's name; the folder's by default.", valueName: "name"))
    var name: String?
    @Option(help: ArgumentHelp("What the work is to achieve.", valueName: "text"))
    var goal: String?
    @Flag(help: "Install no hooks.")
    var noHooks = false
    @Flag(help: "Write neither .wfconfig nor TODO.md.")
    var noFiles = false
    @Flag(help: "Tell coding agents about git wf, in a section at the end of AGENTS.md or CLAUDE.md.")
    var agentsFile = false
    @OptionGroup var options: SharedOptions

    func run() throws {
        let invocation = Invocation.current
        let request = BeginningRequest(
            template: template ?? "feature", name: try name.map { try Name($0) }, goal: goal, installsHooks: !noHooks,
            writesFiles: !noFiles, addsToAgentsFile: agentsFile)
        switch try Beginning(invocation.surroundings(), caller: invocation.caller(named: options.actor)).begin(request)
        {
        case .standing(let state, let written): try sayStands(state, written: written)
        case .begun(let begun): try answer(begun)
        case .takenUp(let takenUp): try answer(takenUp)
        }
    }

    private func sayStands(_ state: WorkflowState, written: FilePath?) throws {
        struct Answer: Encodable {
            let workflow: String
            let phase: String
            let status: String
            let created: Bool
        }
        if options.json {
            return try JSONDocument.print(
                Answer(
                    workflow: state.name, phase: state.shownPhase, status: state.status.rawValue, created: false))
        }
        let next =
            state.isComplete
            ? "git wf init --name NEW begins the next one."
            : "git wf status says more; \(written.map { "the section was added to \($0.string.printable)" } ?? "nothing was changed")."
        Terminal.standard.answer(
            "The workflow \(state.name) is here already: \(state.shownPhase), \(state.status.rawValue). \(next)")
    }

    private func answer(_ takenUp: TakenUp) throws {
        struct Answer: Encodable {
            let workflow: String
            let phase: String
            let status: String
            let created: Bool
            let from: String
            let workflows: [String]
            let agents: [String]
            let leftOut: [String]
            let hooks: [String]
        }
        guard let first = takenUp.states.first else { return }
        if options.json {
            return try JSONDocument.print(
                Answer(
                    workflow: first.name, phase: first.shownPhase, status: first.status.rawValue, created: false,
                    from: takenUp.remote, workflows: takenUp.states.map(\.name), agents: takenUp.agents.map(\.text),
                    leftOut: takenUp.leftOut, hooks: takenUp.hooks?.installed ?? []))
        }
        var lines = Lines()
        for state in takenUp.states {
            lines.add(
                "Took up the workflow \(state.name) from \(takenUp.remote.printable): \(state.shownPhase.printable), "
                    + "\(state.status.rawValue), \(state.count) checkpoints.")
        }
        if !takenUp.agents.isEmpty {
            let names = takenUp.agents.map(\.text).joined(separator: ", ")
            lines.add("Agents: \(names). Their histories can be read here; they go on where their worktrees are.")
        }
        if let hooks = takenUp.hooks, !hooks.installed.isEmpty {
            lines.add("Hooks: \(hooks.installed.joined(separator: ", ")).")
        }
        lines.add("Next: git wf status")
        Terminal.standard.answer(lines.text)
        for line in takenUp.leftOut + (takenUp.hooks?.notes ?? []) { Terminal.standard.narrate(line) }
    }

    private func answer(_ begun: Begun) throws {
        let (workflow, definition, hooks) = (begun.workflow, begun.definition, begun.hooks)
        func shown(_ file: FilePath) -> String { begun.up.pushing(file).string.printable }
        let written = begun.written.map(shown)
        struct Answer: Encodable {
            let workflow: String
            let phase: String
            let status: String
            let created: Bool
            let id: String
            let written: [String]
            let hooks: [String]
            let agentsFile: String?
        }
        let phase = definition.phases[0].name.text
        if options.json {
            return try JSONDocument.print(
                Answer(
                    workflow: workflow.text, phase: phase, status: "in-progress", created: true,
                    id: begun.checkpoint.id.hex, written: begun.written.map(\.string), hooks: hooks?.installed ?? [],
                    agentsFile: begun.offer?.string))
        }
        var lines = Lines()
        lines.add(
            "Began the workflow \(workflow): \(definition.phases.map(\.name.text).joined(separator: " → ")).")
        lines.add("Phase \(phase) is in progress.")
        if let hooks, !hooks.installed.isEmpty { lines.add("Hooks: \(hooks.installed.joined(separator: ", ")).") }
        if !written.isEmpty {
            lines.add("Wrote \(written.joined(separator: " and ")); commit \(written.count == 1 ? "it" : "them"):")
            lines.add("  git add \(written.joined(separator: " ")) && git commit -m \"Begin \(workflow)\"")
        }
        if let offer = begun.offer {
            lines.add(
                "Coding agents: git wf init --agents-file adds what they need to know, 8 lines, to \(shown(offer)).")
        }
        lines.add("Next: edit \(shown(FilePath(definition.todo))), then git wf status")
        Terminal.standard.answer(lines.text)
        for note in hooks?.notes ?? [] { Terminal.standard.narrate(note) }
    }
}
