import SystemPackage
import TestSupport
import Testing

@Suite("Beginning a workflow")
struct BeginningTests {
    @Test(
        "init says what it wrote and which command commits it",
        arguments: ["feature", "migration", "monitoring", "articles", "minimal"])
    func templates(template: String) throws {
        let repo = try TestRepository()
        try repo.commit("a.txt", "one\n")
        let answer = try repo.json("init", "--template", template, "--name", "demo", "--goal", "a \"goal\" = [x] ; # é")
        #expect(answer["created"]?.flag == true && answer["workflow"]?.text == "demo")
        #expect(answer["written"] == .array([.string(".wfconfig"), .string("TODO.md")]))
        #expect(answer["hooks"]?.list.count == 5)
        let status = try repo.json("status")
        #expect(status["goal"]?.text == "a \"goal\" = [x] ; # é")
        #expect(status["warnings"] == .array([]) && status["branch"]?.text == "refs/heads/main")
        #expect(try repo.git("config", "-f", ".wfconfig", "workflow.name").text == "demo")
        #expect(try repo.git("status", "--porcelain").lines == ["?? .wfconfig", "?? TODO.md"])
    }

    @Test("again it says what is there and changes nothing")
    func again() throws {
        let repo = try TestRepository.begun(hooks: true)
        for arguments in [["init"], ["init", "--name", "demo"], ["init", "--template", "migration"]] {
            let picture = try repo.picture()
            #expect(try repo.done(arguments).text.contains("The workflow demo is here already: planning, in-progress."))
            #expect(try repo.picture() == picture)
        }
        #expect(try repo.json("init")["created"]?.flag == false)
        try repo.refuses(["init", "--name", "next"], status: 1, says: ["demo is still in-progress", "another branch"])
    }

    @Test("a clone with a tracked .wfconfig prints the fetch that brings the history, which works")
    func clone() throws {
        let repo = try TestRepository.begun()
        try repo.git("clone", "-q", ".", "../clone")
        let clone = repo.beside("clone")
        for command in [["init"], ["status"]] {
            let output = try clone.wf(command)
            #expect(output.status == (command == ["init"] ? 1 : 128), "\(output.errorText)")
            #expect(output.errorText.contains("git fetch origin 'refs/wf/*:refs/wf-remotes/origin/*'"))
        }
        #expect(try clone.git("for-each-ref", "refs/wf").text == "" && !clone.exists(".git/hooks/post-commit"))
        try clone.run("sh", ["-c", "git fetch -q origin 'refs/wf/*:refs/wf-remotes/origin/*'"])
        try clone.refuses(["status"], status: 128, says: ["demo came from origin", "git wf init"])
        #expect(try clone.done("init").text.contains("Took up the workflow demo from origin: planning, in-progress"))
        #expect(clone.exists(".git/hooks/post-commit"))
        #expect(try clone.done("init").text.contains("is here already"))
    }

    @Test("init --name NEW begins afresh in a clone")
    func afresh() throws {
        let repo = try TestRepository.begun()
        try repo.git("clone", "-q", ".", "../clone")
        let clone = repo.beside("clone")
        try clone.done("init", "--name", "fresh", "--no-hooks")
        #expect(try clone.json("status")["workflow"]?.text == "fresh")
        #expect(try clone.git("for-each-ref", "--format=%(refname)", "refs/wf").lines == ["refs/wf/fresh/leader"])
    }

    @Test("once a workflow is complete the next begins on the same branch, and both are listed")
    func next() throws {
        let repo = try TestRepository.begun("minimal", hooks: true)
        for _ in 1...4 { try repo.done("phase", "complete", "--reason", "a test") }
        #expect(try repo.done("init").text.contains("git wf init --name NEW begins the next one"))
        try repo.done("init", "--name", "second")
        #expect(try repo.json("status")["workflow"]?.text == "second")
        #expect(try repo.json("status", "--workflow", "demo")["status"]?.text == "complete")
        #expect(try JSONValue(repo.done("--workflow", "demo", "status", "--json"))["workflow"]?.text == "demo")
        let listed = try repo.json("workflows")["workflows"]
        #expect(listed?.texts("name") == ["demo", "second"] && listed?.texts("status") == ["complete", "in-progress"])
        try repo.commit("b.txt", "b\n")
        #expect(try repo.id("refs/wf/second/auto/leader/\(repo.worktreeID())/0001") != "")
        try repo.remove(".git/wf")
        #expect(try repo.json("status")["workflow"]?.text == "second")
    }

    @Test("another branch has a workflow of its own")
    func branches() throws {
        let repo = try TestRepository.begun("minimal")
        try repo.git("checkout", "-qb", "other")
        try repo.done("init", "--name", "second", "--no-hooks")
        #expect(try repo.json("status")["workflow"]?.text == "second")
        try repo.git("checkout", "-q", "main")
        #expect(try repo.json("status")["workflow"]?.text == "demo")
        try repo.git("checkout", "-q", "--detach", "main")
        try repo.done("checkpoint", "detached")
    }

    @Test(
        "a folder's name becomes the workflow's, as far as it can",
        arguments: [
            ("Feedback API", "feedback-api"), ("x..y", "workflow"), ("ünï", "n-"), ("--", "workflow"),
            ("a.lock", "workflow"),
        ])
    func folderName(folder: String, name: String) throws {
        let repo = try TestRepository(name: folder)
        let answer = try repo.json("init", "--no-hooks", "--no-files")
        #expect(answer["workflow"]?.text == name)
    }
}

@Suite("Wherever a command is run from")
struct PlaceTests {
    @Test("paths are those of the folder that one is in")
    func subfolder() throws {
        let repo = try TestRepository.begun("minimal")
        try repo.write("src/deep/a.txt", "good\n")
        try repo.done("checkpoint", "good")
        try repo.write("src/deep/a.txt", "bad\n")
        try repo.write("a.txt", "bad\n")
        let deep = repo.beside("repo/src/deep")
        #expect(try deep.done("diff", "--stat", "--", "a.txt").lines.count == 2)
        #expect(try deep.done("diff", "--stat", "--", "../../a.txt").text.contains(" a.txt"))
        #expect(try JSONValue(deep.done("restore", "a.txt", "--json"))["restored"]?.texts("path") == ["src/deep/a.txt"])
        #expect(try repo.text("src/deep/a.txt") == "good\n" && repo.text("a.txt") == "bad\n")
        try deep.done("restore", "../../a.txt")
        #expect(try repo.text("a.txt") == "one\n")
        #expect(try deep.json("status") == repo.json("status"))
        #expect(try JSONValue(deep.done("log", "--json", "--", "a.txt"))["checkpoints"]?.texts("title") == ["good"])
        try deep.write("doc.md", "# Checkpoint: from below\n")
        try deep.done("checkpoint", "-F", "doc.md")
        #expect(try deep.done("show").text.hasPrefix("# Checkpoint: from below\n"))
    }

    @Test("-C DIR, several times, as git has it")
    func directory() throws {
        let repo = try TestRepository.begun("minimal")
        try repo.write("sub/a.txt", "a\n")
        let outside = repo.beside(".")
        let status = try repo.json("status")
        #expect(try JSONValue(outside.done("-C", "repo", "status", "--json")) == status)
        #expect(try JSONValue(outside.done("-C", "repo", "-C", "sub", "status", "--json")) == status)
        #expect(try JSONValue(outside.git("-C", "repo/sub", "wf", "status", "--json")) == status)
        let missing = try outside.wf("-C", "nowhere", "status")
        #expect(missing.status == 128 && missing.errorText.contains("no such directory"))
    }

    @Test("GIT_DIR and GIT_WORK_TREE count as they do for git")
    func environment() throws {
        let repo = try TestRepository.begun("minimal")
        let outside = repo.beside("elsewhere")
        try outside.write("b.txt", "b\n")
        let status = try repo.json("status")
        let here = ["GIT_DIR": repo.file(".git").string, "GIT_WORK_TREE": repo.path.string]
        #expect(try JSONValue(outside.done(["status", "--json"], environment: here)) == status)
        #expect(
            try JSONValue(outside.git("--git-dir=../repo/.git", "--work-tree=../repo", "wf", "status", "--json"))
                == status)
        let taken = try JSONValue(
            outside.done(["checkpoint", "x", "--json"], environment: ["GIT_DIR": "../repo/.git"]))
        #expect(try repo.git("ls-tree", "-r", "--name-only", taken["tree"]?.text ?? "").lines == ["b.txt"])
        let nowhere = try repo.wf("status", environment: ["GIT_DIR": "/nonexistent"])
        #expect(nowhere.status == 128 && nowhere.errorText.contains("not in a git repository"))
    }

    @Test("GIT_INDEX_FILE of a git that calls us is not touched")
    func indexFile() throws {
        let repo = try TestRepository.begun("minimal")
        try repo.write("b.txt", "b\n")
        let other = repo.beside("index").path
        try Files.write(try repo.read(".git/index"), to: other)
        let bytes = try Files.read(other)
        try repo.done(["checkpoint", "x"], environment: ["GIT_INDEX_FILE": other.string])
        #expect(try Files.read(other) == bytes)
        #expect(try repo.git("ls-tree", "--name-only", repo.lane).lines.contains("b.txt"))
    }

    @Test(
        "GIT_COMMITTER_DATE is the time, in any form that git takes",
        arguments: [
            "@1771754400 +0100", "1771754400 +0100", "2026-02-22T11:00:00+0100", "2026-02-22 11:00:00 +0100",
            "Sun, 22 Feb 2026 11:00:00 +0100", "2026-02-22T11:00:00+01:00",
        ])
    func dates(date: String) throws {
        let repo = try TestRepository.begun("minimal")
        let taken = try JSONValue(repo.done(["checkpoint", "x", "--json"], environment: ["GIT_COMMITTER_DATE": date]))
        #expect(taken["time"]?.text == "2026-02-22T11:00:00+01:00")
        #expect(try repo.git("log", "-1", "--format=%cI", repo.lane).text == "2026-02-22T11:00:00+01:00")
    }

    @Test("a date that git does not take is an error")
    func badDate() throws {
        let repo = try TestRepository.begun("minimal")
        try repo.refuses(
            ["checkpoint", "x"], status: 128, says: ["GIT_COMMITTER_DATE"], environment: ["GIT_COMMITTER_DATE": "soon"])
    }
}
