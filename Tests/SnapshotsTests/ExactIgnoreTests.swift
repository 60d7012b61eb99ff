import Glibc
import SystemPackage
import TestSupport
import Testing

@Suite struct ExactIgnoreTests {
    static let ignores: [SnapshotCase] = [
        SnapshotCase("nested .gitignore files, negations and anchors") { repo in
            try repo.write(".gitignore", "*.o\n!keep.o\n/top\nbuild/\n# no\n\\#hash\ntrailing \\ \n**/deep/*.x\n")
            try repo.write("sub/.gitignore", "!*.o\n*.txt\n/only\n")
            for name in [
                "a.o", "keep.o", "top", "sub/top", "build/x", "sub/build/x", "sub/a.o", "sub/b.txt", "b.txt",
                "sub/only",
                "sub/in/only", "#hash", "deep/a.x", "a/deep/b.x", "a/b/deep/c/d.x", "trailing  ", "buildx/y",
            ] { try repo.write(name, name) }
        },
        SnapshotCase("a file below an ignored directory is not taken back by a negation") { repo in
            try repo.write(".gitignore", "out/\n!out/keep\nlogs/*\n!logs/keep\n")
            for name in ["out/keep", "out/x", "logs/keep", "logs/x", "logs/d/keep"] { try repo.write(name, name) }
        },
        SnapshotCase("an ignored directory with a tracked file") { repo in
            try repo.commit("out/tracked", "one\n")
            try repo.write(".gitignore", "out/\n")
            try repo.write("out/tracked", "two\n")
            try repo.write("out/new", "new\n")
            try repo.write("out/deep/new", "new\n")
        },
        SnapshotCase("info/exclude and core.excludesFile") { repo in
            try repo.write("../excludes", "*.global\n")
            try repo.write(".git/info/exclude", "*.local\n!b.global\n")
            try repo.git("config", "core.excludesFile", repo.file("../excludes").lexicallyNormalized().string)
            for name in ["a.global", "b.global", "a.local", "d/a.local", "plain"] { try repo.write(name, name) }
        },
        SnapshotCase("a pattern for directories and a file, a symlink of that name") { repo in
            try repo.write(".gitignore", "x/\n")
            try repo.write("a/x", "file\n")
            try repo.write("b/x/y", "file\n")
            try repo.link("c/x", to: "../b/x")
        },
        SnapshotCase("character classes, case, carriage returns and a byte order mark") { repo in
            try repo.write(".gitignore", "\u{FEFF}bom\n[a-c].t\n[!x].u\n?.v\nA.w\ncr\r\n[[:digit:]].y\n")
            for name in ["bom", "a.t", "d.t", "x.u", "y.u", "1.v", "12.v", "a.w", "A.w", "cr", "cr\r", "1.y", "q.y"] {
                try repo.write(name, name)
            }
        },
        SnapshotCase("a tracked file that is ignored now") { repo in
            try repo.commit("a.log", "one\n")
            try repo.write(".gitignore", "*.log\n*\n")
            try repo.write("a.log", "two\n")
            try repo.write("b.log", "two\n")
        },
        SnapshotCase("an ignored file announced with add -f -N") { repo in
            try repo.write(".gitignore", "*.log\n")
            try repo.write("a.log", "two\n")
            try repo.git("add", "-f", "-N", "a.log")
        },
        SnapshotCase("rules for the whole of a deep path, with stars at each place") { repo in
            try repo.write(".gitignore", "a/**/z\n**/b/c\nd/**\n!d/keep\n/e*/f?\nx/**/y/*.t\n")
            for name in [
                "a/z", "a/b/z", "a/b/c/z", "b/c", "q/b/c", "q/b/d", "d/keep", "d/lose", "d/e/keep", "e/f1", "eee/f2",
                "e/f12", "q/e/f1", "x/y/1.t", "x/p/q/y/1.t", "x/p/q/y/1.u",
            ] { try repo.write(name, name) }
        },
        SnapshotCase("a .gitignore that is a symlink, a directory, and one without a line end") { repo in
            try repo.write("rules", "*.o\n")
            try repo.link(".gitignore", to: "rules")
            try repo.write("d/.gitignore/inner", "x\n")
            try repo.write("e/.gitignore", "*.o")
            for name in ["a.o", "d/a.o", "e/a.o"] { try repo.write(name, name) }
        },
        SnapshotCase("a symlink to an ignored directory, and an ignored symlink") { repo in
            try repo.write(".gitignore", "build/\nlink\n")
            try repo.write("build/out", "x\n")
            try repo.link("to-build", to: "build")
            try repo.link("d/link", to: "../build/out")
        },
        SnapshotCase("directories that hold nothing but what is ignored, beside tracked and untracked ones") { repo in
            try repo.write(".gitignore", "*.o\n")
            try repo.commit("mixed/a", "one\n")
            for name in ["mixed/a.o", "none/a.o", "none/deep/b.o", "some/a.o", "some/deep/c"] {
                try repo.write(name, name)
            }
        },
        SnapshotCase("a rule with spaces, quotes, backslashes and bytes that are not UTF-8") { repo in
            try Files.write(
                Array("a\\ b\n\\!c\nd\\\\e\n\"f\"\n".utf8) + [0xFF, 0x2A, 0x0A], to: repo.file(".gitignore"))
            for name in ["a b", "!c", "d\\e", "\"f\"", "f"] { try repo.write(name, name) }
            try repo.writeRaw([0xFF, 0x41], "latin\n")
            try repo.writeRaw([0xFE, 0x41], "latin\n")
        },
    ]

    @Test("the tree equals what git add -A would write, with ignored files", arguments: ignores)
    func ignored(_ example: SnapshotCase) throws { try exact(example) }
}
