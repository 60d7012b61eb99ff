import ArgumentParser
import Files
import Git
import GitValues
import Glibc
import Hooks
import Journal
import Snapshots
import SystemPackage
import Templates
import Workflow

struct Init: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Begin a workflow on the current branch.",
        discussion: """
            Writes what is missing of .wfconfig and TODO.md, installs the hooks, and records the start and the first phase. \
            Run again, it says what is there and changes nothing.

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
        let surroundings = try invocation.surroundings()
        let workspace = try Workspace(surroundings)
        guard let top = workspace.repository.workTree else { throw WorkspaceError.bare }
        // Before anything is written: a home directory is refused here.
        _ = try Snapshotter(
            of: workspace.repository, git: surroundings.git, limits: .init(), home: surroundings.home)
        let preset = template ?? "feature"
        guard let presetDefinition = Templates.definition(named: preset), let presetTodo = Templates.todo(named: preset)
        else {
            throw Failure(
                "there is no template \(preset.quoted); the templates are \(Templates.names.joined(separator: ", "))",
                status: .usage)
        }
        let existing = try workspace.workflows()
        let agents = try AgentsFile(in: top)
        let isAdding = agentsFile && !agents.hasSection
        if try sayWhatIsThere(existing, workspace: workspace, isAddingTo: isAdding ? agents : nil) { return }

        let definitionFile = top.appending(".wfconfig")
        let onDisk = try OrdinaryFile.read(definitionFile)
        let chosen = try chooseName(onDisk: onDisk, top: top)
        try LaneNames(workspace.repository).check(workflow: chosen, beside: existing)
        let text = onDisk ?? filled(presetDefinition, name: chosen)
        let definition = try Definition(
            entries: Repository.configEntries(of: text, file: ".wfconfig"), file: ".wfconfig")

        var written: [String] = []
        if !noFiles {
            if onDisk == nil {
                try WholeFile.write(text, to: definitionFile, followsLink: true)
                written.append(".wfconfig")
                try Trust(invocation.environment).trust(definition)
            }
            if try OrdinaryFile.read(top.appending(definition.todo)) == nil {
                try WholeFile.write(presetTodo, to: top.appending(definition.todo), followsLink: true)
                written.append(definition.todo)
            }
        }
        if isAdding {
            try agents.appendSection()
            written.append(agents.name)
        }
        let hooks =
            noHooks
            ? nil : try HookDirectory(workspace.repository, surroundings: surroundings).install(invocation.binary)
        let journal = try workspace.journal(
            beginning: chosen,
            actor: Actors(environment: invocation.environment, git: surroundings.git).named(options.actor))
        let started = try begin(journal, definition: definition, text: text)
        try answer(
            journal: journal, started: started, definition: definition, written: written, hooks: hooks,
            offer: agentsFile || agents.hasSection ? nil : agents)
    }

    // MARK: Steps

    /// - Returns: whether that was the answer.
    private func sayWhatIsThere(
        _ existing: [Name], workspace: Workspace, isAddingTo agents: AgentsFile?
    ) throws -> Bool {
        let branch = try workspace.repository.head().branch
        if existing.isEmpty {
            // Somebody else began this one: its history is elsewhere.
            guard name == nil, try workspace.isClone() else { return false }
            throw Failure(try workspace.noWorkflow().description, status: .no)
        }
        let wanted = try name.map { try Name($0) }
        for other in existing {
            let journal = try workspace.journal(workflow: other)
            guard let state = try journal.state() else { continue }
            if let wanted, wanted != other {
                if !state.isComplete, state.branch == branch {
                    throw Failure(
                        "the workflow \(other) is still \(state.status.rawValue) on this branch; complete it first, "
                            + "or begin \(wanted) on another branch", status: .no)
                }
                continue
            }
            if wanted == other || state.branch == branch || existing.count == 1 {
                if let agents { try agents.appendSection() }
                try sayStands(state, written: agents?.name)
                return true
            }
        }
        return false
    }

    private func sayStands(_ state: WorkflowState, written: String?) throws {
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
            : "git wf status says more; \(written.map { "the section was added to \($0)" } ?? "nothing was changed")."
        Terminal.standard.answer(
            "The workflow \(state.name) is here already: \(state.shownPhase), \(state.status.rawValue). \(next)")
    }

    private func chooseName(onDisk: [UInt8]?, top: FilePath) throws -> Name {
        if let name { return try Name(name) }
        if let onDisk,
            let named = try Definition(
                entries: Repository.configEntries(of: onDisk, file: ".wfconfig"), file: ".wfconfig"
            ).name
        {
            return named
        }
        let folder = top.removingTrailingSlash.lastComponent?.string ?? ""
        let letters = folder.lowercased().map {
            $0.isASCII && ($0.isLetter || $0.isNumber) || "._-".contains($0) ? $0 : "-"
        }
        let trimmed = String(letters.drop { !$0.isLetter && !$0.isNumber }.prefix(64))
        return try (try? Name(trimmed)) ?? Name("workflow")
    }

    /// A preset with the name and the goal in the places that it has for them.
    private func filled(_ preset: [UInt8], name: Name) -> [UInt8] {
        var lines = String(decoding: preset, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
            .map(String.init)
        for index in lines.indices.reversed() {
            if lines[index] == "\tname = NAME" { lines[index] = "\tname = \(name)" }
            guard lines[index] == "\tgoal = GOAL" else { continue }
            if let goal { lines[index] = "\tgoal = \(ConfigText.quoted(goal))" } else { lines.remove(at: index) }
        }
        return Array(lines.joined(separator: "\n").utf8)
    }

    private func begin(_ journal: Journal, definition: Definition, text: [UInt8]) throws -> [Checkpoint] {
        let snapshot = try journal.takeSnapshot(definition: definition)
        let held = try journal.repository.entry(at: ".wfconfig", in: snapshot.tree)
        let blob = try held?.id ?? journal.repository.createBlob(text)
        let first = definition.phases[0].name.text
        var phase = Draft(.phaseStarted, "Phase started: \(first)", phase: first)
        if held == nil {
            // The file is not in the tree (it is ignored, or was not wanted), so an attachment holds it.
            let tree = try journal.repository.createTree([(".wfconfig", .file, blob)])
            phase.parents.append((nil, try journal.attachment(tree: tree, title: "The definition of a workflow")))
        }
        let start = Draft(
            .workflowStarted, "Workflow started: \(goal ?? definition.goal ?? journal.workflow.text)", phase: first
        )
        .with(TrailerKey.id, Self.newUUID()).with(TrailerKey.definition, blob.hex)
        return try journal.append([start, phase], snapshot: snapshot)
    }

    /// A random UUID (RFC 9562, version 4).
    private static func newUUID() -> String {
        var bytes = (0..<16).map { _ in UInt8.random(in: .min ... .max) }
        bytes[6] = bytes[6] & 0x0f | 0x40
        bytes[8] = bytes[8] & 0x3f | 0x80
        let digits = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        return [digits[0..<4], digits[4..<6], digits[6..<8], digits[8..<10], digits[10..<16]].map { $0.joined() }
            .joined(separator: "-")
    }

    private func answer(
        journal: Journal, started: [Checkpoint], definition: Definition, written: [String],
        hooks: HookDirectory.Outcome?, offer: AgentsFile?
    ) throws {
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
                    workflow: journal.workflow.text, phase: phase, status: "in-progress", created: true,
                    id: started.last?.id.hex ?? "", written: written, hooks: hooks?.installed ?? [],
                    agentsFile: offer?.name))
        }
        var lines = Lines()
        lines.add(
            "Began the workflow \(journal.workflow): \(definition.phases.map(\.name.text).joined(separator: " → ")).")
        lines.add("Phase \(phase) is in progress.")
        if let hooks, !hooks.installed.isEmpty { lines.add("Hooks: \(hooks.installed.joined(separator: ", ")).") }
        if !written.isEmpty {
            lines.add("Wrote \(written.joined(separator: " and ")); commit \(written.count == 1 ? "it" : "them"):")
            lines.add("  git add \(written.joined(separator: " ")) && git commit -m \"Begin \(journal.workflow)\"")
        }
        if let offer {
            lines.add(
                "Coding agents: git wf init --agents-file adds what they need to know, 8 lines, to \(offer.name).")
        }
        lines.add("Next: edit \(definition.todo), then git wf status")
        Terminal.standard.answer(lines.text)
        for note in hooks?.notes ?? [] { Terminal.standard.narrate(note) }
    }
}

/// Values of git's configuration syntax.
enum ConfigText {
    /// A value in quotes, with the escapes that git reads back.
    static func quoted(_ value: String) -> String {
        var text = "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\t": text += "\\t"
            default: if scalar.value >= 0x20 { text.unicodeScalars.append(scalar) }
            }
        }
        return text + "\""
    }
}
