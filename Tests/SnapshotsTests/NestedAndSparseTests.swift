import Git
import GitValues
import Glibc
import Snapshots
import SystemPackage
import TestSupport
import Testing

@Suite struct NestedAndSparseTests {
    static let nested: [SnapshotCase] = [
        SnapshotCase("a nested repository") { repo in
            try repo.commit("a", "one\n")
            try repo.nested("inner").commit("b", "two\n")
            try repo.nested("d/deep").commit("b", "two\n")
        },
        SnapshotCase("a nested repository with a name that is not UTF-8") { repo in
            try repo.writeRaw([0xFF, 0x2F, 0x61], "a\n")
            try repo.run(
                "sh",
                [
                    "-c",
                    "mkdir x && git init -q x && cd x && git commit -q --allow-empty -m x; cd ..; mv x $(printf '\\376')",
                ])
        },
        SnapshotCase("an ignored nested repository") { repo in
            try repo.nested("inner").commit("b", "two\n")
            try repo.write(".gitignore", "inner/\n")
        },
        SnapshotCase("a nested repository around tracked files") { repo in
            try repo.commit("inner/a", "one\n")
            try repo.nested("inner").commit("b", "two\n")
            try repo.write("inner/a", "two\n")
        },
        SnapshotCase("a .git that is no repository") { repo in
            try repo.write("one/.git/whatever", "x\n")
            try repo.write("one/file", "x\n")
            try repo.write("two/.git", "no link\n")
            try repo.write("two/file", "x\n")
            try repo.write("three/.git", "gitdir: /no/such/place\n")
            try repo.write("three/file", "x\n")
        },
        SnapshotCase("a bare repository") { try $0.git("init", "-q", "--bare", "bare.git") },
        SnapshotCase("a submodule at another commit, dirty") { repo in
            try submodule(repo)
            try repo.worktree(at: "sub").commit("b", "three\n")
            try repo.worktree(at: "sub").write("b", "dirty\n")
        },
        SnapshotCase("a submodule that is not checked out") { repo in
            try submodule(repo)
            try repo.git("submodule", "deinit", "-f", "sub")
        },
        SnapshotCase("a submodule whose directory is gone") { repo in
            try submodule(repo)
            try repo.remove("sub")
        },
        SnapshotCase("a submodule without its .git, with files") { repo in
            try submodule(repo)
            try repo.remove("sub/.git")
            try repo.write("sub/new", "new\n")
        },
        SnapshotCase("a submodule that became a file") { repo in
            try submodule(repo)
            try repo.remove("sub")
            try repo.write("sub", "file\n")
        },
        SnapshotCase("a file that became a repository") { repo in
            try repo.commit("x", "one\n")
            try repo.remove("x")
            try repo.nested("x").commit("b", "two\n")
        },
        SnapshotCase("a linked worktree inside of the main one") { repo in
            try repo.commit("a", "one\n")
            try repo.git("worktree", "add", "-q", "-b", "other", "trees/other")
            try repo.worktree(at: "trees/other").commit("b", "two\n")
        },
    ]

    @Sendable static func submodule(_ repo: TestRepository) throws {
        try repo.nested("../origin").commit("b", "two\n")
        try repo.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "../origin", "sub")
        try repo.commit("a", "one\n")
    }

    static let sparse: [SnapshotCase] = [
        SnapshotCase("cone") { try checkout($0, "--cone", "in") },
        SnapshotCase("non-cone") { try checkout($0, "--no-cone", "/in/", "/*.txt") },
        SnapshotCase("a sparse index") { try checkout($0, "--cone", "--sparse-index", "in") },
        SnapshotCase("a sparse index, and ignore rules and attributes outside of it") { repo in
            try repo.write("out/.gitattributes", "* text\n")
            try repo.write(".gitattributes", "*.t text\n")
            try repo.write(".gitignore", "*.o\n")
            try checkout(repo, "--cone", "--sparse-index", "in")
            try repo.write("in/x.t", "a\r\n")
            try repo.write("in/x.o", "a\r\n")
        },
        SnapshotCase("non-cone, without the files of ignore rules and attributes") { repo in
            try repo.write(".gitattributes", "*.t text\n")
            try repo.write(".gitignore", "*.o\n")
            try checkout(repo, "--no-cone", "/in/")
            try repo.write("in/x.t", "a\r\n")
            try repo.write("in/x.o", "a\r\n")
        },
    ]

    @Sendable static func checkout(_ repo: TestRepository, _ arguments: String...) throws {
        for name in ["in/a", "in/d/b", "out/a", "out/d/b", "top.txt"] { try repo.write(name, name + "\n") }
        try repo.commit("in/c", "one\n")
        try repo.git(["sparse-checkout", "set"] + arguments)
        try repo.write("in/a", "changed\n")
        try repo.write("in/new", "new\n")
        try repo.remove("in/d")
    }

    @Test("the tree equals what git add -A would write, with repositories in it", arguments: nested)
    func nestedRepositories(_ example: SnapshotCase) throws { try exact(example) }

    @Test("the tree equals what git add -A would write, with a sparse checkout", arguments: sparse)
    func sparseCheckouts(_ example: SnapshotCase) throws { try exact(example) }

    @Test(
        "a file outside of a sparse checkout is taken as it is on disk, as by git add -A --sparse",
        arguments: [false, true])
    func outsideOfTheCone(isSparseIndex: Bool) throws {
        let repo = try TestRepository()
        try Self.checkout(repo, "--cone", isSparseIndex ? "--sparse-index" : "--no-sparse-index", "in")
        try repo.write("out/a", "in spite of all\n")
        try repo.write("out/new", "new\n")
        let tree = try repo.snapshot().tree.hex
        let copy = repo.folder.scratch.appending("copy")
        try Files.copy(repo.gitPath("index"), to: copy)
        try repo.git("add", "-A", "--sparse", environment: ["GIT_INDEX_FILE": copy.string])
        #expect(try repo.git("write-tree", environment: ["GIT_INDEX_FILE": copy.string]).text == tree)
    }

    @Test("in a linked worktree the tree equals what git add -A would write, with ignored files")
    func linked() throws {
        let repo = try TestRepository()
        try repo.commit("a", "one\n")
        try repo.write(".git/info/exclude", "*.o\n")
        try repo.git("worktree", "add", "-q", "-b", "other", "../linked")
        let linked = repo.worktree(at: "../linked")
        try linked.write("a", "two\n")
        try linked.write("x.o", "ignored\n")
        try linked.write("new", "new\n")
        try linked.expectExact()
        try repo.expectExact()
        #expect(Files.mode(of: repo.file(".git/worktrees/linked/wf/index")) != nil)
    }

    @Test("worktrees with relative links, which this git does not know, are no obstacle")
    func relativeWorktrees() throws {
        let repo = try TestRepository()
        try repo.commit("a", "one\n")
        try repo.write("b", "two\n")
        let expected = try repo.oracleTree()
        try repo.git("config", "core.repositoryFormatVersion", "1")
        try repo.git("config", "extensions.relativeWorktrees", "true")
        #expect(try repo.snapshotter().take().tree.hex == expected)
    }

    @Test("a nested repository without a commit is left out and named")
    func nestedWithoutCommit() throws {
        let repo = try TestRepository()
        try repo.commit("a", "one\n")
        let expected = try repo.oracleTree()
        try repo.nested("inner").write("b", "two\n")
        let snapshot = try repo.snapshot()
        #expect(snapshot.tree.hex == expected)
        #expect(snapshot.skipped.map(\.path.description) == ["inner"])
    }

    @Test("what a partial clone does not hold is neither needed nor fetched", arguments: ["blob:none", "tree:0"])
    func partialClone(filter: String) throws {
        let origin = try TestRepository()
        for name in ["in/a", "out/b", "out/d/c"] { try origin.write(name, name) }
        try origin.commit("top", "one\n")
        try origin.git("config", "uploadpack.allowFilter", "true")
        try origin.git(
            "clone", "-q", "--filter=\(filter)", "--sparse", "file://\(origin.path)", "../clone")
        let clone = origin.worktree(at: "../clone")
        try clone.git("sparse-checkout", "set", "in")
        try clone.write("in/a", "changed\n")
        try clone.expectExact()
        let missing = try clone.git("rev-list", "--objects", "--missing=print", "HEAD").lines.filter {
            $0.hasPrefix("?")
        }
        #expect(missing.count == 2)
    }
}

extension TestRepository {
    /// A repository of its own at a path of this worktree.
    func nested(_ name: String) throws -> TestRepository {
        let nested = worktree(at: FilePath(name))
        try Files.makeFolders(nested.path)
        try nested.git("init", "-q", "--initial-branch=main")
        return nested
    }

    /// A repository with one commit at a path of this worktree, copied so that it costs little.
    func nestedCopy(_ name: String) throws {
        let template = worktree(at: "../template")
        if Files.mode(of: template.path) == nil { try nested("../template").commit("b", "two\n") }
        try Files.makeFolders(file(name).removingLastComponent())
        try run("cp", ["-a", template.path.string, file(name).string])
    }
}
