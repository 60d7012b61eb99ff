internal import CGit
package import GitValues
internal import Glibc

extension Repository {
    /// - Throws: `GitError`, also where the object is missing or is no commit.
    package func commit(_ id: ObjectID) throws -> Commit {
        var oid = id.oid
        let commit = try Handle("read the commit \(id)", freedBy: git_commit_free) { handle in
            seeking { git_commit_lookup(&handle, pointer, &oid) }
        }
        let message = git_commit_message_raw(commit.pointer).map { text in
            UnsafeBufferPointer(start: text, count: strlen(text)).map { UInt8(bitPattern: $0) }
        }
        guard let tree = git_commit_tree_id(commit.pointer), let author = git_commit_author(commit.pointer),
            let committer = git_commit_committer(commit.pointer)
        else { throw GitError(.invalid, doing: "read the commit \(id)", reason: "it is not whole") }
        return Commit(
            id: id,
            tree: ObjectID(tree),
            parents: (0..<git_commit_parentcount(commit.pointer)).compactMap { index in
                git_commit_parent_id(commit.pointer, index).map { ObjectID($0) }
            },
            author: Signature(author.pointee),
            committer: Signature(committer.pointee),
            message: message ?? [])
    }

    /// Makes a commit; moves no ref.
    package func createCommit(
        tree: ObjectID, parents: [ObjectID], author: Signature, committer: Signature, message: [UInt8]
    ) throws -> ObjectID {
        var header = "tree \(tree)\n"
        for parent in parents { header += "parent \(parent)\n" }
        header += try "author \(author.line())\ncommitter \(committer.line())\n\n"
        return try pending.add(.commit, Array(header.utf8) + message.filter { $0 != 0 })
    }

    /// The commit that a revision names (`HEAD~2`, a branch, an abbreviated id); `nil` where it names none.
    package func resolveCommit(_ revision: String) throws -> ObjectID? {
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

    /// The best common ancestor; `nil` where the histories have none.
    package func mergeBase(_ one: ObjectID, _ other: ObjectID) throws -> ObjectID? {
        var base = git_oid()
        var one = one.oid
        var other = other.oid
        guard try found(git_merge_base(&base, pointer, &one, &other), "find the merge base") else { return nil }
        return ObjectID(base)
    }

    /// Whether `commit` is `ancestor` or comes after it.
    package func isDescendant(_ commit: ObjectID, of ancestor: ObjectID) throws -> Bool {
        if commit == ancestor { return true }
        var commit = commit.oid
        var ancestor = ancestor.oid
        return try check(git_graph_descendant_of(pointer, &commit, &ancestor), "compare two commits") == 1
    }

    /// How many commits `commit` has that `base` does not have, and the other way round.
    package func aheadBehind(_ commit: ObjectID, of base: ObjectID) throws -> (ahead: Int, behind: Int) {
        var commit = commit.oid
        var base = base.oid
        var ahead = 0
        var behind = 0
        try check(git_graph_ahead_behind(&ahead, &behind, pointer, &commit, &base), "compare two commits")
        return (ahead, behind)
    }

    /// Whether the object, which is there, is a commit.
    package func isCommit(_ id: ObjectID) throws -> Bool { try header(of: id).type == GIT_OBJECT_COMMIT }

    /// Whether the object is there.
    package func contains(_ id: ObjectID) throws -> Bool {
        let odb = try Handle("open the object database", freedBy: git_odb_free) {
            git_repository_odb(&$0, pointer)
        }
        var oid = id.oid
        return git_odb_exists(odb.pointer, &oid) == 1
    }
}

extension Signature {
    init(_ signature: git_signature) {
        self.init(
            name: signature.name.map { String(cString: $0) } ?? "",
            email: signature.email.map { String(cString: $0) } ?? "",
            time: Timestamp(seconds: signature.when.time, offset: Int(signature.when.offset)))
    }

    /// As a commit's header has it.
    fileprivate func line() throws -> String {
        // libgit2 takes out what a header cannot hold, and refuses what is left of nothing.
        let handle = try Handle(
            "sign as \(name) <\(email)>",
            freedBy: { pointer in
                git_signature_free(pointer.map { UnsafeMutablePointer<git_signature>($0) })
            }
        ) { pointer in
            var signature: UnsafeMutablePointer<git_signature>?
            let status = git_signature_new(&signature, name, email, time.seconds, Int32(clamping: time.offset))
            pointer = signature.map { OpaquePointer($0) }
            return status
        }
        let clean = Signature(UnsafeMutablePointer<git_signature>(handle.pointer).pointee)
        let minutes = abs(clean.time.offset)
        let zone = "\(clean.time.offset < 0 ? "-" : "+")\(Self.twoDigits(minutes / 60))\(Self.twoDigits(minutes % 60))"
        return "\(clean.name) <\(clean.email)> \(clean.time.seconds) \(zone)"
    }

    private static func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
