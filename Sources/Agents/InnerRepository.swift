internal import Files
internal import Git
internal import GitValues
internal import Journal
internal import SystemPackage
internal import Workflow

/// A repository that lies in an agent's worktree or, as a submodule's, in the worktree's git directory: whatever its name is, and
/// whether it has files of its own.
struct InnerRepository {
    /// Its git directory; `nil` where the path is no text, so that git could not be told.
    let gitDirectory: FilePath?
    /// Its place in the worktree or, for a submodule's, in the worktree's git directory; for people where it is no text.
    let path: String
    let isSubmodule: Bool

    /// For people.
    var name: String {
        let names = path.split(separator: "/")
        return isSubmodule
            ? "the submodule \(names.filter { $0 != "modules" }.joined(separator: "/"))"
            : "the repository \((names.last == ".git" ? names.dropLast() : names[...]).joined(separator: "/"))"
    }

    /// Those in a folder. A git directory is known by what git itself looks for: HEAD, `objects` and `refs`.
    static func all(in inventory: FolderInventory, isSubmodule: Bool) -> [InnerRepository] {
        var found: [InnerRepository] = []
        func look(_ entries: [FolderInventory.Entry], _ names: [String], isText: Bool) {
            let files = Dictionary(entries.compactMap { entry in entry.text.map { ($0, entry.kind) } }) { $1 }
            if files["HEAD"] != nil, files["objects"] == .folder, files["refs"] == .folder {
                let place = isText ? names.reduce(inventory.folder) { $0.appending($1) } : nil
                found.append(
                    InnerRepository(
                        gitDirectory: place, path: names.joined(separator: "/"), isSubmodule: isSubmodule))
            }
            for entry in entries where entry.kind == .folder {
                let name = entry.text ?? String(decoding: entry.name, as: UTF8.self)
                look(entry.inside, names + [name], isText: isText && entry.text != nil)
            }
        }
        look(inventory.entries, [], isText: true)
        return found
    }

    // MARK: What only it has

    /// The commits that none of its remote-tracking branches leads to, without those that lie behind another one; those of its
    /// reflogs, its stash and a HEAD on no branch among them.
    /// - Returns: `nil` where that cannot be known.
    func unpushed(_ journal: Journal) throws -> [ObjectID]? {
        guard let gitDirectory else { return nil }
        let listed = try Self.git(
            journal, in: gitDirectory, ["rev-list", "--parents", "--all", "--reflog", "--not", "--remotes"])
        return listed.status == 0 ? WorktreeObjects.heads(of: listed.text.split(separator: "\n")) : nil
    }

    /// Where its commits are held: with the same submodule of the leader's, which is where git looks for them, else with us.
    func keeper(_ journal: Journal) -> FilePath {
        let common = journal.repository.commonDirectory
        guard isSubmodule else { return common }
        let module = common.pushing(FilePath(path))
        return OrdinaryFile.isThere(module.appending("objects")) ? module : common
    }

    /// Copies commits to where they are held, each with a ref.
    /// - Parameter prefix: of the refs.
    /// - Returns: whether all are there now.
    func hold(_ commits: [ObjectID], at prefix: String, _ journal: Journal) throws -> Bool {
        guard let gitDirectory else { return false }
        let keeper = keeper(journal)
        let wanted = commits.map { (id: $0, ref: "\(prefix)/\($0)") }
        // Commits that no ref leads to are asked for by their ids.
        _ = try Self.git(
            journal, in: keeper,
            [
                "-c", "core.hooksPath=/dev/null", "-c", "gc.auto=0", "-c", "maintenance.auto=false", "-c",
                "protocol.file.allow=always", "-c", "fetch.prune=false", "fetch", "--quiet",
                "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--upload-pack",
                "GIT_ALLOW_PROTOCOL=none GIT_WORK_TREE=. git -c uploadpack.allowAnySHA1InWant=true upload-pack",
                "--stdin", gitDirectory.string,
            ], protocols: "file", input: wanted.flatMap { Array("\($0.id):\($0.ref)\n".utf8) })
        return try wanted.allSatisfy { commit in
            let found = try Self.git(journal, in: keeper, ["rev-parse", "-q", "--verify", commit.ref])
            return found.status == 0 && found.text == commit.id.hex
        }
    }

    /// A git that asks nobody else for objects, which could start a program that the repository's configuration names.
    private static func git(
        _ journal: Journal, in gitDirectory: FilePath, _ arguments: [String], protocols: String = "none",
        input: [UInt8] = []
    ) throws -> ChildProcess.Result {
        try journal.repository.gitElsewhere.run(
            arguments, in: journal.repository.commonDirectory,
            variables: [
                // A submodule's configuration names a worktree, which was moved.
                "GIT_DIR": gitDirectory.string, "GIT_WORK_TREE": gitDirectory.string,
                "GIT_ALLOW_PROTOCOL": protocols, "GIT_NO_LAZY_FETCH": "1", "GIT_NO_REPLACE_OBJECTS": "1",
            ], input: input)
    }
}

/// What became of what only the worktree of a removed agent had.
struct Held {
    /// What could not be held, so that the worktree must stay.
    var unheld: [String] = []
    /// Repositories that had commits which nobody else has.
    var own: [String] = []
    /// What the user should know.
    var notes: [String] = []

    /// Has refs hold the commits that only a repository has.
    mutating func hold(_ repository: InnerRepository, at ref: String, _ journal: Journal) throws {
        guard let commits = try repository.unpushed(journal) else {
            unheld.append("git cannot read \(repository.name)")
            return
        }
        if commits.isEmpty { return }
        own.append("\(repository.name) has commits that nobody else has")
        if try repository.hold(commits, at: ref, journal) {
            notes.append("\(ref) in \(repository.keeper(journal)) holds commits that only \(repository.name) has")
        } else {
            unheld.append("no ref can hold the commits that only \(repository.name) has")
        }
    }
}
