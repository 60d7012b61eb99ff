import TestSupport
import Testing

/// Twins: the same repository with our hooks and without. What git says and does must not differ.
@Suite("Git with our hooks is git without them")
struct BesideGitTests {
    /// Two repositories of the same content and history, the first with hooks.
    static func twins(linked: Bool) throws -> [TestRepository] {
        try [true, false].map { hooks in
            let repo = try TestRepository.begun(hooks: hooks)
            for number in 1...3 { try repo.commit("f\(number).txt", "\(number)\n", message: "f\(number)") }
            if !linked { return repo }
            try repo.git("worktree", "add", "-q", "-b", "work", "../linked")
            return repo.beside("linked")
        }
    }

    /// Runs a script's lines in both, and compares all that git shows.
    static func compare(_ twins: [TestRepository], _ steps: [[String]]) throws {
        for step in steps {
            let outputs = try twins.map { try $0.run("git", step) }
            let command = Comment(rawValue: step.joined(separator: " "))
            #expect(outputs[0].status == outputs[1].status, command)
            #expect(outputs[0].text == outputs[1].text, command)
            #expect(outputs[0].errorText == outputs[1].errorText, command)
            for question in [
                ["ls-files", "--stage"], ["status", "--porcelain=v2", "--branch"], ["diff"],
                ["for-each-ref", "refs/heads", "refs/stash"],
            ] {
                let answers = try twins.map { try $0.run("git", question).text }
                #expect(answers[0] == answers[1], command)
            }
        }
    }

    static func automatic(_ repo: TestRepository) throws -> [String] {
        try repo.json("log", "--auto", "--kind", "auto", "-n", "0")["checkpoints"]?.texts("trigger") ?? []
    }

    @Test("ten commits in a row, of everything and of single paths", arguments: [false, true])
    func commits(linked: Bool) throws {
        let twins = try Self.twins(linked: linked)
        let before = try Self.automatic(twins[0]).count
        for number in 1...5 {
            for repo in twins {
                try repo.write("a.txt", "a\(number)\n")
                try repo.write("f1.txt", "staged \(number)\n")
                try repo.git("add", "f1.txt")
                try repo.write("f2.txt", "not staged \(number)\n")
            }
            try Self.compare(twins, [["commit", "-q", "-m", "path", "a.txt"], ["commit", "-qam", "all \(number)"]])
        }
        #expect(try Self.automatic(twins[0]).count == before + 10)
    }

    @Test("a rebase, with work set aside too", arguments: [false, true])
    func rebase(linked: Bool) throws {
        let twins = try Self.twins(linked: linked)
        for repo in twins {
            try repo.git("checkout", "-q", "-b", "side", "HEAD~2")
            for number in 1...4 { try repo.commit("s\(number).txt", "\(number)\n", message: "s\(number)") }
        }
        try Self.compare(twins, [["rebase", "-q", "main"], ["rebase", "-q", "--force-rebase", "HEAD~3"]])
        for repo in twins { try repo.write("a.txt", "not committed\n") }
        try Self.compare(
            twins, [["rebase", "-q", "main"], ["rebase", "-q", "--autostash", "--force-rebase", "HEAD~2"]])
        #expect(try twins[0].text("a.txt") == "not committed\n")
        #expect(try Self.automatic(twins[0]).contains("rewrite"))
        #expect(try Self.automatic(twins[0]).contains("rebase"))
    }

    @Test("what a rebase sets aside is held beside the checkpoint before it, and not sent with it")
    func autostashIsKept() throws {
        let repo = try Self.twins(linked: false)[0]
        try repo.git("checkout", "-q", "-b", "side", "HEAD~1")
        try repo.commit("s.txt", "s\n")
        try repo.write("a.txt", "set aside\n")
        try repo.git("rebase", "-q", "--autostash", "main")
        let kept = try repo.git("for-each-ref", "--format=%(refname) %(objectname)", "refs/wf-kept").text.split(
            separator: " ")
        try #require(kept.count == 2)
        let stash = String(kept[1])
        #expect(kept[0] == "refs/wf-kept/demo/autostash/\(stash)")
        let segment = try repo.segment()
        #expect(try repo.git("log", "--format=%(trailers:key=Wf-Autostash,valueonly)", segment).text.contains(stash))
        #expect(try repo.git("rev-list", "--glob=refs/wf/*").lines.contains(stash) == false)
        try repo.git("reflog", "expire", "--expire=now", "--all")
        try repo.git("gc", "-q", "--prune=now")
        #expect(try repo.git("show", "\(stash):a.txt").text == "set aside")
        #expect(try repo.json("fsck")["problems"]?.list == [])

        try repo.git("init", "-q", "--bare", "../server")
        try repo.git("push", "-q", "../server", "refs/wf/*:refs/wf/*")
        let server = repo.beside("server")
        #expect(try server.gitStatus("cat-file", "-e", stash) != 0)
        try repo.git("update-ref", "-d", String(kept[0]))
        for isGone in [false, true] {
            if isGone { try repo.git("gc", "-q", "--prune=now") }
            let output = try repo.wf("fsck", "--json")
            let problems = try JSONValue(output)["problems"]?.texts("problem") ?? []
            #expect(output.status == 1 && problems.count == 1, "\(problems)")
            #expect(problems.allSatisfy { $0.contains(isGone ? "which is missing" : "git update-ref \(kept[0])") })
        }
        // Whoever got the checkpoints from there never had it.
        let clone = repo.beside("other")
        try repo.git("clone", "-q", ".", "../other")
        try clone.git(
            "fetch", "-q", "origin", "refs/wf/*:refs/wf-remotes/origin/*", "refs/wf/demo/auto/*:refs/wf/demo/auto/*")
        try clone.done("init", "--no-hooks")
        let answer = try clone.json("fsck")
        #expect(answer["problems"]?.list == [])
        #expect(answer["notes"]?.texts("note").contains { $0.contains("Wf-Autostash") } == true)
    }

    @Test("merges: fast-forward, true, and with a conflict", arguments: [false, true])
    func merges(linked: Bool) throws {
        let twins = try Self.twins(linked: linked)
        for repo in twins {
            try repo.git("checkout", "-q", "-b", "side", "HEAD~1")
            try repo.commit("a.txt", "side\n")
            try repo.git("checkout", "-q", "-")
            try repo.git("checkout", "-q", "-B", "trunk", "main")
        }
        try Self.compare(
            twins,
            [
                ["merge", "-q", "--no-edit", "side"], ["checkout", "-q", "-b", "ahead"],
                ["commit", "-q", "--allow-empty", "-m", "ahead"], ["checkout", "-q", "trunk"],
                ["merge", "-q", "ahead"],
            ])
        for repo in twins {
            try repo.commit("a.txt", "trunk\n")
            try repo.git("checkout", "-q", "side")
            try repo.commit("a.txt", "side again\n")
            try repo.git("checkout", "-q", "trunk")
        }
        try Self.compare(twins, [["merge", "-q", "side"], ["merge", "--abort"], ["merge", "-q", "side"]])
        for repo in twins { try repo.write("a.txt", "both\n") }
        try Self.compare(twins, [["commit", "-qam", "resolved"]])
        #expect(try Self.automatic(twins[0]).contains("merge"))
    }

    @Test("a rebase through commits with older TODO files reopens and ticks nothing")
    func olderTodo() throws {
        let repo = try TestRepository.begun(hooks: true)
        try repo.git("checkout", "-q", "-b", "old")
        for number in 1...3 { try repo.commit("o\(number).txt", "\(number)\n") }
        try repo.git("checkout", "-q", "main")
        for number in 1...4 {
            try repo.done("todo", "done", "\(number)")
            try repo.git("commit", "-qam", "item \(number)")
        }
        let items = try repo.json("status")["items"]
        let kinds = try repo.kinds()
        // main goes back to where no item was done, and takes the newer commits up one by one.
        try repo.git("rebase", "-q", "--onto", "old", "main~4", "main")
        try repo.git("rebase", "-q", "--force-rebase", "HEAD~5")
        try repo.done("checkpoint", "after")
        #expect(try repo.kinds() == ["checkpoint"] + kinds)
        #expect(try repo.json("status")["items"] == items)
    }
}
