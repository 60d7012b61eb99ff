internal import Files
internal import Git
package import GitValues
internal import SystemPackage
package import Workflow

/// The folded state of each lane, keyed by the tip that it was folded to: `<commondir>/wf/cache/<workflow>/<lane>.state`.
///
///     git-wf state 12 47a013e660d408619d894b20806b1d5086aab03b
///     <the tip, then the state, as StoredBytes has them>
///
/// The first line has the version and the checksum of what follows. A file may be deleted at any time, and is ignored where
/// it does not fit: another version, damaged, or of a tip that the lane does not have. Its size is the state's, however many
/// checkpoints that was folded from.
package struct StateCache {
    /// Raised with every change of what a fold gives or of how it is written.
    private static let version = 16

    let directory: FilePath
    let access: FileAccess

    func load<State: Stored>(_ type: State.Type, lane: Lane) -> (state: State, tip: ObjectID)? {
        // A cache that cannot be read is the same as none: everything in it is folded again.
        (try? file(lane).read()).flatMap { Self.decode(type, from: $0) }
    }

    func save<State: Stored>(_ state: State, tip: ObjectID, lane: Lane) {
        var content = StoredBytes()
        content.add(tip)
        content.add(state)
        // One that cannot be written is made again by whoever needs it.
        guard let bytes = try? Self.file(of: content.bytes) else { return }
        try? file(lane).write(bytes, access: access)
    }

    /// Reads the bytes of a file.
    /// - Returns: `nil` for those that do not fit.
    package static func decode<State: Stored>(
        _ type: State.Type, from bytes: [UInt8]
    ) -> (state: State, tip: ObjectID)? {
        guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        let content = Array(bytes[(end + 1)...])
        guard let whole = try? file(of: content), bytes == whole else { return nil }
        var store = StoredBytes(content)
        guard let tip = try? store.read(ObjectID.self), let state = try? store.read(type), store.isAtEnd else {
            return nil
        }
        return (state, tip)
    }

    /// A file with that content. Whoever changes a byte of the content changes its first line: a state with another digit in
    /// it would be believed.
    package static func file(of content: [UInt8]) throws -> [UInt8] {
        Array("git-wf state \(version) \(try Repository.blobID(of: content))\n".utf8) + content
    }

    private func file(_ lane: Lane) -> RootedFile {
        switch lane {
        case .leader: RootedFile("leader.state", in: directory)
        case .agent(let name): RootedFile("agents/\(name).state", in: directory)
        }
    }
}
