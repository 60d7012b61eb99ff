internal import Git
internal import SystemPackage

/// The conversions that only git does as git: filter drivers such as git-lfs, `working-tree-encoding`, `ident`.
struct ExternalFilters {
    let git: GitProgram
    let top: FilePath
    /// What binds git to this worktree, wherever its git directory is.
    let variables: [String: String]

    init(git: GitProgram, repository: Repository, top: FilePath) {
        self.git = git
        self.top = top
        variables = ["GIT_DIR": repository.gitDirectory.string, "GIT_WORK_TREE": top.string]
    }

    /// Writes files of the worktree as blobs, through the user's filters, with one process for all.
    /// - Returns: the blob of each path, `nil` where its filter failed or it vanished.
    func clean(_ paths: [RepositoryPath]) throws -> [(RepositoryPath, ObjectID?)] {
        guard !paths.isEmpty else { return [] }
        let ids = try hash(paths)
        // git stops at the first file that it cannot convert; the others are asked for one by one.
        if ids.count == paths.count { return Array(zip(paths, ids)) }
        return try paths.map { ($0, try hash([$0]).first ?? nil) }
    }

    /// The bytes that `blob` has in the worktree at `path`.
    func smudge(_ blob: ObjectID, at path: RepositoryPath) throws -> [UInt8] {
        // Names are handed over on standard input, since arguments are text and names need not be.
        let output = try git.succeed(
            "convert \(path)", ["cat-file", "--batch=", "--filters", "-z"], in: top, variables: variables,
            input: Array(blob.hex.utf8) + [UInt8(ascii: " ")] + path.bytes + [0]
        ).output
        // An empty line, the content, and a line end.
        guard output.count >= 2, output.first == UInt8(ascii: "\n"), output.last == UInt8(ascii: "\n") else {
            throw SnapshotError("could not convert \(path): git gave no content")
        }
        return Array(output[1...].dropLast())
    }

    private func hash(_ paths: [RepositoryPath]) throws -> [ObjectID?] {
        // `safecrlf` would refuse files whose line ends cannot be brought back; a checkpoint takes them.
        let arguments = ["-c", "core.safecrlf=false", "hash-object", "-w", "--stdin-paths"]
        let input = paths.flatMap { quoted($0) + [UInt8(ascii: "\n")] }
        let result = try git.run(arguments, in: top, variables: variables, input: input)
        return result.text.split(separator: "\n").map { ObjectID(hex: $0) }
    }

    /// As a C string in quotes, which git reads for any name.
    private func quoted(_ path: RepositoryPath) -> [UInt8] {
        let quote = UInt8(ascii: "\"")
        let backslash = UInt8(ascii: "\\")
        return [quote]
            + path.bytes.flatMap { byte -> [UInt8] in
                switch byte {
                case quote, backslash: [backslash, byte]
                case UInt8(ascii: "\n"): [backslash, UInt8(ascii: "n")]
                case UInt8(ascii: "\r"): [backslash, UInt8(ascii: "r")]
                default: [byte]
                }
            } + [quote]
    }
}
