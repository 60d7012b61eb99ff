import ArgumentParser

struct AgentCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agent",
        abstract: "Send sub-agents off, each in a worktree of its own, and collect what they report.",
        discussion: "Example: git wf agent start search --item 3",
        subcommands: [
            Start.self, Run.self, Wait.self, Answer.self, Retry.self, List.self, Log.self, Stop.self, Ask.self,
            Check.self,
            Report.self, Results.self, Diff.self, Remove.self,
            Restore.self, Keep.self, Look.self,
        ],
        defaultSubcommand: List.self)
}
