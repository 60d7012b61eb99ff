internal import Files
internal import Git
internal import GitValues
internal import Glibc
internal import SystemPackage

/// The conversions that only git does as git: filter drivers such as git-lfs, `working-tree-encoding`, `ident`.
struct ExternalFilters {
    let git: GitProgram
    let top: FilePath
    private let gitDirectory: FilePath
    /// What binds git to this worktree, wherever its git directory is.
    let variables: [String: String]
    /// The conversions that need no git.
    let conversions: FileConversions

    init(git: GitProgram, repository: Repository, top: FilePath) throws {
        self.git = git
        self.top = top
        gitDirectory = repository.gitDirectory
        variables = ["GIT_DIR": repository.gitDirectory.string, "GIT_WORK_TREE": top.string]
        conversions = try FileConversions(
            repository: repository, top: top, files: IndexFiles(repository: repository, git: git))
    }

    /// Writes files of the worktree as blobs, through the user's filters, with few processes for all.
    /// - Parameter recorded: what the user's index has of them, which decides how some line ends are taken.
    /// - Returns: the blob of each path, `nil` where its filter failed or it vanished.
    func clean(_ paths: [RepositoryPath], recorded: [RepositoryPath: ObjectID] = [:]) throws -> [(
        RepositoryPath, ObjectID?
    )] {
        guard !paths.isEmpty else { return [] }
        let needsIndex = try paths.contains {
            try recorded[$0] != nil && conversions.conversion(of: $0).lineEnds == .automatic
        }
        if needsIndex, let ids = try add(paths, recorded: recorded) { return paths.map { ($0, ids[$0]) } }
        let ids = try hash(paths)
        // git stops at the first file that it cannot convert; the others are asked for one by one.
        if ids.count == paths.count { return Array(zip(paths, ids)) }
        return try paths.map { ($0, try hash([$0]).first ?? nil) }
    }

    /// Adds files to an index that has nothing but what the user's has of them, as `git add` does.
    /// - Returns: `nil` where git could not convert all of them.
    private func add(_ paths: [RepositoryPath], recorded: [RepositoryPath: ObjectID]) throws -> [RepositoryPath:
        ObjectID]?
    {
        guard let folder = try? TemporaryFolder(in: gitDirectory.appending("wf"), prefix: "filter.") else { return nil }
        let index = folder.path.appending("index")
        let variables = variables.merging(["GIT_INDEX_FILE": index.string]) { $1 }
        func run(_ arguments: [String], _ input: [UInt8] = []) throws -> ChildProcess.Result {
            try git.run(["-c", "core.safecrlf=false"] + arguments, in: top, variables: variables, input: input)
        }
        let entries = paths.flatMap { path -> [UInt8] in
            recorded[path].map { Array("100644 \($0) 0\t".utf8) + path.bytes + [0] } ?? []
        }
        guard try run(["update-index", "-z", "--index-info"], entries).status == 0,
            try run(["update-index", "--add", "-z", "--stdin"], paths.flatMap { $0.bytes + [0] }).status == 0
        else { return nil }
        let listed = try run(["ls-files", "--stage", "-z"])
        guard listed.status == 0 else { return nil }
        var ids: [RepositoryPath: ObjectID] = [:]
        for line in listed.output.split(separator: 0) {
            guard let tab = line.firstIndex(of: UInt8(ascii: "\t")) else { continue }
            let words = line[..<tab].split(separator: UInt8(ascii: " "))
            if words.count == 3, let id = ObjectID(hex: String(decoding: words[1], as: UTF8.self)) {
                ids[RepositoryPath(bytes: line[(tab + 1)...])] = id
            }
        }
        return ids
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
