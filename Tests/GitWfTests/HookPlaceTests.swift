import SystemPackage
import TestSupport
import Testing

@Suite("Hooks are where git looks for them, and what keeps git from running them is said")
struct HookPlaceTests {
    private static func repository() throws -> TestRepository {
        let repo = try TestRepository()
        try repo.commit("a.txt", "one\n")
        return repo
    }

    private static func hooks(_ repo: TestRepository, _ key: String) throws -> [String] {
        try JSONValue(repo.wf("hooks", "status", "--json"))["hooks"]?.texts(key) ?? []
    }

    private static func check(_ repo: TestRepository) throws -> JSONValue? {
        try JSONValue(repo.wf("doctor", "--json"))["checks"]?.list.first { $0["name"]?.text == "hooks" }
    }

    @Test(
        "a path that git can use",
        arguments: ["tools/hooks", "./tools/../hooks dir", "/ABSOLUTE", "~/hooks", ".husky/_"],
        ["--local", "--global"])
    func usable(path: String, level: String) throws {
        let repo = try Self.repository()
        let value = path == "/ABSOLUTE" ? repo.folder.path.appending("absolute").string : path
        try repo.git("config", level, "core.hooksPath", value)
        try repo.done("init", "--name", "demo", "--template", "minimal")
        let expected = repo.path.pushing(FilePath(try repo.git("rev-parse", "--git-path", "hooks").text))
            .lexicallyNormalized()
        #expect(try Self.hooks(repo, "state").allSatisfy { $0 == "installed" })
        let shown = try #require(try Self.hooks(repo, "path").first)
        #expect(FilePath(shown).lexicallyNormalized() == expected.appending("post-commit"))
        #expect(Files.mode(of: expected.appending("post-commit")) != nil)
        #expect(Files.mode(of: repo.file(".git/hooks/post-commit")) == nil)
        try repo.commit("b.txt", "b\n")
        #expect(try repo.wf("log", "--auto").text.contains("After a commit"))
        #expect(try Self.check(repo)?["state"]?.text == "ok")
        try repo.done("hooks", "uninstall")
        #expect(Files.mode(of: expected.appending("post-commit")) == nil)
    }

    @Test(
        "a path that git can use for nothing: init goes on without hooks, and says why",
        arguments: ["", "/dev/null", "a.txt"], ["--local", "--global"])
    func unusable(path: String, level: String) throws {
        let repo = try Self.repository()
        try repo.git("config", level, "core.hooksPath", path)
        let output = try repo.wf("init", "--name", "demo", "--template", "minimal")
        #expect(output.status == 0 && output.errorText.contains("core.hooksPath is \(path.isEmpty ? "empty" : path)"))
        #expect(!output.text.contains("Hooks:"))
        #expect(try repo.kinds() == ["phase-started", "workflow-started"])
        #expect(try Self.hooks(repo, "state").allSatisfy { $0 == "off" })
        #expect(try repo.wf("hooks", "status").text.contains("core.hooksPath"))
        #expect(try Self.check(repo)?["state"]?.text == "warn")
        #expect(try Self.check(repo)?["fix"]?.text?.contains("git config --show-origin core.hooksPath") == true)
        #expect(try repo.wf("hooks", "install").status == 1)
        try repo.commit("b.txt", "b\n")
        #expect(try !repo.wf("log", "--auto").text.contains("After a commit"))
    }

    @Test("an event that is switched off is named")
    func switchedOff() throws {
        let repo = try Self.repository()
        try repo.done("init", "--name", "demo", "--template", "minimal")
        try repo.git("config", "hook.post-merge.enabled", "false")
        #expect(try Self.check(repo)?["detail"]?.text?.contains("hook.post-merge.enabled is false") == true)
        #expect(try Self.hooks(repo, "state").filter { $0 == "off" }.count == 1)
        try repo.git("config", "hook.post-merge.enabled", "true")
        #expect(try Self.check(repo)?["state"]?.text == "ok")
    }

    @Test("a linked worktree with a relative path has hooks of its own, as for git")
    func linkedWorktree() throws {
        let repo = try Self.repository()
        try repo.git("config", "core.hooksPath", "hooks")
        try repo.done("init", "--name", "demo", "--template", "minimal")
        try repo.git("worktree", "add", "-q", "-b", "side", "../linked")
        let linked = repo.beside("linked")
        #expect(try Self.hooks(linked, "state").allSatisfy { $0 == "missing" })
        try linked.done("hooks", "install")
        #expect(linked.exists("hooks/post-commit"))
    }

    @Test("an init that cannot install its hooks has changed nothing")
    func nothingWritten() throws {
        let repo = try Self.repository()
        try repo.git("config", "core.hooksPath", "a.txt/hooks")
        let before = try repo.picture()
        let output = try repo.wf("init", "--name", "demo", "--template", "minimal", "--agents-file")
        #expect(output.status == 128 && output.errorText.contains("--no-hooks"))
        #expect(try repo.picture() == before)
    }

    @Test("nor one that cannot record, or that cannot write the second of its files")
    func takenBack() throws {
        for isTodo in [true, false] {
            let repo = try Self.repository()
            if isTodo {
                try repo.write(".wfconfig", "[workflow]\n\tname = demo\n\ttodo = a.txt/TODO.md\n[phase \"one\"]\n")
            } else {
                try repo.write(".git/refs/wf", "in the way")
            }
            let before = try repo.picture()
            let output = try repo.wf("init", "--name", "demo", "--template", "minimal", "--agents-file")
            #expect(output.status != 0, "\(output.text)")
            #expect(try repo.picture() == before)
            #expect(!repo.exists(".git/hooks/post-commit"))
        }
    }

    @Test("hooks hold the path by which PATH leads to git-wf, and survive the next version")
    func nextVersion() throws {
        var repo = try Self.repository()
        let own = try #require(repo.folder.binary)
        let opt = repo.folder.path.appending("opt")
        try Files.copy(own, to: opt.appending("1.0/git-wf"))
        let folder = repo.folder.path.appending("links")
        try repo.link(folder.appending("git-wf").string, to: "../opt/1.0/git-wf")
        repo.environment["PATH"] = "\(folder):\(repo.environment["PATH"] ?? "")"
        try repo.git("wf", "init", "--name", "demo", "--template", "minimal")
        #expect(try repo.text(".git/hooks/post-commit").contains("binary='\(folder)/git-wf'"))
        try repo.run("mv", [opt.appending("1.0").string, opt.appending("1.1").string])
        try repo.run("ln", ["-sfn", "../opt/1.1/git-wf", folder.appending("git-wf").string])
        try repo.git("add", "-A")
        try repo.git("commit", "-qm", "begin")
        #expect(try repo.git("wf", "log", "--auto").text.contains("After a commit"))
        #expect(try repo.git("wf", "hooks", "status").text.contains("installed"))
    }
}
