import Git
import GitValues
import Glibc
import Snapshots
import Synchronization
import SystemPackage
import TestSupport
import Testing

@Suite struct SnapshotLimitTests {
    @Test("FIFOs and sockets are left out and named")
    func specialFiles() throws {
        let repo = try TestRepository()
        try repo.commit("a", "one\n")
        let expected = try repo.oracleTree()
        mkfifo(repo.file("fifo").string, 0o644)
        mknod(repo.file("socket").string, S_IFSOCK | 0o644, 0)
        try repo.write(".git/info/exclude", "ignored\n")
        mkfifo(repo.file("ignored").string, 0o644)
        let snapshot = try repo.snapshot()
        #expect(snapshot.tree.hex == expected)
        #expect(snapshot.skipped.map(\.path.description) == ["fifo", "socket"])
    }

    @Test("a large untracked file is left out and named, a tracked one of that size is taken")
    func largeFiles() throws {
        let repo = try TestRepository()
        let large = String(repeating: "x", count: 1001)
        try repo.write("tracked", large)
        try repo.write("announced", large)
        try repo.git("add", "tracked")
        try repo.git("add", "-N", "announced")
        try repo.write("just", String(large.dropLast()))
        try repo.write("tracked", large + "y")
        let expected = try repo.oracleTree()
        try repo.write("large", large)
        let snapshot = try repo.snapshot(limit: 1000)
        #expect(snapshot.tree.hex == expected)
        #expect(snapshot.skipped.map(\.path.description) == ["large"])
        #expect(snapshot.skipped.first?.reason.contains("1000") == true)
        #expect(try repo.snapshot(limit: 1001).skipped.isEmpty)
    }

    @Test("names that git refuses are left out and named, and the rest is taken")
    func refusedNames() throws {
        let repo = try TestRepository()
        try repo.write("a", "one\n")
        let expected = try repo.oracleTree()
        for name in [".GIT/x", "d/.Git", "git~1", "e/.giT/y"] { try repo.write(name, "x") }
        let snapshot = try repo.snapshot()
        #expect(snapshot.tree.hex == expected)
        #expect(snapshot.skipped.map(\.path.description) == [".GIT", "d/.Git", "e/.giT", "git~1"])
    }

    @Test("a file whose line ends safecrlf refuses is taken")
    func safeLineEnds() throws {
        let repo = try TestRepository()
        try repo.git("config", "core.autocrlf", "input")
        try repo.git("config", "core.safecrlf", "true")
        try repo.write("a", "one\r\ntwo\n")
        let id = try #require(try repo.opened().entry(at: "a", in: repo.snapshot().tree)).id
        #expect(try repo.opened().blob(id) == Array("one\ntwo\n".utf8))
    }

    @Test("a file whose filter fails keeps what is tracked, and is named")
    func failingFilter() throws {
        let repo = try TestRepository()
        try repo.commit("a.f", "one\n")
        let expected = try repo.git("rev-parse", "HEAD:a.f").text
        try repo.git("config", "filter.bad.clean", "false")
        try repo.git("config", "filter.bad.required", "true")
        try repo.write(".gitattributes", "*.f filter=bad\n")
        try repo.write("a.f", "two, longer\n")
        try repo.write("b.f", "new\n")
        let snapshot = try repo.snapshot()
        #expect(snapshot.skipped.map(\.path.description) == ["a.f", "b.f"])
        #expect(try repo.opened().entry(at: "a.f", in: snapshot.tree)?.id.hex == expected)
        #expect(try repo.opened().entry(at: ".gitattributes", in: snapshot.tree) != nil)
    }

    @Test("what cannot be read is named, and nothing tracked in it is taken for deleted", .enabled(if: getuid() != 0))
    func unreadable() throws {
        let repo = try TestRepository()
        for name in ["file", "closed/a", "listed/b", "open/c"] { try repo.write(name, name) }
        try repo.commit("z", "one\n")
        let expected = try repo.oracleTree()
        try repo.write("file", "changed", mode: 0o000)
        try repo.write("new", "new", mode: 0o000)
        chmod(repo.file("closed").string, 0o000)
        chmod(repo.file("listed").string, 0o444)
        let snapshot = try repo.snapshot()
        #expect(snapshot.skipped.map(\.path.description) == ["closed", "file", "listed", "new"])
        #expect(snapshot.tree.hex == expected)
    }

    @Test("same-size edits in one tick of the clock are never missed")
    func sameTick() throws {
        let repo = try TestRepository()
        try repo.commit("a", "0000\n")
        for round in 1...200 {
            for value in [2 * round, 2 * round + 1] {
                let text = String(10_000 + value).dropFirst() + "\n"
                // In place, so that the inode is the same; and now and then set back to the same time.
                try repo.write("a", String(text))
                if round % 3 == 0 {
                    let times = [
                        timespec(tv_sec: 1_000_000_000, tv_nsec: 0), timespec(tv_sec: 1_000_000_000, tv_nsec: 0),
                    ]
                    utimensat(AT_FDCWD, repo.file("a").string, times, 0)
                }
                let snapshotter = try repo.snapshotter()
                let snapshot = try snapshotter.take()
                try snapshotter.makeVisible()
                let opened = try repo.opened()
                let id = try #require(try opened.entry(at: "a", in: snapshot.tree)).id
                try #require(try opened.blob(id) == Array(text.utf8), "round \(round)")
                let signature = Signature(name: "x", email: "x", time: Timestamp(seconds: 1, offset: 0))
                let checkpoint = try opened.createCommit(
                    tree: snapshot.tree, parents: [], author: signature, committer: signature, message: [])
                try opened.pending.makeVisible()
                try snapshot.settle(on: checkpoint)
            }
        }
    }

    @Test("many snapshots at once in one worktree succeed and leave no draft")
    func concurrent() async throws {
        let repo = try TestRepository()
        for index in 0..<50 { try repo.write("d\(index % 7)/f\(index)", "\(index)\n") }
        let expected = try repo.oracleTree()
        let checkpoint = try #require(ObjectID(hex: repo.commit("z", "one\n")))
        try repo.remove("z")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<16 {
                group.addTask {
                    for _ in 0..<5 {
                        let snapshotter = try repo.snapshotter()
                        let snapshot = try snapshotter.take()
                        #expect(snapshot.tree.hex == expected)
                        try snapshot.settle(on: checkpoint)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(Set(Files.names(in: try repo.gitPath("wf"))) == ["index"])
    }

    @Test("temporary files go once nobody writes them any more")
    func leftTemporaries() throws {
        let repo = try TestRepository()
        try repo.write("a", "one\n")
        try repo.write(".git/wf/index.new.left", "x")
        try repo.write(".git/wf/index.new.held", "x")
        let descriptor = open(repo.file(".git/wf/index.new.held").string, O_RDONLY | O_CLOEXEC)
        try #require(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
        defer { close(descriptor) }
        try repo.snapshot()
        let left = Set(Files.names(in: try repo.gitPath("wf")))
        #expect(left.isSuperset(of: ["index", "index.new.held"]) && !left.contains("index.new.left"))
    }

    @Test("SHA-256 repositories and unknown extensions are refused in one clear sentence")
    func unsupported() throws {
        let repo = try TestRepository()
        try repo.git("init", "-q", "--object-format=sha256", "../sha256")
        try repo.git("config", "core.repositoryFormatVersion", "1")
        try repo.git("config", "extensions.refStorage", "reftable")
        for place in [repo.path, repo.worktree(at: "../sha256").path] {
            let error = try #require(throws: GitError.self) { try Repository.open(in: place) }
            #expect(error.code == .unsupported)
            #expect(error.description.contains("does not support"))
        }
    }

    @Test("a repository of another user is refused, with what would allow it", .enabled(if: getuid() == 0))
    func anotherOwner() throws {
        let repo = try TestRepository()
        try repo.run("chown", ["-R", "4242:4242", "."])
        let error = try #require(throws: GitError.self) { try Repository.open(in: repo.path) }
        #expect(error.code == .notOwned)
        #expect(error.description.contains("safe.directory"))
    }

    @Test("a home directory is not taken as a worktree")
    func home() throws {
        let repo = try TestRepository()
        #expect(throws: SnapshotError.self) {
            try Snapshotter(of: repo.opened(), git: repo.program, limits: .init(), home: repo.path)
        }
    }
}
