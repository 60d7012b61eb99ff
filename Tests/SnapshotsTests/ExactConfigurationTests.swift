import Glibc
import SystemPackage
import TestSupport
import Testing

@Suite struct ExactConfigurationTests {
    static let extensions: [SnapshotCase] = [
        SnapshotCase("extensions.worktreeConfig") { repo in
            try repo.git("config", "core.repositoryFormatVersion", "1")
            try repo.git("config", "extensions.worktreeConfig", "true")
            try repo.git("config", "--worktree", "core.autocrlf", "true")
            try repo.write("a", "a\r\nb\r\n")
        },
        SnapshotCase("a partial clone's configuration") { repo in
            try repo.git("config", "core.repositoryFormatVersion", "1")
            try repo.git("config", "extensions.partialClone", "origin")
            try repo.commit("a", "one\n")
            try repo.write("b", "two\n")
        },
        SnapshotCase("preciousObjects") { repo in
            try repo.git("config", "core.repositoryFormatVersion", "1")
            try repo.git("config", "extensions.preciousObjects", "true")
            try repo.write("b", "two\n")
        },
        SnapshotCase("shallow") { repo in
            try repo.commit("a", "one\n")
            try repo.commit("a", "two\n")
            try repo.write(".git/shallow", repo.git("rev-parse", "HEAD").text + "\n")
            try repo.write("a", "three\n")
        },
        SnapshotCase("extensions.worktreeConfig without a config.worktree, and with a sparse checkout in it") { repo in
            try repo.write("in/a", "one\n")
            try repo.commit("out/b", "one\n")
            try repo.git("config", "extensions.worktreeConfig", "true")
            try repo.git("sparse-checkout", "set", "in")
            try repo.git("config", "--worktree", "core.fileMode", "false")
            try repo.write("in/a", "two\n", mode: 0o755)
        },
        SnapshotCase("a git directory that lies elsewhere") { repo in
            try repo.commit("a", "one\n")
            try repo.move(".git", to: "../elsewhere")
            try repo.write(".git", "gitdir: ../elsewhere\n")
            try repo.write("a", "two\n")
        },
        SnapshotCase("core.worktree") { repo in
            try repo.commit("a", "one\n")
            try repo.git("config", "core.worktree", repo.path.string)
            try repo.write("a", "two\n")
        },
        SnapshotCase("objects of another repository") { repo in
            try repo.nested("../lender").commit("a", "lent\n")
            try repo.write(".git/objects/info/alternates", "\(repo.folder.path)/lender/.git/objects\n")
            try repo.git("fetch", "-q", "../lender", "main")
            try repo.git("reset", "-q", "FETCH_HEAD")
            try repo.write("copy", "lent\n")
        },
        SnapshotCase("replaced objects") { repo in
            try repo.write("b", "two\n")
            try repo.commit("a", "one\n")
            try repo.git("replace", repo.git("rev-parse", "HEAD:a").text, repo.git("rev-parse", "HEAD:b").text)
            try repo.write("c", "one\n")
        },
        SnapshotCase("names that are odd on other systems, with and without protection") { repo in
            try repo.git("config", "core.protectNTFS", "false")
            try repo.git("config", "core.protectHFS", "false")
            for name in ["git~2", "a\\b", "a:b", "aux", "con.txt", "x.", "y ", ".gi\u{200C}t", ".gitmodules~1"] {
                try repo.write(name, name)
            }
        },
        SnapshotCase("settings that decide what git shows, and not what it adds") { repo in
            for (key, value) in [
                ("status.showUntrackedFiles", "no"), ("core.quotePath", "false"), ("core.preloadIndex", "false"),
                ("add.ignoreErrors", "true"), ("diff.renames", "false"), ("core.precomposeUnicode", "true"),
                ("core.untrackedCache", "false"), ("color.ui", "always"), ("core.fsync", "all"),
                ("core.compression", "0"), ("pack.compression", "9"), ("core.sharedRepository", "group"),
                ("core.logAllRefUpdates", "always"), ("alias.add", "!false"), ("user.useConfigOnly", "true"),
            ] { try repo.git("config", key, value) }
            try repo.commit("a", "one\n")
            try repo.write("d/é", "new\n")
        },
        SnapshotCase("HEAD detached, on a branch with slashes, and at a tag") { repo in
            try repo.commit("a", "one\n")
            try repo.git("tag", "-a", "-m", "x", "v1")
            try repo.git("checkout", "-q", "-b", "deep/branch/name")
            try repo.git("pack-refs", "--all")
            try repo.git("checkout", "-q", "v1")
            try repo.write("a", "two\n")
        },
    ]

    static let contents: [SnapshotCase] = [
        SnapshotCase("sizes around the bounds of buffers") { repo in
            var random = SeededGenerator(seed: 7)
            let sizes =
                [0, 1, 15, 16, 127, 128, 129, 2047, 2048, 4095, 4096, 4097, 8191, 8192, 8193, 16_383, 16_384, 16_385]
                + [32_767, 32_768, 32_769, 65_535, 65_536, 65_537, 131_072, 1_048_575, 1_048_576, 1_048_577, 5_000_000]
            for size in sizes {
                // Bytes that do not compress, and bytes that do.
                let noise = (0..<(size + 7) / 8).flatMap { _ in withUnsafeBytes(of: random.next()) { Array($0) } }
                try repo.write("noise/\(size)", Array(noise.prefix(size)))
                try repo.write("plain/\(size)", [UInt8](repeating: 0x61, count: size))
            }
        },
        SnapshotCase("the same content many times, in the repository already, and in HEAD only") { repo in
            for number in 0..<40 { try repo.write("same/\(number)/f\(number)", "the same\n") }
            try repo.commit("gone", "in HEAD only\n")
            try repo.remove("gone")
            try repo.write("again/gone", "in HEAD only\n")
            try repo.git("hash-object", "-w", "--stdin", stdin: "loose\n")
            try repo.write("loose", "loose\n")
            try repo.link("link", to: "loose\n")
            try repo.git("repack", "-adq")
            for number in 40..<80 { try repo.write("same/\(number)", "the same\n") }
        },
        SnapshotCase("trees that are there already, and one that differs in a mode alone") { repo in
            for place in ["a", "b/a", "c/b/a"] { try repo.write(place + "/f", "same\n") }
            try repo.commit("z", "one\n")
            for place in ["d", "e/b/a"] { try repo.write(place + "/f", "same\n") }
            try repo.write("g/f", "same\n", mode: 0o755)
        },
        SnapshotCase("three thousand files in one directory, and three hundred directories") { repo in
            for number in 0..<3000 { try repo.write("flat/f\(number)", "\(number)\n") }
            for number in 0..<300 { try repo.write("d\(number)/e/f", "\(number)\n") }
        },
    ]

    @Test("the tree equals what git add -A would write, with every kind of repository", arguments: extensions)
    func extended(_ example: SnapshotCase) throws { try exact(example) }

    @Test("the tree equals what git add -A would write, with every kind of content", arguments: contents)
    func ofContents(_ example: SnapshotCase) throws { try exact(example) }

    @Test(
        "the tree equals what git add -A would write, in a folder with an odd name",
        arguments: [
            "with spaces", "new\nline", "quote\"s", "-dash", "é", "a:b", "[x]*?", "x.git",
        ])
    func oddFolder(name: String) throws {
        let repo = try TestRepository(name: name)
        try repo.write(".gitattributes", "*.t text\n*.up filter=upper\n")
        try repo.git("config", "filter.upper.clean", "tr a-z A-Z")
        try repo.commit("a.t", "one\r\n")
        try repo.write("a.up", "two\n")
        try repo.git("update-index", "--split-index")
        try repo.write("d/new", "new\n")
        try repo.expectExact(name)
    }
}
