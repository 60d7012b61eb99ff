import Actions
import Files
import Git
import GitValues
internal import Glibc
package import HookFolder
package import Journal
internal import SystemPackage
import Workflow

/// What git says through its hooks, and the checkpoint that each asks for.
package enum GitEvent {
    /// What a hook is an event of: why a checkpoint is taken, and how its title begins.
    private static func meaning(of hook: GitHook) -> (trigger: Trigger, title: String) {
        switch hook {
        case .postCommit: (.commit, "After a commit")
        case .postMerge: (.merge, "After a merge")
        case .postCheckout: (.checkout, "After a checkout")
        case .postRewrite: (.rewrite, "After commits were rewritten")
        case .preRebase: (.rebase, "Before a rebase")
        }
    }

    /// A hook never hangs git: the kernel ends the process after so many seconds.
    private static let patience: UInt32 = 30

    /// Does the work of a hook. Git goes on whatever becomes of it.
    package static func handle(_ hook: GitHook, _ surroundings: Surroundings) throws {
        alarm(patience)
        defer { alarm(0) }
        let (trigger, title) = meaning(of: hook)
        guard
            let checkpoint = try AutomaticCheckpoint(trigger, by: .hook(hook.rawValue), in: surroundings)
        else { return }
        let repository = checkpoint.repository
        try checkpoint.take(
            title: { "\(title)\(try subject(hook, repository, $0))" }, isOnlyIfChanged: hook == .postCheckout,
            autostash: autostash(hook, repository))
    }

    /// What was committed, so that the log of automatic checkpoints can be read.
    private static func subject(_ hook: GitHook, _ repository: Repository, _ head: ObjectID?) throws -> String {
        guard hook == .postCommit || hook == .postMerge, let head else { return "" }
        let message = try repository.commit(head).message
        let line = message.prefix { $0 != UInt8(ascii: "\n") }
        return line.isEmpty ? "" : ": " + String(decoding: line, as: UTF8.self)
    }

    /// The work that `git rebase --autostash` set aside before it asked us.
    private static func autostash(_ hook: GitHook, _ repository: Repository) throws -> ObjectID? {
        guard hook == .preRebase else { return nil }
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
