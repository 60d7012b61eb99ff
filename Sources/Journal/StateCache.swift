internal import FoundationEssentials
internal import Git
internal import SystemPackage
internal import Workflow

/// The folded state of each lane, keyed by the tip that it was folded to: `<commondir>/wf/cache/<workflow>/<lane>.json`.
///
/// It may be deleted at any time, and is ignored when it does not fit: another version, another tip's, damaged.
struct StateCache {
    /// Raised with every change of what a fold gives or of how it is written.
    private static let version = 4

    let directory: FilePath

    private struct Entry<State: Codable>: Codable {
        let version: Int
        let tip: ObjectID
        let state: State
    }

    func load<State: Codable>(_ type: State.Type, lane: Lane) -> (state: State, tip: ObjectID)? {
        // A cache that cannot be read is the same as none: everything in it is folded again.
        guard let bytes = try? StateFile.read(file(lane)),
            let entry = try? JSONDecoder().decode(Entry<State>.self, from: Data(bytes)), entry.version == Self.version
        else { return nil }
        return (entry.state, entry.tip)
    }

    func save<State: Codable>(_ state: State, tip: ObjectID, lane: Lane) {
        guard let data = try? JSONEncoder().encode(Entry(version: Self.version, tip: tip, state: state)) else { return }
        try? StateFile.write(Array(data), to: file(lane))
    }

    private func file(_ lane: Lane) -> FilePath {
        switch lane {
        case .leader: directory.appending("leader.json")
        case .agent(let name): directory.appending("agents").appending("\(name).json")
        }
    }
}
