import SystemPackage
import TestSupport
import Testing

@Suite("Paths and permissions that were recorded")
struct RecordedPathTests {
    /// Puts a checkpoint with a tree on the leader's lane, whoever made it.
    @discardableResult
    private func forge(_ repo: TestRepository, tree: String) throws -> String {
        let message =
            "Forged\n\nWf-Version: 1\nWf-Workflow: demo\nWf-Lane: leader\nWf-Kind: checkpoint\nWf-Phase: planning\n"
        let parent = try repo.id(repo.lane)
        let text =
            "tree \(tree)\nparent \(parent)\nauthor a <a@b> 1771750800 +0000\ncommitter a <a@b> 1771750800 +0000\n\n\(message)"
        let commit = try repo.git(
            ["hash-object", "-t", "commit", "-w", "--literally", "--stdin"], stdin: Array(text.utf8)
        ).text
        try repo.git("update-ref", repo.lane, commit)
        return commit
    }

    private func tree(_ repo: TestRepository, _ path: [String], mode: String = "100755") throws -> String {
        var id = try repo.git(["hash-object", "-w", "--stdin"], stdin: Array("#!/bin/sh\n".utf8)).text
        for (index, name) in path.enumerated().reversed() {
            let raw = stride(from: 0, to: 40, by: 2).compactMap { UInt8(id.dropFirst($0).prefix(2), radix: 16) }
            let entry = Array("\(index == path.count - 1 ? mode : "40000") \(name)".utf8) + [0] + raw
            id = try repo.git(["hash-object", "-t", "tree", "-w", "--literally", "--stdin"], stdin: entry).text
        }
        return id
    }

    @Test(
        "that git would not write are refused before anything is, and fsck names them",
        arguments: [
            [".git", "hooks", "pre-push"], [".GIT", "config"], ["d", "git~1", "x"], [".git ", "x"], ["..", "esc"],
            ["../esc"],
            ["a", ".", "x"], ["a", ".g\u{200c}it", "config"], ["x\\.git", "y"], [".git::$INDEX_ALLOCATION", "x"],
        ])
    func unsafe(path: [String]) throws {
        let repo = try TestRepository.begun("minimal")
        try repo.done("checkpoint", "mine")
        let forged = try forge(repo, tree: tree(repo, path))
        for command in [
            ["restore", "--all", "--from", "last"], ["restore", "."],
            ["restore", "--all", "--exact", "--from", "last"],
        ] {
            let before = try repo.picture()
            let output = try repo.wf(command)
            #expect(output.status != 0, "\(path): \(command)")
            #expect(try repo.picture() == before, "\(path): \(command)")
        }
        #expect(!repo.exists("../esc") && !repo.exists(".git/hooks/pre-push"))
        let fsck = try repo.wf("fsck", "--json")
        #expect(fsck.status == 1)
        let problems = try JSONValue(fsck)["problems"]?.list ?? []
        #expect(problems.contains { $0["id"]?.text == forged }, "\(path): \(problems)")
        // Work goes on beside it.
        try repo.write("a.txt", "two\n")
        try repo.done("checkpoint", "on")
        try repo.done("resume")
    }

    @Test(
        "a tree that is deeper or wider than any worktree is a sentence, and stops nothing else",
        arguments: [true, false])
    func monster(isDeep: Bool) throws {
        let repo = try TestRepository.begun("minimal")
        try repo.done("checkpoint", "mine")
        var names: [[String]] = Array(repeating: ["d"], count: 3000)
        if !isDeep { names = Array(repeating: (10..<20).map { "d\($0)" }, count: 10) }
        var id = try tree(repo, ["f"])
        for level in names {
            let raw = stride(from: 0, to: 40, by: 2).compactMap { UInt8(id.dropFirst($0).prefix(2), radix: 16) }
            let entries: [[UInt8]] = level.map { Array("40000 \($0)".utf8) + [0] + raw }
            id = try repo.git(
                ["hash-object", "-t", "tree", "-w", "--literally", "--stdin"], stdin: Array(entries.joined())
            ).text
        }
        try forge(repo, tree: id)
        for command in [["resume"], ["status"], ["log", "--", "a.txt"], ["restore", "-n", "a.txt"], ["next"]] {
            let output = try repo.wf(command)
            #expect([0, 1].contains(output.status), "\(command): \(output.status) \(output.errorText)")
        }
        let refused = try repo.wf("restore", "--all", "--from", "last")
        #expect(
            refused.status == 128 && refused.errorText.contains(isDeep ? "directories deep" : "entries"),
            "\(refused.errorText)")
        #expect(try repo.wf("fsck").status == (isDeep ? 1 : 0))
        try repo.done("checkpoint", "on")
        try repo.done("resume")
    }

    // MARK: Permissions

    @Test("a private file comes back private, from a removal, a replacement and a merge")
    func privateFiles() throws {
        let repo = try TestRepository.begun("minimal")
        func mode(_ name: String) -> UInt32? { Files.mode(of: repo.file(name)).map { $0 & 0o777 } }
        try repo.done("checkpoint", "before")
        try repo.write("secret plan", "1\n", mode: 0o600)
        try repo.write("run", "#!/bin/sh\n", mode: 0o700)
        try repo.done("restore", "--all", "--exact", "--from", "last~0")
        #expect(mode("secret plan") == nil && mode("run") == nil)
        try repo.done("undo")
        #expect(mode("secret plan") == 0o600 && mode("run") == 0o700)
        try repo.git("add", "-A")
        try repo.git("commit", "-qm", "mine")
        let agent = repo.worktree(at: .init(try repo.done("agent", "start", "x").lines[0]))
        try agent.commit("secret plan", "2\n")
        try agent.done("agent", "report", "--status", "complete", "--summary", "done")
        try repo.done("merge", "x")
        try repo.done("undo")
        #expect(try repo.text("secret plan") == "1\n" && mode("secret plan") == 0o600)
    }

    @Test(
        "what is written into a shared repository is for the group, whatever the umask is",
        arguments: ["group", "all", "0660"])
    func shared(setting: String) throws {
        let repo = try TestRepository()
        try repo.commit("a.txt", "one\n")
        Files.removeTree(repo.file(".git"))
        let script = """
            umask 077
            git init -q --shared=\(setting) . && git add -A && git commit -qm one && git-wf init --name demo --no-hooks >/dev/null
            git add -A && git commit -qm begin && git-wf checkpoint c && echo two >a.txt && git-wf restore a.txt
            agent=$(git-wf agent start x | head -n 1) && (cd "$agent" && echo 1 >x && git add x && git commit -qm x &&
                git-wf agent report --status complete --summary s) && git-wf merge x && git-wf undo && git-wf redo && git-wf agent remove x
            find .git/refs .git/objects .git/wf .git/logs ! -perm -g+r ! -path '*/wf/index*'
            find .git/refs .git/logs .git/wf -type d ! -perm -g+w
            """
        let output = try repo.run("sh", ["-c", "{ \(script); } 2>&1"])
        #expect(!output.text.contains(".git/"), "\(output.text)")
        #expect(output.text.contains("Checkpoint"))
    }
}
