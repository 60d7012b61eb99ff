internal import CGit
package import GitValues
internal import Glibc

extension Repository {
    /// How a commit is read.
    package enum Reading: Sendable {
        /// As git shows it: what replaces it, with the parents that git was told of.
        case asGit
        /// As it was written, which is what a lane says.
        case literal
    }

    /// Reads a commit as tolerantly as git does: old imports have authors without a mail address, dates without a zone, or no
    /// author at all.
    /// - Throws: `GitError`, also where the object is missing or is no commit.
    package func commit(_ id: ObjectID, _ reading: Reading = .asGit) throws -> Commit {
        if reading == .literal { return try CommitReader(self).commit(id) }
        let rewrites = try rewrites
        let read = try CommitReader(self).commit(rewrites.object(for: id))
        guard !rewrites.isEmpty else { return read }
        return Commit(
            id: id, tree: read.tree, parents: rewrites.parents[id] ?? read.parents, author: read.author,
            committer: read.committer, message: read.message)
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
        let clean = UnsafeMutablePointer<git_signature>(handle.pointer).pointee
        let text = [clean.name, clean.email].map { $0.map { String(cString: $0) } ?? "" }
        let minutes = abs(time.offset)
        let zone = "\(time.offset < 0 ? "-" : "+")\(Self.twoDigits(minutes / 60))\(Self.twoDigits(minutes % 60))"
        return "\(text[0]) <\(text[1])> \(time.seconds) \(zone)"
    }

    private static func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
