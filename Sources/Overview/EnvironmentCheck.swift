internal import Actions
internal import Agents
internal import Files
internal import Git
internal import Glibc
internal import HookFolder
internal import Journal
internal import SystemPackage
internal import Workflow

/// What `doctor` finds about the machine and the repository.
struct EnvironmentCheck {
    private let workspace: Workspace
    private let state: WorkflowState?
    private var repository: Repository { workspace.repository }
    private var surroundings: Surroundings { workspace.surroundings }

    init(_ workspace: Workspace, state: WorkflowState?) {
        self.workspace = workspace
        self.state = state
    }

    func checks() throws -> [Check] {
        var checks = [
            try versions(), try hooks(), try identity(), try index(), try pushes(), try fetches(), try settings(),
        ]
        checks += [try negotiation(), try disk()].compactMap { $0 }
        checks += try workflow()
        return checks
    }

    private func versions() throws -> Check {
        let result = try surroundings.git.succeed("ask git for its version", ["--version"], in: surroundings.directory)
        let version = String(result.text.split(separator: " ").dropFirst(2).first ?? "unknown")
        let numbers = version.split(separator: ".").compactMap { Int($0) }
        let detail = "git \(version), libgit2 \(Repository.libraryVersion)"
        if numbers.count >= 2, (numbers[0], numbers[1]) < (2, 38) {
            return .fail("versions", "\(detail): merging needs git 2.38", fix: "update git")
        }
        return .ok("versions", detail)
    }

    private func hooks() throws -> Check {
        let directory = try HookDirectory(repository, surroundings: surroundings)
        let states = try directory.states(binary: surroundings.program.path)
        if let obstacle = directory.obstacle {
            return .warn(
                "hooks", obstacle,
                fix: "git config --show-origin core.hooksPath says where that is set; unset it there, then "
                    + "git wf hooks install")
        }
        if let off = try directory.switchedOff().first {
            return .warn(
                "hooks", "hook.\(off).enabled is false, so git runs no \(off) hook",
                fix: "git config --show-origin hook.\(off).enabled says where that is set")
        }
        let missing = states.filter { $0.state != .installed }
        let misses = HookMiss.misses(in: repository.commonDirectory).count
        if !missing.isEmpty {
            let list = missing.map { "\($0.name) \($0.state.rawValue)" }.joined(separator: ", ")
            return .warn("hooks", list, fix: "git wf hooks install")
        }
        if misses > 0 {
            return .warn(
                "hooks", "installed, and \(misses) could not do their work",
                fix: "git wf hooks status says which and when")
        }
        return .ok("hooks", "\(states.count) installed\(directory.manager.map { ", beside \($0.rawValue)" } ?? "")")
    }

    private func identity() throws -> Check {
        let environment = surroundings.environment
        guard let name = try environment["GIT_COMMITTER_NAME"] ?? repository.config("user.name"),
            let email = try environment["GIT_COMMITTER_EMAIL"] ?? repository.config("user.email")
        else {
            return .warn(
                "identity", "none is configured, so checkpoints are git-wf's own",
                fix: "git config user.name NAME && git config user.email ADDRESS")
        }
        return .ok("identity", "\(name) <\(email)>")
    }

    /// Kinds of index that libgit2 cannot read cost a git process a checkpoint.
    private func index() throws -> Check {
        let file = repository.gitDirectory.appending("index")
        guard try OrdinaryFile.read(file) != nil else { return .ok("index", "empty") }
        do {
            _ = try Index(at: file)
            return .ok("index", "read directly")
        } catch let error as GitError {
            return .warn(
                "index", "git rewrites a copy for each checkpoint, because libgit2 cannot read it (\(error.reason))",
                fix: "git update-index --no-split-index, or git sparse-checkout reapply --no-sparse-index")
        }
    }

    /// Lanes hold what a user reset away; pushing them must be meant.
    private func pushes() throws -> Check {
        for remote in try repository.remotes() {
            if try repository.configFlag("remote.\(remote).mirror") == true {
                return .warn(
                    "pushes", "\(remote) is a mirror: git push sends refs/wf there too",
                    fix: "git config --unset remote.\(remote).mirror, where that is not meant")
            }
            for refspec in try refspecs(of: remote, "push") {
                let source = refspec.drop { $0 == "+" }.split(separator: ":").first ?? ""
                if source.hasPrefix("refs/wf") || source == "refs/*" {
                    return .warn(
                        "pushes", "git push sends refs/wf to \(remote) (\(refspec))",
                        fix: "git config --unset remote.\(remote).push, where that is not meant")
                }
            }
        }
        return .ok("pushes", "nothing carries refs/wf by itself")
    }

    /// A fetch into the lanes themselves destroys what only this clone has: by force, or where it prunes.
    private func fetches() throws -> Check {
        for remote in try repository.remotes() {
            let refspecs = try refspecs(of: remote, "fetch")
            for refspec in refspecs {
                let target = refspec.split(separator: ":").last ?? ""
                let isKeptOut = target == "refs/*" && refspecs.contains("^refs/wf/*")
                if target.hasPrefix(LaneRefs.root) || target == "refs/*" && !isKeptOut {
                    return .warn(
                        "fetches",
                        "git fetch \(remote) writes into refs/wf (\(refspec)), where it may destroy what only this "
                            + "clone has",
                        // All refs at once are somebody's mirror, and go on coming.
                        fix: target == "refs/*"
                            ? "git config --add remote.\(remote).fetch '^refs/wf/*'"
                            : "git config --replace-all remote.\(remote).fetch "
                                + "'+refs/wf/*:\(LaneCopies.root(of: remote))*' ':refs/wf/'")
                }
            }
        }
        return .ok("fetches", "nothing writes into refs/wf but git-wf")
    }

    private func refspecs(of remote: String, _ key: String) throws -> [Substring] {
        let result = try repository.git.run(
            ["config", "--get-all", "remote.\(remote).\(key)"], in: surroundings.directory)
        return result.text.split(separator: "\n")
    }

    private func settings() throws -> Check {
        let unused = try repository.unusedSettings()
        if unused.isEmpty { return .ok("settings", "git config sets nothing under wf that does nothing") }
        return .warn(
            "settings", "git config sets \(unused.joined(separator: ", ")), which this version ignores",
            fix: "git config --unset \(unused[0]), or update git-wf")
    }

    /// git offers every commit that a ref holds when it fetches (measured: 0.2 s at 10,000).
    private func negotiation() throws -> Check? {
        guard let state else { return nil }
        let journal = try workspace.journal(workflow: Name(state.name))
        let count = try state.count + journal.automaticCount(of: .leader)
        let configured = try repository.config("fetch.negotiationAlgorithm")
        if count < 5000 || configured == "skipping" { return .ok("fetch", "\(count) checkpoints") }
        return .warn(
            "fetch", "\(count) checkpoints make each git fetch slower",
            fix: "git config fetch.negotiationAlgorithm skipping")
    }

    private func disk() throws -> Check? {
        var status = statvfs()
        guard statvfs(repository.commonDirectory.string, &status) == 0 else { return nil }
        let free = Int64(status.f_bavail) * Int64(status.f_frsize)
        let removed = try RemovedWorktree.all(in: repository)
        let size = ByteSize(bytes: removed.reduce(0) { $0 + $1.size }).text
        let text =
            "\(ByteSize(bytes: free).text) left"
            + (removed.isEmpty
                ? "" : "; \(size) in \(removed.count) worktree\(removed.count == 1 ? "" : "s") of removed agents")
        if free < 100 << 20 {
            return .fail("disk", text, fix: "make room: a checkpoint that cannot be written is refused")
        }
        if free < 1 << 30 { return .warn("disk", text, fix: "make room") }
        return .ok("disk", text)
    }

    private func workflow() throws -> [Check] {
        guard let state else { return [] }
        var checks: [Check] = []
        if !state.refusals.isEmpty {
            checks.append(
                .fail(
                    "history",
                    "\(state.refusals.count) checkpoints were not allowed and change nothing: "
                        + (state.refusals.first?.reason ?? ""), fix: "git wf log --json shows who wrote them"))
        }
        do {
            guard let top = repository.workTree, let bytes = try RootedFile(".wfconfig", in: top).read() else {
                return checks
            }
            let entries = try Repository.configEntries(of: bytes, file: ".wfconfig")
            let new = try Definition(entries: entries, file: ".wfconfig")
            let unused = Definition.unusedKeys(in: entries)
            if !unused.isEmpty {
                checks.append(
                    .warn(
                        "definition",
                        ".wfconfig asks for what this version cannot do: \(unused.joined(separator: ", "))",
                        fix: "take them out, or update git-wf"))
            }
            if let current = state.currentName, !new.phases.contains(where: { $0.name.text == current }) {
                checks.append(
                    .fail(
                        "definition", ".wfconfig no longer has \(current), the phase in hand",
                        fix: "put [phase \"\(current)\"] back, complete the phase, then take it out"))
            }
            let trust = try workspace.journal(workflow: Name(state.name)).trust(of: state)
            let isTrusted = try [state.definition, new].allSatisfy { try trust.covers($0) }
            if !isTrusted {
                checks.append(
                    .warn(
                        "trust", "what .wfconfig can do is not trusted, so none of it counts",
                        fix: "git wf trust, by a human at a terminal"))
            }
        } catch let error as FileError {
            checks.append(
                .fail("definition", error.description, fix: "mend .wfconfig; the recorded definition stays in force"))
        } catch let error as DefinitionError {
            checks.append(
                .fail("definition", error.description, fix: "mend .wfconfig; the recorded definition stays in force"))
        } catch let error as GitError {
            checks.append(
                .fail("definition", error.description, fix: "mend .wfconfig; the recorded definition stays in force"))
        }
        return checks
    }
}
