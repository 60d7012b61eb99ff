/// Who did something, and when.
package struct Signature: Hashable, Sendable {
    package var name: String
    package var email: String
    package var time: Timestamp

    package init(name: String, email: String, time: Timestamp) {
        self.name = name
        self.email = email
        self.time = time
    }
}

/// A commit, read.
package struct Commit: Sendable {
    package let id: ObjectID
    package let tree: ObjectID
    package let parents: [ObjectID]
    package let author: Signature
    package let committer: Signature
    /// As recorded; not every one is UTF-8.
    package let message: [UInt8]

    package init(
        id: ObjectID, tree: ObjectID, parents: [ObjectID], author: Signature, committer: Signature, message: [UInt8]
    ) {
        self.id = id
        self.tree = tree
        self.parents = parents
        self.author = author
        self.committer = committer
        self.message = message
    }
}
