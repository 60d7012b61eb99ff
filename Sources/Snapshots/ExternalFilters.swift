internal import Git
internal import SystemPackage

/// The conversions that only git can do: filter drivers such as git-lfs, and `working-tree-encoding`.
struct ExternalFilters {
    let git: GitProgram
    let top: FilePath

    /// Writes files of the worktree as blobs, through the user's filters, with one process for all.
    /// - Returns: the blob of each path, `nil` where its filter failed or it vanished.
    func clean(_ paths: [RepositoryPath]) throws -> [(RepositoryPath, ObjectID?)] {
        guard !paths.isEmpty else { return [] }
        let newline = UInt8(ascii: "\n")
        // `--stdin-paths` reads lines; a name with a newline goes alone.
        let plain = paths.filter { !$0.bytes.contains(newline) }
        var results: [(RepositoryPath, ObjectID?)] = []
        if !plain.isEmpty {
            let input = plain.flatMap { quoted($0) + [newline] }
            let result = try git.run(["hash-object", "-w", "--stdin-paths"], in: top, input: input)
            let ids = result.text.split(separator: "\n").map { ObjectID(hex: $0) }
            // git stops at the first file that it cannot convert; the others are asked for one by one.
            if ids.count == plain.count {
                results = zip(plain, ids).map { ($0, $1) }
            } else {
                results = try plain.map { ($0, try cleanAlone($0)) }
            }
        }
        return try results + paths.filter { $0.bytes.contains(newline) }.map { ($0, try cleanAlone($0)) }
    }

    /// The bytes that `blob` has in the worktree at `path`.
    func smudge(_ blob: ObjectID, at path: RepositoryPath) throws -> [UInt8] {
        try git.succeed(
            "convert \(path)", ["cat-file", "--filters", "--path=\(path.description)", blob.hex], in: top
        ).output
    }

    private func cleanAlone(_ path: RepositoryPath) throws -> ObjectID? {
        let result = try git.run(["hash-object", "-w", "--", path.description], in: top)
        return result.status == 0 ? ObjectID(hex: result.text) : nil
    }

    /// A line that begins with a quote is read as a C string.
    private func quoted(_ path: RepositoryPath) -> [UInt8] {
        guard path.bytes.first == UInt8(ascii: "\"") else { return path.bytes }
        return [UInt8(ascii: "\"")]
            + path.bytes.flatMap { byte -> [UInt8] in
                byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") ? [UInt8(ascii: "\\"), byte] : [byte]
            } + [UInt8(ascii: "\"")]
    }
}
