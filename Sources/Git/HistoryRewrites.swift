internal import CLinux
internal import Files
internal import GitValues
internal import Glibc
internal import SystemPackage

/// What makes git read a history in another way than its objects say: replacements (`git replace`), grafts, and where a
/// shallow clone ends. libgit2 knows nothing of it.
package struct HistoryRewrites: Sendable {
    private(set) var replacements: [ObjectID: ObjectID] = [:]
    /// The parents that a commit is to have.
    private(set) var parents: [ObjectID: [ObjectID]] = [:]

    package var isEmpty: Bool { replacements.isEmpty && parents.isEmpty }

    /// What is read in the place of an object.
    /// - Returns: itself where it is not replaced, and where replacements go round in a circle.
    func object(for id: ObjectID) -> ObjectID {
        var next = id
        // As deep as git goes.
        for _ in 0..<5 {
            guard let other = replacements[next] else { return next }
            next = other
        }
        return id
    }

    init(of repository: Repository) throws {
        let environment = repository.environment
        if environment["GIT_NO_REPLACE_OBJECTS"] == nil,
            try repository.configFlag("core.useReplaceRefs") ?? true
        {
            let prefix = environment["GIT_REPLACE_REF_BASE"] ?? "refs/replace/"
            if repository.mayHaveReferences(under: prefix) {
                for reference in try repository.references(under: prefix) {
                    guard let id = ObjectID(hex: reference.name.dropFirst(prefix.count)) else { continue }
                    replacements[id] = reference.target
                }
            }
        }
        let common = repository.commonDirectory
        func lines(_ variable: String, _ file: FilePath) throws -> [[ObjectID]] {
            let bytes = try OrdinaryFile.read(environment[variable].map { common.pushing(FilePath($0)) } ?? file) ?? []
            return bytes.split(separator: UInt8(ascii: "\n")).map { line in
                line.split(separator: UInt8(ascii: " ")).compactMap { ObjectID(hex: $0) }
            }
        }
        for ids in try lines("GIT_GRAFT_FILE", common.appending("info").appending("grafts")) {
            if let commit = ids.first { parents[commit] = Array(ids.dropFirst()) }
        }
        for ids in try lines("GIT_SHALLOW_FILE", common.appending("shallow")) {
            if let commit = ids.first { parents[commit] = [] }
        }
    }
}

extension Repository {
    /// What stands between the objects and the history that git shows; read once.
    package var rewrites: HistoryRewrites {
        get throws {
            if let known = knownRewrites { return known }
            let read = try HistoryRewrites(of: self)
            knownRewrites = read
            return read
        }
    }

    /// Whether there could be a ref whose name begins with `prefix`; it costs next to nothing where there is none.
    fileprivate func mayHaveReferences(under prefix: String) -> Bool {
        if Glibc.access(commonDirectory.pushing(FilePath(prefix)).string, F_OK) == 0 { return true }
        // One that cannot be read here is an error where the refs are.
        guard let packed = try? OrdinaryFile.read(commonDirectory.appending("packed-refs"), upTo: .max - 1) else {
            return false
        }
        return packed.withUnsafeBytes { bytes in
            bytes.baseAddress.map { clinux_holds($0, bytes.count, prefix) } ?? false
        }
    }
}
