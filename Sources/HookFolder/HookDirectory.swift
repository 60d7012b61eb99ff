internal import Files
package import Git
internal import GitValues
package import Journal
package import SystemPackage

/// The directory that git takes this repository's hooks from.
package struct HookDirectory {
    /// What an installation did.
    package struct Outcome {
        package let installed: [String]
        /// What the user should know.
        package let notes: [String]
    }

    let repository: Repository
    package let path: FilePath
    /// What manages the hooks there, where something does.
    package let manager: HookManager?

    package init(_ repository: Repository, surroundings: Surroundings) throws {
        self.repository = repository
        let top = repository.workTree ?? repository.commonDirectory
        if let configured = try repository.config("core.hooksPath"), !configured.isEmpty {
            let expanded =
                configured.hasPrefix("~/")
                ? (surroundings.home?.string ?? "~") + String(configured.dropFirst()) : configured
            path = top.pushing(FilePath(expanded)).lexicallyNormalized()
        } else {
            path = repository.commonDirectory.appending("hooks")
        }
        manager = HookManager.manager(worktree: top, hooksDirectory: path)
    }

    /// Whether the hooks are files that the repository tracks: those are everybody's, not ours to change.
    func isTracked() throws -> Bool {
        guard let top = repository.workTree?.lexicallyNormalized(), let commit = try repository.head().commit else {
            return false
        }
        var inside = path
        guard inside.removePrefix(top), !inside.string.isEmpty else { return false }
        return try repository.entry(at: RepositoryPath(inside.string), in: repository.commit(commit).tree) != nil
    }

    package func install(_ binary: FilePath) throws -> Outcome {
        if try isTracked() {
            return Outcome(
                installed: [],
                notes: [
                    "The hooks in \(path) are tracked files, so none was installed. "
                        + "For automatic checkpoints add to each: '\(binary)' hook NAME \"$@\""
                ])
        }
        try Folder.make(path)
        let states = try GitHooks.install(into: path, binary: binary)
        let chained = states.filter { $0.chained != nil }.map(\.name)
        return Outcome(
            installed: states.filter { $0.state == .installed }.map(\.name),
            notes: chained.isEmpty
                ? [] : ["The hooks that were there keep running: \(chained.joined(separator: ", "))."])
    }
}
