import Git
import GitValues
import Glibc
import SystemPackage
import TestSupport
import Testing

@Suite("The private index")
struct PrivateIndexTests {
    @Test("what changed since it was written as a whole has a file of its own, and both together are as good as one")
    func changes() throws {
        let repo = try Self.repository()
        try repo.write("d2/f3", "other\n")
        // Files of this tick are looked at again by any snapshot, so that nothing could be told of the index.
        usleep(20_000)
        try repo.expectTree(repo.oracleTree(), "an edit")
        let whole = try Self.inode(repo, "wf/index")
        #expect(Files.mode(of: try repo.gitPath("wf/index.changes")) != nil)
        try repo.write("d4/f1", "other\n")
        try repo.remove("d2/f3")
        try repo.write("d2/new", "new\n")
        usleep(20_000)
        for round in 0..<2 { try repo.expectTree(repo.oracleTree(), "more of them, \(round)") }
        #expect(try Self.inode(repo, "wf/index") == whole)
        try repo.write("another/file", "new\n")
        for round in 0..<2 { try repo.expectTree(repo.oracleTree(), "another directory, \(round)") }
        #expect(try Self.inode(repo, "wf/index") != whole)
        #expect(Files.mode(of: try repo.gitPath("wf/index.changes")) == nil)
    }

    @Test(
        "whatever is done to it, the tree is the one that git makes", arguments: ["wf/index", "wf/index.changes"],
        testSeeds(count: 1))
    func damage(_ name: String, seed: UInt64) throws {
        let repo = try Self.repository()
        let file = try repo.gitPath(name)
        var generator = SeededGenerator(seed: seed)
        var other: [UInt8] = []
        for round in 0..<30 {
            try repo.write("d\(round % 20)/f\(round % 7)", "\(round)\n")
            usleep(5_000)
            try repo.snapshot()
            var bytes = (try? Files.read(file)) ?? []
            let place = bytes.isEmpty ? 0 : Int.random(in: 0..<bytes.count, using: &generator)
            switch round % 4 {
            case 0 where !bytes.isEmpty: bytes[place] ^= UInt8(1 << Int.random(in: 0..<8, using: &generator))
            case 1: bytes = Array(bytes[..<place])
            case 2: swap(&bytes, &other)
            default: bytes = []
            }
            if other.isEmpty { other = (try? Files.read(file)) ?? [] }
            unlink(file.string)
            try Files.write(bytes, to: file)
            try repo.expectTree(repo.oracleTree(), "\(name), round \(round), byte \(place), seed \(seed)")
        }
    }

    private static func repository() throws -> TestRepository {
        let repo = try TestRepository()
        for directory in 0..<20 {
            for file in 0..<10 { try repo.write("d\(directory)/f\(file)", "\(directory) \(file)\n") }
        }
        try repo.git("add", "-A")
        try repo.commit("first", "one\n")
        usleep(20_000)
        try repo.snapshot()
        return repo
    }

    private static func inode(_ repo: TestRepository, _ name: String) throws -> ino_t {
        var status = stat()
        guard stat(try repo.gitPath(name).string, &status) == 0 else { return 0 }
        return status.st_ino
    }
}
