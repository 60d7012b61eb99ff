import SystemPackage
import TestSupport
import Testing

@Suite("git wf resume")
struct ResumeTests {
    @Test("tells state, checkpoint, what happened since, decisions, items, agents and files, and its JSON has all keys")
    func leader() throws {
        let repo = try TestRepository.begun()
        try repo.commit("CLAUDE.md", "# Conventions\n\nFour spaces, and no tabs.\n")
        try repo.write("TODO.md", "# TODO\n\n- [ ] Write src/index.ts\n- [ ] Test it\n")
        try repo.write("src/index.ts", "export {}\n")
        try repo.done(
            "checkpoint", "API", "--summary", "3 of 5 routes", "--decision", "FTS5", "--next", "Feedback route", "-m",
            "| a | b |\n|---|---|\n| 1 | 2 |")
        try repo.commit("src/index.ts", "export {}\nexport {}\n", message: "Add the route")
        try repo.write("new.txt", "not committed\n")
        try repo.done("block", "which region?")
        let text = try repo.done("resume").text
        for words in [
            "# demo: planning, blocked", "input: which region?", "1. Feedback route", "- 3 of 5 routes",
            "> | 1 | 2 |", "- 1: Write src/index.ts (in hand)", "FTS5", "Add the route", "`new.txt`: new, +1 -0 lines",
            "`src/index.ts`: changed, +1 -0 lines", "`CLAUDE.md`: about", "the conventions", "`src/index.ts`: about",
        ] {
            #expect(text.contains(words), "\(words)\n\(text)")
        }
        #expect(!text.contains("Four spaces") && !text.contains("Left out"))
        let json = try repo.json("resume")
        #expect(json.keys == ["schema", "text", "tokens", "sections", "files"])
        #expect(json["text"]?.text == text + "\n")
        #expect(json["sections"]?[0]?.keys == ["name", "tokens", "truncated"])
        #expect(json["files"]?.texts("path") == ["CLAUDE.md", "TODO.md", "src/index.ts"])
        let picture = try repo.picture()
        #expect(try repo.done("resume", "--budget", "120").text.contains("Left out: "))
        #expect(try repo.done("resume", "--max-chars", "400").stdout.count <= 401)
        #expect(try repo.picture() == picture)
    }

    @Test("in an agent's worktree it is the spec, its bounds and how to report, in at most 1,000 tokens")
    func agent() throws {
        let repo = try TestRepository.begun()
        let requirements = (1...300).map { "- Requirement \($0): validate what the caller sends\n" }.joined()
        try repo.write(
            "specs/api.md",
            "# Spec: API\n\n## Goal\nAdd a route.\n\n## Files to Read\n- a.txt (the helpers)\n\n## Files to Modify\n- b.txt\n\n"
                + "## Requirements\n\(requirements)\n## Constraints\n- No new dependencies\n\n## Deliverable\n- The route\n"
        )
        let worktree = try #require(try repo.json("agent", "start", "api")["worktree"]?.text)
        let text = try repo.worktree(at: FilePath(worktree)).done("resume", "--budget", "4000").text
        for words in [
            "# Agent api of demo: API", "Add a route.", "No new dependencies", "`b.txt`", "`a.txt`: about",
            "git wf agent report", "requirements (`cat .wf/spec.md`)",
        ] {
            #expect(text.contains(words), "\(words)\n\(text)")
        }
        #expect(try repo.worktree(at: FilePath(worktree)).json("resume")["tokens"]?.number ?? 9999 <= 1000)
    }

    @Test("control characters of the repository never come through, nor do files outside of it")
    func harmless() throws {
        let repo = try TestRepository.begun()
        try repo.write("TODO.md", "- [ ] evil \u{1b}[2J \u{9b}31m \u{202e}txt ../outside.txt /etc/passwd .git/config\n")
        try repo.write("a\u{1b}[31m\u{202e}.txt", "x\n")
        try repo.done(
            "checkpoint", "bad \u{1b}[2J", "--summary", "\u{7}bell", "--read", "../outside.txt", "--read", "pipe")
        try repo.run("mkfifo", ["pipe"])
        try repo.link("passwd", to: "/etc/passwd")
        try repo.write("b\u{1b}c", "y\n")
        for arguments in [["resume"], ["resume", "--json"]] {
            let output = try repo.done(arguments)
            #expect(output.isHarmless, "\(output.text)")
        }
        #expect(try repo.json("resume")["files"]?.texts("path") == ["TODO.md"])
    }

    @Test("a budget that holds nothing is wrong usage", arguments: [["--budget", "99"], ["--max-chars", "10"]])
    func tooLittle(_ arguments: [String]) throws {
        try TestRepository.begun("minimal").refuses(["resume"] + arguments, status: 129, says: ["at least"])
    }
}
