internal import Files
internal import Git
internal import GitValues
package import Journal
package import SystemPackage
package import Workflow

/// A worktree as git knows it.
package struct LinkedWorktree: Hashable, Sendable {
    package let path: FilePath
    /// The full name of the branch that is checked out; `nil` when HEAD is detached.
    package let branch: String?
    /// The branch that is being rebased, which detaches HEAD until the end of it.
    let rebased: String?
    /// Its own directory in the repository, `<commondir>/worktrees/<id>`; for the main one the common directory.
    let gitDirectory: FilePath
    let isMain: Bool

    /// The worktrees of a repository, the main one first: what `git worktree list` says, read where git reads it.
    package static func all(of journal: Journal) throws -> [LinkedWorktree] {
        let common = journal.repository.commonDirectory
        let main = FilePath(root: common.root, common.components)
        let folder = main.appending("worktrees")
        let mainPath = main.lastComponent == ".git" ? main.removingLastComponent() : main
        let linked = try Folder.names(in: folder).sorted().compactMap { id -> LinkedWorktree? in
            let own = folder.appending(id)
            guard let git = try line(own.appending("gitdir")) else { return nil }
            // Relative where git 2.48 was told so.
            let file = own.pushing(FilePath(git)).lexicallyNormalized()
            return try LinkedWorktree(file.lastComponent == ".git" ? file.removingLastComponent() : file, own)
        }
        return [try LinkedWorktree(mainPath, main, isMain: true)] + linked
    }

    private init(_ path: FilePath, _ gitDirectory: FilePath, isMain: Bool = false) throws {
        self.path = path
        self.gitDirectory = gitDirectory
        self.isMain = isMain
        let head = try Self.line(gitDirectory.appending("HEAD")) ?? ""
        branch = head.hasPrefix("ref: ") ? String(head.dropFirst(5)) : nil
        rebased = try ["rebase-merge", "rebase-apply"].lazy.compactMap {
            try Self.line(gitDirectory.appending($0).appending("head-name"))
        }.first
    }

    /// Whether its folder is gone.
    package var isGone: Bool { !OrdinaryFile.isThere(path.appending(".git")) }

    /// Whether a branch is checked out, or being rebased.
    func holds(_ branch: String) -> Bool { self.branch == branch || rebased == branch }

    /// Whether the folder leads back to what git knows of it. Anything may stand there by now: a clone, a copy of another
    /// worktree, what an agent put there.
    var isOwn: Bool {
        if isMain { return true }
        guard let target = Self.repository(of: path) else { return false }
        return OrdinaryFile.resolved(target) == OrdinaryFile.resolved(gitDirectory)
    }

    /// Whether a folder is the worktree of anything.
    static func isRepository(_ folder: FilePath) -> Bool { OrdinaryFile.isThere(folder.appending(".git")) }

    /// Where the `.git` file of a folder leads.
    private static func repository(of folder: FilePath) -> FilePath? {
        let bytes = try? OrdinaryFile.read(folder.appending(".git"), upTo: 8192, links: .refused)
        let text = String(decoding: bytes.flatMap { $0 } ?? [], as: UTF8.self)
        guard text.hasPrefix("gitdir: ") else { return nil }
        return folder.pushing(FilePath(String(text.dropFirst(8).prefix { !$0.isNewline })))
    }

    private static func line(_ file: FilePath) throws -> String? {
        try OrdinaryFile.front(of: file, upTo: 8192, links: .followed).map {
            String(decoding: $0.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        }
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
