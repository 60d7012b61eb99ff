import Files
import Git
import GitValues
import Glibc
import Snapshots
import SystemPackage
import TestSupport
import Testing

extension TestRepository {
    var program: GitProgram { GitProgram(environment: environment) }

    /// The repository as git-wf opens it.
    func opened() throws -> Repository { try Repository.open(in: path) }

    func snapshotter(limit: Int64 = 10 << 20, maximumUntracked: Int = 50_000, allowed: [String] = []) throws
        -> Snapshotter
    {
        let limits = Snapshotter.Limits(
            maximumFileSize: limit, maximumUntracked: maximumUntracked, allowed: allowed.map { TypedPath($0) })
        return try Snapshotter(
            of: opened(), git: program, limits: limits, home: folder.path.appending("home"))
    }

    /// A snapshot, as one command takes it; published as the checkpoint that the private index belongs to.
    ///
    /// It fails the test when anything of the git directory has other bytes than before, but objects, and files of ours.
    @discardableResult
    func snapshot(
        limit: Int64 = 10 << 20, maximumUntracked: Int = 50_000, allowed: [String] = [],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> Snapshot {
        let repository = try opened()
        let before = try gitFiles(of: repository)
        let snapshotter = try snapshotter(
            limit: limit, maximumUntracked: maximumUntracked, allowed: allowed)
        let snapshot = try snapshotter.take()
        try snapshotter.makeVisible()
        let signature = Signature(name: "x", email: "x", time: Timestamp(seconds: 1_771_750_800, offset: 0))
        let checkpoint = try repository.createCommit(
            tree: snapshot.tree, parents: [], author: signature, committer: signature,
            message: Array("checkpoint\n".utf8))
        try repository.setReference(
            Self.checkpointRef, to: checkpoint, expecting: repository.reference(Self.checkpointRef), reason: "test")
        try snapshot.settle(on: checkpoint, at: Self.checkpointRef)
        let after = try gitFiles(of: repository)
        let changed = Set(before.keys).union(after.keys).filter { before[$0] != after[$0] }
        #expect(changed.isEmpty, "the git directory changed", sourceLocation: sourceLocation)
        return snapshot
    }

    /// What holds the newest snapshot; git's gc knows it through nothing else.
    static let checkpointRef = "refs/wf/test/leader"

    /// Every file of the git directory with its bytes and its mode, but objects and what is ours.
    private func gitFiles(of repository: Repository) throws -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        // Plain strings: this is done twice for each snapshot, and a `FilePath` looks at all of itself at each step.
        func collect(_ directory: String, _ prefix: String) throws {
            for name in Files.names(in: directory) where name != "wf" {
                // What git-lfs puts into its own folder when it is run is its own.
                if prefix.isEmpty, name == "objects" || name == "lfs" { continue }
                let path = "\(directory)/\(name)"
                var status = stat()
                guard lstat(path, &status) == 0 else { continue }
                switch status.st_mode & S_IFMT {
                case S_IFDIR: try collect(path, prefix + name + "/")
                case S_IFREG:
                    files[prefix + name] =
                        try Files.bytes(of: path) + withUnsafeBytes(of: status.st_mode) { Array($0) }
                default: files[prefix + name] = []
                }
            }
        }
        try collect(repository.commonDirectory.string, "")
        return files
    }

    /// Fails the test where a snapshot has another tree than git makes: the first one, one with what it remembered, and one
    /// after that memory was deleted.
    func expectExact(_ note: String = "", sourceLocation: SourceLocation = #_sourceLocation) throws {
        let expected = try oracleTree()
        for round in ["first", "second", "without a memory"] {
            if round == "without a memory" { Files.removeTree(try gitPath("wf")) }
            guard try expectTree(expected, "\(round): \(note)", sourceLocation: sourceLocation) else { return }
        }
        try expectComplete(expected, sourceLocation: sourceLocation)
    }

    /// Fails the test where a snapshot has another tree.
    /// - Parameter oracle: what `oracleTree` was given to make it.
    /// - Returns: whether it has that tree.
    @discardableResult
    func expectTree(
        _ expected: String, _ note: String, limit: Int64 = 10 << 20, oracle paths: [String] = [],
        trustsTimes: Bool = true, sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> Bool {
        let tree = try snapshot(limit: limit, sourceLocation: sourceLocation).tree.hex
        if tree == expected { return true }
        // Named as git names them, with what it has and what the snapshot has.
        let scratch = try scratchTree(paths, trustsTimes: trustsTimes)
        let difference = try git("diff-tree", "-r", "--abbrev", tree, scratch).text
        Issue.record("\(note)\n\(difference)", sourceLocation: sourceLocation)
        return false
    }

    /// Fails the test where a snapshot does not name exactly `names` as left out, or has another tree than git makes when
    /// it is told to leave those as they are in the index: at first, with what it remembered, and without that memory.
    /// - Parameter expected: the tree, where git cannot be told.
    func expectLeavingOut(
        _ names: [String], limit: Int64 = 10 << 20, expected: String? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let paths = ["--", "."] + names.map { ":(exclude,literal)\($0)" }
        let tree = try expected ?? oracleTree(paths)
        for round in ["first", "second", "without a memory"] {
            if round == "without a memory" { Files.removeTree(try gitPath("wf")) }
            let snapshot = try snapshot(limit: limit, sourceLocation: sourceLocation)
            let named = snapshot.skipped.map(\.path.description)
            #expect(named == names, "\(round)", sourceLocation: sourceLocation)
            #expect(snapshot.skipped.allSatisfy { !$0.reason.isEmpty }, sourceLocation: sourceLocation)
            #expect(snapshot.tree.hex == tree, "\(round)", sourceLocation: sourceLocation)
        }
    }

    /// Fails the test where something that a tree names is not in the repository.
    func expectComplete(_ tree: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let missing = try run("git", ["rev-list", "--objects", "--quiet", "--missing=allow-promisor", tree])
        #expect(missing.status == 0, "\(missing.errorText)", sourceLocation: sourceLocation)
    }

    /// The tree that `git add -A` makes, with its objects in the repository.
    func scratchTree(_ paths: [String] = [], trustsTimes: Bool = true) throws -> String {
        let copy = folder.scratch.appending("index")
        if Files.mode(of: copy) != nil { unlink(copy.string) }
        try copyIndex(to: copy, trustsTimes: trustsTimes)
        let index = ["GIT_INDEX_FILE": copy.string]
        try git(["add", "-A"] + paths, environment: index)
        return try git(["write-tree"], environment: index).text
    }
}

/// One state of a repository and its worktree.
struct SnapshotCase: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let make: @Sendable (TestRepository) throws -> Void

    init(_ description: String, _ make: @escaping @Sendable (TestRepository) throws -> Void) {
        testDescription = description
        self.make = make
    }
}

/// Makes the state, and compares with git.
func exact(_ example: SnapshotCase, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let repo = try TestRepository()
    try example.make(repo)
    try repo.expectExact(example.testDescription, sourceLocation: sourceLocation)
}
