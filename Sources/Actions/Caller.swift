package import Git
package import Workflow

/// Who acts: what was said, and whether it is known to be true.
package struct Caller: Sendable {
    /// Who it was said to be; `nil` for whoever the worktree belongs to.
    package let named: Actor?
    /// Whether a human types, as far as the door that was used can tell.
    package let isHumanPresent: Bool
    /// What the machine calls the user.
    private let userName: String?

    package init(named: Actor?, isHumanPresent: Bool, userName: String?) {
        self.named = named
        self.isHumanPresent = isHumanPresent
        self.userName = userName
    }

    /// The human who acts, for what only a human may do.
    /// - Returns: who, and whether that was only said.
    /// - Throws: `ActionError` where nobody can be taken for a human.
    package func human(in repository: Repository, doing: String) throws -> (actor: Actor, isClaimed: Bool) {
        if let named, case .human = named {
            if isHumanPresent { return (named, false) }
            if try repository.configFlag(.claimedApproval) == false {
                throw ActionError(
                    "only a human may \(doing), at a terminal: wf.claimedApproval is false, so --as \(named) alone does not count",
                    .refused)
            }
            return (named, true)
        }
        guard named == nil, isHumanPresent else {
            throw ActionError(
                "only a human may \(doing), in a terminal of their own", .refused,
                hint: "git wf status shows them what waits")
        }
        let name = try repository.config("user.name") ?? userName ?? "someone"
        return ((try? Actor(parsing: "human:\(name)")) ?? .human("someone"), false)
    }
}
