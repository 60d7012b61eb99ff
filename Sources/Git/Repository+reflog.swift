internal import Files
package import GitValues
internal import SystemPackage

/// What a reflog says of one move of a ref.
package struct ReflogEntry: Hashable, Sendable {
    /// Where the ref was from then on.
    package let new: ObjectID
    package let message: String
}

extension Repository {
    /// The moves of a ref, oldest first, as its reflog has them; none where it has no reflog. `HEAD` is this worktree's.
    package func reflog(of ref: String) throws -> [ReflogEntry] {
        let directory = ref == "HEAD" ? gitDirectory : commonDirectory
        let bytes = try OrdinaryFile.read(directory.appending("logs").pushing(FilePath(ref))) ?? []
        return bytes.split(separator: UInt8(ascii: "\n")).compactMap { line in
            // OLD NEW NAME <MAIL> TIME ZONE, a tab, and the message.
            let parts = line.split(separator: UInt8(ascii: "\t"), maxSplits: 1)
            let words = parts[0].split(separator: UInt8(ascii: " "), maxSplits: 2)
            guard words.count > 1, let new = ObjectID(hex: String(decoding: words[1], as: UTF8.self)) else {
                return nil
            }
            return ReflogEntry(new: new, message: parts.count > 1 ? String(decoding: parts[1], as: UTF8.self) : "")
        }
    }
}
