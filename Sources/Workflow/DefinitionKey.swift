/// A key of a definition, in the spelling that people use; git compares them without regard to case.
///
/// Whoever reads keys, or says what a change of one means, does so for every case: a new key does not compile before it has
/// a place in ``Definition`` and in ``DefinitionChange``.
enum DefinitionKey: String, CaseIterable {
    case name = "workflow.name"
    case goal = "workflow.goal"
    case duration = "workflow.duration"
    case budget = "workflow.budget"
    case todo = "workflow.todo"
    case then = "phase.then"
    case onFail = "phase.onFail"
    case gate = "phase.gate"
    case check = "phase.check"
    case phaseBudget = "phase.budget"
    case every = "checkpoint.every"
    case on = "checkpoint.on"
    case maxFileSize = "checkpoint.maxFileSize"
    case maxUntracked = "checkpoint.maxUntracked"
    case allow = "checkpoint.allow"
    case commit = "checkpoint.commit"
    case parallel = "agents.parallel"
    case timeout = "agents.timeout"
    case retries = "agents.retries"
    case include = "agents.include"
    case setup = "agents.setup"
    case command = "agents.command"
    case look = "agents.look"
    case stall = "agents.stall"
    case onStall = "agents.onStall"
    case grace = "agents.grace"
    case agentTokens = "agents.tokens"
    case logSize = "agents.logSize"
    case env = "agents.env"
    case verify = "merge.verify"
    case strategy = "merge.strategy"
    case scope = "merge.scope"
    case resumeBudget = "resume.budget"
    case read = "resume.read"

    static let sections = ["workflow", "phase", "checkpoint", "agents", "merge", "resume"]

    /// By section; one that is not here does not exist.
    static let bySection = Dictionary(grouping: allCases, by: \.section)

    var section: String { String(rawValue.prefix { $0 != "." }) }

    /// Without its section.
    var word: String { String(rawValue.drop { $0 != "." }.dropFirst()) }

    /// Whether it may be given several times, for a list.
    var isRepeatable: Bool { [.on, .allow, .include, .env, .read].contains(self) }

    /// Those that nothing obeys yet, in lower case.
    static let unused = Set([DefinitionKey.include, .setup].map { $0.rawValue.lowercased() })
}
