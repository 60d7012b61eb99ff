import ArgumentParser
import HookFolder
import Hooks
import Workflow

/// What the installed hooks start. It says nothing when all is well, and git goes on whatever its exit status is: the shim
/// leaves a trace of a failure, which `status` shows.
struct Hook: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hook", abstract: "What the installed hooks call.", discussion: "Example: git wf hook post-commit",
        shouldDisplay: false
    )

    @Argument(help: "The hook's name.") var name: String
    @Argument(parsing: .allUnrecognized, help: "What git gave it.") var arguments: [String] = []

    func run() throws { try Self.run(name) }

    /// Does the work of the hook `name`.
    static func run(_ name: String) throws {
        guard let hook = GitHook(rawValue: name) else {
            throw Failure("there is no hook \(name.quoted)", status: .usage)
        }
        try GitEvent.handle(hook, Invocation.current.surroundings())
    }
}
