internal import Files
package import SystemPackage

/// A time when a hook of ours could not do its work: git-wf was gone, or failed.
package struct HookMiss: Hashable, Sendable {
    /// In UTC, as `2026-02-22T09:00:00Z`.
    package let time: String
    /// Git's name of the hook.
    package let hook: String
    /// What the shell saw: 127 when the binary was gone, else its own status, or 128 and a signal's number.
    package let status: Int

    /// Reads what the hooks of a repository left behind.
    ///
    /// - Parameter commonDirectory: the repository's folder, which all its worktrees share.
    /// - Returns: all of them, the oldest first; lines that are no miss are left out.
    package static func misses(in commonDirectory: FilePath) -> [HookMiss] {
        guard let bytes = try? RootedFile("wf/misses", in: commonDirectory).read() else { return [] }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard words.count == 3, let status = Int(words[2]) else { return nil }
            return HookMiss(time: String(words[0]), hook: String(words[1]), status: status)
        }
    }
}
