package import Git
package import Workflow

/// Who acts: what was said, and whether it is known to be true.
package struct Caller: Sendable {
    /// Who it was said to be; `nil` for whoever the worktree belongs to.
    package let named: Actor?
    /// Whether a human types, as far as the door that was used can tell.
    package let isHumanPresent: Bool
    /// Whether a coding agent's environment is around it.
    package let isInHarness: Bool
    /// What the machine calls the user.
    private let userName: String?

    package init(named: Actor?, isHumanPresent: Bool, isInHarness: Bool, userName: String?) {
        self.named = named
        self.isHumanPresent = isHumanPresent
        self.isInHarness = isInHarness
        self.userName = userName
    }

    /// The human who acts, for what only a human may do.
    /// - Returns: who, and whether that was only said.
    /// - Throws: `ActionError` where nobody can be taken for a human.
    package func human(in repository: Repository, doing: String) throws -> (actor: Actor, isClaimed: Bool) {
        if isHumanPresent { return (try self.human(repository, doing), false) }
        guard case .human = named else { throw refusal(doing) }
        return (try claimedHuman(in: repository, doing: doing), true)
    }

    /// The human that a script acts for, at no terminal.
    /// - Throws: `ActionError` where the user did not say that such a word counts.
    package func claimedHuman(in repository: Repository, doing: String) throws -> Actor {
        guard try repository.isAllowed(.claimedApproval) else {
            throw ActionError(
                "only a human may \(doing), at a terminal: whoever is only said to be one does not count, unless git config "
                    + "sets wf.claimedApproval to true and nothing sets it to false", .refused)
        }
        return try human(repository, doing)
    }

    private func human(_ repository: Repository, _ doing: String) throws -> Actor {
        if let named {
            guard case .human = named else { throw refusal(doing) }
            return named
        }
        let name = try repository.config("user.name") ?? userName ?? "someone"
        return (try? Actor(parsing: "human:\(name)")) ?? .human("someone")
    }

    private func refusal(_ doing: String) -> ActionError {
        ActionError(
            "only a human may \(doing), in a terminal of their own", .refused,
            hint: "git wf status shows them what waits")
    }
}
