internal import Git
internal import GitValues
internal import Journal
internal import Operations
internal import Workflow

/// A merge that waits for its conflict to be resolved: an intent that stays until then.
///
/// It is written before anything of the user's changes, so that whoever comes next can take the merge back. Where it is lost,
/// what git and the lanes say is enough to go on, but for the names that were to follow.
struct WaitingMerge {
    var agent: Name
    /// The branch that is merged into, in full.
    var branch: String?
    /// HEAD's commit before.
    var head: ObjectID
    /// The agent's branch.
    var tip: ObjectID
    /// The checkpoint that takes the merge back.
    var before: ObjectID
    /// What git left at the conflict: a checkpoint with its tree.
    var left: ObjectID?
    var verify: String?
    var remaining: [Name] = []
    /// The TODO file as it was on disk, where that made room for git's.
    var todo: TreeChange?

    init(
        agent: Name, branch: String?, head: ObjectID, tip: ObjectID, before: ObjectID, verify: String? = nil,
        remaining: [Name] = [], todo: TreeChange? = nil
    ) {
        self.agent = agent
        self.branch = branch
        self.head = head
        self.tip = tip
        self.before = before
        self.verify = verify
        self.remaining = remaining
        self.todo = todo
    }

    /// - Returns: `nil` for an intent of something else.
    init?(_ intent: Intent) {
        func id(_ key: String) -> ObjectID? { intent.facts[key].flatMap { ObjectID(hex: $0) } }
        guard intent.word == .conflict, let head = id("head"), let tip = id("tip"), let before = intent.before,
            let agent = intent.facts["agent"].flatMap({ try? Name($0) })
        else { return nil }
        self.init(
            agent: agent, branch: intent.branch, head: head, tip: tip, before: before, verify: intent.facts["verify"],
            remaining: (intent.facts["remaining"] ?? "").split(separator: " ").compactMap { try? Name(String($0)) },
            todo: intent.changes.first)
        left = id("left")
    }

    private var intent: Intent {
        var intent = Intent(.conflict, branch: branch)
        intent.before = before
        intent.changes = todo.map { [$0] } ?? []
        intent.facts = [
            "agent": agent.text, "head": head.hex, "tip": tip.hex,
            "remaining": remaining.map(\.text).joined(separator: " "),
        ]
        intent.facts["left"] = left?.hex
        intent.facts["verify"] = verify
        return intent
    }

    static func read(_ journal: Journal) throws -> WaitingMerge? {
        try IntentFile(.waiting, of: journal).read().flatMap { WaitingMerge($0) }
    }

    func write(_ journal: Journal) throws { try IntentFile(.waiting, of: journal).write(intent) }

    static func clear(_ journal: Journal) throws { try IntentFile(.waiting, of: journal).remove() }
}
