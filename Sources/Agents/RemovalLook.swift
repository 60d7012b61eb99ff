internal import Files
internal import Git
internal import GitValues
internal import Journal
internal import Snapshots
internal import SystemPackage
internal import Workflow

/// What there is in the worktree of an agent that is being removed, once it was moved aside: why it has to be kept, and what was
/// looked at, so that nothing else goes.
///
/// It goes only where it is clean and all of it is held elsewhere: each file is HEAD's, HEAD is the agent's branch, and nothing
/// stands in its git directory but what git makes anew or a ref of ours holds.
struct RemovalLook {
    /// Empty where it goes.
    private(set) var reasons: [String] = []
    /// `nil` where the folder is gone.
    private var files: FolderInventory?
    private var gitFiles: FolderInventory
    private let journal: Journal
    private let worktree: LinkedWorktree

    /// What stands in the git directory of any worktree, or is ours.
    private static let ordinary: Set<String> = [
        "HEAD", "ORIG_HEAD", "FETCH_HEAD", "COMMIT_EDITMSG", "commondir", "gitdir", "index", "locked", "logs",
        "modules",
        "refs", "wf", "wf-removed", "wf-worktree",
    ]
    /// What changes while we look, and is ours.
    private static let own: Set<String> = ["wf", "wf-removed", "wf-worktree", "HEAD", "locked", "gitdir"]

    /// Looks at what is there before anything else does, so that whatever changes later is seen.
    init(of worktree: LinkedWorktree, journal: Journal) throws {
        self.journal = journal
        self.worktree = worktree
        gitFiles = try FolderInventory(of: worktree.gitDirectory, besides: Self.own)
        files = OrdinaryFile.isThere(worktree.path) ? try FolderInventory(of: worktree.path) : nil
    }

    /// The repositories inside, those of submodules first.
    var repositories: [InnerRepository] {
        InnerRepository.all(in: gitFiles, isSubmodule: true)
            + (files.map { InnerRepository.all(in: $0, isSubmodule: false) } ?? [])
    }

    mutating func keep(_ reason: String) { reasons.append(reason) }

    /// Looks for what would be lost.
    /// - Parameters:
    ///   - head: what HEAD said.
    ///   - isResumed: whether some files may be gone already, by a removal that was cut short.
    mutating func findReasons(
        _ work: AgentWork, head: String, operation: String?, isResumed: Bool
    ) throws {
        if head != "ref: \(work.branch)\n" { keep("HEAD is not on \(work.branch.shortBranch)") }
        if let operation { keep("git is in the middle of a \(operation)") }
        let unknown = gitFiles.entries.filter { $0.text.map { !Self.ordinary.contains($0) } ?? true }
        if !unknown.isEmpty {
            keep("its git directory has \(unknown.map { String(decoding: $0.name, as: UTF8.self) }.listed())")
        }
        if Self.hasFile(gitFiles.entries.first { $0.text == "refs" }?.inside ?? []) { keep("it has refs of its own") }
        guard let files else {
            if try !WorktreeObjects(journal: journal, worktree: worktree, branch: work.branch).isIndexClean() {
                keep("changes are staged")
            }
            return
        }
        try findFiles(work, isResumed: isResumed)
        try findRepositories(files)
        let special = Self.paths(files.entries) { $0.kind == .other }
        if !special.isEmpty { keep("\(special.listed()) \(special.count == 1 ? "is" : "are") neither files nor links") }
        let processes = try FolderUse.processes(in: worktree.path)
        if !processes.isEmpty {
            keep(
                "process\(processes.count == 1 ? "" : "es") \(processes.listed()) still work\(processes.count == 1 ? "s" : "") in it"
            )
        }
    }

    /// Uncommitted, untracked and ignored files.
    private mutating func findFiles(_ work: AgentWork, isResumed: Bool) throws {
        let look = try WorktreeContents(
            of: worktree.path, variables: worktree.variables, filters: .asConfigured,
            git: journal.repository.gitElsewhere)
        let changed = look.changed.filter { !isResumed || !$0.isOnlyGone }.map(\.path)
        let spec = try work.record?.specCommit.flatMap { try journal.repository.attachedSpec($0) }
        func count(_ paths: [RepositoryPath], _ what: String) {
            guard !paths.isEmpty else { return }
            keep("\(paths.count) file\(paths.count == 1 ? " is" : "s are") \(what): \(paths.listed(atMost: 3))")
        }
        count(changed, "not committed")
        count(try look.untracked.filter { try !isHeld($0, spec: spec) }, "not tracked")
        count(try look.ignored.filter { try !isHeld($0, spec: spec) }, "ignored")
        if look.hasFlags { keep("git was told not to look at some of its files") }
    }

    /// Whether a file is one that `agent start` or a checkpoint wrote, or the leader has the same.
    private func isHeld(_ path: RepositoryPath, spec: [UInt8]?) throws -> Bool {
        let here = worktree.path.pushing(FilePath(path.description))
        if path == RepositoryPath(".wf/.gitignore") {
            return try OrdinaryFile.read(here, links: .refused) == Array("*\n".utf8)
        }
        if path == RepositoryPath(".wf/spec.md"), try OrdinaryFile.read(here, links: .refused) == spec { return true }
        let there = journal.place.pushing(FilePath(path.description))
        guard let size = OrdinaryFile.size(of: here), size == OrdinaryFile.size(of: there) else { return false }
        return try OrdinaryFile.read(here) == OrdinaryFile.read(there)
    }

    /// Repositories inside, and submodules whose files are not as their commits have them.
    private mutating func findRepositories(_ files: FolderInventory) throws {
        let modules = worktree.gitDirectory.appending("modules")
        var other: [String] = InnerRepository.all(in: files, isSubmodule: false).map(\.name)
        for path in Self.paths(files.entries, where: { $0.text == ".git" }) where path != ".git" {
            let link = worktree.path.pushing(FilePath(path))
            let place = link.removingLastComponent()
            let text = try OrdinaryFile.front(of: link, upTo: 8192).map { String(decoding: $0, as: UTF8.self) } ?? ""
            var target = place.pushing(FilePath(String(text.dropFirst(8).prefix { !$0.isNewline })))
                .lexicallyNormalized()
            let module = target
            guard text.hasPrefix("gitdir: "), target.removePrefix(modules) else {
                if other.isEmpty { other.append("the repository \(path.dropLast(5))") }
                continue
            }
            let look = try WorktreeContents(
                of: place, variables: ["GIT_DIR": module.string, "GIT_WORK_TREE": place.string], filters: .none,
                git: journal.repository.gitElsewhere)
            if !look.isClean { keep("the submodule \(path.dropLast(5)) has files that its commit does not have") }
        }
        if !other.isEmpty { keep("\(other.listed(atMost: 3)) \(other.count == 1 ? "is" : "are") inside") }
    }

    private static func hasFile(_ entries: [FolderInventory.Entry]) -> Bool {
        entries.contains { $0.kind != .folder || hasFile($0.inside) }
    }

    private static func paths(
        _ entries: [FolderInventory.Entry], below folder: String = "", where isMeant: (FolderInventory.Entry) -> Bool
    ) -> [String] {
        entries.flatMap { entry -> [String] in
            let path = folder + String(decoding: entry.name, as: UTF8.self)
            return (isMeant(entry) ? [path] : []) + paths(entry.inside, below: path + "/", where: isMeant)
        }
    }

    /// Has refs hold what nothing else does.
    /// - Parameters:
    ///   - branch: the agent's.
    ///   - ref: what the refs begin with.
    func hold(branch: String, at ref: String) throws -> Held {
        var held = Held()
        do {
            if let kept = try WorktreeObjects(journal: journal, worktree: worktree, branch: branch).hold(at: ref) {
                held.notes.append(
                    "\(kept) holds what its reflogs, its index and refs of its own have and no branch has")
            }
        } catch let error as GitError {
            held.unheld.append("what its reflogs lead to is damaged: \(error.reason)")
        }
        for (number, repository) in repositories.enumerated() {
            try held.hold(repository, at: "\(ref)/repositories/\(number + 1)", journal)
        }
        return held
    }

    // MARK: Its end

    /// Whether all is as it was looked at.
    func isUnchanged() throws -> Bool { try gitFiles.isUnchanged() && files?.isUnchanged() ?? true }

    /// Removes what was looked at, the files first, and has git forget the worktree.
    /// - Returns: whether all went; what changed meanwhile stays, and the worktree with it.
    func remove() throws -> Bool {
        if let files, !files.remove() { return false }
        guard gitFiles.remove() else { return false }
        // By git itself, which knows what else it keeps of a worktree. It refuses nothing here: the folder is gone.
        _ = try journal.repository.git.run(
            ["worktree", "remove", "--force", "--force", worktree.path.string], in: journal.place)
        try LinkedWorktree.forget(worktree.gitDirectory)
        return true
    }

    /// When something in it last changed, in seconds since 1970.
    var lastChange: Int { max(gitFiles.lastChange, files?.lastChange ?? 0) }
}

extension LinkedWorktree {
    /// Removes the rest of a worktree's git directory: what is ours, what git makes with it, and at last what says that it was
    /// removed, so that whoever finds a part of it can go on.
    static func forget(_ gitDirectory: FilePath) throws {
        Folder.removeAll(gitDirectory.appending("wf"))
        for name in ["wf-worktree", "HEAD", "gitdir", "locked", "wf-removed"] {
            try WholeFile.remove(gitDirectory.appending(name))
        }
        Folder.removeIfEmpty(gitDirectory)
        Folder.removeIfEmpty(gitDirectory.removingLastComponent())
    }
}
