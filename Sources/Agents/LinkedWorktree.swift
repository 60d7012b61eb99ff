internal import Files
internal import GitValues
internal import Git
package import Journal
package import SystemPackage

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
    /// Whether it was an agent's that was removed, and only waits to be brought back or let go of.
    let isRemoved: Bool

    /// The worktrees of a repository, the main one first: what `git worktree list` says, read where git reads it, without those
    /// of agents that were removed.
    package static func all(of journal: Journal) throws -> [LinkedWorktree] {
        try registered(in: journal.repository).filter { !$0.isRemoved }
    }

    /// As ``all(of:)``, with those that were removed and are kept.
    static func registered(in repository: Repository) throws -> [LinkedWorktree] {
        let common = repository.commonDirectory
        let main = FilePath(root: common.root, common.components)
        let folder = main.appending("worktrees")
        let mainPath = try repository.mainWorktree() ?? main
        let linked = try Folder.names(in: folder).sorted().compactMap { id -> LinkedWorktree? in
            let own = folder.appending(id)
            guard let git = try line(own.appending("gitdir")) else { return nil }
            // Relative where git 2.48 was told so.
            let file = own.pushing(FilePath(git)).lexicallyNormalized()
            return try LinkedWorktree(file.lastComponent == ".git" ? file.removingLastComponent() : file, own)
        }
        return [try LinkedWorktree(mainPath, main, isMain: true)] + linked
    }

    init(_ path: FilePath, _ gitDirectory: FilePath, isMain: Bool = false) throws {
        self.path = path
        self.gitDirectory = gitDirectory
        self.isMain = isMain
        isRemoved = !isMain && RemovedWorktree.file(in: gitDirectory).isThere
        let head = try Self.line(gitDirectory.appending("HEAD")) ?? ""
        branch = head.hasPrefix("ref: ") ? String(head.dropFirst(5)) : nil
        rebased = try ["rebase-merge", "rebase-apply"].lazy.compactMap {
            try Self.line(gitDirectory.appending($0).appending("head-name"))
        }.first
    }

    /// What tells git where it is, whatever stands in its folder.
    package var variables: [String: String] { ["GIT_DIR": gitDirectory.string, "GIT_WORK_TREE": path.string] }

    /// Why it is locked, as `git worktree lock` has it; `nil` where it is not.
    var lockReason: String? {
        get throws { try lockFile.read().map { String(decoding: $0, as: UTF8.self) } }
    }

    var lockFile: RootedFile { RootedFile("locked", in: gitDirectory) }

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

extension Repository {
    /// Where the files of the main worktree are; `nil` where nothing says so, as for a bare repository.
    fileprivate func mainWorktree() throws -> FilePath? {
        if !isLinkedWorktree { return workTree.map { FilePath(root: $0.root, $0.components) } }
        let main = FilePath(root: commonDirectory.root, commonDirectory.components)
        if let configured = try config("core.worktree") {
            return main.pushing(FilePath(configured)).lexicallyNormalized()
        }
        return main.lastComponent == ".git" ? main.removingLastComponent() : nil
    }
}
