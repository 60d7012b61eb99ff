internal import Files
package import Git
internal import GitValues
package import Journal
package import SystemPackage

/// The directory that git takes this repository's hooks from.
package struct HookDirectory {
    /// What an installation did.
    package struct Outcome: Sendable {
        package let installed: [String]
        /// What the user should know.
        package let notes: [String]
    }

    let repository: Repository
    /// As git computes it; `nil` where it can be none, which ``obstacle`` explains.
    package let path: FilePath?
    /// What of the configuration keeps git from running hooks.
    package let obstacle: String?
    /// What manages the hooks there, where something does.
    package let manager: HookManager?

    package init(_ repository: Repository, surroundings: Surroundings) throws {
        self.repository = repository
        let top = repository.workTree ?? repository.commonDirectory
        let path = try Self.path(repository, surroundings, top: top)
        if let path, HookFile.kind(of: path) == nil || Folder.isThere(path) {
            self.path = path
            obstacle = nil
        } else {
            self.path = nil
            let value = try repository.config("core.hooksPath") ?? ""
            obstacle =
                "git runs no hooks here, because core.hooksPath is \(value.isEmpty ? "empty" : "\(value), which is no folder")"
        }
        manager = path.flatMap { HookManager.manager(worktree: top, hooksDirectory: $0) }
    }

    /// - Returns: `nil` for no path at all.
    private static func path(
        _ repository: Repository, _ surroundings: Surroundings, top: FilePath
    ) throws -> FilePath? {
        // Where nothing is configured git need not be asked. With an empty path it looks for `/post-commit`.
        guard let configured = try repository.config("core.hooksPath") else {
            return repository.commonDirectory.appending("hooks")
        }
        if configured.isEmpty { return nil }
        let answer = try repository.git.succeed(
            "ask git where its hooks are", ["rev-parse", "--git-path", "hooks"], in: top,
            variables: ["GIT_DIR": repository.gitDirectory.string])
        let bytes = answer.output.last == UInt8(ascii: "\n") ? answer.output.dropLast() : answer.output[...]
        return bytes.isEmpty ? nil : top.pushing(FilePath(bytes: Array(bytes)))
    }

    /// The hooks whose event is switched off: by `hook.<event>.enabled`, which git knows since 2.54.
    package func switchedOff() throws -> [String] {
        try GitHooks.names.filter { try repository.configFlag("hook.\($0).enabled") == false }
    }

    /// How the hooks stand that git would run.
    /// - Parameter binary: the git-wf that they should call; `nil` accepts any.
    package func states(binary: FilePath?) throws -> [HookState] {
        guard let path else {
            return GitHooks.names.map { HookState(name: $0, state: .off, path: nil, chained: nil, kept: []) }
        }
        let off = try switchedOff()
        return try GitHooks.status(in: path, binary: binary).map { state in
            var state = state
            if off.contains(state.name), state.state == .installed { state.state = .off }
            return state
        }
    }

    /// Whether the hooks are files that the repository tracks: those are everybody's, not ours to change.
    private func isTracked(_ path: FilePath) throws -> Bool {
        guard let top = repository.workTree?.lexicallyNormalized(), let commit = try repository.head().commit else {
            return false
        }
        var inside = path.lexicallyNormalized()
        guard inside.removePrefix(top), !inside.isEmpty else { return false }
        return try repository.entry(at: RepositoryPath(bytes: inside.bytes), in: repository.commit(commit).tree) != nil
    }

    // MARK: Changing

    /// Hooks that are about to be installed. Whatever can fail has been tried by now.
    package struct Installation {
        fileprivate var hooks: GitHooks.Installation?
        fileprivate let directory: HookDirectory
        fileprivate let binary: FilePath
        fileprivate var notes: [String]

        package func install() throws -> Outcome {
            try hooks?.install()
            let states = hooks == nil ? [] : try directory.states(binary: binary)
            let chained = states.filter { $0.chained != nil }.map(\.name)
            let off = states.filter { $0.state == .off }.map(\.name)
            return Outcome(
                installed: states.filter { $0.state == .installed }.map(\.name),
                notes: notes
                    + (chained.isEmpty
                        ? [] : ["The hooks that were there keep running: \(chained.joined(separator: ", "))."])
                    + off.map { "git runs no \($0) hook here, because hook.\($0).enabled is false." })
        }
    }

    /// - Throws: `HookError` where they cannot be installed; then nothing was changed.
    package func prepare(_ binary: FilePath) throws -> Installation {
        var installation = Installation(hooks: nil, directory: self, binary: binary, notes: [])
        if let path, try !isTracked(path) {
            installation.hooks = try GitHooks.Installation(into: path, binary: binary)
        } else if let path {
            installation.notes = [
                "The hooks in \(path) are tracked files, so none was installed. "
                    + "For automatic checkpoints add to each: '\(binary)' hook NAME \"$@\""
            ]
        } else if let obstacle {
            installation.notes = ["None was installed: \(obstacle)."]
        }
        return installation
    }

    package func install(_ binary: FilePath) throws -> Outcome { try prepare(binary).install() }

    /// Takes them out, also where git no longer looks for them.
    package func uninstall() throws {
        let usual = repository.commonDirectory.appending("hooks")
        for folder in Set([path ?? usual, usual]) { try GitHooks.uninstall(from: folder) }
    }
}
