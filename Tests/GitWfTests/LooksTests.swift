import TestSupport
import Testing

@Suite("How it looks")
struct LooksTests {
    static let long =
        "A title that goes on and on, as titles do that were written by somebody who has much to say about it"
    static let titles = [
        long, "検索機能の実装と全文検索エンジンの選定およびその性能測定の結果についての長い説明文を書く",
        "🚀 ship 👩‍👩‍👧 the 🇪🇺 family 🎉 and then 🔥 burn it 🧯 and 💧 water it again and again",
        "שלום עולם זהו כותרת ארוכה מאוד שנכתבה מימין לשמאל ואינה נגמרת לעולם ועד בכלל",
        "مرحبا بالعالم هذا عنوان طويل جدا مكتوب من اليمين إلى اليسار ولا ينتهي أبدا حتى النهاية",
    ]

    /// Forty phases and five hundred items, with all that is hard to align among them.
    private func crowded() throws -> TestRepository {
        var repo = try TestRepository()
        let phases = (1...40).map { number in
            let name =
                number == 3 ? "a-phase-with-a-name-of-sixty-four-characters-that-nobody-would-type" : "p\(number)"
            let next =
                number == 2 ? "a-phase-with-a-name-of-sixty-four-characters-that-nobody-would-type" : "p\(number + 1)"
            return "[phase \"\(name.prefix(64))\"]\n\tbudget = 1\n"
                + (number < 40 ? "\tthen = \(next.prefix(64))\n" : "")
        }
        try repo.write(".wfconfig", "[workflow]\n\tgoal = \(Self.titles[1])\n" + phases.joined())
        try repo.commit("TODO.md", (1...500).map { "- [ ] \(Self.titles[$0 % 5]) \($0)\n" }.joined())
        try repo.done("init", "--name", "demo", "--no-hooks")
        for title in Self.titles {
            repo.time += 600
            try repo.done("checkpoint", title, "--next", title)
            try repo.done("decide", title)
        }
        repo.time += 86_400
        for _ in 1...3 { try repo.done("phase", "complete") }
        for title in Self.titles { try repo.done("block", title) }
        return repo
    }

    /// The columns of a line on a terminal; escapes that colour take none. Measured otherwise than the program does.
    private func columns(_ line: String) -> Int {
        var plain = ""
        var isEscape = false
        for character in line {
            if character == "\u{1b}" { isEscape = true } else if !isEscape { plain.append(character) }
            if isEscape, character == "m" { isEscape = false }
        }
        return plain.reduce(0) { sum, character in
            let isWide = character.unicodeScalars.contains {
                (0x1100...0x115f).contains($0.value) || (0x2e80...0xa4cf).contains($0.value)
                    || (0xac00...0xd7a3).contains($0.value) || (0xf900...0xfaff).contains($0.value)
                    || (0xff00...0xff60).contains($0.value) || (0x1f1e6...0x1faff).contains($0.value)
            }
            return sum + (isWide ? 2 : 1)
        }
    }

    /// With colours as words, which a file can show, and which end where an id begins.
    private func visible(_ output: Output) -> Output {
        var text = String(decoding: output.stdout, as: UTF8.self)
        for style in ["0", "1", "2", "31", "32", "33", "36"] {
            text = text.replacing("\u{1b}[\(style)m", with: "‹\(style)›")
        }
        return Output(status: output.status, stdout: Array(text.utf8), stderr: output.stderr)
    }

    @Test("status and log fit the window, aligned and cut with an ellipsis, in colour and without")
    func fits() throws {
        let repo = try crowded()
        for command in ["status", "log"] {
            for width in [80, 40] {
                let plain = try repo.done([command], environment: ["COLUMNS": String(width)])
                let coloured = try repo.done([command, "--color=always"], environment: ["COLUMNS": String(width)])
                for line in plain.lines + coloured.lines {
                    #expect(columns(line) <= width, "\(command) at \(width): \(line)")
                }
                #expect(plain.lines.count == coloured.lines.count && plain.lines.count <= 60)
                #expect(plain.lines.contains { $0.hasSuffix("…") } && !plain.text.contains("\u{1b}"))
                #expect(plain.lines.allSatisfy { !$0.hasSuffix(" ") })
                try TextSnapshot.expect(TextSnapshot.normalised(plain, repo), "looks-\(command)-\(width)")
                try TextSnapshot.expect(
                    TextSnapshot.normalised(visible(coloured), repo), "looks-\(command)-\(width)-colour")
            }
        }
    }

    @Test("nothing is lost in --json")
    func json() throws {
        let repo = try crowded()
        let status = try repo.json("status")
        #expect(status["phases"]?.list.count == 40 && status["items"]?["list"]?.list.count == 500)
        #expect(status["blocks"]?.texts("reason") == Self.titles)
        #expect(status["decisions"]?.texts("text") == Self.titles)
        #expect(status["items"]?["list"]?[499]?["text"]?.text == Self.titles[0] + " 500")
        let log = try repo.json("log", "-n", "0", "--kind", "checkpoint")["checkpoints"]
        #expect(log?.texts("title") == Self.titles.reversed())
    }

    @Test("log --kind decision names every decision with the id that replaces it")
    func decisions() throws {
        let repo = try TestRepository.begun("minimal")
        try repo.done("checkpoint", "Both", "--decision", "FTS5 over LIKE", "--decision", "KV for 5 minutes")
        try repo.done("decide", "one file", "--because", "under 500 lines")
        try repo.done("decide", "FTS5 over LIKE")
        let lines = try repo.done("log", "--kind", "decision").lines
        let line = try #require(lines.first { $0.contains("KV for 5 minutes") })
        let id = try #require(line.split(separator: " ").first.map(String.init))
        #expect(id.hasSuffix(".2") && lines.contains { $0.contains("FTS5 over LIKE") && !$0.contains("Decided") })
        try repo.done("decide", "KV for an hour", "--replaces", id)
        let decisions = try repo.json("status")["decisions"]
        #expect(decisions?.texts("text") == ["FTS5 over LIKE", "one file", "KV for an hour"])
        #expect(decisions?[2]?["replaces"]?.text?.hasSuffix(".2") == true)
        let log = try repo.text("workflow-state.md")
        #expect(log.contains("- 09:00: one file (under 500 lines)\n- 09:00: KV for an hour\n"))
        #expect(!log.contains("5 minutes") && log.components("FTS5 over LIKE") == 1)
        #expect(try repo.done("status").text.contains("KV for an hour"))
        try repo.refuses(["decide", "x", "--replaces", id], status: 1, says: ["there is no decision"])
        for number in 1...9 { try repo.done("decide", "decision \(number)") }
        #expect(try repo.done("status").text.contains(": FTS5 over LIKE\n"))
    }
}

extension String {
    /// How often a text stands in this one.
    fileprivate func components(_ text: String) -> Int { ranges(of: text).count }
}
