internal import Git
internal import GitValues
internal import SystemPackage

/// What a worktree has beside its HEAD, as git sees it. No lock is taken and nothing is written.
struct WorktreeContents {
    struct Change {
        let path: RepositoryPath
        /// Whether its file is gone, and nothing else is known.
        let isOnlyGone: Bool
    }

    /// Whether the filters count that the configuration names.
    enum Filters {
        case asConfigured
        /// None is started: the configuration is not ours.
        case none
    }

    private(set) var changed: [Change] = []
    private(set) var untracked: [RepositoryPath] = []
    private(set) var ignored: [RepositoryPath] = []
    /// Whether git was told not to look at some files (`--skip-worktree`, `--assume-unchanged`), so that nothing is known of them.
    let hasFlags: Bool

    var isClean: Bool { changed.isEmpty && untracked.isEmpty && ignored.isEmpty && !hasFlags }

    init(of folder: FilePath, variables: [String: String], filters: Filters, git: GitProgram) throws {
        let options = ["--no-optional-locks", "-c", "core.fsmonitor=false"]
        var variables = variables
        if filters == .none {
            let listed = try git.run(
                ["config", "--name-only", "-z", "--get-regexp", #"^filter\..*\.(clean|process|required)$"#], in: folder,
                variables: variables)
            // By the environment: a name may have any character in it.
            let names = listed.output.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
            for (number, name) in names.enumerated() {
                variables["GIT_CONFIG_KEY_\(number)"] = name
                variables["GIT_CONFIG_VALUE_\(number)"] = name.hasSuffix(".required") ? "false" : ""
            }
            variables["GIT_CONFIG_COUNT"] = String(names.count)
        }
        let flags = try git.succeed(
            "look at the index of \(folder)", options + ["ls-files", "-v", "-z"], in: folder, variables: variables)
        hasFlags = flags.output.split(separator: 0).contains { $0.first != UInt8(ascii: "H") }
        let status = try git.succeed(
            "look at \(folder)",
            options + [
                "status", "--porcelain", "-z", "--no-renames", "--untracked-files=all", "--ignored",
                "--ignore-submodules=dirty",
            ], in: folder, variables: variables)
        for entry in status.output.split(separator: 0) where entry.count > 3 {
            let path = RepositoryPath(bytes: entry.dropFirst(3))
            switch String(decoding: entry.prefix(2), as: UTF8.self) {
            case "??": untracked.append(path)
            case "!!": ignored.append(path)
            case let state: changed.append(Change(path: path, isOnlyGone: state == " D"))
            }
        }
    }
}
