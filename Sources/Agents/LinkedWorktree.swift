internal import Files
internal import Git
internal import GitValues
package import Journal
package import SystemPackage
package import Workflow

/// A worktree as git lists it.
package struct LinkedWorktree: Hashable, Sendable {
    package let path: FilePath
    /// The full name of the branch that is checked out; `nil` when HEAD is detached.
    package let branch: String?
    /// Whether its folder is gone.
    package let isGone: Bool

    /// The worktrees of a repository, the main one first.
    package static func all(of journal: Journal) throws -> [LinkedWorktree] {
        let listed = try journal.surroundings.git.succeed(
            "list the worktrees", ["worktree", "list", "--porcelain", "-z"], in: journal.place)
        var worktrees: [LinkedWorktree] = []
        var path: FilePath?
        var branch: String?
        // Each attribute ends in a NUL, each worktree in one more.
        for field in listed.output.split(separator: 0, omittingEmptySubsequences: false) {
            let text = String(decoding: field, as: UTF8.self)
            if text.hasPrefix("worktree ") {
                path = FilePath(String(text.dropFirst("worktree ".count)))
            } else if text.hasPrefix("branch ") {
                branch = String(text.dropFirst("branch ".count))
            } else if text.isEmpty, let found = path {
                worktrees.append(
                    LinkedWorktree(path: found, branch: branch, isGone: !OrdinaryFile.isThere(found.appending(".git"))))
                path = nil
                branch = nil
            }
        }
        return worktrees
    }
}

extension Journal {
    /// A directory that git can run in.
    package var place: FilePath { repository.workTree ?? repository.gitDirectory }

    /// Where an agent's worktree belongs: `../<repo>.wf/<workflow>/<agent>`, seen from the main worktree.
    package func worktreePath(of agent: Name) throws -> FilePath { try worktreesFolder().appending(agent.text) }

    /// `../<repo>.wf/<workflow>`, seen from the main worktree.
    package func worktreesFolder() throws -> FilePath {
        var main = place
        if repository.isLinkedWorktree { main = try LinkedWorktree.all(of: self).first?.path ?? main }
        main = FilePath(root: main.root, main.components)
        let name = (main.lastComponent?.string ?? "repository") + ".wf"
        return main.removingLastComponent().appending(name).appending(workflow.text)
    }

    /// The journal of an agent's worktree, as a command that runs in it has it.
    package func journal(of agent: Name, in worktree: FilePath) throws -> Journal {
        // What binds this process to one worktree must not reach the other.
        let environment = surroundings.environment.filter { !GitProgram.localVariables.contains($0.key) }
        let there = Surroundings(
            environment: environment, directory: worktree, now: surroundings.now, program: surroundings.program,
            session: surroundings.session)
        let journal = try Workspace(there).journal(workflow: workflow)
        journal.note = note
        guard journal.lane == .agent(agent), try journal.repository.head().branch == refs.branch(of: agent) else {
            throw AgentError(
                .failed,
                "the worktree \(worktree) is not on \(refs.branch(of: agent).shortBranch), the branch of \(agent)")
        }
        return journal
    }
}
