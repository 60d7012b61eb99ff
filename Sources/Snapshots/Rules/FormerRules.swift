internal import Files
package import Git
package import GitValues
internal import Glibc
internal import SystemPackage

/// What git ignored when a tree was taken.
package enum FormerRules {
    /// Those of `paths` that the `.gitignore` files of `tree` ignore, or this repository's own rules do.
    ///
    /// git itself is asked, in a folder that has those files alone.
    package static func ignored(
        _ paths: [RepositoryPath], by tree: ObjectID, in repository: Repository, git: GitProgram
    ) throws -> Set<RepositoryPath> {
        if paths.isEmpty { return [] }
        let rules = try TemporaryFolder(in: repository.gitDirectory.appending("wf"), prefix: "rules.")
        let folder = rules.path
        var directories: Set<RepositoryPath> = [RepositoryPath("")]
        for path in paths {
            var directory = path.directory
            while directories.insert(directory).inserted { directory = directory.directory }
        }
        for directory in directories.sorted() {
            let path = directory.appending(Array(".gitignore".utf8))
            guard let entry = try repository.entry(at: path, in: tree), entry.mode == .file || entry.mode == .executable
            else { continue }
            try write(repository.blob(entry.id), at: path, below: folder)
        }
        // The names begin with `./`, so that none looks like a pathspec's magic.
        let here = Array("./".utf8)
        let variables = [
            "GIT_DIR": repository.gitDirectory.string, "GIT_WORK_TREE": folder.string,
            // What is tracked now says nothing about then.
            "GIT_INDEX_FILE": folder.appending("index").string,
        ]
        let result = try git.run(
            ["check-ignore", "--no-index", "--stdin", "-z"], in: folder, variables: variables,
            input: paths.flatMap { here + $0.bytes + [0] })
        guard result.status == 0 || result.status == 1 else {
            throw GitError(
                .program(status: result.status), doing: "read the ignore rules of \(tree.short)",
                reason: GitProgram.reason(of: result))
        }
        return Set(result.output.split(separator: 0).map { RepositoryPath(bytes: $0.dropFirst(here.count)) })
    }

    private static func write(_ bytes: [UInt8], at path: RepositoryPath, below folder: FilePath) throws {
        guard let directory = try OpenDirectory(path.directory, below: folder, made: { _ in }) else { return }
        let descriptor = openat(
            directory.descriptor, path.lastTerminated, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw SnapshotError(errno: errno, "write the ignore rules of a checkpoint") }
        defer { close(descriptor) }
        do {
            try FileDescriptor(rawValue: descriptor).writeWhole(bytes)
        } catch {
            throw SnapshotError(errno: error.rawValue, "write the ignore rules of a checkpoint")
        }
    }
}
