import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import Workflow

@Suite("The token estimate")
struct TokenEstimateTests {
    /// Texts of our own, with what the tokenizer of PyPI's anthropic 0.34.2 counted.
    static let counted: [(text: String, tokens: Int)] = [
        (
            """
            <!-- git-wf: begin -->
            ## Long work is recorded with `git wf`
            - `git wf resume` tells where the work stands, what was decided and what comes next. It is the place
            to begin a session.
            - `git wf todo done N` ticks an item of TODO.md and takes a checkpoint.
            - `git wf decide "CHOSE X" --because "WHY"` keeps a decision from being made twice.
            - `git wf checkpoint "TITLE" --next "STEP"` records everything before a break or a risky step.
            - `git wf restore PATH` brings back a file's last good content; `git wf undo` takes that back.
            <!-- git-wf: end -->
            """, 153
        ),
        (
            """
            Nothing that was recorded is ever lost, and nothing that the user has is ever destroyed. A
            checkpoint is a commit whose tree is the whole working tree at that moment; its message ends in
            trailers that plain git reads. The cost of one follows what changed, not how much there is, so that
            it is taken without a thought.
            """, 70
        ),
        (
            """
            extension TodoList {
                /// The item in hand.
                func current(in state: WorkflowState) -> TodoItem? {
                    current(startedText: state.startedItem, phase: state.currentName, phases:
            state.phases.map(\\.name))
                }
            }
            """, 60
        ),
        (
            """
            {"id":"3f9ab2c41d07e8856b2f90ad11c3e47f5a6b7c8d","kind":"checkpoint","phase":"implementing","schema":1,"time":"2026-02-22T11:30:00+01:00"}
            """, 67
        ),
    ]

    @Test("an estimate is near the count of a real tokenizer", arguments: counted)
    func nearTheCount(_ sample: (text: String, tokens: Int)) {
        let error = Double(TokenEstimate.tokens(in: sample.text)) / Double(sample.tokens) - 1
        #expect((-0.10...0.15).contains(error), "\(error)")
    }

    @Test("nothing costs nothing, and any byte costs something", arguments: 0...255)
    func everyByte(_ byte: Int) {
        #expect(TokenEstimate.tokens(in: "") == 0)
        let count = TokenEstimate.tokens(in: Array(repeating: UInt8(byte), count: 1000) + [0x61])
        #expect((1...4000).contains(count))
    }

    @Test("a string and its bytes cost the same")
    func bytes() {
        let text = "Kein Wort zuviel: „Straße“, naïve 漢字 🙂\n\tlet value = JSONValue(0x3f9ab2)\n"
        #expect(TokenEstimate.tokens(in: text) == TokenEstimate.tokens(in: Array(text.utf8)[...]))
    }

    @Test("estimates of files, for make tokens", .enabled(if: getenv("GIT_WF_TOKEN_FILES") != nil))
    func files() throws {
        let list = getenv("GIT_WF_TOKEN_FILES").map { String(cString: $0) } ?? ""
        var lines = ""
        for path in String(decoding: try Files.read(FilePath(list)), as: UTF8.self).split(separator: "\n") {
            lines += "\(TokenEstimate.tokens(in: try Files.read(FilePath(String(path)))))\t\(path)\n"
        }
        try Files.write(Array(lines.utf8), to: FilePath(list + ".estimates"))
    }
}
