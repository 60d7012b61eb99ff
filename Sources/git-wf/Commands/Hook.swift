import ArgumentParser
import Files
import Git
import GitValues
import Glibc
import Journal
import Snapshots
import SystemPackage
import Workflow

/// What the installed hooks start. It says nothing when all is well, and git goes on whatever its exit status is: the shim
/// leaves a trace of a failure, which `status` shows.
struct Hook: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hook", abstract: "What the installed hooks call.", discussion: "Example: git wf hook post-commit",
        shouldDisplay: false
    )

    @Argument(help: "The hook's name.") var name: String
    @Argument(parsing: .allUnrecognized, help: "What git gave it.") var arguments: [String] = []

    /// A hook never hangs git: the kernel ends it after so many seconds.
    private static let patience: UInt32 = 30

    private static let triggers: [String: (trigger: Trigger, title: String)] = [
        "post-commit": (.commit, "After a commit"),
        "post-merge": (.merge, "After a merge"),
        "post-checkout": (.checkout, "After a checkout"),
        "post-rewrite": (.rewrite, "After commits were rewritten"),
        "pre-rebase": (.rebase, "Before a rebase"),
    ]

    func run() throws { try Self.run(name) }

    /// Does the work of the hook `name`.
    static func run(_ name: String) throws {
        let invocation = Invocation.current
        // A git that we started ourselves: the operation records what it does.
        if invocation.environment[GitProgram.operationVariable] != nil { return }
        guard let (trigger, title) = Self.triggers[name] else {
            throw Failure("there is no hook \(name.quoted)", status: .usage)
        }
        alarm(Self.patience)
        let surroundings = try invocation.surroundings()
        let journal: Journal
        do {
            journal = try Workspace(surroundings).journal()
        } catch is WorkspaceError {
            return
        } catch let error as GitError where error.code == .unsupported {
            // A repository that no workflow can be in.
            return
        }
        guard let state = try journal.state(), !state.isComplete else { return }
        let policy = CheckpointPolicy(
            definition: state.definition, elapsed: WorkflowDuration(from: state.started, to: surroundings.now))
        guard policy.takes(trigger) else { return }
        let snapshot = try journal.takeSnapshot(definition: state.definition)
        let stash = try autostash(name, journal.repository)
        _ = try journal.appendAutomatic(
            trigger, title: "\(title)\(try subject(name, journal, snapshot.head.commit))", actor: .hook(name),
            snapshot: snapshot,
            isOnlyIfChanged: trigger == .checkout, holding: stash.map { [(TrailerKey.autostash, $0)] } ?? [])
    }

    /// What was committed, so that the log of automatic checkpoints can be read.
    private static func subject(_ name: String, _ journal: Journal, _ head: ObjectID?) throws -> String {
        guard name == "post-commit" || name == "post-merge", let head else { return "" }
        let message = try journal.repository.commit(head).message
        let line = message.prefix { $0 != UInt8(ascii: "\n") }
        return line.isEmpty ? "" : ": " + String(decoding: line, as: UTF8.self)
    }

    /// The work that `git rebase --autostash` set aside before it asked us.
    private static func autostash(_ name: String, _ repository: Repository) throws -> ObjectID? {
        guard name == "pre-rebase" else { return nil }
        for folder in ["rebase-merge", "rebase-apply"] {
            let file = repository.gitDirectory.appending(folder).appending("autostash")
            if let bytes = try OrdinaryFile.read(file),
                let id = ObjectID(hex: String(decoding: bytes, as: UTF8.self).prefix(40))
            {
                return id
            }
        }
        return nil
    }
}
