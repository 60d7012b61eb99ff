import SystemPackage
import TestSupport
import Testing

@Suite("A merge, and a verdict, are of what was looked at")
struct MergeSafetyTests {
    /// An agent with work of its own, which reported.
    private func agent(_ repo: TestRepository, _ name: String, _ work: (TestRepository) throws -> Void) throws {
        let agent = repo.worktree(at: FilePath(try repo.done("agent", "start", name).lines[0]))
        try work(agent)
        try agent.wf("agent", "report", "--status", "complete", "--summary", "done")
    }

    // MARK: What is not resolved

    @Test("what an agent has not resolved is in no commit, and the merge names it")
    func unresolvedAgent() throws {
        let repo = try TestRepository.begun("minimal")
        try agent(repo, "x") { agent in
            try agent.write("a.txt", "stashed\n")
            try agent.git("stash", "-q")
            try agent.commit("a.txt", "committed\n")
            try agent.run("git", ["stash", "pop", "-q"])
        }
        let head = try repo.id("HEAD")
        try repo.refuses(["merge", "x"], status: 1, says: ["a.txt", "not resolved"], mayRecord: true)
        #expect(try repo.id("HEAD") == head)
        #expect(try !repo.git("log", "-1", "--format=%s", "wf/demo/x").text.contains("did not commit"))
    }

    @Test("nothing is merged into, and nothing committed from, an index with conflicts")
    func unresolvedLeader() throws {
        let repo = try TestRepository.begun("minimal")
        try agent(repo, "x") { try $0.commit("x.txt", "x\n") }
        try repo.write("a.txt", "stashed\n")
        try repo.git("stash", "-q")
        try repo.commit("a.txt", "committed\n")
        try repo.run("git", ["stash", "pop", "-q"])
        let head = try repo.id("HEAD")
        try repo.refuses(["merge", "x"], status: 1, says: ["a.txt", "not resolved"], mayRecord: true)
        let committed = try repo.wf("checkpoint", "all", "--commit")
        #expect(committed.status != 0 && committed.errorText.contains("a.txt is not resolved"))
        #expect(try repo.id("HEAD") == head)
        #expect(try repo.git("ls-files", "-u").lines.count == 3)
    }

    // MARK: Merged by hand

    private func conflicting() throws -> TestRepository {
        let repo = try TestRepository.begun("minimal")
        try agent(repo, "x") { try $0.commit("a.txt", "of the agent\n") }
        try repo.commit("a.txt", "of the leader\n")
        #expect(try repo.wf("merge", "x").status == 1)
        return repo
    }

    @Test("undo does not take commits that came after a merge that was committed by hand")
    func laterCommits() throws {
        let repo = try conflicting()
        try repo.write("a.txt", "both\n")
        try repo.git("commit", "-qam", "merged by hand")
        let merge = try repo.id("HEAD")
        try repo.commit("later.txt", "later\n")
        let later = try repo.id("HEAD")
        try repo.done("merge", "--continue")
        #expect(
            try repo.git(
                "log", "-1", "--format=%(trailers:key=Wf-Commit,valueonly)", "--grep=Merged agent x", repo.lane
            )
            .text.hasPrefix(merge))
        let undo = try repo.wf("undo")
        #expect(undo.status == 1 && undo.errorText.contains("the branch has moved since"), "\(undo.errorText)")
        #expect(try repo.id("HEAD") == later && repo.text("later.txt") == "later\n")
        // Back at the merge, it is taken back alone.
        try repo.git("reset", "-q", "--hard", merge)
        try repo.done("undo")
        #expect(try repo.text("a.txt") == "of the leader\n")
        try repo.done("redo")
        #expect(try repo.id("HEAD") == merge && repo.text("a.txt") == "both\n")
    }

    @Test("a merge by hand onto other commits than those before it is not taken back with them")
    func onOthers() throws {
        let repo = try conflicting()
        try repo.git("merge", "--abort")
        try repo.commit("between.txt", "between\n")
        try repo.run("git", ["merge", "-q", "wf/demo/x"])
        try repo.write("a.txt", "both\n")
        try repo.git("commit", "-qam", "merged by hand")
        try repo.done("merge", "--continue")
        let head = try repo.id("HEAD")
        let undo = try repo.wf("undo")
        #expect(undo.status == 1 && undo.errorText.contains("git revert -m 1"), "\(undo.errorText)")
        #expect(try repo.id("HEAD") == head && repo.exists("between.txt"))
    }

    @Test(
        "after a merge that was cut short, and a commit of what it had staged, merges go on",
        .enabled(if: RestoreSafetyTests.canTrace))
    func cutShort() throws {
        let repo = try TestRepository.begun("minimal")
        for name in ["x", "y"] { try agent(repo, name) { try $0.commit("\(name).txt", "\(name)\n") } }
        // Files and index are brought over, the branch is not.
        let killed = try repo.run(
            "strace",
            [
                "-f", "-qq", "-o", "/dev/null", "-P", repo.file(".git/refs/heads/main.lock").string, "-e",
                "inject=rename:signal=KILL", "git-wf", "merge", "x",
            ])
        #expect(killed.status != 0 && repo.exists("x.txt"), "\(killed.errorText)")
        // As git advises where it finds one.
        for name in ["index.lock", "refs/heads/main.lock"] { try repo.remove(".git/\(name)") }
        try repo.git("commit", "-qm", "what was staged")
        let merged = try repo.wf("merge", "y")
        #expect(merged.status == 0, "\(merged.errorText)")
        #expect(try repo.exists("y.txt") && repo.id("HEAD^2") == repo.id("wf/demo/y"))
        // Asked again it is said, as git says it.
        let again = try repo.wf("merge", "y")
        #expect(again.status == 0 && (again.text + again.errorText).contains("y is merged already"))
        try repo.done("undo")
        #expect(!repo.exists("y.txt"))
        try repo.done("merge", "y")
        #expect(try repo.json("fsck")["problems"]?.list == [])
    }

    // MARK: git's locks, and its kinds of entries

    @Test("while a git command holds a lock of git's nothing is changed, and the lock is named")
    func held() throws {
        let repo = try TestRepository.begun("minimal")
        try agent(repo, "x") { try $0.commit("a.txt", "agent\n") }
        try repo.write("b.txt", "good\n")
        try repo.done("checkpoint", "good")
        try repo.write("b.txt", "bad\n")
        let (before, head) = (try repo.contents(of: ""), try repo.id("HEAD"))
        for lock in ["index.lock", "HEAD.lock", "refs/heads/main.lock"] {
            try repo.write(".git/\(lock)", "")
            for command in lock == "index.lock" ? [["merge", "x"], ["restore", "b.txt"]] : [["merge", "x"]] {
                let refused = try repo.wf(command)
                #expect(
                    refused.status == 128 && refused.errorText.contains(lock.replacing(".lock", with: "")), "\(refused)"
                )
            }
            #expect(try repo.id("HEAD") == head && repo.git("status", "--porcelain").lines == ["?? b.txt"])
            #expect(try repo.text(".git/\(lock)") == "")
            try repo.remove(".git/\(lock)")
        }
        #expect(try repo.contents(of: "") == before)
        try repo.done("merge", "x")
        try repo.done("restore", "b.txt")
    }

    @Test("in a sparse checkout what is left out stays so: merged in the index alone, and clean for git")
    func sparse() throws {
        let repo = try TestRepository.begun("minimal")
        for name in ["in/a", "out/old", "out/gone"] { try repo.write(name, "base\n") }
        try repo.git("add", "-A")
        try repo.git("commit", "-qm", "files")
        try agent(repo, "x") {
            for name in ["in/a", "in/b", "out/old", "out/new"] { try $0.write(name, "agent\n") }
            try $0.remove("out/gone")
            try $0.git("add", "-A")
            try $0.git("commit", "-qm", "work")
        }
        try repo.git("sparse-checkout", "set", "in")
        #expect(!repo.exists("out"))
        let index = try repo.git("ls-files", "-t", "-s").lines
        try repo.done("merge", "x")
        #expect(try repo.text("in/b") == "agent\n" && !repo.exists("out"))
        #expect(try repo.git("status", "--porcelain").lines == [])
        #expect(try repo.git("ls-files", "-t", "out").lines == ["S out/new", "S out/old"])
        try repo.done("undo")
        #expect(try repo.git("ls-files", "-t", "-s").lines == index)
        #expect(!repo.exists("in/b"))
        #expect(try repo.git("status", "--porcelain").lines == [])
        try repo.done("redo")
        #expect(try repo.git("status", "--porcelain").lines == [] && repo.text("in/a") == "agent\n")
    }

    @Test("a submodule that is merged has its directory, as git makes it, and loses it with the undo")
    func submodules() throws {
        let repo = try TestRepository.begun("minimal")
        try repo.commit("lib/a", "a\n")
        let head = try repo.id("HEAD")
        try agent(repo, "x") {
            try $0.git("rm", "-rqf", "lib")
            for path in ["sub/one", "lib"] {
                try $0.git("update-index", "--add", "--cacheinfo", "160000,\(head),\(path)")
            }
            try $0.run("mkdir", ["-p", "sub/one", "lib"])
            try $0.git("commit", "-qm", "submodules")
        }
        try repo.done("merge", "x")
        #expect(repo.exists("sub/one") && repo.exists("lib") && !repo.exists("lib/a"))
        #expect(try repo.git("status", "--porcelain").lines == [])
        try repo.done("undo")
        #expect(try repo.text("lib/a") == "a\n" && !repo.exists("sub"))
        #expect(try repo.git("status", "--porcelain").lines == [])
        // One that somebody filled does not make room for files.
        try repo.done("redo")
        try agent(repo, "y") {
            try $0.git("rm", "-q", "--cached", "lib")
            try $0.commit("lib/b", "b\n")
        }
        try repo.write("lib/mine", "mine\n")
        let refused = try repo.wf("merge", "y")
        #expect(refused.status == 1 && refused.text.contains("lib has changes that are not committed"), "\(refused)")
        #expect(try repo.text("lib/mine") == "mine\n" && !repo.exists("lib/b"))
        try repo.remove("lib/mine")
        try repo.done("merge", "y")
        #expect(try repo.git("status", "--porcelain").lines == [] && repo.text("lib/b") == "b\n")
    }

    // MARK: Abort

    @Test("a conflict of a file with a directory is taken back, and what was not staged stays")
    func abortsDirectoryConflict() throws {
        let repo = try TestRepository.begun("minimal")
        try repo.write("d/f", (1...12).map { "\($0)\n" }.joined())
        try repo.write("d/e", "e\n")
        try repo.commit("keep", "keep\n")
        try agent(repo, "x") { try $0.commit("d/f", (1...12).map { "\($0)\n" }.joined() + "agent\n") }
        try repo.remove("d")
        try repo.commit("d", "a file\n")
        try repo.write("keep", "keep\nnot staged\n")
        let before = try (repo.contents(of: ""), repo.git("ls-files", "-s").text)
        #expect(try repo.wf("merge", "x").status == 1)
        try repo.done("merge", "--abort")
        #expect(try repo.contents(of: "") == before.0)
        #expect(try repo.git("ls-files", "-s").text == before.1)
        #expect(!repo.exists(".git/MERGE_HEAD"))
        #expect(try repo.git("status", "--porcelain").lines == [" M keep"])
    }

    // MARK: Signed

    @Test("where the user signs commits, the merge is signed by git, and so is what was committed for the agent")
    func signed() throws {
        let repo = try TestRepository.begun("minimal")
        try repo.write(
            "../gpg",
            """
            #!/bin/sh
            cat >/dev/null
            echo '[GNUPG:] SIG_CREATED ' >&2
            printf -- '-----BEGIN PGP SIGNATURE-----\\n\\nx\\n-----END PGP SIGNATURE-----\\n'
            """, mode: 0o755)
        try repo.git("config", "gpg.program", repo.path.removingLastComponent().appending("gpg").string)
        try repo.git("config", "commit.gpgSign", "true")
        try agent(repo, "x") {
            try $0.commit("x.txt", "x\n")
            try $0.write("left.txt", "not committed\n")
        }
        try repo.wf("merge", "x")
        for commit in ["HEAD", "HEAD^2"] {
            #expect(try repo.git("cat-file", "commit", commit).text.contains("\ngpgsig "), "\(commit)")
        }
        #expect(try repo.git("cat-file", "commit", "HEAD").text.contains("1771750800 +0000"))
    }

    // MARK: Verdicts

    private func checked(_ check: String) throws -> TestRepository {
        let repo = try TestRepository.begun("feature")
        try repo.git("config", "-f", ".wfconfig", "phase.planning.check", check)
        try repo.git("commit", "-qam", "check")
        try repo.trust()
        return repo
    }

    @Test(
        "a phase is not complete by a check of something else than what is there",
        arguments: ["echo BROKEN >a.txt", "rm a.txt", "chmod +x a.txt", "git commit -qm x --allow-empty"])
    func staleCheck(meanwhile: String) throws {
        let repo = try checked("test -f a.txt; \(meanwhile)")
        let output = try repo.wf("phase", "complete")
        #expect(output.status == 1 && output.errorText.contains("changed while its check ran"), "\(output.errorText)")
        #expect(try repo.json("status")["phase"]?.text == "planning")
    }

    @Test("a file that comes while a check runs is not in the checkpoint of its verdict")
    func newFile() throws {
        let repo = try checked("test ! -e new.txt && touch new.txt")
        try repo.done("phase", "complete")
        let completed = try repo.git("log", "-1", "--format=%H", "--grep=Phase completed: planning", repo.lane).text
        #expect(try repo.run("git", ["cat-file", "-e", "\(completed):new.txt"]).status != 0)
        try repo.done("checkpoint", "next")
        #expect(try repo.run("git", ["cat-file", "-e", "\(repo.lane):new.txt"]).status == 0)
    }

    @Test(
        "what a hook of the user's commits in another repository is recorded there, and what our own git commits once")
    func otherRepository() throws {
        let repo = try TestRepository.begun("minimal")
        let other = try TestRepository.begun("minimal")
        for place in [repo, other] { try place.done("hooks", "install") }
        func hooked(_ place: TestRepository) throws -> [String] {
            try place.done("log", "--auto", "-n", "0").lines.filter { $0.contains("After a commit") }
        }
        let before = try (hooked(repo), hooked(other))
        try repo.write(
            ".git/hooks/pre-commit",
            "#!/bin/sh\nunset $(git rev-parse --local-env-vars)\n"
                + "cd '\(other.path)' && git commit -q --allow-empty -m 'beside it'\n", mode: 0o755)
        try repo.write("a.txt", "a\n")
        try repo.done("checkpoint", "work", "--commit")
        #expect(try hooked(repo) == before.0)
        #expect(try hooked(other).count == before.1.count + 1)
        // By hand it is recorded, with the hook of before.
        try repo.remove(".git/hooks/pre-commit")
        try repo.git("commit", "-q", "--allow-empty", "-m", "by hand")
        #expect(try hooked(repo).count == before.0.count + 1)
    }

    @Test("hooks that a check sets off do their work")
    func hooksOfChecks() throws {
        let repo = try checked("env >../environment")
        try repo.done("phase", "complete")
        #expect(try !repo.text("../environment").contains("GIT_WF_OPERATION"))
    }
}
