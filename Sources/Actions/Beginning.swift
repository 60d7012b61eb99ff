internal import Files
internal import Git
internal import GitValues
package import HookFolder
package import Journal
internal import Snapshots
package import SystemPackage
internal import Templates
package import Workflow

/// A workflow that is to begin.
package struct BeginningRequest: Sendable {
    /// The preset that is written where there is no definition.
    package var template: String
    /// The workflow's name; without one the definition's, else the folder's.
    package var name: Name?
    package var goal: String?
    package var installsHooks: Bool
    /// Whether `.wfconfig` and the TODO file are written where they are missing.
    package var writesFiles: Bool
    /// Whether the section about git-wf is added to the file that coding agents read.
    package var addsToAgentsFile: Bool

    package init(
        template: String, name: Name?, goal: String?, installsHooks: Bool, writesFiles: Bool, addsToAgentsFile: Bool
    ) {
        self.template = template
        self.name = name
        self.goal = goal
        self.installsHooks = installsHooks
        self.writesFiles = writesFiles
        self.addsToAgentsFile = addsToAgentsFile
    }
}

/// A workflow that began.
package struct Begun: Sendable {
    package let workflow: Name
    package let definition: Definition
    /// The last of those that were recorded.
    package let checkpoint: Checkpoint
    /// The files that were written, from the top of the worktree.
    package let written: [FilePath]
    /// From where the command runs to the top of the worktree.
    package let up: FilePath
    /// `nil` where none were to be installed.
    package let hooks: HookDirectory.Outcome?
    /// The file that the section about git-wf could be added to.
    package let offer: FilePath?
}

package enum BeginningOutcome: Sendable {
    /// A workflow is here already.
    /// - Parameter written: the file that the section about git-wf was added to.
    case standing(WorkflowState, written: FilePath?)
    case begun(Begun)
    /// Another clone began it, and its history was fetched.
    case takenUp(TakenUp)
}

/// Begins a workflow on the current branch.
package struct Beginning {
    private let surroundings: Surroundings
    private let caller: Caller

    package init(_ surroundings: Surroundings, caller: Caller) {
        self.surroundings = surroundings
        self.caller = caller
    }

    /// Writes what is missing, installs the hooks, and records the start and the first phase. Whatever is in the way of any of
    /// it is found before the first file is written.
    package func begin(_ request: BeginningRequest) throws -> BeginningOutcome {
        let workspace = try Workspace(surroundings)
        guard let top = workspace.repository.workTree else { throw WorkspaceError.bare }
        // Before anything is written: a home directory is refused here.
        _ = try Snapshotter(
            of: workspace.repository, git: workspace.repository.git, limits: .init(), home: surroundings.home)
        let preset = request.template
        guard let presetDefinition = Templates.definition(named: preset), let presetTodo = Templates.todo(named: preset)
        else {
            throw ActionError(
                "there is no template \(preset.quoted); the templates are \(Templates.names.joined(separator: ", "))",
                .usage)
        }
        let existing = try workspace.workflows()
        let hookDirectory = try HookDirectory(workspace.repository, surroundings: surroundings)
        func preparedHooks() throws -> HookDirectory.Installation? {
            guard request.installsHooks else { return nil }
            try workspace.requireNoAgent("change the hooks")
            return try hookDirectory.prepare(surroundings.program.path)
        }
        if let takingUp = try TakingUp(workspace, wanted: request.name, existing: existing) {
            return .takenUp(try takingUp.take(hooks: preparedHooks))
        }
        let agents = AgentsFile(in: top, from: surroundings.directory)
        let isAdding = request.addsToAgentsFile && !agents.hasSection
        if isAdding, let problem = agents.problem { throw problem }
        if let standing = try standing(
            existing, request.name, workspace: workspace, isAddingTo: isAdding ? agents : nil)
        {
            return standing
        }

        if let agent = try workspace.agent() {
            throw ActionError("this is the worktree of the agent \(agent), where no workflow begins", .refused)
        }
        let definitionFile = RootedFile(".wfconfig", in: top)
        let onDisk = try definitionFile.read()
        let chosen = try chooseName(request.name, onDisk: onDisk, top: top)
        try LaneNames(workspace.repository).check(workflow: chosen, beside: existing)
        let text = onDisk ?? filled(presetDefinition, name: chosen, goal: request.goal)
        let definition = try Definition(
            entries: Repository.configEntries(of: text, file: ".wfconfig"), file: ".wfconfig")

        let hooks = try preparedHooks()
        let journal = try workspace.journal(beginning: chosen, actor: caller.named)
        let (recorded, written) = try FileWriting.all { writing in
            var written: [FilePath] = []
            func write(_ bytes: [UInt8], to file: RootedFile) throws {
                try writing.write(bytes, to: file)
                written.append(file.name)
            }
            if request.writesFiles {
                let todo = RootedFile(definition.todo, in: top)
                let hasTodo = try todo.read() != nil
                if onDisk == nil { try write(text, to: definitionFile) }
                if !hasTodo { try write(presetTodo, to: todo) }
            }
            if isAdding {
                try agents.write(&writing)
                written.append(agents.name)
            }
            return (try record(journal, definition: definition, text: text, goal: request.goal), written)
        }
        guard let last = recorded.last else { throw ActionError("nothing was recorded", .impossible) }
        // What was written here is nobody else's word.
        if onDisk == nil, let state = try journal.state() { try journal.trust(of: state).add(definition) }
        return .begun(
            Begun(
                workflow: chosen, definition: definition, checkpoint: last, written: written,
                up: up(from: surroundings.directory, to: top),
                hooks: try hooks?.install(),
                offer: !request.addsToAgentsFile && agents.canTakeSection ? agents.name : nil))
    }

    // MARK: Steps

    /// - Returns: the answer, where a workflow stands here already.
    private func standing(
        _ existing: [Name], _ wanted: Name?, workspace: Workspace, isAddingTo agents: AgentsFile?
    ) throws -> BeginningOutcome? {
        let branch = try workspace.repository.head().branch
        if existing.isEmpty {
            // Somebody else began this one: its history is elsewhere.
            guard wanted == nil, try workspace.isClone() else { return nil }
            throw ActionError(try workspace.noWorkflow().description, .refused)
        }
        for other in existing {
            let journal = try workspace.journal(workflow: other)
            guard let state = try journal.state() else { continue }
            if let wanted, wanted != other {
                if !state.isComplete, state.branch == branch {
                    throw ActionError(
                        "the workflow \(other) is still \(state.status.rawValue) on this branch; complete it first, "
                            + "or begin \(wanted) on another branch", .refused)
                }
                continue
            }
            if wanted == other || state.branch == branch || existing.count == 1 {
                if let agents { try FileWriting.all { try agents.write(&$0) } }
                return .standing(state, written: agents?.name)
            }
        }
        return nil
    }

    private func up(from directory: FilePath, to top: FilePath) -> FilePath {
        let depth = TypedPath(".").inside(top, from: directory)?.components.count ?? 0
        return FilePath(String(repeating: "../", count: depth))
    }

    private func chooseName(_ named: Name?, onDisk: [UInt8]?, top: FilePath) throws -> Name {
        if let named { return named }
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
    private func filled(_ preset: [UInt8], name: Name, goal: String?) -> [UInt8] {
        var lines = String(decoding: preset, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
            .map(String.init)
        for index in lines.indices.reversed() {
            if lines[index] == "\tname = NAME" { lines[index] = "\tname = \(name)" }
            guard lines[index] == "\tgoal = GOAL" else { continue }
            if let goal { lines[index] = "\tgoal = \(ConfigText.quoted(goal))" } else { lines.remove(at: index) }
        }
        return Array(lines.joined(separator: "\n").utf8)
    }

    private func record(_ journal: Journal, definition: Definition, text: [UInt8], goal: String?) throws -> [Checkpoint]
    {
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
}
