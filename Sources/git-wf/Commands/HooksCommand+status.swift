import ArgumentParser

extension HooksCommand {
    struct Status: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "status", abstract: "Say which are installed, and when one could not do its work.",
            discussion: "Example: git wf hooks status")
        @Flag(help: "Print one JSON document.") var json = false

        func run() throws { try HookPlace().answer(json: json) }
    }
}
