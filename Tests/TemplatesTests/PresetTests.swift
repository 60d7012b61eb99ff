import Templates
import TestSupport
import Testing

@Suite("Presets")
struct PresetTests {
    @Test("a preset is git configuration with its markers, and runs no command", arguments: Templates.names)
    func definition(name: String) throws {
        let bytes = try #require(Templates.definition(named: name))
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        #expect(lines.contains("\tname = NAME"))
        #expect(lines.contains("\tgoal = GOAL"))
        let repo = try TestRepository()
        try repo.write(".wfconfig", bytes)
        let keys = try repo.git("config", "-f", ".wfconfig", "--name-only", "--list").lines
        #expect(keys.filter { $0.hasSuffix(".check") || $0 == "merge.verify" || $0 == "agents.setup" } == [])
    }

    @Test("the sections of a preset's TODO file are its phases, each with items", arguments: Templates.names)
    func sections(name: String) throws {
        let repo = try TestRepository()
        try repo.write(".wfconfig", try #require(Templates.definition(named: name)))
        let keys = try repo.git("config", "-f", ".wfconfig", "--name-only", "--list").lines
        var phases: [String] = []
        for key in keys where key.hasPrefix("phase.") {
            let phase = String(key.dropFirst(6).prefix { $0 != "." })
            if !phases.contains(phase) { phases.append(phase) }
        }
        if phases.isEmpty { phases = ["planning", "implementing", "testing", "deploying"] }

        let todo = String(decoding: try #require(Templates.todo(named: name)), as: UTF8.self)
        let sections = todo.split(separator: "## ").dropFirst()
        #expect(sections.map { $0.prefix { $0 != "\n" }.lowercased() } == phases)
        for section in sections { #expect(section.contains("\n- [ ] ")) }

        for key in ["then", "onFail"] {
            for phase in phases {
                let target = try repo.run("git", ["config", "-f", ".wfconfig", "phase.\(phase).\(key)"]).text
                #expect(target.isEmpty || phases.contains(target))
            }
        }
    }

    @Test("there is no preset of another name")
    func unknown() {
        #expect(Templates.definition(named: "Feature") == nil)
        #expect(Templates.todo(named: "") == nil)
    }

    @Test("the section for AGENTS.md costs fewer than 200 tokens")
    func agentsSection() {
        // Four bytes a token is what the tools' own estimates come to for English text.
        #expect(Templates.agentsSection.count / 4 < 200)
    }
}
