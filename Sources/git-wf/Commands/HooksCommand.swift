import ArgumentParser

struct HooksCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hooks",
        abstract: "Install git's hooks, which take checkpoints by themselves.",
        discussion:
            "Hooks that are there keep running, and uninstall leaves them as they were.\n\nExample: git wf hooks install",
        subcommands: [Install.self, Uninstall.self, Status.self],
        defaultSubcommand: Status.self)
}
