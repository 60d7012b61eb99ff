import ArgumentParser

struct PhaseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "phase",
        abstract: "List phases, and move from one to the next.",
        discussion: "Example: git wf phase complete",
        subcommands: [List.self, Start.self, Complete.self, Fail.self],
        defaultSubcommand: List.self)
}
