import Actions
import Agents
import ArgumentParser
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
    /// - Parameter argument: the workflow that the command itself names.
    func open(workflow argument: String? = nil) throws -> Session {
        let invocation = Invocation.current
        let name = argument ?? workflow ?? invocation.workflow ?? invocation.environment["GIT_WF_WORKFLOW"]
        return try Session(
            invocation.surroundings(), workflow: name.map { try Name($0) }, caller: invocation.caller(named: actor),
            narration: .terminal)
    }

    /// Opens what a command works on that an agent may run where it cannot write to the git directory.
    /// - Parameter message: what is left for the leader then.
    /// - Returns: `nil` once that is done.
    func openAsAgent(leaving message: AgentOutbox.Message, isForWriting: Bool = true) throws -> Session? {
        var session = try open()
        guard let outbox = AgentOutbox(whereNeeded: session.journal) else {
            if isForWriting { try session.finishInterrupted() }
            return session
        }
        try outbox.leave(message)
        if json {
            struct Answer: Encodable { let left = true }
            try JSONDocument.print(Answer())
        } else {
            Terminal.standard.answer("Left for the leader, who records it with the next look")
        }
        return nil
    }

    /// Opens what the command works on.
    /// - Parameter forWriting: whether it changes something: an operation that was cut short is finished first.
    func open(forWriting: Bool, workflow argument: String? = nil) throws -> Session {
        var session = try open(workflow: argument)
        if forWriting { try session.finishInterrupted() }
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
