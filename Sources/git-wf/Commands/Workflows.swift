import ArgumentParser

struct Workflows: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "workflows", abstract: "List, move and end the workflows of this repository.",
        discussion: """
            A workflow belongs to a branch. It follows when git branch -m renames that; move has it go on with another one.

            Example: git wf workflows
            """,
        subcommands: [List.self, Move.self, End.self],
        defaultSubcommand: List.self)
}
