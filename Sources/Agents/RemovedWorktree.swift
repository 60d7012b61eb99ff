internal import Files
package import Git
package import GitValues
package import Journal
package import SystemPackage
package import Workflow

/// The worktree of a removed agent, while it is kept: moved aside, locked, and still registered with git, so that git's gc keeps
/// all that its index, its HEAD, its reflogs and its own refs lead to.
///
/// What is known of it stands in its git directory, in `wf-removed`: `key=value`, each ended by a NUL.
package struct RemovedWorktree: Sendable {
    package let agent: Name
    package let workflow: Name
    /// Where it stood.
    package let path: FilePath
    /// Where it is now. It is not there where its folder was gone before it was removed.
    package let folder: FilePath
    let gitDirectory: FilePath
    /// Which removal of that agent it was; part of the names of refs.
    let removal: String
    /// What HEAD said, with its line feed.
    let head: String
    /// The agent's branch, and where that was; `nil` where it was gone.
    let branch: String
    let tip: ObjectID?
    package let removed: Timestamp
    /// Whether the agent was open until then.
    var isDropped: Bool
    /// Why it is kept; empty for one that goes, and is here only because that was cut short.
    package var reasons: [String]

    static func file(in gitDirectory: FilePath) -> RootedFile { RootedFile("wf-removed", in: gitDirectory) }

    /// All of a repository, the newest first.
    package static func all(in repository: Repository) throws -> [RemovedWorktree] {
        try LinkedWorktree.registered(in: repository).filter(\.isRemoved).compactMap { try RemovedWorktree($0) }
            .sorted { $0.removed > $1.removed }
    }

    /// Where worktrees are that were removed, though nothing that can be understood says of which agent.
    package static func unreadable(in repository: Repository) throws -> [FilePath] {
        try LinkedWorktree.registered(in: repository).filter { try $0.isRemoved && RemovedWorktree($0) == nil }.map(
            \.path)
    }

    /// Those of one workflow that can come back.
    package static func kept(of journal: Journal) throws -> [RemovedWorktree] {
        try all(in: journal.repository).filter { $0.workflow == journal.workflow && !$0.reasons.isEmpty }
    }

    init(
        _ worktree: LinkedWorktree, agent: Name, workflow: Name, path: FilePath, removal: String, head: String,
        branch: String, tip: ObjectID?, removed: Timestamp, isDropped: Bool, reasons: [String]
    ) {
        self.agent = agent
        self.workflow = workflow
        self.path = path
        folder = worktree.path
        gitDirectory = worktree.gitDirectory
        self.removal = removal
        self.head = head
        self.branch = branch
        self.tip = tip
        self.removed = removed
        self.isDropped = isDropped
        self.reasons = reasons
    }

    /// - Returns: `nil` where nothing that can be understood says what it was.
    init?(_ worktree: LinkedWorktree) throws {
        guard let bytes = try Self.file(in: worktree.gitDirectory).read(upTo: 1 << 20) else { return nil }
        var values: [String: [String]] = [:]
        for field in bytes.split(separator: 0) {
            let parts = String(decoding: field, as: UTF8.self).split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else { continue }
            values[String(parts[0]), default: []].append(String(parts[1]))
        }
        func value(_ key: String) -> String? { values[key]?.first }
        guard let agent = value("agent").flatMap({ try? Name($0) }),
            let workflow = value("workflow").flatMap({ try? Name($0) }), let path = value("path"),
            FilePath(path).removingLastComponent() == worktree.path.removingLastComponent(),
            let removal = value("removal"), Binding.isID(removal),
            let head = value("head"), let branch = value("branch"),
            branch == LaneRefs(workflow: workflow).branch(of: agent),
            let removed = value("removed").flatMap({ Int64($0) })
        else { return nil }
        self.init(
            worktree, agent: agent, workflow: workflow, path: FilePath(path), removal: removal, head: head,
            branch: branch, tip: value("tip").flatMap { ObjectID(hex: $0) },
            removed: Timestamp(seconds: removed, offset: 0),
            isDropped: value("dropped") != nil, reasons: values["reason"] ?? [])
    }

    /// Records that the worktree is removed; from then on it is no agent's place any more.
    func write(_ journal: Journal) throws {
        var fields = [
            ("agent", agent.text), ("workflow", workflow.text), ("path", path.string), ("removal", removal),
            ("head", head), ("branch", branch), ("removed", String(removed.seconds)),
        ]
        if let tip { fields.append(("tip", tip.hex)) }
        if isDropped { fields.append(("dropped", "yes")) }
        fields += reasons.map { ("reason", $0) }
        try Self.file(in: gitDirectory).write(
            fields.flatMap { Array("\($0)=\($1)".utf8) + [0] },
            access: journal.repository.access, isDurable: journal.repository.pending.isDurable)
    }

    /// How many bytes its files take, with those of its git directory; nothing where it cannot be read.
    package var size: Int64 {
        [folder, gitDirectory].reduce(0) { $0 + ((try? FolderInventory(of: $1).size) ?? 0) }
    }

    /// The worktree as git knows it.
    func worktree(_ journal: Journal) throws -> LinkedWorktree? {
        try LinkedWorktree.registered(in: journal.repository).first { $0.gitDirectory == gitDirectory }
    }

    /// Where refs hold what it had.
    var keptRef: String { KeptRefs(workflow: workflow).removed(agent, removal) }

    /// The text of its lock.
    static func lockReason(_ agent: Name) -> String {
        "the agent \(agent) was removed; git wf agent restore \(agent) brings it back\n"
    }
}

extension LinkedWorktree {
    /// Gives the folder another name beside the old one, and has git know of it. Each step may be done already.
    ///
    /// Beside it, so that it stays on the same file system and as deep as it was: relative links out of it stay right.
    /// - Returns: the worktree, where it is now.
    func moved(to target: FilePath) throws -> LinkedWorktree {
        // One folder never replaces another that has something in it.
        if OrdinaryFile.isThere(path), !OrdinaryFile.isThere(target) { try Folder.move(path, to: target) }
        let file = RootedFile("gitdir", in: gitDirectory)
        let old = try file.read(upTo: 8192).map { String(decoding: $0, as: UTF8.self) } ?? ""
        // It names the `.git` of the folder, absolutely or from here; only the folder's own name changes.
        let link = FilePath(String(old.prefix { !$0.isNewline }))
        let name = target.lastComponent?.string ?? ""
        let new = link.removingLastComponent().removingLastComponent().appending(name).appending(".git")
        if link != new { try file.write(Array("\(new)\n".utf8)) }
        return try LinkedWorktree(target, gitDirectory)
    }
}
