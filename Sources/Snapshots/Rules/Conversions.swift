internal import Git
internal import GitValues
internal import Glibc
internal import SystemPackage

/// What decides how the bytes of a file become a blob, apart from the file itself.
///
/// git reads a file that is not as the index has it anew each time. A snapshot remembers those files as well, so it must
/// notice when the same bytes would be made into another blob.
struct Conversions {
    /// What the configuration and the files outside of the worktree say.
    private let text: String
    /// Whether any file may be converted though no `.gitattributes` says so.
    let isAnywhere: Bool

    init(repository: Repository) throws {
        let keys = "^(core\\.(autocrlf|eol|attributesfile|symlinks|checkroundtripencoding)|filter\\..*)$"
        var text = try repository.configEntries(matching: keys).joined(separator: "\n")
        var places = [
            FilePath("/etc/gitattributes"), repository.commonDirectory.appending("info").appending("attributes"),
        ]
        if let file = try repository.configPath("core.attributesFile") ?? repository.defaultAttributesFile() {
            places.append(file)
        }
        var isAnywhere =
            try repository.config("core.autocrlf").map { !["false", "no", "off", "0"].contains($0) } ?? false
        for place in places {
            var status = stat()
            guard stat(place.string, &status) == 0 else { continue }
            isAnywhere = true
            text += "\n\(place) \(FileStamp(status))"
        }
        self.text = text
        self.isAnywhere = isAnywhere
    }

    /// Two that are equal make the same blobs.
    /// - Parameters:
    ///   - found: the sum of ``mark(_:_:)`` of each `.gitattributes` of the worktree.
    ///   - index: those of the user's index.
    func fingerprint(found: UInt64, index: [RepositoryPath: ObjectID]) throws -> ObjectID {
        let entries = index.map { "\($0.value) \($0.key)" }.sorted()
        return try Repository.blobID(of: Array((["\(text)\n\(found)"] + entries).joined(separator: "\n").utf8))
    }

    /// A number for one file of attributes as it is; their sum does not depend on the order.
    static func mark(_ path: RepositoryPath, _ stamp: FileStamp) -> UInt64 {
        let bytes = path.bytes + withUnsafeBytes(of: stamp) { Array($0) }
        return bytes.withUnsafeBytes { PrivateIndex.checksum($0) }
    }
}
