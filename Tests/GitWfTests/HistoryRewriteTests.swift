import SystemPackage
import TestSupport
import Testing

@Suite("The user's history is what git shows, a lane what was written")
struct HistoryRewriteTests {
    /// What makes git see another history than the objects say.
    enum Rewrite: String, CaseIterable, Sendable {
        case replaced, packed, graft, shallow
    }

    @Test("a merge is as git's, whatever stands between objects and history", arguments: Rewrite.allCases)
    func merges(rewrite: Rewrite) throws {
        var repo = try TestRepository.begun()
        var workflow = "demo"
        try repo.commit("f", "1\n", message: "f1")
        try repo.commit("f", "2\n", message: "f2")
        switch rewrite {
        case .replaced, .packed:
            let other = try repo.git("commit-tree", "-p", "HEAD~2", "-m", "replaced", "HEAD~1^{tree}").text
            try repo.git("replace", "HEAD", other)
            if rewrite == .packed { try repo.git("pack-refs", "--all") }
            try repo.git("reset", "-q", "--hard")
        case .graft:
            let line = try repo.git("rev-parse", "HEAD", "HEAD~2").lines.joined(separator: " ")
            try repo.write(".git/info/grafts", line + "\n")
        case .shallow:
            try repo.git("clone", "-q", "--depth=1", "file://\(repo.path)", "../shallow")
            repo = repo.beside("shallow")
            try repo.done("init", "--name", "fresh", "--template", "minimal", "--no-hooks")
            workflow = "fresh"
        }
        let agent = repo.worktree(at: FilePath(try repo.done("agent", "start", "one").lines[0]))
        try agent.commit("k", "k\n")
        try agent.done("agent", "report", "--status", "complete", "--summary", "s")
        try repo.commit("f", rewrite == .shallow || rewrite == .graft ? "3\n" : "2\n", message: "ours")
        let want = try repo.git("merge-tree", "--write-tree", "HEAD", "wf/\(workflow)/one").text
        #expect(try repo.json("agent", "list")["agents"]?[0]?["changed"]?["committed"]?.number == 1)
        try repo.done("status")
        try repo.done("merge", "-n", "one")
        try repo.done("merge", "one")
        #expect(try repo.git("rev-parse", "HEAD^{tree}").text == want)
        #expect(try repo.git("status", "--porcelain").text == "")
        try repo.done("undo")
        try repo.done("fsck")
    }

    @Test("a base is looked up as git does")
    func base() throws {
        let repo = try TestRepository.begun()
        let first = try repo.id("HEAD~1")
        try repo.commit("f", "1\n")
        try repo.git("replace", "--graft", "HEAD", first)
        let agent = repo.worktree(at: FilePath(try repo.done("agent", "start", "one", "--base", "HEAD~1").lines[0]))
        #expect(try agent.id("HEAD") == first)
    }

    @Test("a checkpoint that somebody replaced says what it said")
    func lane() throws {
        let repo = try TestRepository.begun()
        try repo.done("decide", "FTS5")
        try repo.write("a.txt", "two\n")
        try repo.done("checkpoint", "kept")
        let (log, tip) = (try repo.json("log"), try repo.id(repo.lane))
        let other = try repo.git("commit-tree", "-m", "forged\n\nWf-Kind: checkpoint", "HEAD^{tree}").text
        try repo.git("replace", tip, other)
        try repo.git("replace", "\(repo.lane)~1", other)
        #expect(try repo.json("log") == log)
        #expect(try !repo.done("log", "--graph").text.contains("forged"))
        #expect(try repo.done("show").text.contains("kept"))
        try repo.write("a.txt", "three\n")
        try repo.done("restore", "--from", "last", "a.txt")
        #expect(try repo.text("a.txt") == "two\n")
        try repo.remove(".git/wf")
        #expect(try repo.json("fsck")["problems"]?.list == [])
    }

    /// Commits that imports and broken tools made, and that git reads.
    static let old: [String] = [
        "author A <a@x.test 1282910542 +0200\ncommitter A <a@x.test 1282910542 +0200\n\nimported\n",
        "author A <a@x.test> 1282910542\ncommitter A <a@x.test> 1282910542\n\nno zone\n",
        "committer A <a@x.test> 1282910542 +0200\n\nno author\n", "\nnobody\n",
        "author A <a@x.test> 1282910542 +0200\n\nno committer\n",
        "author A\0B <a@x.test> 1282910542 +0200\ncommitter A\0B <a@x.test> 1282910542 +0200\n\nNUL in a name\n",
        "author A <a@x.test> 1282910542 +0200\ncommitter A <a@x.test> 1282910542 +0200\n\nNUL\0in a message\n",
        "author A <a@x.test> 1282910542 +0200\nauthor B <b@x.test> 1 +0000\ncommitter C <c@x.test> 2 +0000\n\ntwo\n",
        "author <> 0 +0000\ncommitter <> 0 +0000\n\nempty\n",
        "author A <a@x.test> -1 +0000\ncommitter A <a@x.test> -1 +0000\n\nbefore 1970\n",
        "author A <a@x.test> 99999999999999999999 +0000\ncommitter A <a@x.test> 99999999999999999999 +0000\n\nfar\n",
        "author A <a@x.test> 9223372036854775807 +0000\ncommitter A <a@x.test> 9223372036854775807 +9999\n\nfarther\n",
        "author A <a@x.test> 1282910542 +9999\ncommitter A <a@x.test> 1282910542 -9999\n\nzone\n",
    ]

    @Test("commits that only git understands near HEAD stop nothing", arguments: old)
    func oldCommits(text: String) throws {
        let repo = try TestRepository()
        try repo.write("f", "x\n")
        try repo.git("add", "-A")
        let tree = try repo.git("write-tree").text
        let commit = try repo.git(
            ["hash-object", "-t", "commit", "-w", "--literally", "--stdin"], stdin: Array("tree \(tree)\n\(text)".utf8)
        ).text
        try repo.git("update-ref", "refs/heads/main", commit)
        try repo.git("commit", "-q", "--allow-empty", "-m", "next")
        try repo.done("init", "--name", "demo", "--template", "minimal")
        try repo.git("add", "-A")
        try repo.git("commit", "-qm", "Begin")
        let agent = repo.worktree(at: FilePath(try repo.done("agent", "start", "one").lines[0]))
        try agent.git("reset", "-q", "--hard", commit)
        try agent.commit("one", "1\n")
        try agent.done("agent", "report", "--status", "complete", "--summary", "s")
        for command in [
            ["status"], ["resume"], ["agent", "list"], ["merge", "-n", "one"], ["log"], ["checkpoint", "x"], ["fsck"],
            ["merge", "one"], ["undo"],
        ] {
            let output = try repo.wf(command)
            #expect(output.status == 0, "\(command): \(output.errorText)")
        }
        #expect(try repo.json("agent", "list")["agents"]?[0]?["changed"]?["committed"]?.number == 1)
    }

    @Test(
        "whatever date git takes for a commit a checkpoint has",
        arguments: [
            "@0 +0000", "@1 +0000", "@99999999 +0000", "@100000000 -0330", "@4102444800 +0000", "@99999999999 +0000",
            "1999-12-31T23:59:59Z", "1970-01-02T00:00:00Z", "2099-12-31 23:59:59 +1400",
            "Thu, 07 Apr 2005 22:13:13 +0200",
            "@-1 +0000", "nonsense",
        ])
    func dates(date: String) throws {
        let repo = try TestRepository.begun()
        let variables = ["GIT_COMMITTER_DATE": date]
        let git = try repo.run("git", ["commit", "-q", "--allow-empty", "-m", "x"], environment: variables)
        let output = try repo.wf("checkpoint", "x", environment: variables)
        #expect((git.status == 0) == (output.status == 0), "\(git.errorText) \(output.errorText)")
        guard git.status == 0 else { return }
        let times = try ["HEAD", repo.lane].map { try repo.git("log", "-1", "--format=%cd", "--date=raw", $0).text }
        #expect(times[0] == times[1])
        try repo.done("status", environment: variables)
        try repo.done("log")
        #expect(try repo.json("fsck")["problems"]?.list == [])
    }
}
