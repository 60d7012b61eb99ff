internal import Git
internal import GitValues
internal import Glibc
internal import SystemPackage

/// Decides which untracked files are let into a snapshot.
struct Admission {
    private let maximumSize: Int64
    private let allowed: AllowedPaths

    init(_ limits: Snapshotter.Limits, foldsCase: Bool) {
        maximumSize = limits.maximumFileSize
        allowed = AllowedPaths(limits.allowed, foldsCase: foldsCase)
    }

    /// Why a file is left out for its size; `nil` where it is not.
    /// - Parameters:
    ///   - size: in bytes.
    ///   - path: asked for where it matters.
    func reason(size: Int64, path: @autoclosure () -> RepositoryPath) -> String? {
        size > maximumSize && !allowed.allows(path()) ? "larger than \(maximumSize) bytes" : nil
    }

    /// Why a file is left out for its name and what it holds; `nil` where it is not.
    /// - Parameter content: all of it, or its first ``SecretRules/prefixSize`` bytes.
    func reason(path: RepositoryPath, content: UnsafeRawBufferPointer) -> String? {
        guard let secret = SecretRules.reason(path: path, content: content), !allowed.allows(path) else { return nil }
        return "looks like a secret: \(secret)"
    }
}

/// How many untracked files a worktree has, and where.
struct UntrackedCount {
    private(set) var count = 0
    /// How many are in each directory at the top; those beside them are at the empty path.
    private var counts: [RepositoryPath: Int] = [:]

    /// Counts files of one directory.
    mutating func add(_ number: Int, in node: DirectoryNode) {
        if number == 0 { return }
        count += number
        var directory = node
        while let parent = directory.parent, parent.parent != nil { directory = parent }
        counts[directory.path, default: 0] += number
    }

    /// - Throws: `SnapshotError` where there are more than `limit`, with where they are and how to go on.
    func requireAtMost(_ limit: Int, in top: FilePath) throws {
        guard count > limit, let most = counts.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }) else { return }
        let place = most.key.bytes.isEmpty ? "at its top" : "in \(most.key.text)/"
        throw SnapshotError(
            "the worktree \(top.removingTrailingSlash) has \(count) untracked files, \(most.value) of them \(place), and "
                + "\(limit) at most are taken: name what need not be kept in .gitignore, and git add what belongs to the "
                + "repository", hint: "git config wf.maxUntracked \(count) allows as many")
    }
}
