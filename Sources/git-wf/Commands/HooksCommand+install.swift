import Journal
import ArgumentParser
import HookFolder

extension HooksCommand {
    struct Install: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "install", abstract: "Install them, beside what is there.",
            discussion: "Example: git wf hooks install")
        @Flag(help: "Print one JSON document.") var json = false

        func run() throws {
            let place = try HookPlace(isChanging: true)
            let outcome = try place.directory.install(Invocation.current.program.path)
            for note in outcome.notes { Terminal.standard.narrate(note) }
            try place.answer(json: json)
            if outcome.installed.isEmpty { throw ExitCode(1) }
        }
    }
}
