import SystemPackage
import TestSupport
import Testing

@Suite("Not in the user's way")
struct BesideUserTests {
    @Test("git stash -a takes workflow-state.md, and pop brings it back, whatever was recorded in between")
    func stash() throws {
        let repo = try TestRepository.begun("minimal")
        try repo.write("note.txt", "n\n")
        try repo.done("checkpoint", "one")
        #expect(repo.exists("workflow-state.md"))
        try repo.git("stash", "-a", "-q")
        #expect(!repo.exists("workflow-state.md"))
        for _ in 0..<2 { try repo.done("checkpoint", "two") }
        #expect(
            try repo.json("status")["warnings"]?.list.contains { $0.text?.contains("is in a stash") == true } == true)
        try repo.git("stash", "pop", "-q")
        #expect(try repo.text("note.txt") == "n\n")
        try repo.done("checkpoint", "three")
        #expect(try repo.text("workflow-state.md").hasPrefix("# Workflow State\n"))
        #expect(try repo.json("status")["warnings"]?.list.isEmpty == true)
    }

    @Test("once a stash is dropped, the next checkpoint writes workflow-state.md")
    func droppedStash() throws {
        let repo = try TestRepository.begun("minimal")
        try repo.git("stash", "-a", "-q")
        try repo.git("stash", "drop", "-q")
        try repo.done("checkpoint", "two")
        #expect(repo.exists("workflow-state.md"))
    }

    @Test(
        "a .gitignore that takes Markdown in again takes workflow-state.md into no checkpoint",
        arguments: ["!*.md", "!/workflow-state.md", "!*"])
    func negated(rule: String) throws {
        let repo = try TestRepository.begun("minimal")
        try repo.write(".gitignore", "\(rule)\n")
        try repo.write("sub/workflow-state.md", "mine\n")
        for title in ["one", "two"] {
            try repo.done("checkpoint", title)
            let tree = try repo.git("ls-tree", "-r", "--name-only", repo.lane).text.split(separator: "\n")
            #expect(!tree.contains("workflow-state.md") && tree.contains("sub/workflow-state.md"))
        }
        try repo.done("restore", "--from", "last~1", "--all", "--exact")
        #expect(repo.exists("workflow-state.md"))
    }

    @Test(
        "a linked info/exclude stays one: workflow-state.md is written where git is told to ignore it, and not elsewhere"
    )
    func linkedExclude() throws {
        let repo = try TestRepository()
        try repo.commit("a.txt", "one\n")
        let outside = repo.folder.path.appending("excludes")
        try Files.write(Array("*.tmp\n".utf8), to: outside)
        try repo.remove(".git/info/exclude")
        try repo.link(".git/info/exclude", to: outside.string)
        try repo.done("init", "--name", "demo", "--template", "minimal", "--no-hooks")
        #expect(try Files.read(outside) == Array("*.tmp\n".utf8) && !repo.exists("workflow-state.md"))
        #expect(
            try repo.json("status")["warnings"]?.list.contains { $0.text?.contains("info/exclude") == true } == true)
        try Files.write(Array("*.tmp\n/workflow-state.md\n".utf8), to: outside)
        try repo.done("checkpoint", "told")
        #expect(repo.exists("workflow-state.md"))
        #expect(Files.target(of: repo.file(".git/info/exclude")) == Array(outside.string.utf8))
    }

    @Test(
        "in a folder of a monorepo the nearest AGENTS.md or CLAUDE.md is meant", arguments: ["AGENTS.md", "CLAUDE.md"])
    func nearest(name: String) throws {
        let repo = try TestRepository()
        try repo.write("AGENTS.md", "# All\n")
        try repo.write("apps/shop/\(name)", "# Shop\n")
        try repo.commit("apps/shop/src/a.txt", "a\n")
        let inside = repo.worktree(at: "apps/shop/src")
        let output = try inside.done("init", "--name", "demo", "--template", "minimal", "--no-hooks", "--agents-file")
        #expect(try repo.text("apps/shop/\(name)").contains("git wf resume"))
        #expect(try repo.text("AGENTS.md") == "# All\n")
        // What is printed can be typed there.
        let line = try #require(output.text.split(separator: "\n").first { $0.contains("git add") })
        #expect(try inside.run("sh", ["-c", String(line)]).status == 0)
        #expect(try repo.git("status", "--porcelain").text == "")
        let checks = try JSONValue(inside.wf("doctor", "--json"))["checks"]?.list
        let conventions = checks?.first { $0["name"]?.text == "conventions" }
        #expect(conventions?["detail"]?.text?.hasPrefix("apps/shop/\(name)") == true)
    }

    @Test(
        "a word that is no command of a command is answered as any other",
        arguments: ["agent", "todo", "phase", "hooks", "workflows"])
    func unknownSubcommand(command: String) throws {
        let repo = try TestRepository.begun("minimal")
        try repo.refuses(
            [command, "nonsense"], status: 129, says: ["\"nonsense\" is not a command of git wf \(command)"])
        try repo.refuses([command, "lits"], status: 129, says: ["is not a command of git wf \(command)", "hint: "])
        #expect(try repo.wf(command, "--help").status == 0)
    }
}
