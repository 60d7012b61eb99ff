import TestSupport
import Testing

@Suite("What is left out of checkpoints")
struct LeftOutTests {
    /// Looks like a secret; made here so that none stands in the repository.
    private static let token = "ghp" + "_" + "16C7e42F292c6912E7" + "710c838347Ae178B4a"

    private func trailers(_ repo: TestRepository, _ revision: String) throws -> String {
        try repo.git("log", "-1", "--format=%(trailers:key=Wf-Skipped)", revision).text
    }

    @Test(
        "secrets are named once: in the answer, with how to let them in, and in the checkpoint; hooks leave them out too"
    )
    func named() throws {
        let repo = try TestRepository.begun(hooks: true)
        try repo.write("tracked.txt", Self.token)
        try repo.git("add", "tracked.txt")
        try repo.write("web/.env", "KEY=1\n")
        try repo.write("deploy.sh", "curl -H 'Authorization: token \(Self.token)'\n")
        let answer = try repo.json("checkpoint", "work")
        #expect(answer["skipped"]?.texts("path") == ["deploy.sh", "web/.env"])
        let shown = try repo.wf("checkpoint", "again").errorText.split(separator: "\n")
        #expect(
            shown.prefix(2) == [
                "left out: deploy.sh (looks like a secret: a GitHub token)",
                "left out: web/.env (looks like a secret: values in a .env file)",
            ])
        #expect(shown.count == 3 && shown[2].contains("--allow PATH") && shown[2].contains("wf.allow PATH"))
        let expected =
            "Wf-Skipped: deploy.sh: looks like a secret: a GitHub token\n"
            + "Wf-Skipped: web/.env: looks like a secret: values in a .env file"
        #expect(try trailers(repo, repo.lane) == expected)
        let paths = try repo.git("ls-tree", "-r", "--name-only", repo.lane).text.split(separator: "\n")
        #expect(paths.contains("tracked.txt") && !paths.contains("deploy.sh") && !paths.contains("web/.env"))

        try repo.git("commit", "-qm", "Work")
        #expect(try trailers(repo, repo.segment()) == expected)
        #expect(try repo.git("log", "--all", "-p").text.contains("Authorization") == false)
        // Said once, and not of what no switch lets in.
        try repo.remove("web/.env")
        try repo.remove("deploy.sh")
        try repo.run("mkfifo", ["pipe"])
        let other = try repo.wf("checkpoint", "more").errorText
        #expect(other.contains("left out: pipe") && !other.contains("allow"))
    }

    @Test("--allow lets one in for this checkpoint, wf.allow and checkpoint.allow for each")
    func switches() throws {
        let repo = try TestRepository.begun()
        try repo.git("config", "wf.maxFileSize", "1k")
        try repo.write("a/.env", "KEY=1\n")
        try repo.write("b.pem", Self.token)
        try repo.write("big.bin", String(repeating: "x", count: 2048))
        func left(_ arguments: String...) throws -> [String]? {
            try JSONValue(repo.done(["checkpoint", "work", "--json"] + arguments))["skipped"]?.texts("path")
        }
        #expect(try left() == ["a/.env", "b.pem", "big.bin"])
        #expect(try left("--allow", "a/.env", "--allow", "*.bin") == ["b.pem"])
        #expect(try repo.git("show", "\(repo.lane):a/.env").text == "KEY=1")
        #expect(try left() == ["a/.env", "b.pem", "big.bin"])
        try repo.git("config", "--add", "wf.allow", "b.pem")
        try repo.git("config", "--global", "--add", "wf.allow", "*.bin")
        #expect(try left() == ["a/.env"])
        try repo.git("config", "-f", ".wfconfig", "--add", "checkpoint.allow", "/a/")
        #expect(try left() == ["a/.env"])
        #expect(try left() == ["a/.env"])
        try repo.trust()
        #expect(try left() == [])
        try repo.git("config", "--add", "wf.allow", "!.env")
        #expect(try left() == [])
        try repo.git("config", "--add", "wf.allow", "!/a/")
        #expect(try left() == ["a/.env"])
    }

    @Test("--commit leaves them out of the commit too, but for those that --allow lets in")
    func committed() throws {
        let repo = try TestRepository.begun()
        try repo.write("a.env.txt", Self.token)
        try repo.write("b.env.txt", Self.token)
        try repo.done("checkpoint", "work", "--commit", "--allow", "b.env.txt")
        let paths = try repo.git("ls-tree", "--name-only", "HEAD").text.split(separator: "\n")
        #expect(paths.contains("b.env.txt") && !paths.contains("a.env.txt"))
    }

    @Test("the limits of the definition hold in the worktrees of agents")
    func agents() throws {
        let repo = try TestRepository.begun()
        try repo.git("config", "-f", ".wfconfig", "checkpoint.maxFileSize", "1k")
        try repo.trust()
        try repo.done("agent", "start", "one")
        let agent = repo.beside("repo.wf/demo/one")
        try agent.write("big.bin", String(repeating: "x", count: 2048))
        try agent.write("small.bin", "x")
        try agent.write(".env", "KEY=1\n")
        try agent.done("agent", "report", "--status", "complete", "--summary", "Done")
        let lane = "refs/wf/demo/agents/one"
        #expect(try repo.git("ls-tree", "-r", "--name-only", lane).text.contains("small.bin"))
        let skipped = try trailers(repo, lane).split(separator: "\n")
        #expect(skipped.count == 2 && skipped[0].contains(".env") && skipped[1].contains("big.bin"))
    }

    @Test("a secret that no checkpoint holds is never written over and never removed")
    func restoring() throws {
        let repo = try TestRepository.begun()
        try repo.write("notes.txt", "nothing\n")
        try repo.done("checkpoint", "before")
        let before = try repo.id(repo.lane)
        try repo.write("notes.txt", Self.token)
        try repo.write("new/id_rsa", "key\n")
        try repo.write("a.txt", "two\n")
        try repo.done("checkpoint", "after")
        for arguments in [["notes.txt"], ["--from", before, "notes.txt"], ["--from", before, "--all"]] {
            let output = try repo.wf(["restore"] + arguments)
            #expect(output.status != 0, "\(arguments)")
            #expect(try repo.text("notes.txt") == Self.token)
            #expect(try repo.text("new/id_rsa") == "key\n")
        }
        try repo.done("restore", "--from", before, "a.txt")
        try repo.done("undo")
        try repo.write("notes.txt", "nothing\n")
        try repo.done("restore", "--from", before, "--all", "--exact")
        #expect(try repo.text("a.txt") == "one\n")
        #expect(try repo.text("new/id_rsa") == "key\n")
        try repo.done("undo")
        #expect(try repo.text("a.txt") == "two\n")
        #expect(try repo.text("new/id_rsa") == "key\n")
    }

    @Test("a worktree with too many untracked files is refused with how to go on, and nothing changes")
    func tooMany() throws {
        let repo = try TestRepository.begun()
        for number in 0..<4 { try repo.write("node_modules/\(number).js", "\(number)\n") }
        for number in 0..<2 { try repo.write("src/\(number).js", "\(number)\n") }
        try repo.git("config", "wf.maxUntracked", "5")
        let words = ["6 untracked files", "4 of them in node_modules/", ".gitignore", "git config wf.maxUntracked 6"]
        try repo.refuses(["checkpoint", "work"], status: 128, says: words)
        try repo.refuses(["decide", "x"], status: 128, says: words)
        try repo.refuses(["restore", "--from", "last", "--all"], status: 128, says: words)
        try repo.git("config", "wf.maxUntracked", "6")
        try repo.done("checkpoint", "work")
        try repo.git("config", "--unset", "wf.maxUntracked")
        try repo.git("config", "-f", ".wfconfig", "checkpoint.maxUntracked", "5")
        try repo.trust()
        try repo.refuses(["checkpoint", "work"], status: 128, says: words)
        try repo.write(".gitignore", "/node_modules/\n")
        try repo.done("checkpoint", "work")
    }
}
