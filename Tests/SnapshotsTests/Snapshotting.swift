import Git
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
            maximumFileSize: limit, maximumUntracked: maximumUntracked, allowed: allowed)
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
        let before = try gitFiles()
        let snapshotter = try snapshotter(limit: limit, maximumUntracked: maximumUntracked, allowed: allowed)
        let snapshot = try snapshotter.take()
        try snapshotter.makeVisible()
        let checkpoint = try git("commit-tree", "-m", "checkpoint", snapshot.tree.hex).text
        try snapshotter.settle(on: #require(ObjectID(hex: checkpoint)))
        let after = try gitFiles()
        let changed = Set(before.keys).union(after.keys).filter { before[$0] != after[$0] }
        #expect(changed.isEmpty, "the git directory changed", sourceLocation: sourceLocation)
        return snapshot
    }

    /// Every file of the git directory with its bytes, but objects and what is ours.
    func gitFiles() throws -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        func collect(_ directory: FilePath, _ prefix: String) throws {
            for name in Files.names(in: directory) where !(prefix.isEmpty && name == "objects") && name != "wf" {
                let path = directory.appending(name)
                guard let mode = Files.mode(of: path) else { continue }
                switch mode & S_IFMT {
                case S_IFDIR: try collect(path, prefix + name + "/")
                case S_IFREG: files[prefix + name] = try Files.read(path) + withUnsafeBytes(of: mode) { Array($0) }
                default: files[prefix + name] = []
                }
            }
        }
        try collect(path.pushing(FilePath(try git("rev-parse", "--git-common-dir").text)), "")
        return files
    }

    /// Fails the test where a snapshot has another tree than git makes: the first one, one with what it remembered, and one
    /// after that memory was deleted.
    func expectExact(_ note: String = "", sourceLocation: SourceLocation = #_sourceLocation) throws {
        let expected = try oracleTree()
        for round in ["first", "second", "without a memory"] {
            if round == "without a memory" { Files.removeTree(try gitPath("wf")) }
            let tree = try snapshot(sourceLocation: sourceLocation).tree.hex
            guard tree != expected else { continue }
            // Named as git names them, with what it has and what the snapshot has.
            try git("add", "-A", environment: try scratchIndex())
            let difference = try git("diff-tree", "-r", "--abbrev", tree, scratchTree()).text
            Issue.record("\(round): \(note)\n\(difference)", sourceLocation: sourceLocation)
        }
    }

    /// The tree that `git add -A` makes, with its objects in the repository.
    func scratchTree() throws -> String { try git(["write-tree"], environment: scratchIndex()).text }

    private func scratchIndex() throws -> [String: String] {
        let copy = folder.scratch.appending("index")
        let index = try gitPath("index")
        if Files.mode(of: copy) == nil, Files.mode(of: index) != nil { try Files.copy(index, to: copy) }
        return ["GIT_INDEX_FILE": copy.string]
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
