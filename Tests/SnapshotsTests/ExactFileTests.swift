import Glibc
import SystemPackage
import TestSupport
import Testing

@Suite struct ExactFileTests {
    static let plain: [SnapshotCase] = [
        SnapshotCase("no file at all") { _ in },
        SnapshotCase("no commit yet") { try $0.write("a", "one\n") },
        SnapshotCase("nothing changed") { try $0.commit("a", "one\n") },
        SnapshotCase("a tracked file changed") { repo in
            try repo.commit("a/b", "one\n")
            try repo.write("a/b", "two\n")
        },
        SnapshotCase("an untracked file") { repo in
            try repo.commit("a", "one\n")
            try repo.write("d/e/f", "new\n")
        },
        SnapshotCase("an empty file and an empty directory") { repo in
            try repo.write("empty", "")
            try Files.makeFolders(repo.file("nothing/here"))
        },
        SnapshotCase("every file deleted") { repo in
            try repo.commit("d/a", "one\n")
            try repo.remove("d")
        },
        SnapshotCase("every file deleted, ignored ones left") { repo in
            try repo.commit("d/a", "one\n")
            try repo.remove("d")
            try repo.write(".git/info/exclude", "*.o\n")
            try repo.write("x.o", "x")
        },
        SnapshotCase("a file made executable, another one no longer") { repo in
            try repo.write("run", "#!/bin/sh\n", mode: 0o755)
            try repo.commit("a", "one\n")
            try repo.write("run", "#!/bin/sh\n", mode: 0o644)
            try repo.write("a", "one\n", mode: 0o755)
            try repo.write("new", "new\n", mode: 0o711)
            try repo.write("group", "new\n", mode: 0o674)
        },
        SnapshotCase("core.fileMode=false") { repo in
            try repo.write("run", "#!/bin/sh\n", mode: 0o755)
            try repo.commit("a", "one\n")
            try repo.git("config", "core.fileMode", "false")
            try repo.write("run", "#!/bin/bash\n", mode: 0o644)
            try repo.write("a", "two\n", mode: 0o755)
            try repo.write("new", "new\n", mode: 0o755)
        },
        SnapshotCase("core.fileMode=false in a conflict about a mode") { repo in
            try repo.git("config", "core.fileMode", "false")
            try repo.commit("a", "one\n")
            try repo.git("checkout", "-q", "-b", "other")
            try repo.write("a", "two\n")
            try repo.git("update-index", "--chmod=+x", "a")
            try repo.git("commit", "-qam", "other")
            try repo.git("checkout", "-qf", "main")
            try repo.commit("a", "three\n")
            _ = try repo.gitStatus("merge", "other")
        },
        SnapshotCase("a staged rename, edited") { repo in
            try repo.commit("old/name", "one\ntwo\nthree\n")
            try Files.makeFolders(repo.file("new"))
            try repo.git("mv", "old/name", "new/name")
            try repo.write("new/name", "one\ntwo\nfour\n")
        },
        SnapshotCase("staged, and different on disk") { repo in
            try repo.commit("a", "one\n")
            try repo.write("a", "two\n")
            try repo.git("add", "a")
            try repo.write("a", "three\n")
        },
        SnapshotCase("a staged deletion, the file still there") { repo in
            try repo.commit("a", "one\n")
            try repo.git("rm", "-q", "--cached", "a")
        },
        SnapshotCase("a staged file that was deleted") { repo in
            try repo.commit("a", "one\n")
            try repo.write("b", "two\n")
            try repo.git("add", "b")
            try repo.remove("b")
        },
        SnapshotCase("modification times set back") { repo in
            try repo.commit("a", "one\n")
            try repo.snapshot()
            var information = stat()
            lstat(repo.file("a").string, &information)
            try repo.write("a", "two\n")
            let times = [information.st_atim, information.st_mtim]
            utimensat(AT_FDCWD, repo.file("a").string, times, 0)
        },
        SnapshotCase("modification times in the future") { repo in
            try repo.commit("a", "one\n")
            try repo.git("config", "core.trustctime", "false")
            let times = [timespec(tv_sec: 4_000_000_000, tv_nsec: 7), timespec(tv_sec: 4_000_000_000, tv_nsec: 7)]
            utimensat(AT_FDCWD, repo.file("a").string, times, 0)
            try repo.snapshot()
            try repo.write("a", "two\n")
            utimensat(AT_FDCWD, repo.file("a").string, times, 0)
        },
    ]

    static let links: [SnapshotCase] =
        [
            SnapshotCase("symlinks to a file, a directory, nothing, an absolute path and themselves") { repo in
                try repo.commit("d/a", "one\n")
                try repo.link("file", to: "d/a")
                try repo.link("directory", to: "d")
                try repo.link("dangling", to: "no/such/place")
                try repo.link("absolute", to: "/etc/hostname")
                try repo.link("loop", to: "loop")
                try repo.link("d/up", to: "..")
            },
            SnapshotCase("a symlink retargeted") { repo in
                try repo.link("l", to: "a")
                try repo.commit("a", "one\n")
                try repo.remove("l")
                try repo.link("l", to: "b")
            },
            SnapshotCase("core.symlinks=false") { repo in
                try repo.link("l", to: "a")
                try repo.commit("a", "one\n")
                try repo.git("config", "core.symlinks", "false")
                try repo.remove("l")
                try repo.write("l", "b")
            },
        ] + swaps

    /// Each kind of thing in the place of each other one.
    static let swaps: [SnapshotCase] = {
        let kinds: [(String, @Sendable (TestRepository) throws -> Void)] = [
            ("file", { try $0.write("x", "file\n") }),
            ("directory", { try $0.write("x/inner/file", "file\n") }),
            ("symlink", { try $0.link("x", to: "elsewhere") }),
            (
                "symlink to a directory of the same files",
                { repo in
                    try repo.write("elsewhere/inner/file", "file\n")
                    try repo.link("x", to: "elsewhere")
                }
            ),
        ]
        return kinds.flatMap { old in
            kinds.filter { $0.0 != old.0 }.map { new in
                SnapshotCase("a \(old.0) became a \(new.0)") { repo in
                    try old.1(repo)
                    try repo.commit("z", "one\n")
                    try repo.snapshot()
                    try repo.remove("x")
                    try new.1(repo)
                }
            }
        }
    }()

    static let names: [SnapshotCase] = [
        SnapshotCase("names that shells and parsers trip over") { repo in
            for name in [
                "a b", " leading", "trailing ", "new\nline", "tab\t", "quote\"s", "it's", "-dash", "--", "back\\slash",
                "*",
                "?", "[a]", ":(top)", ":", "#hash", "!bang", "é", "e\u{301}", "🙂", "\r", "\u{1}", "~", "a:b", "con",
                "nul.txt",
                "%00", "$HOME", ".gitfoo", "..x", "...", ".gi", "x.lock", "index", "HEAD",
            ] {
                try repo.write("names/" + name, name)
                try repo.write("dirs/" + name + "/file", name)
            }
        },
        SnapshotCase("names that are not UTF-8") { repo in
            for bytes: [UInt8] in [[0xFF], [0x80, 0x41], [0x61, 0xC3], [0xE9, 0x74, 0xE9]] {
                try repo.writeRaw(bytes, "latin\n")
                try repo.writeRaw([0xFE] + bytes + Array("/inner/".utf8) + bytes, "below\n")
            }
        },
        SnapshotCase("parts of 255 bytes and deep paths") { repo in
            try repo.write(String(repeating: "x", count: 255), "long\n")
            try repo.write(String(repeating: "d", count: 255) + "/" + String(repeating: "y", count: 255), "long\n")
            try repo.write((0..<300).map { "d\($0)" }.joined(separator: "/") + "/file", "deep\n")
        },
        SnapshotCase("names that sort before and after a slash") { repo in
            for name in ["a/b", "a.b", "a-b", "a0b", "ab", "a /b"] { try repo.write(name, name) }
            try repo.git("add", "-A")
            for name in ["a/c", "a.c/x", "a-c", "a0c/x", "ac"] { try repo.write(name, name) }
        },
    ]

    @Test("the tree equals what git add -A would write", arguments: plain)
    func plainFiles(_ example: SnapshotCase) throws { try exact(example) }

    @Test("the tree equals what git add -A would write, with symlinks", arguments: links)
    func symlinks(_ example: SnapshotCase) throws { try exact(example) }

    @Test("the tree equals what git add -A would write, with odd names", arguments: names)
    func oddNames(_ example: SnapshotCase) throws { try exact(example) }
}

extension TestRepository {
    /// Writes a file whose name is not UTF-8.
    func writeRaw(_ name: [UInt8], _ text: String) throws {
        var parts = name.split(separator: UInt8(ascii: "/"))
        parts.removeLast()
        var place = Array((path.string + "/").utf8)
        for part in parts {
            place += part
            mkdir(place.map { CChar(bitPattern: $0) } + [0], 0o755)
            place.append(UInt8(ascii: "/"))
        }
        let full = (Array((path.string + "/").utf8) + name).map { CChar(bitPattern: $0) } + [0]
        let descriptor = open(full, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw TestFailure("cannot write a file: \(Errno(rawValue: errno))") }
        defer { close(descriptor) }
        try FileDescriptor(rawValue: descriptor).writeAll(Array(text.utf8))
    }
}
