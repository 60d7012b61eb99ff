import ArgumentParser
import Git
import GitValues
import Hooks
import Journal
import SystemPackage

struct HooksCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hooks",
        abstract: "Install git's hooks, which take checkpoints by themselves.",
        discussion:
            "Hooks that are there keep running, and uninstall leaves them as they were.\n\nExample: git wf hooks install",
        subcommands: [Install.self, Uninstall.self, Status.self],
        defaultSubcommand: Status.self)

    struct Install: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "install", abstract: "Install them, beside what is there.",
            discussion: "Example: git wf hooks install")
        @Flag(help: "Print one JSON document.") var json = false

        func run() throws {
            let place = try HookPlace()
            let outcome = try place.directory.install(Invocation.current.binary)
            for note in outcome.notes { Terminal.standard.narrate(note) }
            try place.answer(json: json)
            if outcome.installed.isEmpty { throw ExitCode(1) }
        }
    }

    struct Uninstall: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "uninstall", abstract: "Take them out; what was there before is there again.",
            discussion: "Example: git wf hooks uninstall")
        @Flag(help: "Print one JSON document.") var json = false

        func run() throws {
            let place = try HookPlace()
            let before = try GitHooks.status(in: place.directory.path, binary: nil)
            try GitHooks.uninstall(from: place.directory.path)
            // What the user had before stands there again; what somebody put in the place of ours stays, too.
            for state in before where state.state == .foreign {
                Terminal.standard.narrate("\(state.path) is not one of ours and stays as it is")
            }
            try place.answer(json: json)
        }
    }

    struct Status: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "status", abstract: "Say which are installed, and when one could not do its work.",
            discussion: "Example: git wf hooks status")
        @Flag(help: "Print one JSON document.") var json = false

        func run() throws { try HookPlace().answer(json: json) }
    }
}

/// The hooks of the repository that the command runs in.
private struct HookPlace {
    let directory: HookDirectory
    private let repository: Repository

    init() throws {
        let surroundings = try Invocation.current.surroundings()
        repository = try Workspace(surroundings).repository
        directory = try HookDirectory(repository, surroundings: surroundings)
    }

    func answer(json: Bool) throws {
        let states = try GitHooks.status(in: directory.path, binary: Invocation.current.binary)
        let misses = HookMiss.misses(in: repository.commonDirectory)
        if json {
            struct Hook: Encodable {
                let name: String
                let state: String
                let path: String
                let chained: String?
            }
            struct Miss: Encodable {
                let time: String
                let hook: String
                let status: Int
            }
            struct Answer: Encodable {
                let hooks: [Hook]
                let manager: String?
                let misses: [Miss]
            }
            return try JSONDocument.print(
                Answer(
                    hooks: states.map {
                        Hook(name: $0.name, state: $0.state.rawValue, path: $0.path.string, chained: $0.chained?.string)
                    },
                    manager: directory.manager?.rawValue,
                    misses: misses.map { Miss(time: $0.time, hook: $0.hook, status: $0.status) }))
        }
        var lines = Lines()
        for state in states {
            let chain = state.chained.map { "  then \($0.lastComponent?.string ?? "")" } ?? ""
            lines.add("\(state.name.padded(to: 14))  \(state.state.rawValue)\(chain)")
        }
        if let manager = directory.manager { lines.add("managed by \(manager.rawValue), in \(directory.path)") }
        for miss in misses.suffix(5) {
            lines.add("missed: \(miss.hook.printable) at \(miss.time.printable), exit \(miss.status)")
        }
        Terminal.standard.answer(lines.text)
    }
}
