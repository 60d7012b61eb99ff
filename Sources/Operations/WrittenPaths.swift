package import Git
package import GitValues
package import Journal
package import Workflow

/// The paths that an operation wrote, exactly, as its record has them: each in a `Wf-Path`, behind the `Wf-From` that a restore
/// took it from. Where they are many, the first ones stand there, and all of them in an attachment (`Wf-Paths`): a file of
/// lines that end in a NUL, each the id of the source or `-`, a space, and the path.
package struct WrittenPaths {
    package struct Entry: Hashable, Sendable {
        package let path: RepositoryPath
        package let from: ObjectID?

        package init(path: RepositoryPath, from: ObjectID? = nil) {
            self.path = path
            self.from = from
        }
    }

    package let entries: [Entry]

    /// How many stand in trailers.
    private static let limit = 100

    package init(_ entries: [Entry]) { self.entries = entries }

    /// Puts them into the record of an operation.
    package func record(in draft: inout Draft, journal: Journal) throws {
        var from: ObjectID?
        for (source, group) in grouped {
            if let source, source != from {
                draft.add(TrailerKey.from, source.hex)
                draft.parents.append((nil, source))
                from = source
            }
            draft.add(TrailerKey.path, group.map(\.path.text))
        }
        guard entries.count > Self.limit else { return }
        draft.body = "\(entries.count) paths in all."
        let space = UInt8(ascii: " ")
        var bytes: [UInt8] = []
        for entry in entries { bytes += Array((entry.from?.hex ?? "-").utf8) + [space] + entry.path.bytes + [0] }
        let tree = try journal.repository.createTree([("paths", .file, try journal.repository.createBlob(bytes))])
        draft.parents.append(
            (TrailerKey.paths, try journal.attachment(tree: tree, title: "The paths of an operation")))
    }

    /// Those that stand in trailers, by their source.
    private var grouped: [(ObjectID?, [Entry])] {
        var groups: [(ObjectID?, [Entry])] = []
        for source in entries.map(\.from).reduce(into: [ObjectID?](), { if !$0.contains($1) { $0.append($1) } }) {
            groups.append((source, entries.filter { $0.from == source }))
        }
        var room = Self.limit
        return groups.map { group in
            defer { room = max(0, room - group.1.count) }
            return (group.0, Array(group.1.prefix(room)))
        }
    }

    /// What the record of an operation says.
    package init(of checkpoint: Checkpoint, in repository: Repository) throws {
        if let attachment = checkpoint.id(of: TrailerKey.paths),
            let entry = try repository.entry(at: "paths", in: repository.commit(attachment).tree)
        {
            entries = try repository.blob(entry.id).split(separator: 0).compactMap { line in
                let words = line.split(separator: UInt8(ascii: " "), maxSplits: 1)
                guard words.count == 2 else { return nil }
                return Entry(
                    path: RepositoryPath(bytes: words[1]),
                    from: ObjectID(hex: String(decoding: words[0], as: UTF8.self)))
            }
            return
        }
        var from: ObjectID?
        var entries: [Entry] = []
        for trailer in checkpoint.message.trailers {
            switch trailer.key {
            case TrailerKey.from: from = ObjectID(hex: trailer.value)
            case TrailerKey.path: entries.append(Entry(path: RepositoryPath(text: trailer.value), from: from))
            default: break
            }
        }
        self.entries = entries
    }
}

extension Repository {
    /// As `entry(at:in:)`, for files alone.
    func file(at path: RepositoryPath, in tree: ObjectID) throws -> TreeEntry? {
        try entry(at: path, in: tree).flatMap { $0.mode == .directory ? nil : $0 }
    }
}
