import ArgumentParser

struct Todo: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "todo", abstract: "List the items of TODO.md, and tick them.",
        discussion:
            "Items are the checkboxes of the file itself; done takes a checkpoint.\n\nExample: git wf todo done 3",
        subcommands: [List.self, Add.self, Start.self, Done.self, Reopen.self],
        defaultSubcommand: List.self)
}
