import ArgumentParser
import Files
import Git
import GitValues
import Journal
import Merging
import Snapshots
import SystemPackage
import Workflow

/// The options that every command has.
struct SharedOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The workflow, where several could be meant.", valueName: "name"))
    var workflow: String?

    @Option(
        name: .customLong("as"), help: ArgumentHelp("Who acts: leader, agent:NAME or human:NAME.", valueName: "actor"))
    var actor: String?

    @Flag(help: "Print one JSON document.")
    var json = false

    @Option(help: ArgumentHelp("always, never, or auto: on a terminal only.", valueName: "when"))
    var color = ColorChoice.auto

    /// As they are where none is given.
    static var plain: SharedOptions {
        var options = SharedOptions()
        options.workflow = nil
        options.actor = nil
        options.json = false
        options.color = .auto
        return options
    }

    /// Opens what the command works on.
    func open() throws -> Session { try Session(self) }

    /// Opens what the command works on.
    /// - Parameter forWriting: whether it changes something: an operation that was cut short is finished first.
    func open(forWriting: Bool) throws -> Session {
        let session = try Session(self)
        guard forWriting else { return session }
        let done = try [
            session.journal.finishInterrupted(), MergeQueue(session.journal).finishInterrupted(),
        ]
        for line in done.compactMap({ $0 }) { Terminal.standard.narrate(line) }
        return session
    }
}

/// `--color=WHEN`
enum ColorChoice: String, ExpressibleByArgument, CaseIterable {
    case always, never, auto

    /// As it stands among a command's arguments; the terminal is set up before they are parsed.
    init?(word text: String) {
        guard text.hasPrefix("--color="), let choice = ColorChoice(rawValue: String(text.dropFirst("--color=".count)))
        else { return nil }
        self = choice
    }

    /// `nil` where the terminal decides.
    var isColoured: Bool? {
        switch self {
        case .always: true
        case .never: false
        case .auto: nil
        }
    }
}

/// A command's repository, workflow and clock.
struct Session {
    let surroundings: Surroundings
    let workspace: Workspace
    let journal: Journal
    let actors: Actors

    var repository: Repository { workspace.repository }

    init(_ options: SharedOptions) throws {
        let invocation = Invocation.current
        surroundings = try invocation.surroundings()
        workspace = try Workspace(surroundings)
        actors = Actors(environment: invocation.environment, git: surroundings.git)
        let name = options.workflow ?? invocation.workflow ?? invocation.environment["GIT_WF_WORKFLOW"]
        let actor = try actors.named(options.actor)
        journal = try workspace.journal(workflow: name.map { try Name($0) }, actor: actor)
        if case .human = actor { journal.isActorClaimed = !actors.isHumanPresent }
    }

    /// The workflow's state.
    func state() throws -> WorkflowState {
        guard let state = try journal.state() else {
            throw WorkspaceError.unknown(journal.workflow, known: try workspace.workflows())
        }
        return state
    }

    /// A snapshot within the limits of the definition.
    /// - Parameter patterns: of untracked files that are in it in any case.
    func snapshot(for state: WorkflowState, allowing patterns: [String] = []) throws -> Snapshot {
        try journal.takeSnapshot(definition: state.definition, allowing: patterns)
    }

    /// Fails while the `.wfconfig` on disk no longer has the phase in hand: the recorded definition stays in force, and a step
    /// that obeyed it would surprise whoever took the phase out.
    func requireDefined(_ state: WorkflowState) throws {
        guard let current = state.currentName, journal.lane == .leader, let top = repository.workTree,
            try repository.head().branch == state.branch, let bytes = try OrdinaryFile.read(top.appending(".wfconfig")),
            // A file that cannot be read is warned of by status; it changes nothing either.
            let new = try? Definition(
                entries: Repository.configEntries(of: bytes, file: ".wfconfig"), file: ".wfconfig"),
            !new.phases.contains(where: { $0.name.text == current })
        else { return }
        throw Failure(
            ".wfconfig no longer has \(current), the phase in hand: put [phase \"\(current)\"] back, complete or fail the "
                + "phase, then take it out", status: .no)
    }

    /// Fails in any worktree but the leader's.
    func requireLeader(_ doing: String) throws {
        guard journal.lane == .leader else {
            throw Failure(
                "only the leader may \(doing); this is the worktree of \(journal.lane.text)", status: .no)
        }
    }

    /// Paths that a user typed, from where they are to the top of the worktree, as git's pathspecs.
    func pathspecs(_ paths: [String]) throws -> [String] {
        guard let top = repository.workTree else { throw WorkspaceError.bare }
        let root = top.lexicallyNormalized()
        return try paths.map { path in
            if path.isEmpty { throw Failure("an empty path names nothing; . is everything here", status: .usage) }
            // `:(top)` and its kind are git's own words.
            if path.hasPrefix(":") { return path }
            let full = surroundings.directory.pushing(FilePath(path)).lexicallyNormalized()
            var inside = full
            guard inside.removePrefix(root) else {
                throw Failure("\(path.quoted) is outside of the worktree \(root)", status: .impossible)
            }
            let text = inside.string
            return text.isEmpty ? "." : path.hasSuffix("/") ? text + "/" : text
        }
    }
}

/// Text of several lines that is put together piece by piece.
struct Lines {
    private(set) var lines: [String] = []

    mutating func add(_ line: String = "") { lines.append(line) }

    var text: String { lines.joined(separator: "\n") + (lines.isEmpty ? "" : "\n") }
}
