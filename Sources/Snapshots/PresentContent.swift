internal import Git
internal import Glibc
internal import SystemPackage

/// Tells whether what is on disk now is what a tree holds.
///
/// A snapshot may keep what the index had instead of the file: outside of a sparse checkout, assume-unchanged, unreadable.
/// And a file may have changed since. In both cases its bytes are nowhere else.
struct PresentContent {
    let repository: Repository
    let top: FilePath
    let filters: ExternalFilters

    /// The paths that have other content on disk than `entries` say; what is not there has none.
    func paths(notHolding entries: [TreeEntry]) throws -> [RepositoryPath] {
        var others: [RepositoryPath] = []
        var filtered: [TreeEntry] = []
        for entry in entries {
            guard let present = WorktreeScan.Entry(at: entry.path, below: top) else { continue }
            switch present.kind {
            // A directory in the place of a file is looked at by its files.
            case .directory: continue
            case .special: others.append(entry.path)
            case .symlink: if try target(of: entry.path) != repository.blob(entry.id) { others.append(entry.path) }
            case .file:
                if try repository.hasExternalFilter(entry.path) {
                    filtered.append(entry)
                } else if try !isHeld(entry) {
                    others.append(entry.path)
                }
            }
        }
        for ((path, id), entry) in zip(try filters.clean(filtered.map(\.path)), filtered) where id != entry.id {
            if try bytes(of: path) != filters.smudge(entry.id, at: path) { others.append(path) }
        }
        return others
    }

    /// The files whose bytes git's conversions would not give back from `entries`: line ends that are mixed, say, or a form
    /// that the attributes do not call for.
    func unconverted(among entries: [TreeEntry]) throws -> [(entry: TreeEntry, bytes: [UInt8])] {
        try entries.compactMap { entry in
            guard entry.mode == .file || entry.mode == .executable,
                case .file? = WorktreeScan.Entry(at: entry.path, below: top)?.kind
            else { return nil }
            let present = try bytes(of: entry.path)
            let written =
                try repository.hasExternalFilter(entry.path)
                ? filters.smudge(entry.id, at: entry.path) : repository.worktreeBytes(of: entry.id, at: entry.path)
            return present == written ? nil : (entry, present)
        }
    }

    private func isHeld(_ entry: TreeEntry) throws -> Bool {
        let present = try bytes(of: entry.path)
        if try Repository.blobID(of: present) == entry.id { return true }
        // Converted on the way in; or taken before the attributes said so, and still what would be written.
        if try repository.worktreeBytes(of: entry.id, at: entry.path) == present { return true }
        return try repository.createBlob(ofWorktreeFile: entry.path) == entry.id
    }

    private func bytes(of path: RepositoryPath) throws -> [UInt8] {
        let file = try FileDescriptor.open(
            FilePath(platformString: top.appending(path)), .readOnly, options: [.closeOnExec, .noFollow])
        return try file.closeAfter {
            var bytes: [UInt8] = []
            var chunk = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = try chunk.withUnsafeMutableBytes { try file.read(into: $0) }
                if count == 0 { return bytes }
                bytes += chunk[..<count]
            }
        }
    }

    private func target(of path: RepositoryPath) throws -> [UInt8] {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let count = readlink(top.appending(path), &buffer, buffer.count)
        guard count >= 0 else { throw SnapshotError("could not read \(path): \(String(cString: strerror(errno)))") }
        return buffer[..<count].map { UInt8(bitPattern: $0) }
    }
}
