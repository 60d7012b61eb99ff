package import GitValues

/// How a workflow is meant to go: what a `.wfconfig` says, with the defaults for what it leaves out.
package struct Definition: Hashable, Sendable {
    // MARK: [workflow]

    package var name: Name?
    package var goal: String?
    /// How long the whole is expected to take, which picks the checkpoint policy.
    package var duration: WorkflowDuration?
    /// The leader's tokens for the whole.
    package var budget: Int64?
    /// The path of the to-do list, relative to the top of the repository.
    package var todo: String

    /// In file order, and never empty when read from entries; the workflow begins with the first.
    package var phases: [PhaseDefinition]
    package var checkpoint: CheckpointSettings
    package var agents: AgentSettings
    package var merge: MergeSettings
    package var resume: ResumeSettings

    /// The definition that an empty file has: planning, implementing, testing, deploying.
    package init() {
        todo = "TODO.md"
        let names: [StaticString] = ["planning", "implementing", "testing", "deploying"]
        phases = PhaseDefinition.inOrder(names.map { PhaseDefinition(name: Name(known: $0)) })
        checkpoint = CheckpointSettings()
        agents = AgentSettings()
        merge = MergeSettings()
        resume = ResumeSettings()
    }

    /// What counts on a machine only once its user trusted all of it there, by full keys (`phase.testing.check`): the commands,
    /// in the order phases, `merge.verify`, `agents.setup`, `agents.command`, the files that are let into checkpoints and
    /// into agents' worktrees though they would be kept out, and the variables that agents are given.
    package var powers: [ConfigEntry] {
        commands + checkpoint.allow.map { ConfigEntry(name: "checkpoint.allow", value: $0) }
            + agents.include.map { ConfigEntry(name: "agents.include", value: $0) }
            + agents.env.map { ConfigEntry(name: "agents.env", value: $0) }
    }

    /// The commands among ``powers``.
    package var commands: [ConfigEntry] {
        var commands = phases.compactMap { phase in
            phase.check.map { ConfigEntry(name: "phase.\(phase.name).check", value: $0) }
        }
        for (key, value) in [
            ("merge.verify", merge.verify), ("agents.setup", agents.setup), ("agents.command", agents.command),
        ] {
            if let value { commands.append(ConfigEntry(name: key, value: value)) }
        }
        return commands
    }
}

/// A `[phase "NAME"]`.
package struct PhaseDefinition: Hashable, Sendable {
    package var name: Name
    /// The phase that begins when this one completes; with none, the workflow is complete.
    package var then: Name?
    /// The phase that begins when this one fails; with none, this one stays failed.
    package var onFail: Name?
    package var gate: Gate?
    /// The command that must succeed before the phase completes.
    package var check: String?
    /// Tokens.
    package var budget: Int64?

    /// An approval that a phase needs before it completes.
    package enum Gate: String, Hashable, Sendable, Stored, CaseIterable {
        case human
    }

    package init(name: Name) { self.name = name }

    /// The phases, each followed by the next one.
    static func inOrder(_ phases: [PhaseDefinition]) -> [PhaseDefinition] {
        var phases = phases
        for index in phases.indices.dropLast() { phases[index].then = phases[index + 1].name }
        return phases
    }
}

/// `[checkpoint]`
package struct CheckpointSettings: Hashable, Sendable {
    /// The interval, where the file gives one.
    package var every: WorkflowDuration?
    /// The moments that ask for a checkpoint, where the file gives them.
    package var on: [Trigger]?
    /// A larger file is left out of snapshots.
    package var maxFileSize = ByteSize(bytes: 10 << 20)
    /// With more untracked files no checkpoint is taken.
    package var maxUntracked = 50_000
    /// Patterns of untracked files that are in snapshots though they are large or look like secrets.
    package var allow: [String] = []
    package var commit = BranchCommit.never

    /// When a checkpoint is also committed to the branch.
    package enum BranchCommit: String, Hashable, Sendable, Stored, CaseIterable {
        case never, phase, checkpoint
    }
}

/// `[agents]`
package struct AgentSettings: Hashable, Sendable {
    /// How many run at once.
    package var parallel = 3
    package var timeout = WorkflowDuration.minutes(45)
    package var retries = 2
    /// Ignored files to copy into a new worktree.
    package var include: [String] = []
    /// The command that prepares a new worktree.
    package var setup: String?
    /// The command that is an agent.
    package var command: String?
    /// How often a running agent's worktree is looked at.
    package var look = WorkflowDuration.minutes(1)
    /// For how long nothing may come from one.
    package var stall = WorkflowDuration.minutes(10)
    package var onStall = OnStall.say
    /// Between the request to end and the end.
    package var grace = WorkflowDuration(seconds: 10)
    /// The most tokens that one may say it used.
    package var tokens: Int64?
    /// How much is kept of what one prints.
    package var logSize = ByteSize(bytes: 10 << 20)
    /// Variables of the environment that its command is given beside the usual ones.
    package var env: [String] = []

    /// What follows where nothing comes from an agent.
    package enum OnStall: String, Hashable, Sendable, Stored, CaseIterable {
        case say, stop, retry
    }
}

/// `[merge]`
package struct MergeSettings: Hashable, Sendable {
    /// The command that must succeed on a merged result.
    package var verify: String?
    package var strategy = MergeStrategy.merge
    package var scope = MergeScope.warn
}

/// What follows where an agent changed what its spec does not let it change.
package enum MergeScope: String, Hashable, Sendable, Stored, CaseIterable {
    case warn, strict
}

/// How an agent's commits come to the leader's branch.
package enum MergeStrategy: String, Hashable, Sendable, Stored, CaseIterable {
    case merge, squash, rebase
}

/// `[resume]`
package struct ResumeSettings: Hashable, Sendable {
    /// The tokens that a brief may take.
    package var budget: Int64 = 2000
    /// Files for a brief to name.
    package var read: [String] = []
}
