internal import CGit
package import GitValues

/// The user's history as git reads it. libgit2 answers where it can; git does where something stands between the objects and
/// the history, and where libgit2 understands a commit on the way less well than git.
extension Repository {
    /// The best common ancestors of two commits: none for unrelated histories, several after merges across.
    package func mergeBases(_ one: ObjectID, _ other: ObjectID) throws -> [ObjectID] {
        let doing = "find the merge bases"
        return try asGit {
            var bases = git_oidarray()
            defer { git_oidarray_dispose(&bases) }
            var (one, other) = (one.oid, other.oid)
            guard try found(git_merge_bases(&bases, pointer, &one, &other), doing) else { return [] }
            return (0..<bases.count).map { ObjectID(bases.ids[$0]) }
        } asked: {
            let result = try ask(["merge-base", "--all", one.hex, other.hex], doing, answers: 0...1)
            return result.text.split(separator: "\n").compactMap { ObjectID(hex: $0) }
        }
    }

    /// The best common ancestor; `nil` where the histories have none.
    package func mergeBase(_ one: ObjectID, _ other: ObjectID) throws -> ObjectID? {
        let doing = "find the merge base"
        return try asGit {
            var base = git_oid()
            var (one, other) = (one.oid, other.oid)
            return try found(git_merge_base(&base, pointer, &one, &other), doing) ? ObjectID(base) : nil
        } asked: {
            try ObjectID(hex: ask(["merge-base", one.hex, other.hex], doing, answers: 0...1).text)
        }
    }

    /// Whether `commit` is `ancestor` or comes after it.
    package func isDescendant(_ commit: ObjectID, of ancestor: ObjectID) throws -> Bool {
        if commit == ancestor { return true }
        let doing = "compare two commits"
        return try asGit {
            var (commit, ancestor) = (commit.oid, ancestor.oid)
            return try check(git_graph_descendant_of(pointer, &commit, &ancestor), doing) == 1
        } asked: {
            try ask(["merge-base", "--is-ancestor", ancestor.hex, commit.hex], doing, answers: 0...1).status == 0
        }
    }

    /// How many commits `commit` has that `base` does not have, and the other way round.
    package func aheadBehind(_ commit: ObjectID, of base: ObjectID) throws -> (ahead: Int, behind: Int) {
        let doing = "compare two commits"
        return try asGit {
            var (commit, base) = (commit.oid, base.oid)
            var (ahead, behind) = (0, 0)
            try check(git_graph_ahead_behind(&ahead, &behind, pointer, &commit, &base), doing)
            return (ahead, behind)
        } asked: {
            let range = "\(commit)...\(base)"
            let counts = try ask(["rev-list", "--count", "--left-right", range], doing, answers: 0...0).text
                .split(separator: "\t").compactMap { Int($0) }
            guard counts.count == 2 else { throw GitError(.invalid, doing: doing, reason: "git gave no counts") }
            return (counts[0], counts[1])
        }
    }

    /// The commit that a revision names (`HEAD~2`, a branch, an abbreviated id); `nil` where it names none.
    package func resolveCommit(_ revision: String) throws -> ObjectID? {
        try asGit {
            try resolveLiterally(revision)
        } asked: {
            if revision.hasPrefix("-") { return nil }
            // Of several objects whose ids begin alike git takes the one that is a commit.
            let arguments = ["rev-parse", "--verify", "--quiet", "--end-of-options", "\(revision)^{commit}"]
            return try ObjectID(hex: ask(arguments, "resolve \(revision)", answers: 0...128).text)
        }
    }

    private func resolveLiterally(_ revision: String) throws -> ObjectID? {
        let doing = "resolve \(revision)"
        var object: OpaquePointer?
        let status = git_revparse_single(&object, pointer, revision)
        // A revision that cannot be parsed names nothing, too.
        if status == GIT_EINVALIDSPEC.rawValue {
            git_error_clear()
            return nil
        }
        guard try found(status, doing), let object else { return nil }
        defer { git_object_free(object) }
        var commit: OpaquePointer?
        let peeled = git_object_peel(&commit, object, GIT_OBJECT_COMMIT)
        if peeled == GIT_EINVALIDSPEC.rawValue || peeled == GIT_EPEEL.rawValue {
            git_error_clear()
            return nil
        }
        try check(peeled, doing)
        guard let commit else { return nil }
        defer { git_object_free(commit) }
        return git_object_id(commit).map { ObjectID($0) }
    }

    /// - Parameters:
    ///   - direct: asks libgit2.
    ///   - asked: asks git the same.
    private func asGit<Answer>(_ direct: () throws -> Answer, asked: () throws -> Answer) throws -> Answer {
        if try !rewrites.isEmpty { return try asked() }
        do {
            return try direct()
        } catch let error as GitError {
            // What was ambiguous is the caller's to look through.
            if error.code == .ambiguous { throw error }
            do { return try asked() } catch is GitError { throw error }
        }
    }

    private func ask(_ arguments: [String], _ doing: String, answers: ClosedRange<Int32>) throws -> ChildProcess.Result
    {
        // What this process made is there for another one.
        try pending.makeVisible()
        let result = try git.run(arguments, in: workTree ?? gitDirectory)
        if answers.contains(result.status) { return result }
        throw GitError(.program(status: result.status), doing: doing, reason: GitProgram.reason(of: result))
    }
}
