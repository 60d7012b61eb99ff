internal import Git
internal import Glibc
internal import SystemPackage

/// What decides how the bytes of a file become a blob, apart from the file itself.
///
/// git reads a file that is not as the index has it anew each time. A snapshot remembers those files as well, so it must
/// notice when the same bytes would be made into another blob.
struct Conversions {
    /// Two that are equal make the same blobs.
    let fingerprint: ObjectID

    /// - Parameter files: the `.gitattributes` of the worktree.
    init(repository: Repository, files: [(path: RepositoryPath, status: FileStatus)]) throws {
        let keys = "^(core\\.(autocrlf|eol|attributesfile|symlinks|checkroundtripencoding)|filter\\..*)$"
        var text = try repository.configEntries(matching: keys).joined(separator: "\n")
        var places = [repository.commonDirectory.appending("info").appending("attributes")]
        if let file = try repository.configPath("core.attributesFile") { places.append(file) }
        for place in places {
            var status = stat()
            let isThere = stat(place.string, &status) == 0
            text += "\n\(place)\(isThere ? Self.text(WorktreeScan.Entry(path: "", status: status).status) : "")"
        }
        var bytes = Array(text.utf8)
        for (path, status) in files { bytes += [0] + path.bytes + Array(Self.text(status).utf8) }
        fingerprint = try Repository.blobID(of: bytes)
    }

    private static func text(_ status: FileStatus) -> String {
        [
            status.modified.seconds, status.modified.nanoseconds, status.changed.seconds, status.changed.nanoseconds,
            Int64(status.inode), Int64(status.size),
        ].map { " \($0)" }.joined()
    }
}
