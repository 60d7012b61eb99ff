import TestSupport
import Testing

@Suite("The section for coding agents")
struct AgentsFileTests {
    private let mark = "<!-- git-wf: begin -->"

    private func count(_ text: String) -> Int { text.split(separator: "\n").count { $0 == mark } }

    @Test("init says where the section would go, and writes it nowhere unasked", arguments: ["AGENTS.md", "CLAUDE.md"])
    func offered(name: String) throws {
        let repo = try TestRepository()
        if name == "CLAUDE.md" { try repo.write(name, "# Mine") }
        let text = try repo.done("init", "--no-hooks", "--name", "demo").text
        #expect(text.contains("git wf init --agents-file") && text.contains(name))
        #expect(repo.exists("AGENTS.md") == false)
        if name == "CLAUDE.md" { #expect(try repo.text(name) == "# Mine") }
        // Later, in a workflow that stands already: once, and behind what is there.
        let before = try repo.id(repo.lane)
        #expect(try repo.done("init", "--agents-file").text.contains("added to \(name)"))
        #expect(try repo.done("init", "--agents-file").text.contains("nothing was changed"))
        #expect(try repo.id(repo.lane) == before)
        let written = try repo.text(name)
        #expect(count(written) == 1 && written.hasPrefix(name == "CLAUDE.md" ? "# Mine\n\n\(mark)\n" : mark))
    }

    @Test("--agents-file writes it with the rest, and a section that is there stays as somebody made it")
    func written() throws {
        let repo = try TestRepository()
        let answer = try repo.json("init", "--no-hooks", "--agents-file", "--name", "demo")
        #expect(answer["written"]?.list.compactMap(\.text) == [".wfconfig", "TODO.md", "AGENTS.md"])
        let other = try TestRepository()
        try other.write("AGENTS.md", "a\n")
        try other.write("CLAUDE.md", "b\r\n\(mark)\r\nmy own words\r\n")
        #expect(try !other.done("init", "--no-hooks", "--agents-file", "--name", "demo").text.contains("Coding agents"))
        #expect(try other.text("AGENTS.md") == "a\n")
        #expect(try other.text("CLAUDE.md") == "b\r\n\(mark)\r\nmy own words\r\n")
    }

    @Test(
        "each template begins with phases whose items TODO.md has",
        arguments: ["feature", "migration", "monitoring", "articles", "minimal"])
    func templates(name: String) throws {
        let repo = try TestRepository()
        try repo.done("init", "--no-hooks", "--template", name, "--name", "demo")
        let status = try repo.json("status")
        let phases = Set(status["phases"]?.texts("name") ?? [])
        let named = Set(status["items"]?["list"]?.texts("phase") ?? [])
        #expect(phases == named && phases.count >= 4)
        #expect(status["items"]?["current"]?.number == 1)
        #expect(status["warnings"]?.list.isEmpty == true)
    }

    @Test("init overwrites nothing that is there")
    func overwrites() throws {
        let repo = try TestRepository()
        try repo.write("TODO.md", "mine, without a box\n")
        try repo.write(".wfconfig", "[workflow]\n\tname = mine\n")
        try repo.write(".git/hooks/post-commit", "#!/bin/sh\nexit 0\n", mode: 0o755)
        try repo.done("init", "--template", "migration")
        #expect(try repo.text("TODO.md") == "mine, without a box\n")
        #expect(try repo.text(".wfconfig") == "[workflow]\n\tname = mine\n")
        #expect(try repo.json("status")["workflow"]?.text == "mine")
    }
}
