import Git
import GitValues
import Glibc
import Snapshots
import SystemPackage
import TestSupport
import Testing

@Suite("What git cannot add is left out and named, and the rest is taken")
struct LeftOutTests {
    /// Things that are no file, no directory and no symlink.
    enum Special: String, CaseIterable, Sendable {
        case fifo = "a FIFO"
        case socket = "a socket"
        case characterDevice = "a character device"
        case blockDevice = "a block device"

        /// Making a device takes root.
        static var possible: [Special] { geteuid() == 0 ? allCases : [.fifo, .socket] }

        func make(_ repo: TestRepository, _ name: String) throws {
            let (type, device): (UInt32, dev_t) =
                switch self {
                case .fifo: (S_IFIFO, 0)
                case .socket: (S_IFSOCK, 0)
                case .characterDevice: (S_IFCHR, 0x103)
                case .blockDevice: (S_IFBLK, 0x700)
                }
            try Files.makeFolders(repo.file(name).removingLastComponent())
            guard mknod(repo.file(name).string, type | 0o644, device) == 0 else {
                throw TestFailure("cannot make \(rawValue): \(Errno(rawValue: errno))")
            }
        }
    }

    @Test(
        "a thing that is no file: new, ignored, in the place of a tracked file, of a directory",
        arguments: Special.possible)
    func special(_ kind: Special) throws {
        let repo = try TestRepository()
        for name in ["a", "tracked", "directory/x", "z"] { try repo.write(name, name + "\n") }
        try repo.commit("b", "one\n")
        try repo.write(".gitignore", "*.o\n")
        try repo.write("untracked", "one\n")
        try repo.snapshot()
        for name in ["tracked", "directory", "untracked"] { try repo.remove(name) }
        let expected = try repo.oracleTree()
        for name in ["deep/new", "directory", "new", "tracked", "untracked", "x.o"] { try kind.make(repo, name) }
        try repo.expectLeavingOut(["deep/new", "directory", "new", "tracked", "untracked"], expected: expected)
        // And everything is as before when they are gone.
        for name in ["deep", "directory", "new", "tracked", "untracked", "x.o"] { try repo.remove(name) }
        try repo.write("tracked", "tracked\n")
        try repo.write("directory/x", "directory/x\n")
        try repo.expectExact()
    }

    @Test("an untracked file that grows over the limit is left out and named; when it shrinks, it is taken again")
    func limit() throws {
        let repo = try TestRepository()
        try repo.write("tracked", "tracked\n")
        try repo.commit("a", "one\n")
        let (small, large) = (String(repeating: "x", count: 1000), String(repeating: "x", count: 1001))
        for (number, size) in [small, large, small, large + "y", "", large].enumerated() {
            for name in ["n/file", "tracked", "x.o"] { try repo.write(name, size) }
            for round in ["at once", "again"] {
                let isLarge = size.utf8.count > 1000
                let paths = isLarge ? ["--", ".", ":(exclude)n/file", ":(exclude)x.o"] : []
                try repo.expectTree(
                    repo.oracleTree(paths), "size \(size.utf8.count), \(number), \(round)", limit: 1000, oracle: paths)
                let named = try repo.snapshot(limit: 1000).skipped.map(\.path.description)
                #expect(named == (isLarge ? ["n/file", "x.o"] : []))
            }
        }
        // Ignored, it is not named; added, it is taken.
        try repo.write(".gitignore", "*.o\n")
        #expect(try repo.snapshot(limit: 1000).skipped.map(\.path.description) == ["n/file"])
        try repo.git("add", "n/file")
        try repo.write("n/file", large + large)
        try repo.expectTree(repo.oracleTree(), "tracked now", limit: 1000)
        try repo.git("rm", "-q", "-f", "--cached", "n/file")
        #expect(try repo.snapshot(limit: 1000).skipped.map(\.path.description) == ["n/file"])
        // Another limit, and no other file.
        try repo.expectTree(repo.oracleTree(), "a higher limit", limit: 2002)
        #expect(try repo.snapshot(limit: 2001).skipped.map(\.path.description) == ["n/file"])
    }

    @Test("large files that are no plain ones: symlinks are short, directories have no size")
    func notLarge() throws {
        let repo = try TestRepository()
        try repo.link("link", to: String(repeating: "x", count: 100))
        try repo.write("d/a", "one\n")
        try repo.expectTree(repo.oracleTree(), "a limit of 10", limit: 10)
    }

    @Test("a repository without a commit, wherever it is, is left out and named until it has one")
    func unborn() throws {
        let repo = try TestRepository()
        try repo.write("tracked/a", "one\n")
        try repo.commit("a", "one\n")
        for name in ["inner", "d/inner", "tracked/inner", "ignored"] { try repo.nested(name).write("b", "two\n") }
        try repo.write(".gitignore", "ignored/\n")
        try repo.expectLeavingOut(["d/inner", "inner", "tracked/inner"])
        try repo.worktree(at: "inner").git("checkout", "-q", "--orphan", "other")
        try repo.expectLeavingOut(["d/inner", "inner", "tracked/inner"])
        for name in ["inner", "d/inner", "tracked/inner"] {
            try repo.worktree(at: FilePath(name)).git("commit", "-q", "--allow-empty", "-m", "x")
        }
        try repo.expectExact()
    }

    @Test("a repository that cannot be read is left out and named", arguments: ["sha256", "broken", "unknown"])
    func unreadableRepository(kind: String) throws {
        let repo = try TestRepository()
        try repo.commit("a", "one\n")
        switch kind {
        case "sha256":
            let inner = repo.worktree(at: "inner")
            try Files.makeFolders(inner.path)
            try inner.git("init", "-q", "--object-format=sha256")
            try inner.commit("b", "two\n")
        case "broken":
            try repo.nested("inner").commit("b", "two\n")
            try repo.write("inner/.git/HEAD", "ref: refs/heads/main\n")
            try repo.write("inner/.git/refs/heads/main", "no id\n")
        default:
            try repo.nested("inner").commit("b", "two\n")
            try repo.git("-C", "inner", "config", "core.repositoryFormatVersion", "1")
            try repo.git("-C", "inner", "config", "extensions.unheardOf", "true")
        }
        // git says that it has no commit checked out, and adds nothing at all.
        try repo.expectLeavingOut(["inner"])
    }

    @Test("paths that are longer than the system takes at once are taken as far as git takes them")
    func longPaths() throws {
        let repo = try TestRepository()
        try repo.commit("a", "one\n")
        let part = String(repeating: "d", count: 249)
        // 4,085 bytes below the top, which git can open; with the path of the top, too many for one call.
        try repo.writeDeep(Array(repeating: part, count: 16) + [String(repeating: "e", count: 80)], "file", "deep\n")
        try repo.expectExact("4,085 bytes")
        let known = try repo.oracleTree()
        try repo.writeDeep(Array(repeating: part, count: 17), "file", "deeper\n")
        try repo.writeDeep(Array(repeating: part, count: 17) + ["g"], "file", "deeper still\n")
        for round in ["first", "second", "without a memory"] {
            if round == "without a memory" { Files.removeTree(try repo.gitPath("wf")) }
            let snapshot = try repo.snapshot()
            #expect(snapshot.tree.hex == known, "\(round)")
            #expect(!snapshot.skipped.isEmpty, "\(round)")
            #expect(snapshot.skipped.allSatisfy { $0.path.description.hasPrefix(part + "/" + part) }, "\(round)")
        }
    }
}

extension TestRepository {
    /// Writes a file below directories whose path may be longer than `PATH_MAX`.
    func writeDeep(_ parts: [String], _ name: String, _ text: String) throws {
        var directory = open(path.string, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        for part in parts {
            mkdirat(directory, part, 0o755)
            let next = openat(directory, part, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            close(directory)
            directory = next
        }
        defer { close(directory) }
        let descriptor = openat(directory, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw TestFailure("cannot write \(name): \(Errno(rawValue: errno))") }
        defer { close(descriptor) }
        try FileDescriptor(rawValue: descriptor).writeAll(Array(text.utf8))
    }
}
