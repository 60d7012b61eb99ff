import Testing

@testable import Workflow

struct AgentCommandLineTests {
    @Test(
        "a line is split at blanks, quotes keep words together, and nothing is expanded",
        arguments: [
            ("claude -x", ["claude", "-x"]), ("a 'b c' \"d e\" f\\ g", ["a", "b c", "d e", "f g"]),
            ("a '' \"\"", ["a", "", ""]), ("a$HOME `x` ; y | z > o", ["a$HOME", "`x`", ";", "y", "|", "z", ">", "o"]),
            ("a '\\'", ["a", "\\"]), ("  a\t b ", ["a", "b"]),
        ])
    func split(_ line: String, _ words: [String]) { #expect(AgentCommandLine(line: line)?.words == words) }

    @Test(
        "a line whose quote is not closed, or that holds nothing, is none",
        arguments: ["a 'b", "a \"b", "a \\", "", "   "])
    func none(_ line: String) { #expect(AgentCommandLine(line: line) == nil) }

    @Test("a placeholder fills one word, whatever is in it, and is not looked into again")
    func filled() throws {
        let line = try #require(AgentCommandLine(line: "run {name} --spec={spec} {unknown} {prompt} {"))
        let values = ["name": "a b", "spec": "{prompt}", "prompt": "line one\n$(rm -rf /) 'x' {name}"]
        #expect(
            line.filled(values) == [
                "run", "a b", "--spec={prompt}", "{unknown}", "line one\n$(rm -rf /) 'x' {name}", "{",
            ])
    }

    @Test("the name of a coding agent alone is the way it is run; with more words it is a program")
    func presets() {
        for name in ["claude", "codex", "cursor", "copilot", "agy", "opencode"] {
            #expect(AgentCommandLine(words: [name]).words.contains("{prompt}"))
            #expect(AgentCommandLine(words: [name, "-v"]).words == [name, "-v"])
        }
        #expect(AgentCommandLine(line: "claude") == AgentCommandLine(words: ["claude"]))
    }
}
