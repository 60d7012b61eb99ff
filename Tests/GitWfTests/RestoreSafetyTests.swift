import Glibc
import SystemPackage
import TestSupport
import Testing

@Suite("A restore, an undo and a merge lose nothing, and stop where they would")
struct RestoreSafetyTests {
    // MARK: Ignored, now or then

    @Test("what is ignored now, or was then, is not removed by --exact")
    func ignoredThen() throws {
        let repo = try TestRepository.begun("minimal")
        try repo.write(".gitignore", "build/\n*.log\n")
        try repo.write("deep/.gitignore", "cache\n")
        try repo.done("checkpoint", "with rules")
        // A bad agent empties the rules, and the files that they kept out are in checkpoints from then on.
        try repo.write(".gitignore", "")
        try repo.remove("deep")
        for name in ["build/out", "x.log", "deep/cache", "new.txt"] { try repo.write(name, "\(name)\n") }
        try repo.done("checkpoint", "without rules")
        let answer = try repo.json("restore", "--from", "last~1", "--all", "--exact")
        #expect(answer["left"]?.texts("path") == ["build/out", "deep/cache", "x.log"])
        for name in ["build/out", "x.log", "deep/cache"] { #expect(try repo.text(name) == "\(name)\n") }
        #expect(!repo.exists("new.txt"))
        #expect(try repo.text(".gitignore") == "build/\n*.log\n")
        try repo.done("undo")
        #expect(try repo.text("new.txt") == "new.txt\n" && repo.text("build/out") == "build/out\n")
    }

    @Test("an undo leaves files that the restore's rules made visible, or hid")
    func rulesRestored() throws {
        let repo = try TestRepository.begun("minimal")
        try repo.write("hidden/by-old", "1\n")
        try repo.write(".gitignore", "hidden/\n")
        try repo.done("checkpoint", "old rules")
        try repo.write(".gitignore", "other/\n")
        try repo.write("other/by-new", "2\n")
        try repo.done("checkpoint", "new rules")
        let files = try repo.contents(of: "")
        try repo.done("restore", ".gitignore")
        #expect(try repo.text(".gitignore") == "hidden/\n")
        let restored = try repo.contents(of: "")
        try repo.done("undo")
        #expect(try repo.contents(of: "") == files)
        try repo.done("redo")
        #expect(try repo.contents(of: "") == restored)
        // The same where the record names too few of the paths to go by.
        for number in 0..<600 { try repo.write("many/\(number)", "\(number)\n") }
        try repo.done("checkpoint", "many")
        let many = try repo.contents(of: "")
        try repo.remove("many")
        try repo.write(".gitignore", "other/\n")
        let before = try repo.contents(of: "")
        try repo.done("restore", "--from", "last", "--all")
        #expect(try repo.contents(of: "") == many)
        try repo.done("undo")
        #expect(try repo.contents(of: "") == before)
    }

    @Test("a restored file that is ignored goes at an undo while it is as it was restored; else it stays, and is named")
    func restoredIgnored() throws {
        let repo = try TestRepository.begun("minimal")
        try repo.write("x.log", "kept once\n")
        try repo.done("checkpoint", "x")
        try repo.remove("x.log")
        try repo.write(".gitignore", "*.log\n")
        try repo.done("checkpoint", "ignored since")
        try repo.done("restore", "x.log")
        #expect(try repo.text("x.log") == "kept once\n")
        try repo.done("undo")
        #expect(!repo.exists("x.log"))
        // No tree has it now; the checkpoint before the undo holds it beside its tree.
        try repo.done("redo")
        #expect(try repo.text("x.log") == "kept once\n")
        try repo.write("x.log", "mine now\n")
        try repo.refuses(["undo"], status: 1, says: ["x.log", "ignored"])
        #expect(try repo.text("x.log") == "mine now\n")
    }

    @Test("a file that is too large for a checkpoint is neither written over nor removed, and is named")
    func tooLarge() throws {
        let repo = try TestRepository.begun("minimal")
        try repo.git("config", "wf.maxFileSize", "1k")
        try repo.write("x", "small\n")
        try repo.done("checkpoint", "small")
        let large = String(repeating: "x", count: 2000)
        try repo.write("x", large)
        try repo.refuses(["restore", "x"], status: 1, says: ["x (ignored or left out"])
        try repo.done("restore", "--from", "last", "TODO.md", environment: [:])
        let made = try repo.json("checkpoint", "without it")["id"]?.text ?? ""
        try repo.write("y", "small\n")
        try repo.done("checkpoint", "y")
        try repo.done("restore", "--from", made, "--all", "--exact")
        #expect(try repo.text("x") == large && !repo.exists("y"))
    }

    @Test("an ignored file in the way of a merge stays, and is named")
    func merge() throws {
        let repo = try TestRepository.begun("minimal")
        try repo.write(".gitignore", "*.log\n")
        try repo.git("add", "-A")
        try repo.git("commit", "-qm", "rules")
        let place = try repo.done("agent", "start", "one").lines.first ?? ""
        let agent = repo.worktree(at: FilePath(place))
        try agent.write("x.log", "of the agent\n")
        try agent.git("add", "-f", "x.log")
        try agent.git("commit", "-qm", "x")
        try agent.done("agent", "report", "--status", "complete", "--summary", "x")
        try repo.write("x.log", "an hour of work\n")
        let head = try repo.id("HEAD")
        let output = try repo.wf("merge", "one")
        #expect(output.status == 1 && (output.text + output.errorText).contains("x.log"))
        #expect(try repo.text("x.log") == "an hour of work\n" && repo.id("HEAD") == head)
    }

    // MARK: Files, folders and links in each other's place

    @Test("a file or a link in the place of a folder makes room, and comes back with an undo")
    func parentsInTheWay() throws {
        let repo = try TestRepository.begun("minimal")
        try repo.write("src/a", "a\n")
        try repo.write("lib/deep/b", "b\n")
        let saved = try repo.json("checkpoint", "good")["id"]?.text ?? ""
        let good = try repo.contents(of: "")
        try repo.remove("src")
        try repo.remove("lib")
        try repo.write("src", "a file now\n")
        try repo.write("../outside/deep/b", "of somebody else\n")
        try repo.link("lib", to: "../outside")
        let bad = try repo.contents(of: "")
        let planned = try repo.json("restore", "-n", "src", "lib")
        let done = try repo.json("restore", "src", "lib")
        #expect(planned["restored"] == done["restored"])
        #expect(done["restored"]?.texts("action") == ["removed", "removed", "written", "written"])
        #expect(try repo.contents(of: "") == good)
        try repo.done("undo")
        #expect(try repo.contents(of: "") == bad)
        try repo.done("restore", "--from", saved, "--all")
        #expect(try repo.contents(of: "") == good)
        #expect(try repo.text("../outside/deep/b") == "of somebody else\n")
    }

    @Test("a folder in the place of a file makes room where the file was named, with nothing in it that would be lost")
    func folderInTheWay() throws {
        let repo = try TestRepository.begun("minimal")
        try repo.write("config", "a file\n")
        let saved = try repo.json("checkpoint", "good")["id"]?.text ?? ""
        try repo.remove("config")
        try repo.write("config/a", "a\n")
        try repo.write("config/deep/b", "b\n")
        let bad = try repo.contents(of: "")
        // All without --exact removes nothing.
        try repo.refuses(
            ["restore", "--from", saved, "--all"], status: 1, says: ["config (a directory is in its place)"])
        try repo.done("restore", "config")
        #expect(try repo.text("config") == "a file\n")
        try repo.done("undo")
        #expect(try repo.contents(of: "") == bad)
        try repo.write(".git/info/exclude", "*.key\n/workflow-state.md\n")
        try repo.write("config/secret.key", "only here\n")
        for arguments in [["config"], ["--from", saved, "--all", "--exact"]] {
            try repo.refuses(["restore"] + arguments, status: 1, says: ["config (a directory is in its place)"])
        }
        try repo.remove("config/secret.key")
        try repo.done("restore", "--from", saved, "--all", "--exact")
        #expect(try repo.text("config") == "a file\n")
    }

    @Test("another repository in the way stays as it is, and so do its files")
    func nested() throws {
        let repo = try TestRepository.begun("minimal")
        try repo.write("lib/a", "a\n")
        try repo.write("b", "good\n")
        try repo.done("checkpoint", "good")
        try repo.remove("lib")
        try repo.git("init", "-q", "lib")
        try repo.worktree(at: "lib").commit("a", "of another repository\n")
        try repo.write("b", "bad\n")
        try repo.refuses(["restore", "lib/a"], status: 1, says: ["lib is another repository"])
        try repo.done("checkpoint", "with it")
        try repo.worktree(at: "lib").commit("a", "moved on\n")
        try repo.write("b", "worse\n")
        let answer = try repo.json("restore", "--from", "last", "--all")
        #expect(answer["left"]?[0]?["path"]?.text == "lib" && answer["restored"]?.texts("path") == ["b"])
        #expect(try repo.text("lib/a") == "moved on\n" && repo.text("b") == "bad\n")
    }

    @Test("an undo does not write into what became another repository since")
    func nestedSince() throws {
        let repo = try TestRepository.begun("minimal")
        let without = try repo.json("checkpoint", "without")["id"]?.text ?? ""
        try repo.write("lib/a", "a\n")
        try repo.done("restore", "--from", without, "--all", "--exact")
        #expect(!repo.exists("lib"))
        try repo.git("init", "-q", "lib")
        // Without a commit it is in no checkpoint.
        try repo.refuses(["undo"], status: 1, says: ["lib/a (lib is another repository"])
        try repo.worktree(at: "lib").commit("b", "of another repository\n")
        try repo.refuses(["undo"], status: 1, says: ["lib/a (lib is another repository"])
        #expect(!repo.exists("lib/a"))
    }

    // MARK: Sparse checkouts

    @Test("a file outside of the sparse checkout that a restore removed comes back, whatever the index says of it")
    func sparseRemoved() throws {
        let repo = try TestRepository.begun("minimal")
        try repo.done("checkpoint", "without")
        try repo.link("out/a", to: "nowhere")
        try repo.git("add", "-A")
        try repo.git("commit", "-qm", "a link")
        try repo.git("sparse-checkout", "set", "--no-cone", "/*", "!/*/")
        #expect(!repo.exists("out/a"))
        try repo.write("out/a", "mine\n", mode: 0o755)
        try repo.done("restore", "--all", "--exact", "--from", "last")
        #expect(!repo.exists("out/a"))
        try repo.done("undo")
        #expect(try repo.text("out/a") == "mine\n" && Files.mode(of: repo.file("out/a")) == 0o100755)
    }

    @Test("paths outside of a sparse checkout are said and not written; alone they are a no")
    func sparse() throws {
        let repo = try TestRepository.begun("minimal")
        for name in ["in/a", "out/a"] { try repo.write(name, "good\n") }
        let saved = try repo.json("checkpoint", "good")["id"]?.text ?? ""
        for name in ["in/a", "out/a"] { try repo.write(name, "bad\n") }
        try repo.git("add", "-A")
        try repo.git("commit", "-qm", "bad")
        try repo.git("sparse-checkout", "set", "--cone", "in")
        let said = try repo.done("restore", "--from", saved, "in", "out").text
        #expect(said.contains("left as it is: out/a (outside of the sparse checkout)"))
        #expect(try repo.text("in/a") == "good\n" && !repo.exists("out"))
        try repo.refuses(
            ["restore", "--from", saved, "out"], status: 1, says: ["out/a (outside of the sparse checkout)"])
        try repo.done("undo")
        #expect(try repo.text("in/a") == "bad\n" && !repo.exists("out"))
        #expect(try repo.git("status", "--porcelain").text.isEmpty)
    }

    // MARK: Failures in the middle

    @Test(
        "a disk that is full in the middle leaves every file as it was, and nothing else",
        .enabled(if: FailingDiskTests.canMount))
    func full() throws {
        let repo = try TestRepository.begun("minimal")
        let disk = repo.beside("disk")
        try Files.makeFolders(disk.path)
        let mounted = try repo.run("mount", ["-t", "tmpfs", "-o", "size=400k", "git-wf-test", disk.path.string])
        try #require(mounted.status == 0)
        defer { umount2(disk.path.string, Int32(MNT_DETACH)) }
        try repo.git("worktree", "add", "-q", "--detach", disk.path.string)
        let names = (0..<20).map { "dir\($0 % 3)/\($0)" }
        for name in names { try disk.write(name, String(repeating: "0123456789\n", count: 1400)) }
        try disk.done("checkpoint", "good")
        for name in names.dropLast() { try disk.write(name, "small\n") }
        try disk.remove("dir1")
        try disk.write("filler", String(repeating: "x", count: 200_000))
        let before = try disk.contents(of: "")
        let output = try disk.wf("restore", "--from", "last", "--all")
        #expect(output.status == 128 && output.errorText.contains("No space left on device"))
        #expect(try disk.contents(of: "") == before)
        #expect(!disk.exists("dir1"))
        #expect(try disk.json("status")["operation"] == nil)
        try disk.remove("filler")
        try disk.done("restore", "--from", "last", "--all")
        #expect(try disk.read("dir0/0").count == 15_400)
    }

    @Test(
        "a file that cannot be replaced takes back the others, and nothing is said to be cut short",
        .enabled(if: RestoreSafetyTests.canFreeze))
    func frozen() throws {
        let repo = try TestRepository.begun("minimal")
        for name in ["a", "b", "z"] { try repo.write(name, "good\n") }
        try repo.done("checkpoint", "good")
        for name in ["a", "z"] { try repo.write(name, "bad\n") }
        try repo.remove("b")
        let before = try repo.contents(of: "")
        try #require(try repo.run("chattr", ["+i", "z"]).status == 0)
        let output = try repo.wf("restore", "--from", "last", "--all")
        try repo.run("chattr", ["-i", "z"])
        #expect(output.status == 128 && output.errorText.contains("z: Operation not permitted"))
        #expect(try repo.contents(of: "") == before)
        #expect(try repo.json("status")["operation"] == nil)
        try repo.refuses(["undo"], status: 1, says: ["nothing to undo"])
        try repo.done("restore", "--from", "last", "--all")
        #expect(try repo.text("b") == "good\n")
    }

    /// System calls that fail, and whether the restore gets through all the same.
    static let failures: [(call: String, isDone: Bool)] = [
        // A file system that knows neither exchange nor renaming where nothing is.
        ("renameat2:error=EINVAL", true), ("renameat2,linkat:error=EOPNOTSUPP", true),
        // The first one takes git's lock of the index.
        ("renameat2:error=EIO:when=1", false), ("renameat2:error=EIO:when=2", false),
        ("renameat2:error=EIO:when=5", false), ("renameat2:error=EACCES:when=7", false),
        ("fsync:error=EIO:when=1", false),
        ("fsync:error=ENOSPC:when=4", false),
        ("fsync:error=EIO:when=7", false), ("symlinkat:error=ENOSPC", false), ("mkdirat:error=EDQUOT", false),
        ("fchmod:error=EPERM", false), ("fsync:error=EINVAL:when=6..7", true),
    ]

    @Test(
        "whatever fails, a restore is done or leaves everything as it was", .enabled(if: RestoreSafetyTests.canTrace),
        arguments: failures.indices)
    func failure(_ index: Int) throws {
        let (call, isDone) = Self.failures[index]
        let repo = try TestRepository.begun("minimal")
        for name in ["a", "dir/new", "was/deep", "z"] { try repo.write(name, "good\n") }
        try repo.link("link", to: "a")
        let saved = try repo.json("checkpoint", "good")["id"]?.text ?? ""
        let good = try repo.contents(of: "")
        for name in ["dir", "was", "link"] { try repo.remove(name) }
        for name in ["a", "was", "z", "gone"] { try repo.write(name, "bad\n") }
        let bad = try repo.contents(of: "")
        let output = try repo.run(
            "strace",
            [
                "-f", "-qq", "-o", "/dev/null", "-e", "inject=\(call)", "git-wf", "restore", "--from", saved, "--all",
                "--exact",
            ])
        #expect(output.status == (isDone ? 0 : 128), "\(call): \(output.errorText)")
        #expect(try repo.contents(of: "") == (isDone ? good : bad), "\(call): \(output.errorText)")
        #expect(try repo.json("status")["operation"] == nil, "\(call)")
        #expect(Files.names(in: repo.file(".git/wf")).allSatisfy { !$0.hasPrefix("writing.") }, "\(call)")
        #expect(!repo.exists(".git/index.lock"), "\(call)")
        if isDone { try repo.done("undo") } else { try repo.done("restore", "--from", saved, "--all", "--exact") }
        #expect(try repo.contents(of: "") == (isDone ? bad : good), "\(call)")
    }

    static let canTrace: Bool = (try? TestRepository().run("strace", ["-V"]).status) == 0

    static let canFreeze: Bool = {
        guard let repo = try? TestRepository() else { return false }
        try? repo.write("a", "x")
        let isFrozen = (try? repo.run("chattr", ["+i", "a"]).status) == 0
        _ = try? repo.run("chattr", ["-i", "a"])
        return isFrozen
    }()

    @Test("drafts that a killed restore left are in no checkpoint, and go")
    func leftDrafts() throws {
        let repo = try TestRepository.begun("minimal")
        try repo.write("src/a", "a\n")
        try repo.write("src/.git-wf.t0ken.1.tmp", "a draft\n")
        try repo.write(".git/wf/writing.t0ken", Array("src\u{0}\u{0}".utf8))
        let id = try repo.json("checkpoint", "after a kill")["id"]?.text ?? ""
        #expect(try repo.git("ls-tree", "-r", "--name-only", id, "src").text == "src/a")
        #expect(!repo.exists("src/.git-wf.t0ken.1.tmp") && !repo.exists(".git/wf/writing.t0ken"))
    }

    // MARK: What is recorded

    @Test("what a restore and an undo record is what a snapshot would find")
    func recorded() throws {
        let repo = try TestRepository.begun("minimal")
        try repo.git("config", "core.autocrlf", "input")
        try repo.write(".gitattributes", "*.crlf text eol=crlf\n*.id ident\n")
        try repo.write("staged", "committed\n")
        try repo.git("add", "-A")
        try repo.git("commit", "-qm", "x")
        let names = [
            "plain", "run", "x.crlf", "x.id", "deep/new", "empty", "staged", "mixed", "x.log", "sub/.gitignore",
        ]
        for name in names { try repo.write(name, "good $Id$\n", mode: name == "run" ? 0o755 : 0o644) }
        try repo.write("mixed", "a\r\nb\n")
        try repo.write("empty", "")
        try repo.link("link", to: "plain")
        let saved = try repo.json("checkpoint", "good")["id"]?.text ?? ""
        try repo.write(".gitignore", "*.log\n")
        for name in names + ["link"] { try repo.remove(name) }
        try repo.write("plain", "bad\n")
        try repo.write("staged", "bad\n")
        try repo.git("add", "staged", "plain")
        try repo.write("link", "a file\n")
        for name in names + ["link"] {
            for command in [["restore", "--from", saved, name], ["undo"], ["redo"]] {
                if name == "x.log", command.count == 1 { continue }
                try repo.done(command)
                let tree = try repo.git("rev-parse", "\(repo.lane)^{tree}").text
                #expect(try repo.oracleTree() == tree, "\(command) \(name)")
                let next = try repo.json("checkpoint", "next", "--if-changed")
                #expect(next["unchanged"]?.flag == true, "\(command) \(name)")
            }
        }
    }
}
