import Glibc
import TestSupport
import Testing

@Suite struct ExactIndexTests {
    static let indexes: [SnapshotCase] = [
        SnapshotCase("intent to add") { repo in
            try repo.commit("a", "one\n")
            try repo.write("b", "two\n")
            try repo.write("c", "three\n")
            try repo.git("add", "-N", "b", "c")
            try repo.remove("c")
        },
        SnapshotCase("assume-unchanged, changed and deleted") { repo in
            try repo.write("a", "one\n")
            try repo.write("d/b", "one\n")
            try repo.commit("c", "one\n")
            try repo.git("update-index", "--assume-unchanged", "a", "d/b", "c")
            try repo.write("a", "two\n")
            try repo.remove("d")
        },
        SnapshotCase("skip-worktree, missing and changed, without a sparse checkout") { repo in
            try repo.write("a", "one\n")
            try repo.write("d/b", "one\n")
            try repo.commit("c", "one\n")
            try repo.git("update-index", "--skip-worktree", "a", "d/b")
            try repo.write("a", "two\n")
            try repo.remove("d")
        },
        SnapshotCase("something in the place of what is skipped") { repo in
            try repo.write("d/b", "one\n")
            try repo.write("e", "one\n")
            try repo.commit("c", "one\n")
            try repo.git("update-index", "--skip-worktree", "d/b", "e")
            try repo.remove("d")
            try repo.remove("e")
            try repo.write("d", "file\n")
            try repo.write("e/f", "file\n")
        },
        SnapshotCase("a split index") { repo in
            try repo.write("d/b", "one\n")
            try repo.write("skipped", "one\n")
            try repo.commit("c", "one\n")
            try repo.git("update-index", "--skip-worktree", "skipped")
            try repo.git("update-index", "--split-index")
            try repo.write("e", "new\n")
            try repo.git("add", "e")
            try repo.remove("skipped")
            try repo.write("c", "two\n")
            try repo.write("untracked", "two\n")
        },
        SnapshotCase("a split index by configuration") { repo in
            try repo.git("config", "core.splitIndex", "true")
            try repo.write("d/b", "one\n")
            try repo.commit("c", "one\n")
            try repo.write("c", "two\n")
        },
        SnapshotCase("an index without a checksum") { repo in
            try repo.write("d/b", "one\n")
            try repo.write("skipped", "one\n")
            try repo.commit("c", "one\n")
            try repo.git("update-index", "--skip-worktree", "skipped")
            try repo.remove("skipped")
            try repo.write("c", "two\n")
            let bytes = try repo.read(".git/index")
            try repo.write(".git/index", bytes.dropLast(20) + [UInt8](repeating: 0, count: 20))
        },
        SnapshotCase("index version 4") { repo in
            try repo.git("config", "index.version", "4")
            for name in ["abc/def/a", "abc/def/b", "abc/x"] { try repo.write(name, name) }
            try repo.commit("c", "one\n")
            try repo.write("abc/def/b", "two\n")
        },
        SnapshotCase("an untracked cache") { repo in
            try repo.commit("c", "one\n")
            try repo.git("config", "core.untrackedCache", "true")
            try repo.write("d/new", "new\n")
            try repo.git("status")
            try repo.write("d/newer", "new\n")
        },
        SnapshotCase("fsmonitor off, and one that is not there") { repo in
            try repo.commit("c", "one\n")
            try repo.git("config", "core.fsmonitor", "no-such-monitor")
            try repo.write("c", "two\n")
        },
        SnapshotCase("a split index of version 4 with an untracked cache") { repo in
            try repo.git("config", "feature.manyFiles", "true")
            for number in 0..<20 { try repo.write("d\(number % 3)/f\(number)", "\(number)\n") }
            try repo.commit("c", "one\n")
            try repo.git("update-index", "--split-index", "--untracked-cache")
            try repo.write("d0/f0", "staged\n")
            try repo.git("add", "d0/f0")
            try repo.git("status")
            try repo.write("d0/f3", "edited\n")
            try repo.write("d1/new", "new\n")
        },
        SnapshotCase("an index with tables of its entries and of its end") { repo in
            try repo.git("config", "index.recordEndOfIndexEntries", "true")
            try repo.git("config", "index.recordOffsetTable", "true")
            try repo.git("config", "index.threads", "2")
            for number in 0..<300 { try repo.write("d\(number % 7)/f\(number)", "\(number)\n") }
            try repo.commit("c", "one\n")
            try repo.write("d1/f8", "edited\n")
        },
        SnapshotCase("an empty index, and one of no file at all") { repo in
            try repo.commit("c", "one\n")
            try repo.git("read-tree", "--empty")
        },
        SnapshotCase("an index with resolved conflicts and names for renames") { repo in
            try repo.git("config", "rerere.enabled", "true")
            try conflict(repo)
            try repo.write("both", "resolved\n")
            try repo.git("add", "-A")
            try repo.git("checkout", "-m", "--", "both")
        },
        SnapshotCase("fsmonitor bits that say that nothing changed, though it did") { repo in
            for name in ["a", "d/b", "d/c"] { try repo.write(name, "one\n") }
            try repo.commit("c", "one\n")
            try repo.write("../monitor", "#!/bin/sh\nprintf 'token\\0'\n", mode: 0o755)
            try repo.git("config", "core.fsmonitor", "\(repo.folder.path)/monitor")
            try repo.git("update-index", "--fsmonitor")
            try repo.git("status")
            try repo.git("update-index", "--fsmonitor-valid", "a", "d/b")
            try repo.write("a", "two\n")
            try repo.remove("d/b")
            try repo.write("d/new", "new\n")
        },
        SnapshotCase("fsmonitor bits in an untracked cache") { repo in
            try repo.commit("d/c", "one\n")
            try repo.write("../monitor", "#!/bin/sh\nprintf 'token\\0'\n", mode: 0o755)
            try repo.git("config", "core.fsmonitor", "\(repo.folder.path)/monitor")
            try repo.git("update-index", "--fsmonitor", "--untracked-cache")
            try repo.write("d/old", "old\n")
            try repo.git("status")
            try repo.write("d/new", "new\n")
            try repo.remove("d/old")
        },
        SnapshotCase("intent to add: an executable, a symlink, a directory that was a file, one that is ignored") {
            repo in
            try repo.write("run", "#!/bin/sh\n", mode: 0o755)
            try repo.link("link", to: "run")
            try repo.write("swapped", "file\n")
            try repo.write("x.o", "ignored\n")
            try repo.git("add", "-N", "-f", "run", "link", "swapped", "x.o")
            try repo.write(".gitignore", "*.o\n")
            try repo.remove("swapped")
            try repo.write("swapped/file", "file\n")
        },
        SnapshotCase("intent to add in every form of index") { repo in
            try repo.commit("c", "one\n")
            try repo.write("announced", "content\n")
            try repo.git("add", "-N", "announced")
            try repo.git("update-index", "--index-version", "4")
            try repo.git("update-index", "--split-index")
        },
        SnapshotCase("assume-unchanged and skip-worktree in a split index") { repo in
            for name in ["a", "b", "d/c", "d/e"] { try repo.write(name, "one\n") }
            try repo.commit("f", "one\n")
            try repo.git("update-index", "--assume-unchanged", "a", "d/c")
            try repo.git("update-index", "--skip-worktree", "b", "d/e")
            try repo.git("update-index", "--split-index")
            for name in ["a", "b", "d/c"] { try repo.write(name, "two\n") }
            try repo.remove("d/e")
        },
        SnapshotCase("core.ignoreStat: everything that git writes is assumed unchanged") { repo in
            try repo.git("config", "core.ignoreStat", "true")
            try repo.commit("a", "one\n")
            try repo.git("checkout", "-q", "-b", "other")
            try repo.write("a", "two\n")
        },
        SnapshotCase("core.checkStat=minimal and core.trustctime=false") { repo in
            try repo.git("config", "core.checkStat", "minimal")
            try repo.git("config", "core.trustctime", "false")
            try repo.commit("a", "one\n")
            try repo.write("a", "longer\n")
        },
        SnapshotCase("a merge in conflict") { try conflict($0) },
        SnapshotCase("a merge in conflict, with a split index") { repo in
            try repo.git("config", "core.splitIndex", "true")
            try conflict(repo)
        },
        SnapshotCase("a merge in conflict, half resolved") { repo in
            try conflict(repo)
            try repo.write("both", "resolved\n")
            try repo.git("add", "both")
            try repo.remove("added")
        },
    ]

    @Sendable static func conflict(_ repo: TestRepository) throws {
        for name in ["both", "ours-deleted", "theirs-deleted", "untouched"] { try repo.write(name, "base\n") }
        try repo.commit("z", "one\n")
        try repo.git("checkout", "-q", "-b", "other")
        try repo.remove("theirs-deleted")
        try repo.write("ours-deleted", "theirs\n")
        try repo.write("added", "theirs\n")
        try repo.commit("both", "theirs\n")
        try repo.git("checkout", "-q", "main")
        try repo.remove("ours-deleted")
        try repo.write("theirs-deleted", "ours\n")
        try repo.write("added", "ours\n", mode: 0o755)
        try repo.commit("both", "ours\n")
        #expect(try repo.gitStatus("merge", "other") == 1)
        try repo.write("new", "new\n")
    }

    /// Each set of stages that a path can have in an unmerged index, beside each thing that can be on disk.
    static let unmerged: [SnapshotCase] = (1..<8).map { stages in
        let list = [1, 2, 3].filter { stages & 1 << ($0 - 1) != 0 }
        return SnapshotCase("a conflict with \(list.count == 1 ? "stage" : "stages") \(list)") { repo in
            try repo.write(".gitignore", "*.o\n")
            try repo.commit("other", "one\n")
            let ids = try (0...3).map { try repo.git("hash-object", "-w", "--stdin", stdin: "stage \($0)\n").text }
            let modes = ["", "100644", "100755", "120000"]
            var lines = ""
            for name in [
                "absent", "file", "same", "executable", "link", "directory/x", "directory", "ignored.o", "up/down",
            ] {
                // A tree cannot have both; an index in conflict can.
                for stage in list { lines += "\(modes[stage]) \(ids[stage]) \(stage)\t\(name)\n" }
            }
            try repo.git("update-index", "--index-info", stdin: lines)
            try repo.write("file", "on disk\n")
            try repo.write("same", "stage \(list[0])\n")
            try repo.write("executable", "on disk\n", mode: 0o755)
            try repo.link("link", to: "elsewhere")
            try repo.write("directory/y", "on disk\n")
            try repo.write("ignored.o", "on disk\n")
            try repo.write("up", "a file in the place of a directory\n")
        }
    }

    @Test("the tree equals what git add -A would write, with every kind of index", arguments: indexes)
    func indexed(_ example: SnapshotCase) throws { try exact(example) }

    @Test("the tree equals what git add -A would write, with every kind of conflict", arguments: unmerged)
    func inConflict(_ example: SnapshotCase) throws { try exact(example) }
}
