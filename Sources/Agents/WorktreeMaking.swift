internal import Files
package import Git
internal import GitValues
package import SystemPackage

/// Makes linked worktrees as `git worktree add` does.
package struct WorktreeMaking {
    /// A hook of the user's that ended with an error. It runs once the worktree is whole, so that it is whole all the same.
    package struct HookFailure: Sendable {
        let status: Int32
        /// The last line that it said.
        let words: String

        /// As a warning.
        package var text: String {
            "the hook post-checkout ended with \(status)" + (words.isEmpty ? "" : " (\(words))")
                + "; the worktree is made all the same"
        }
    }

    /// Why there is none.
    package struct Refusal: Error {
        package let status: Int32
        package let reason: String
    }

    /// Makes a worktree.
    /// - Parameter arguments: what stands behind `git worktree add`.
    /// - Returns: what a hook said against it; `nil` where none did.
    /// - Throws: `Refusal` in git's words; nothing is there then.
    package static func add(
        _ place: FilePath, _ arguments: [String], in repository: Repository
    ) throws -> HookFailure? {
        let result = try repository.git.run(
            ["worktree", "add", "--quiet"] + arguments, in: repository.workTree ?? repository.gitDirectory,
            // Its words are looked into.
            variables: ["LANGUAGE": "en"])
        if result.status == 0 { return nil }
        let reason = GitProgram.reason(of: result)
        // git takes back what it did not finish, but a hook comes after that: its status becomes that of the command.
        guard try isWhole(place, of: repository) else { throw Refusal(status: result.status, reason: reason) }
        let words = String(decoding: result.errors, as: UTF8.self).split(separator: "\n").last.map(String.init) ?? ""
        return HookFailure(status: result.status, words: words)
    }

    /// Whether git checked the files out: it writes the index then, and takes its own lock away.
    private static func isWhole(_ place: FilePath, of repository: Repository) throws -> Bool {
        let link = try OrdinaryFile.front(of: place.appending(".git"), upTo: 8192, links: .refused) ?? []
        let text = String(decoding: link, as: UTF8.self)
        guard text.hasPrefix("gitdir: ") else { return false }
        let own = place.pushing(FilePath(String(text.dropFirst(8).prefix { !$0.isNewline })))
        let worktrees = OrdinaryFile.resolved(repository.commonDirectory.appending("worktrees"))
        return OrdinaryFile.resolved(own.removingLastComponent()) == worktrees
            && OrdinaryFile.isThere(own.appending("index")) && !OrdinaryFile.isThere(own.appending("locked"))
            && !OrdinaryFile.isThere(own.appending("index.lock"))
    }
}
