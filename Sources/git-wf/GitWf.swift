import ArgumentParser
import Glibc
import Workflow

/// A command that is asked so often, and in so simple a form, that understanding it took longer than the answer: the parser
/// reflects on all that a command might be given.
protocol Plain: ParsableCommand {
    /// What the parser makes of these words; `nil` where it is needed.
    static func plain(_ words: [String]) -> Self?
}

/// The program: parses, runs a command, and turns whatever it throws into one sentence and git's exit statuses.
@main
struct GitWf: ParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "git-wf",
        abstract: "Keep long work safe: every step is a checkpoint, a commit that holds the whole working tree.",
        usage: "git wf [-C DIR] [--workflow NAME] COMMAND [OPTION…]",
        discussion: """
            Begin with git wf init in a repository of yours. git wf status says where the work stands, \
            git wf log what happened, git wf restore PATH brings a file back.
            """,
        version: "git-wf \(version)",
        groupedSubcommands: [
            CommandGroup(
                name: "Where the work stands",
                subcommands: [Resume.self, Status.self, Next.self, Log.self, Show.self, Diff.self, Workflows.self]),
            CommandGroup(
                name: "Working",
                subcommands: [
                    Init.self, TakeCheckpoint.self, Restore.self, Undo.self, Redo.self, PhaseCommand.self, Block.self,
                    Unblock.self,
                    Approve.self, Reject.self, Decide.self, Todo.self,
                ]),
            CommandGroup(name: "Sub-agents", subcommands: [SpecCommand.self, AgentCommand.self, Merge.self]),
            CommandGroup(
                name: "Setting up",
                subcommands: [
                    Doctor.self, Fsck.self, Gc.self, HooksCommand.self, TrustCommand.self, Hook.self, Manual.self,
                ]),
        ])

    /// What may stand first.
    private static var commandNames: [String] {
        configuration.groupedSubcommands.flatMap { $0.subcommands.map { $0._commandName } }
    }

    /// The parser looks through all that it knows, so it is shown the one command that was named. Only where that does not
    /// understand its arguments all commands are needed, for what is said then.
    private static func parsed(_ arguments: [String]) throws -> any ParsableCommand {
        let word = arguments[0]
        for group in configuration.groupedSubcommands {
            for command in group.subcommands where command._commandName == word {
                let rest = Array(arguments.dropFirst())
                if let plain = (command as? any Plain.Type)?.plain(rest) { return plain }
                if command.configuration.subcommands.isEmpty, let parsed = try? command.parseAsRoot(rest) {
                    return parsed
                }
                let inner = command.configuration.subcommands.map { $0._commandName }
                if !inner.isEmpty, let next = rest.first { try requireKnown(next, among: inner, of: "git wf \(word)") }
                return try parseAsRoot(arguments)
            }
        }
        try requireKnown(word, among: commandNames, of: "git wf")
        return try parseAsRoot(arguments)
    }

    private static func requireKnown(_ word: String, among names: [String], of command: String) throws {
        if word.hasPrefix("-") || word == "help" || names.contains(word) { return }
        let near = names.filter { $0.distance(to: word) <= 2 || $0.hasPrefix(word) && word.count > 2 }.sorted()
        let hint = near.isEmpty ? "\(command) -h lists them" : "did you mean \(near.joined(separator: " or "))?"
        throw Failure("\(word.quoted) is not a command of \(command)", status: .usage, hint: hint)
    }

    static func main() {
        // A reader that goes away must not end us in the middle of a write.
        signal(SIGPIPE, SIG_IGN)
        // Nor may a limit on the size of files: writing says so, and what was begun is taken back.
        signal(SIGXFSZ, SIG_IGN)
        let arguments = Invocation.current.arguments
        if arguments.isEmpty {
            Terminal.standard.narrate(helpMessage())
            Glibc.exit(Failure.Status.usage.rawValue)
        }
        do {
            // Hooks run with every commit: the parser, which knows all commands, would take longer than their work.
            if arguments[0] == "hook", arguments.count > 1, !arguments[1].hasPrefix("-") {
                return try Hook.run(arguments[1])
            }
            if arguments == ["--version"] { return Terminal.standard.answer("git-wf \(version)") }
            var command = try parsed(arguments)
            try command.run()
        } catch is ReaderGone {
            Glibc.exit(0)
        } catch let code as ExitCode {
            Glibc.exit(code.rawValue)
        } catch  where exitCode(for: error) == .success {
            Terminal.standard.answer(fullMessage(for: error))
        } catch  where exitCode(for: error) == .validationFailure {
            // It repeats what was typed.
            Terminal.standard.narrate(fullMessage(for: error).printableLines)
            Glibc.exit(Failure.Status.usage.rawValue)
        } catch {
            let failure = Failure(error)
            if arguments.contains("--json") { try? JSONDocument.print(ErrorAnswer(failure)) }
            Terminal.standard.narrate(failure.text)
            Glibc.exit(failure.status.rawValue)
        }
    }
}

extension String {
    /// How many characters must be added, removed or replaced to make the other word (Levenshtein's distance).
    fileprivate func distance(to other: String) -> Int {
        let other = Array(other)
        var row = Array(0...other.count)
        for (number, character) in enumerated() {
            var diagonal = row[0]
            row[0] = number + 1
            for index in other.indices {
                let replaced = diagonal + (character == other[index] ? 0 : 1)
                diagonal = row[index + 1]
                row[index + 1] = Swift.min(replaced, row[index] + 1, diagonal + 1)
            }
        }
        return row[other.count]
    }
}
