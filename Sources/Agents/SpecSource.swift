internal import Files
internal import Git
internal import GitValues
internal import Journal
internal import SystemPackage
internal import Workflow

/// The spec of a new agent, as it is on the leader's disk.
struct SpecSource {
    /// Its path from the top of the repository; as it was given where it is outside.
    let path: String
    let bytes: [UInt8]

    /// - Parameters:
    ///   - named: a path, or the name of a file in `specs/`; without one the agent's own name, and no spec is no error.
    ///   - agent: whose spec it is.
    ///   - journal: of the leader's worktree, where it is looked for.
    /// - Returns: `nil` where none is named and there is none.
    /// - Throws: `AgentError` where what is named is not there.
    static func find(_ named: String?, agent: Name, journal: Journal) throws -> SpecSource? {
        let top = FilePath(root: journal.place.root, journal.place.components)
        var candidates: [FilePath] = []
        if let named {
            candidates.append(journal.surroundings.directory.pushing(FilePath(named)))
            candidates.append(top.pushing(FilePath(named)))
            if !named.contains("/") {
                let file = named.hasSuffix(".md") ? named : named + ".md"
                // The form that cli.md gives names to goes first, so that a folder of that name is not in the way.
                candidates.insert(top.appending("specs").appending(file), at: named.hasSuffix(".md") ? 2 : 0)
            }
        } else {
            candidates.append(top.appending("specs").appending("\(agent).md"))
        }
        for candidate in candidates {
            let file = candidate.lexicallyNormalized()
            var inside = file
            let isInside = inside.removePrefix(top)
            // What is in the worktree may be anybody's; what is not was named by whoever runs this.
            guard OrdinaryFile.isThere(file), !Folder.isThere(file),
                let bytes = try isInside ? RootedFile(inside, in: top).read() : OrdinaryFile.read(file)
            else { continue }
            try TextEncoding.requireUTF8(bytes, doing: "read \(file)")
            return SpecSource(path: isInside ? inside.string : named ?? file.string, bytes: bytes)
        }
        guard let named else { return nil }
        throw AgentError(
            .usage,
            "there is no spec \(named.quoted): neither a file of that path nor specs/\(named).md; "
                + "write one, or leave --spec out")
    }

    /// The commit that keeps the spec as it is now.
    func attachment(_ journal: Journal, agent: Name) throws -> ObjectID {
        let tree = try journal.repository.createTree([
            (name: "spec.md", mode: .file, id: try journal.repository.createBlob(bytes))
        ])
        return try journal.attachment(tree: tree, title: "The spec of \(agent)")
    }
}

/// Where an agent finds its spec in its worktree.
struct SpecPlace {
    /// From the top of the worktree; absolute where it is outside.
    let path: FilePath
    let isTracked: Bool

    /// The spec's own path where the base has it with the same content; else `.wf/spec.md`, in a folder that ignores
    /// itself: `info/exclude` belongs to all worktrees together. Where the project has a `.wf` of its own, the
    /// worktree's git directory.
    init(_ bytes: [UInt8], path: String?, base: ObjectID, worktree: Repository) throws {
        let tree = try worktree.commit(base).tree
        if let path, let entry = try worktree.entry(at: RepositoryPath(path), in: tree), entry.mode != .directory,
            entry.mode != .gitlink, try worktree.blob(entry.id) == bytes
        {
            self.path = FilePath(path)
            isTracked = true
        } else {
            let isTaken = try worktree.entry(at: ".wf", in: tree) != nil
            self.path = isTaken ? worktree.gitDirectory.appending("wf").appending("spec.md") : FilePath(".wf/spec.md")
            isTracked = false
        }
    }

    /// Writes the spec where the worktree lacks it.
    func write(_ bytes: [UInt8], in worktree: Repository) throws {
        guard !isTracked else { return }
        guard !path.isAbsolute, let top = worktree.workTree else {
            return try RootedFile("wf/spec.md", in: worktree.gitDirectory).write(bytes)
        }
        try RootedFile(".wf/.gitignore", in: top).write(Array("*\n".utf8))
        try RootedFile(path, in: top).write(bytes)
    }
}
