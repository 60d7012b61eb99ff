import SystemPackage
import TestSupport
import Testing

@Suite("On a terminal")
struct TerminalTests {
    /// What a terminal would obey: a window's title, another colour than ours, a cleared screen, in the long and the short
    /// form, a bell, a return to the line's begin, text that runs backwards.
    static let evil = "x\u{1b}]0;title\u{07}\u{1b}[35mred\u{1b}[2J\u{9b}2J\u{07}\r\u{7f}\u{202e}back\u{2066}"

    /// Runs git-wf on a terminal of its own, in colour.
    private func shown(_ repo: TestRepository, _ arguments: [String]) throws -> Output {
        let quoted = (["git-wf"] + arguments).map { "'" + $0.replacing("'", with: "'\\''") + "'" }
        return try repo.run(
            "script", ["-qec", quoted.joined(separator: " "), "/dev/null"],
            environment: ["TERM": "xterm-256color", "GIT_PAGER": "cat", "SHELL": "/bin/sh"])
    }

    /// What is left of control characters once our own colours are gone; a terminal ends its lines in CR LF.
    private func alive(_ output: Output) -> [String] {
        var text = String(decoding: output.stdout, as: UTF8.self)
        // An empty one is git's own.
        for style in ["0", "1", "2", "31", "32", "33", "36", ""] { text = text.replacing("\u{1b}[\(style)m", with: "") }
        text = text.replacing("\r\n", with: "\n")
        return text.unicodeScalars.filter { scalar in
            switch scalar.value {
            case 0x0a: false
            case 0..<0x20, 0x7f..<0xa0, 0x202a...0x202e, 0x2066...0x2069: true
            default: false
            }
        }.map { String($0.value, radix: 16) }
    }

    /// A workflow with control characters wherever a text may have them, by our commands and by plain git.
    private func hostile() throws -> TestRepository {
        let evil = Self.evil
        let repo = try TestRepository.begun("minimal", name: "repo")
        try repo.write("TODO.md", "# \(evil)\n- [ ] \(evil)\n- [ ] two \(evil)\n")
        try repo.write("p\u{1b}[2J\u{07}.txt", "one\n")
        try repo.git("config", "-f", ".wfconfig", "workflow.goal", evil)
        try repo.git("branch", "side\u{202e}\u{9b}")
        for command in [
            [
                "checkpoint", evil, "-m", evil, "--next", evil, "--summary", evil, "--decision", evil, "--read", evil,
                "--file", "\(evil): \(evil)",
            ],
            ["decide", evil, "--because", evil], ["todo", "done", "1"], ["block", evil, "--needs", "external"],
            ["agent", "start", "ann"],
        ] { _ = try repo.wf(command) }
        let path = try repo.json("agent", "list")["agents"]?[0]?["worktree"]?.text ?? ""
        let ann = repo.worktree(at: FilePath(path))
        try ann.write(
            "doc.md", "## Result: \(evil)\n**Status**: Complete\n**Decisions**: \(evil)\n**Issues**: \(evil)\n")
        _ = try ann.wf("agent", "report", "-F", "doc.md")
        // What never went through our own writing.
        let message =
            "forged \(evil)\n\nWf-Version: 1\nWf-Workflow: demo\nWf-Lane: leader\nWf-Kind: k\(evil)\nWf-Actor: human:\(evil)\n"
            + "Wf-Phase: \(evil)\nWf-Decision: \(evil)\nWf-Next: \(evil)\n"
        let commit = try repo.git(
            ["commit-tree", "\(repo.lane)^{tree}", "-p", repo.lane], stdin: Array(message.utf8)
        ).text
        try repo.git("update-ref", repo.lane, commit)
        return repo
    }

    @Test("no control character of a title, path, decision, reason or report comes alive, in any command")
    func commands() throws {
        let repo = try hostile()
        let evil = Self.evil
        try repo.write("doc.md", "# Checkpoint: \(evil)\n\n## State Summary\n- \(evil)\n\n## \(evil)\n\(evil)\n")
        try repo.write("p\u{1b}[2J\u{07}.txt", "two\n")
        for command in [
            ["status"], ["status", "--json"], ["log"], ["log", "--oneline", "--auto", "--agents", "-n", "0"],
            ["log", "--graph", "--agents", "--auto"], ["log", "--kind", "decision"], ["log", "--json"], ["show"],
            ["show", "last~1"], ["show", "--stat"], ["show", "--json"], ["diff", "--stat"], ["next"], ["todo"],
            ["phase"], ["workflows"], ["agent", "list"], ["agent", "results"], ["agent", "diff", "ann", "--stat"],
            ["merge", "-n"], ["restore", "-n", "."], ["restore", "."], ["undo", "-n"], ["undo"], ["hooks", "status"],
            ["checkpoint", "-F", "doc.md"], ["show"], ["show", "--json"], ["checkpoint", evil], ["decide", evil],
            ["unblock", "--answer", evil], ["todo", "add", evil], ["todo", "start", "2"], ["todo", "reopen", "1"],
            ["phase", "fail", "--reason", evil], ["phase", "start", evil], ["phase", "start", "planning"],
            ["block", evil], ["trust"], ["show", evil], ["restore", evil], ["agent", "start", evil],
            ["spec", "list"], ["spec", "check"], ["resume"], ["doctor"], ["init", "--name", evil], [evil],
            ["status", "--as", evil], ["decide", "x", "--replaces", evil], ["checkpoint", "--trigger", evil],
        ] {
            let output = try shown(repo, command)
            #expect(alive(output) == [], "git wf \(command.map { $0 == evil ? "EVIL" : $0 }.joined(separator: " "))")
            let piped = try repo.wf(command)
            #expect(piped.isHarmless, "git wf \(command.map { $0 == evil ? "EVIL" : $0 }.joined(separator: " ")) | cat")
        }
        // It was a terminal.
        #expect(try String(decoding: shown(repo, ["status"]).stdout, as: UTF8.self).contains("\u{1b}["))
    }
}
