internal import GitValues
package import Journal
package import SystemPackage
internal import Workflow

/// What a coding agent is told first.
package struct AgentPrompt {
    private let name: Name
    private let journal: Journal
    private let worktree: FilePath
    /// From the top of the worktree, absolute where it is outside; `nil` without a spec.
    private let spec: FilePath?
    private let item: String?
    /// Which one this is.
    package var attempt = 1
    /// Why there is another one.
    package var reason: String?

    init(_ name: Name, journal: Journal, worktree: FilePath, spec: FilePath?, item: String?) {
        self.name = name
        self.journal = journal
        self.worktree = worktree
        self.spec = spec
        self.item = item
    }

    /// Of an agent that was started.
    package init(_ work: AgentWork, journal: Journal, worktree: FilePath) throws {
        let there = try journal.journal(of: work.name, in: worktree)
        let place = try work.record?.specCommit.flatMap { commit in
            try journal.repository.attachedSpec(commit).flatMap { bytes in
                try work.record?.base.map {
                    try SpecPlace(bytes, path: work.record?.spec, base: $0, worktree: there.repository)
                }
            }
        }
        self.init(work.name, journal: journal, worktree: worktree, spec: place?.path, item: work.record?.item?.text)
    }

    /// Where its spec is, from the top of the worktree.
    package var specPath: FilePath? { spec }

    package var text: String {
        var lines = ["You are the agent \(name) of the workflow \(journal.workflow). Your git worktree is \(worktree)"]
        if let spec {
            lines.append("Read \(spec) there first: it says what to do and which files to change.")
        } else if let item {
            lines.append("Your task: \(item)")
        }
        lines.append(
            "Work only inside that folder, and commit to its branch, \(journal.refs.branch(of: name).shortBranch).")
        lines.append("When you are done, run there: git wf agent report --status complete --summary \"…\"")
        if attempt > 1 {
            let why = reason.map { ": the one before ended with: \($0)" } ?? ""
            lines.append(
                "This is attempt \(attempt)\(why). Go on from what is there; git wf resume, run there, says how far it is."
            )
        }
        return lines.joined(separator: "\n")
    }
}
