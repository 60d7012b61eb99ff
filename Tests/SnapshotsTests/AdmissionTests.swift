import Git
import GitValues
import Snapshots
import TestSupport
import Testing

@Suite("Of the untracked files")
struct AdmissionTests {
    /// What looks like a secret, made here so that none stands in the repository.
    private static let token = "ghp" + "_" + "16C7e42F292c6912E7" + "710c838347Ae178B4a"

    @Test("those that look like secrets are left out and named, and tracked ones are in whatever they hold")
    func secrets() throws {
        let repo = try TestRepository()
        try repo.write("tracked.txt", Self.token)
        try repo.write("id_rsa", "x")
        try repo.git("add", "-A")
        try repo.write("tracked.txt", Self.token + "\n")
        try repo.write("notes.txt", "nothing\n")
        try repo.write("announced.txt", Self.token)
        try repo.git("add", "-N", "announced.txt")
        let expected = try repo.oracleTree()
        try repo.write("a/.env", "KEY=1\n")
        try repo.write("a/token.txt", Self.token)
        try repo.write("id_dsa", "x")
        try repo.link("id_ecdsa", to: "a/.env")
        try repo.write("ignored.txt", Self.token)
        try repo.write(".git/info/exclude", "ignored.txt\nid_ecdsa\n")
        for _ in 1...2 {
            let snapshot = try repo.snapshot()
            #expect(snapshot.tree.hex == expected)
            #expect(
                snapshot.skipped.map { "\($0.path): \($0.reason)" } == [
                    "a/.env: looks like a secret: values in a .env file",
                    "a/token.txt: looks like a secret: a GitHub token", "id_dsa: looks like a secret: by its name",
                ])
            #expect(snapshot.skipped.allSatisfy { $0.isAllowable })
        }
    }

    @Test("a link that has a secret's name is in: it holds a path")
    func link() throws {
        let repo = try TestRepository()
        try repo.link("id_rsa", to: "elsewhere")
        try repo.expectExact()
    }

    @Test(
        "those that a pattern allows are in, large ones and secrets",
        arguments: [
            (["*"], []), (["/a"], ["d/a"]), (["a"], []), (["d/"], ["a"]), (["/a/"], ["a", "d/a"]), (["./a"], ["d/a"]),
            (["d/*"], ["a"]), (["**/a", "!/a"], ["a"]), (["!a", "*"], []), (["other"], ["a", "d/a"]),
            ([], ["a", "d/a"]),
            (["!", "/", " "], ["a", "d/a"]),
        ] as [([String], [String])])
    func allowed(patterns: [String], left: [String]) throws {
        let repo = try TestRepository()
        for text in [Self.token, String(repeating: "x", count: 1000)] {
            try repo.write("a", text)
            try repo.write("d/a", text)
            let snapshot = try repo.snapshot(limit: 100, allowed: patterns)
            #expect(snapshot.skipped.map(\.path.description) == left)
            for name in ["a", "d/a"] {
                let entry = try repo.opened().entry(at: RepositoryPath(name), in: snapshot.tree)
                #expect((entry == nil) == left.contains(name))
            }
        }
    }

    @Test("what was allowed once is left out again, and what became a secret too, whatever is remembered")
    func remembered() throws {
        let repo = try TestRepository()
        try repo.write("a", Self.token)
        try repo.write("b", "nothing\n")
        #expect(try repo.snapshot(allowed: ["a"]).skipped.isEmpty)
        #expect(try repo.snapshot().skipped.map(\.path.description) == ["a"])
        try repo.write("b", Self.token)
        #expect(try repo.snapshot().skipped.map(\.path.description) == ["a", "b"])
        try repo.write("a", "nothing\n")
        #expect(try repo.snapshot(allowed: ["b"]).skipped.isEmpty)
    }

    @Test("those that git's own filters read, and those that are read piece by piece, are looked into as well")
    func otherWays() throws {
        let repo = try TestRepository()
        try repo.git("config", "filter.f.clean", "tr a-z A-Z")
        try repo.commit(".gitattributes", "*.f filter=f\n*.txt text=auto\n")
        try repo.write("a.f", Self.token)
        try repo.write("b.bin", Self.token + String(repeating: ".", count: 5 << 20))
        try repo.write("c.txt", Self.token + "\r\n")
        try repo.write("d.f", "nothing\n")
        let snapshot = try repo.snapshot()
        #expect(snapshot.skipped.map(\.path.description) == ["a.f", "b.bin", "c.txt"])
        #expect(try repo.opened().entry(at: "d.f", in: snapshot.tree) != nil)
        #expect(try repo.snapshot(allowed: ["*"]).skipped.isEmpty)
    }

    @Test("one that was tracked until now is looked into, though it is remembered and did not change")
    func untracked() throws {
        let repo = try TestRepository()
        try repo.commit("a", Self.token)
        #expect(try repo.snapshot().skipped.isEmpty)
        try repo.git("rm", "-q", "--cached", "a")
        for _ in 1...2 { #expect(try repo.snapshot().skipped.map(\.path.description) == ["a"]) }
    }

    @Test("there may be so many, ignored ones and tracked ones not counted; with more nothing is taken or written")
    func tooMany() throws {
        let repo = try TestRepository()
        for number in 0..<5 { try repo.write("tracked/\(number)", "\(number)") }
        try repo.git("add", "-A")
        for number in 0..<4 { try repo.write("node_modules/x/\(number)", "\(number) of x") }
        for number in 0..<2 { try repo.write("\(number)", "\(number) at the top") }
        for number in 0..<9 { try repo.write("ignored/\(number)", "\(number)") }
        try repo.write(".git/info/exclude", "ignored\n")
        #expect(try repo.snapshot(maximumUntracked: 6).skipped.isEmpty)
        try repo.write("new", "new")
        for _ in 1...2 {
            let objects = try repo.git("count-objects", "-v").text
            let error = try #require(throws: SnapshotError.self) { try repo.snapshot(maximumUntracked: 6) }
            for words in [
                "7 untracked files", "4 of them in node_modules/", "6 at most", ".gitignore", "wf.maxUntracked 7",
            ] {
                #expect(error.description.contains(words))
            }
            #expect(try repo.git("count-objects", "-v").text == objects)
        }
        #expect(try repo.snapshot(maximumUntracked: 7).skipped.isEmpty)
    }
}
