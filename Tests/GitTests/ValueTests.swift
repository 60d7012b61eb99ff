import Git
import GitValues
import TestSupport
import Testing

@Suite struct ValueTests {
    @Test("a moment reads as git log --date=iso-strict writes it, in any zone")
    func iso8601() throws {
        let repo = try TestRepository()
        var random = SystemRandomNumberGenerator()
        let special: [Int64] = [
            0, 1, 86_399, 86_400, 951_782_399, 951_782_400, 4_107_542_399, 253_402_300_799 - 86_400,
        ]
        let times =
            special.map { Timestamp(seconds: $0, offset: 0) }
            + (0..<200).map { _ in
                Timestamp(
                    seconds: Int64.random(in: 100_000_000...250_000_000_000, using: &random),
                    offset: Int.random(in: -14 * 60...14 * 60, using: &random))
            }
        let tree = try repo.git("mktree").text
        var commits: [UInt8] = []
        for time in times {
            let zone = time.offset.magnitude
            let digits = String(10_000 + zone / 60 * 100 + zone % 60).dropFirst()
            let person = "x <x@x> \(time.seconds) \(time.offset < 0 ? "-" : "+")\(digits)"
            let text = "tree \(tree)\nauthor \(person)\ncommitter \(person)\n\nx\n"
            commits += try repo.git("hash-object", "-w", "-t", "commit", "--stdin", stdin: text).text.utf8 + [0x0A]
        }
        let printed = try repo.git(
            ["log", "--no-walk=unsorted", "--stdin", "--format=%cd", "--date=iso-strict"], stdin: commits
        ).lines
        // git ends a time in UTC in `Z` or in `+00:00`, by its release.
        let expected = printed.map { $0.hasSuffix("Z") ? $0.dropLast() + "+00:00" : $0 }
        #expect(times.map(\.iso8601) == expected)
    }

    @Test("an id is 40 digits in either case, and nothing else")
    func objectID() throws {
        let hex = "0123456789abcdefABCDEF0123456789abcdef01"
        let id = try #require(ObjectID(hex: hex))
        #expect(id.hex == hex.lowercased())
        #expect(id.short == "0123456")
        #expect(ObjectID(hex: hex.lowercased()) == id)
        for wrong in ["", String(hex.dropLast()), hex + "0", "g" + hex.dropFirst(), " " + hex.dropFirst()] {
            #expect(ObjectID(hex: wrong) == nil)
        }
    }

    @Test("paths are bytes: parents, parts, order")
    func paths() {
        let path: RepositoryPath = "a/b/c"
        #expect(path.parent == "a/b" && path.parent?.parent == "a" && path.parent?.parent?.parent == nil)
        #expect(Array(path.lastComponent) == Array("c".utf8))
        #expect(RepositoryPath("").appending(Array("x".utf8)) == "x")
        #expect(path.isInside("a/b") && path.isInside("") && path.isInside(path))
        #expect(!path.isInside("a/bc") && !RepositoryPath("ab").isInside("a"))
        #expect(RepositoryPath(bytes: [0xFF]) > "z" && RepositoryPath("a.b") < "a/b")
        #expect(RepositoryPath(bytes: [0x61, 0xFF]).description == "a\u{FFFD}")
    }
}

@Suite struct ReferenceTests {
    @Test("a ref moves only from where it was expected to be")
    func compareAndSwap() throws {
        let repo = try TestRepository()
        let one = try #require(ObjectID(hex: repo.commit("a", "one\n")))
        let two = try #require(ObjectID(hex: repo.commit("a", "two\n")))
        let opened = try Repository.open(in: repo.path)
        let ref = "refs/wf/x/leader"
        #expect(try opened.reference(ref) == nil)
        let missing = try #require(throws: GitError.self) {
            try opened.setReference(ref, to: two, expecting: one, reason: "x")
        }
        #expect([.notFound, .modified].contains(missing.code))
        try opened.setReference(ref, to: one, expecting: nil, reason: "x")
        let exists = try #require(throws: GitError.self) {
            try opened.setReference(ref, to: two, expecting: nil, reason: "x")
        }
        #expect(exists.code == .exists)
        let moved = try #require(throws: GitError.self) {
            try opened.setReference(ref, to: two, expecting: two, reason: "x")
        }
        #expect(moved.code == .modified)
        try opened.setReference(ref, to: two, expecting: one, reason: "x")
        #expect(try repo.git("rev-parse", ref).text == two.hex)
        #expect(try opened.references(under: "refs/wf/").map(\.name) == [ref])
        let kept = try #require(throws: GitError.self) { try opened.deleteReference(ref, expecting: one) }
        #expect(kept.code == .modified)
        try opened.deleteReference(ref, expecting: two)
        #expect(try repo.gitStatus("rev-parse", "-q", "--verify", ref) == 1)
        try repo.write(".git/refs/wf/x/leader.lock", "")
        let locked = try #require(throws: GitError.self) {
            try opened.setReference(ref, to: two, expecting: nil, reason: "x")
        }
        #expect(locked.code == .locked)
    }

    @Test("a ref that is packed moves and goes as a loose one does")
    func packed() throws {
        let repo = try TestRepository()
        let one = try #require(ObjectID(hex: repo.commit("a", "one\n")))
        let two = try #require(ObjectID(hex: repo.commit("a", "two\n")))
        try repo.git("update-ref", "refs/wf/x/leader", one.hex)
        try repo.git("pack-refs", "--all")
        let opened = try Repository.open(in: repo.path)
        try opened.setReference("refs/wf/x/leader", to: two, expecting: one, reason: "x")
        try repo.git("pack-refs", "--all")
        try opened.deleteReference("refs/wf/x/leader", expecting: two)
        #expect(try repo.git("for-each-ref", "refs/wf").text.isEmpty)
    }
}

@Suite struct ConfigTests {
    static let texts = [
        "[a]\nb = c\n", "[a]b=c\n", "[A \"Sub\"]\n\tKey = v ; comment\n", "[a]\nb = \"x ; y\" # z\n",
        "[a]\nb = one\\\n two\\\n  three\n", "[a]\nb = \"tab\\t nl\\n q\\\" b\\\\ \"\n", "[a \"q\\\"\\\\x\"]\nk=v\n",
        "[a]\nb\nc=\n", "[a]\nb = x y  z   \n", "[a]\nb = \"  kept  \"  \n", "[a]\nb = \"un\"quo\"ted\"\n",
        "\u{FEFF}[a]\nb=c\n", "[a]\r\nb = c\r\n", "; c\n# d\n[a]\n;e\nb=c", "[a]\nb=1\nb=2\n[a]\nb=3\n", "[a.B]\nc=d\n",
        "[a]\nb = see [include] below\n; [include]\nc = [includeIf \"x\"]\n", "[a]\nb = \"x\\\n y\"\n",
        "[a] b = [c] d\n",
        "[a]\nb = #\n", "[a]\nb = ;x\n", "[a]\n  b = x # y \"z\n", "[a]\nurl = https://x/#frag\n", "[a \"x.y\"]\nb=1\n",
    ]

    @Test("entries are those of git config --list", arguments: texts)
    func entries(_ text: String) throws {
        let repo = try TestRepository()
        try repo.write("file", text)
        let listed = try repo.git("config", "-f", "file", "--list", "-z").stdout
        let expected = listed.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        let entries = try Repository.configEntries(of: Array(text.utf8), file: "file")
        // A key without a value has no line end after it.
        #expect(
            zip(entries, expected).allSatisfy { entry, line in
                line == "\(entry.name)\n\(entry.value)" || entry.value.isEmpty && line == entry.name
            } && entries.count == expected.count, "\(entries) \(expected)")
    }

    @Test(
        "an include is refused in every spelling",
        arguments: [
            "[include]\npath=/etc/passwd\n", "[INCLUDE]\npath=x\n", "[a]\nb=c\n  [Include] path = x\n",
            "\u{FEFF}[include]\npath=x",
            "[includeIf \"gitdir:/\"]\npath=x\n", "[includeif \"x\"]\npath=x\n", "[a] [include]\npath=x\n",
            "[include \"x\"]\npath=x\n",
            "\t[include]path=x\n", "[ include ]\npath=x\n", "\r\n[include]\r\npath=x\r\n",
            "[a]\n; c \\\n[include]\npath = x\n",
            "[include.x]\npath=x\n",
        ])
    func include(_ text: String) throws {
        let error = try #require(throws: GitError.self) {
            try Repository.configEntries(of: Array(text.utf8), file: ".wfconfig")
        }
        #expect(error.code == .invalid)
        #expect(error.description.contains(".wfconfig") && error.reason.contains("include"))
    }
}
