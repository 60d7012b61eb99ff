internal import Git
internal import GitValues

extension Repository {
    /// The name that a branch got by `git branch -m`, in full, where this worktree is on it: the old one is gone, and a reflog
    /// tells of each step from it to HEAD's branch.
    package func newName(of branch: String) throws -> String? {
        guard let present = try head().branch, present != branch, try reference(branch) == nil else { return nil }
        // The branch's own goes along with it; that of HEAD has the renames that were made while it was checked out.
        for ref in [present, "HEAD"] where try Self.name(of: branch, after: reflog(of: ref)) == present {
            return present
        }
        return nil
    }

    private static func name(of branch: String, after entries: [ReflogEntry]) -> String {
        entries.reduce(branch) { name, entry in
            guard let rename = renaming(entry.message), rename.from == name else { return name }
            return rename.to
        }
    }

    /// `Branch: renamed refs/heads/OLD to refs/heads/NEW` as git writes it, libgit2 with a small letter, JGit with short names.
    private static func renaming(_ message: String) -> (from: String, to: String)? {
        let words = message.split(separator: " ")
        guard words.count == 5, words[0].lowercased() == "branch:", words[1] == "renamed", words[3] == "to" else {
            return nil
        }
        func full(_ name: Substring) -> String { name.hasPrefix("refs/") ? String(name) : "refs/heads/\(name)" }
        return (full(words[2]), full(words[4]))
    }
}
