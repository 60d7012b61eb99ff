internal import Files
internal import Git
internal import GitValues
internal import Glibc
package import Journal
package import SystemPackage
package import Workflow

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

    /// Makes the folders above agents' worktrees, for us alone or for those of `core.sharedRepository`.
    ///
    /// Whoever may write to one of them could put another folder in a worktree's place, and what stands beside the repository
    /// may be anybody's.
    /// - Throws: `AgentError` where one is there that is not ours, or that others may write to.
    package func makeWorktreesFolder() throws -> FilePath {
        let folder = try worktreesFolder()
        for part in [folder.removingLastComponent(), folder] { try makeOwnFolder(part) }
        return folder
    }

    private func makeOwnFolder(_ folder: FilePath) throws {
        let mode = repository.access.widenedFolder(0o700)
        if mkdir(folder.string, 0o700) == 0 {
            guard chmod(folder.string, mode) == 0 else { throw FileError("create \(folder)") }
            return
        }
        guard errno == EEXIST else { throw FileError("create \(folder)") }
        try requireOwn(folder)
    }

    /// Removes the folders above a worktree that is gone, while nothing is in them.
    func removeEmptyFolders(above place: FilePath) {
        let folder = place.removingLastComponent()
        for folder in [folder, folder.removingLastComponent()] { Folder.removeIfEmpty(folder) }
    }

    /// - Throws: `AgentError` unless a folder is a real one, ours, and only written by those who may write to the repository.
    func requireOwn(_ folder: FilePath) throws {
        var status = stat()
        guard lstat(folder.string, &status) == 0 else { throw FileError("look at \(folder)") }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw AgentError(.refused, "\(folder) is not a folder, and agents' worktrees belong into it")
        }
        // In a repository that is shared, its owner may have made the folder.
        var repositoryStatus = stat()
        let isOwners =
            repository.access.isShared && stat(repository.commonDirectory.string, &repositoryStatus) == 0
            && status.st_uid == repositoryStatus.st_uid
        guard status.st_uid == geteuid() || isOwners else {
            throw AgentError(
                .refused, "\(folder) belongs to another user, who could change what agents work on",
                hint: "ls -ld \(folder) says whose it is; a repository in a folder of your own has room for agents")
        }
        let mode = repository.access.widenedFolder(0o700)
        guard status.st_mode & ~mode & 0o022 == 0 else {
            throw AgentError(
                .refused, "other users may write to \(folder), and could change what agents work on",
                hint: "chmod go-w \(folder) makes it yours alone")
        }
    }

    /// The journal of an agent's worktree, as a command that runs in it has it.
    /// - Throws: `AgentError` where the folder is not the worktree of the agent's branch.
    package func journal(of agent: Name, in folder: FilePath) throws -> Journal {
        guard let worktree = try LinkedWorktree.registered(in: repository).first(where: { $0.path == folder }),
            worktree.isOwn
        else {
            throw AgentError(.failed, "\(folder) is not a worktree of this repository")
        }
        let journal = try journal(of: agent, in: worktree)
        guard try journal.repository.head().branch == refs.branch(of: agent) else {
            throw AgentError(
                .failed,
                "the worktree \(folder) is not on \(refs.branch(of: agent).shortBranch), the branch of \(agent)")
        }
        return journal
    }

    /// As the other, whatever is checked out there. Where its git directory is we say, not the folder.
    func journal(of agent: Name, in worktree: LinkedWorktree) throws -> Journal {
        // What binds this process to one worktree must not reach the other.
        let environment = surroundings.environment.filter { !GitProgram.localVariables.contains($0.key) }
        let there = Surroundings(
            environment: environment.merging(worktree.variables) { $1 }, directory: worktree.path,
            now: surroundings.now, program: surroundings.program, session: surroundings.session)
        let journal = try Workspace(there).journal(workflow: workflow)
        journal.note = note
        guard journal.lane == .agent(agent) else {
            throw AgentError(.failed, "the worktree \(worktree.path) is not the one of \(agent)")
        }
        return journal
    }
}
