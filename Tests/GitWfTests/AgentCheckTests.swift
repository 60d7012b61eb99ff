import SystemPackage
import TestSupport
import Testing

@Suite("What agent check sees")
struct AgentCheckTests {
    private static let spec = """
        # Spec: One

        ## Goal
        One thing.

        ## Files to Read
        - kept.txt

        ## Files to Modify
        - src/
        - lines.txt:3-5

        ## Requirements
        - It holds

        ## Constraints
        - Do not modify `src/db/`

        ## Deliverable
        - A report

        """

    private func begun() throws -> (TestRepository, TestRepository) {
        let repo = try TestRepository.begun()
        try repo.write("specs/one.md", Self.spec)
        try repo.write("lines.txt", (1...9).map { "\($0)\n" }.joined())
        try repo.write("src/full.txt", String(repeating: "full of words\n", count: 200))
        try repo.write("src/data.json", "{\"a\": [1, 2, {\"b\": null}]}\n")
        try repo.write("src/db/schema.sql", "create table a (b int);\n")
        try repo.write("src/run.sh", "echo\n")
        try repo.write("kept.txt", "kept\n")
        for number in 0..<60 { try repo.write("many/\(number).txt", "\(number)\n") }
        try repo.git("add", "-A")
        try repo.git("commit", "-qm", "Files")
        let worktree = try repo.done("agent", "start", "one").lines[0]
        return (repo, repo.worktree(at: FilePath(worktree)))
    }

    private func kinds(_ repo: TestRepository) throws -> [String: Set<String>] {
        let answer = try repo.wf("agent", "check", "one", "--json")
        var kinds: [String: Set<String>] = [:]
        for finding in try JSONValue(answer)["findings"]?.list ?? [] {
            kinds[finding["kind"]?.text ?? "", default: []].insert(finding["path"]?.text ?? "")
        }
        #expect(answer.status == (kinds.isEmpty ? 0 : 1))
        return kinds
    }

    @Test("work as the spec has it is nothing odd, also where it is within the lines")
    func nothing() throws {
        let (repo, agent) = try begun()
        try agent.write("src/new.txt", "new\n")
        try agent.write("lines.txt", "1\n2\nthree\n4\n5\nmore\n6\n7\n8\n9\n")
        #expect(try kinds(repo) == [:])
        #expect(try repo.done("agent", "check", "one").text == "one: nothing odd")
    }

    @Test("each sign is seen, whether it is committed or not, with the command that brings the file back")
    func signs() throws {
        let (repo, agent) = try begun()
        try agent.write("kept.txt", "changed\n")
        try agent.write("lines.txt", "1\n2\n3\n4\n5\n6\nseven\n8\n9\n")
        try agent.write("src/full.txt", String(repeating: "full of words\n", count: 90))
        try agent.write("src/data.json", "{\"a\": [1, 2\n")
        try agent.write("src/db/schema.sql", "")
        try agent.git("add", "-A")
        try agent.git("commit", "-qm", "Odd")
        try agent.write("src/run.sh", "#!/bin/sh\n<<<<<<< HEAD\na\n=======\nb\n>>>>>>> theirs\n", mode: 0o755)
        try agent.write("package.json", "{}\n")
        try agent.link("src/away", to: "../../outside")
        try agent.write("src/text.txt", [0x61, 0, 0x62])
        for number in 0..<40 { try agent.remove("many/\(number).txt") }
        let kinds = try kinds(repo)
        #expect(kinds["outside"]?.isSuperset(of: ["kept.txt", "package.json", "many/0.txt"]) == true)
        #expect(kinds["lines"] == ["lines.txt"] && kinds["forbidden"] == ["src/db/schema.sql"])
        #expect(kinds["truncated"] == ["src/full.txt"] && kinds["emptied"] == ["src/db/schema.sql"])
        #expect(kinds["unparsable"] == ["src/data.json"] && kinds["schema"] == ["src/db/schema.sql"])
        #expect(kinds["conflict-markers"] == ["src/run.sh"] && kinds["dependencies"] == ["package.json"])
        #expect(kinds["link-outside"] == ["src/away"] && kinds["mass-deletion"] == [""])
        let text = try repo.wf("agent", "check", "one").text
        #expect(text.contains("git wf agent restore one src/data.json brings it back"), "\(text)")
        try repo.done("agent", "restore", "one", "src/data.json")
        #expect(try agent.text("src/data.json").hasSuffix("}\n"))
    }

    @Test("a strict scope refuses a merge until the exception is granted, with a reason")
    func strict() throws {
        let (repo, agent) = try begun()
        try repo.git("config", "-f", ".wfconfig", "merge.scope", "strict")
        try repo.done("checkpoint", "Strict")
        try repo.trust()
        try agent.write("kept.txt", "changed\n")
        try agent.git("commit", "-qam", "Odd")
        try agent.done("agent", "report", "--status", "complete", "--summary", "Done")
        try repo.refuses(["merge", "one"], status: 1, says: ["kept.txt", "--grant"])
        try repo.refuses(["agent", "check", "one", "--grant", "kept.txt"], status: 129, says: ["--reason"])
        #expect(
            try repo.done("agent", "check", "one", "--grant", "kept.txt", "--reason", "it must").text
                == "one: nothing odd")
        try repo.done("merge", "one")
        #expect(try repo.text("kept.txt") == "changed\n")
    }

    @Test("a file that an agent wrote in the leader's worktree while it ran is named")
    func leadersFile() throws {
        let (repo, _) = try begun()
        #expect(try repo.play(["one"], "write \(repo.file("kept.txt")) theirs; report complete Done").status == 0)
        #expect(try kinds(repo)["leaders-file"] == ["kept.txt"])
    }
}
