internal import Files
internal import Git
internal import GitValues
internal import Journal
internal import SystemPackage
internal import Workflow

/// What only the git directory of an agent's worktree leads to: commits of its reflogs and of refs of its own, what an operation
/// noted that git is in the middle of, and what is staged. It goes with that directory unless a ref holds it.
struct WorktreeObjects {
    let journal: Journal
    let worktree: LinkedWorktree
    /// The agent's branch, which goes too, with its reflog.
    let branch: String

    private var repository: Repository { journal.repository }

    /// How many parents one commit gets: more make graphs hard to read.
    private static let parentLimit = 100

    /// Has a ref hold all of it that no other ref leads to.
    /// - Returns: the ref; `nil` where there is nothing to hold.
    func hold(at prefix: String) throws -> String? {
        let named = try namedObjects()
        let commits = try loose(named.filter { try repository.isCommit($0) })
        let others = try named.filter { try !repository.isCommit($0) } + stagedBlobs()
        if commits.isEmpty, others.isEmpty { return nil }
        // Trees, blobs and tags are held by a ref each, since a commit can name only a tree.
        for id in Set(others).sorted() { try repository.keep(id, at: "\(prefix)/objects/\(id)") }
        let ref = "\(prefix)/commits"
        if !commits.isEmpty { try holdCommits(commits, at: ref) }
        return commits.isEmpty ? "\(prefix)/objects" : ref
    }

    private func holdCommits(_ commits: [ObjectID], at ref: String) throws {
        let signature = try journal.signature()
        let present = try repository.reference(ref)
        var parents = commits + (present.map { [$0] } ?? [])
        repeat {
            parents = try stride(from: 0, to: parents.count, by: Self.parentLimit).map { start in
                let some = Array(parents[start..<min(start + Self.parentLimit, parents.count)])
                return try repository.createCommit(
                    tree: Repository.emptyTree, parents: some, author: signature, committer: signature,
                    message: Array("Kept from the worktree \(worktree.gitDirectory.lastComponent?.string ?? "")\n".utf8)
                )
            }
        } while parents.count > 1
        try repository.setReference(ref, to: parents[0], expecting: present, reason: "git-wf: keep")
    }

    /// The objects whose ids stand in the files of the git directory, as far as they are here.
    private func namedObjects() throws -> [ObjectID] {
        let own = try FolderInventory(
            of: worktree.gitDirectory, besides: ["index", "modules", "wf", "wf-worktree", "wf-removed"])
        var words: Set<String> = []
        func read(_ entries: [FolderInventory.Entry], in folder: FilePath) throws {
            for entry in entries {
                guard let name = entry.text else { continue }
                switch entry.kind {
                case .folder: try read(entry.inside, in: folder.appending(name))
                case .file: try words.formUnion(Self.ids(in: folder.appending(name)))
                case .link, .other: continue
                }
            }
        }
        try read(own.entries, in: worktree.gitDirectory)
        words.formUnion(try Self.ids(in: repository.commonDirectory.appending("logs").pushing(FilePath(branch))))
        return try words.compactMap { ObjectID(hex: $0) }.filter { try $0 != .zero && repository.contains($0) }.sorted()
    }

    private static func ids(in file: FilePath) throws -> Set<String> {
        let bytes = try OrdinaryFile.read(file, links: .refused) ?? []
        func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte) }
        return Set(
            bytes.split { !isDigit($0) }.filter { $0.count == 40 }.map { String(decoding: $0, as: UTF8.self) })
    }

    /// The commits that no ref leads to but the agent's branch, without those that lie behind another one.
    private func loose(_ commits: [ObjectID]) throws -> [ObjectID] {
        if commits.isEmpty { return [] }
        try repository.pending.makeVisible()
        let lines = try journal.repository.gitElsewhere.succeed(
            "find what only the worktree \(worktree.path) leads to",
            [
                "--git-dir=\(repository.commonDirectory)", "rev-list", "--parents", "--stdin", "--not",
                "--exclude=\(branch)", "--glob=refs/*",
            ], in: repository.commonDirectory, variables: ["GIT_NO_REPLACE_OBJECTS": "1"],
            input: commits.flatMap { Array("\($0)\n".utf8) }
        ).text.split(separator: "\n")
        return Self.heads(of: lines)
    }

    /// Of lines of `rev-list --parents` the commits that are no other one's parents.
    static func heads(of lines: [Substring]) -> [ObjectID] {
        var commits: [ObjectID] = []
        var behind: Set<ObjectID> = []
        for line in lines {
            let ids = line.split(separator: " ").compactMap { ObjectID(hex: String($0)) }
            guard let id = ids.first else { continue }
            commits.append(id)
            behind.formUnion(ids.dropFirst())
        }
        return commits.filter { !behind.contains($0) }
    }

    // MARK: The index

    /// Whether what is staged is what HEAD has.
    func isIndexClean() throws -> Bool {
        try git(["diff-index", "--cached", "--quiet", "--ignore-submodules=none", "HEAD"]).status == 0
    }

    /// The blobs that are staged and not in HEAD, those of unmerged stages among them.
    private func stagedBlobs() throws -> [ObjectID] {
        if try isIndexClean() { return [] }
        let staged = try git(["ls-files", "--stage", "-z"])
        guard staged.status == 0 else {
            throw GitError(
                .program(status: staged.status), doing: "read the index of \(worktree.path)",
                reason: GitProgram.reason(of: staged))
        }
        let listed = try git(["ls-tree", "-r", "-z", "HEAD"])
        func ids(_ output: [UInt8], at place: Int) -> Set<ObjectID> {
            Set(
                output.split(separator: 0).compactMap { entry in
                    let words = entry.prefix { $0 != UInt8(ascii: "\t") }.split(separator: UInt8(ascii: " "))
                    guard words.count > place, !words[0].elementsEqual("160000".utf8) else { return nil }
                    return ObjectID(hex: String(decoding: words[place], as: UTF8.self))
                })
        }
        // Without a HEAD everything that is staged is only there.
        let known = listed.status == 0 ? ids(listed.output, at: 2) : []
        return try ids(staged.output, at: 1).subtracting(known).filter { try repository.contains($0) }
    }

    private func git(_ arguments: [String]) throws -> ChildProcess.Result {
        try journal.repository.gitElsewhere.run(
            ["--no-optional-locks", "-c", "core.fsmonitor=false"] + arguments, in: repository.commonDirectory,
            variables: worktree.variables)
    }
}
