import Testing
import Workflow

@Suite("A checkpoint's message")
struct CheckpointMessageTests {
    @Test("has a subject, a body and a last paragraph of trailers")
    func layout() {
        let message = CheckpointMessage(
            subject: "API routes done", body: "Three of five.\n\n- search\n- categories",
            trailers: [
                Trailer(key: TrailerKey.kind, value: "checkpoint"),
                Trailer(key: TrailerKey.next, value: "Add feedback"),
            ])
        #expect(
            text(message) == """
                API routes done

                Three of five.

                - search
                - categories

                Wf-Kind: checkpoint
                Wf-Next: Add feedback

                """)
    }

    @Test("folds a long value at spaces, and unfolds it to the same text")
    func folding() {
        let value = (1...40).map { "word\($0)" }.joined(separator: " ") + "  two spaces"
        let message = CheckpointMessage(subject: "s", trailers: [Trailer(key: "Wf-Summary", value: value)])
        let lines = text(message).split(separator: "\n")
        #expect(lines.count > 4)
        #expect(lines.allSatisfy { $0.count <= 76 })
        #expect(lines.dropFirst(2).allSatisfy { $0.hasPrefix(" ") && !$0.hasPrefix("  ") })
        #expect(CheckpointMessage(parsing: message.encoded())["Wf-Summary"] == value)
    }

    @Test(
        "makes one harmless line of any value",
        arguments: [
            ("a\nb", "a b"), ("a \r\n \n\t b", "a b"), ("  a\tb  ", "a b"), ("a  b", "a  b"),
            ("\u{1b}[31mred", "␛[31mred"),
            ("a\0b\u{7f}", "a␀b␡"), ("a\u{85}b\u{9b}", "a b\u{fffd}"), ("a\u{c}\u{b}b", "a b"), ("né", "né"),
            ("a\n\u{301}b", "a \u{301}b"), ("© 2026", "© 2026"),
        ])
    func values(value: String, expected: String) throws {
        let trailer = try #require(Trailer(key: "Wf-Summary", value: value).normalised)
        #expect(Array(trailer.value.utf8) == Array(expected.utf8))
    }

    @Test("never holds an empty value", arguments: ["", " ", "\n", "\t\r\n\u{c}"])
    func emptyValues(value: String) {
        let message = CheckpointMessage(
            subject: "s", trailers: [Trailer(key: "Wf-A", value: value), Trailer(key: "Wf-B", value: "b")])
        #expect(text(message) == "s\n\nWf-B: b\n")
    }

    @Test("cuts a subject at 72 columns, at a word, and keeps the title")
    func subject() {
        let title = "Chose a queue over a cron job because the retries would have had to be written twice"
        let message = CheckpointMessage(title: title, trailers: [])
        let parsed = CheckpointMessage(parsing: message.encoded())
        #expect(parsed.subject == "Chose a queue over a cron job because the retries would have had to be…")
        #expect(parsed.title == title)
        #expect(CheckpointMessage(title: "short", trailers: []).trailers.isEmpty)
        for hostile in [String(repeating: "漢", count: 90), "e" + String(repeating: "\u{301}", count: 9000)] {
            let subject = CheckpointMessage(subject: hostile, trailers: []).normalised.subject
            #expect(subject.columns <= 72)
            #expect(subject.utf8.count < 20_000)
        }
        #expect(CheckpointMessage(subject: "\n\t", trailers: []).normalised.subject == "(no title)")
    }

    @Test("takes a Wf- line in the body for text, and keeps unknown and repeated keys in order")
    func onlyTheLastParagraph() {
        let bytes = Array("s\n\nWf-Kind: forged\n\nWf-New: 1\nWf-Kind: auto\nX-Other: 2\nWf-Kind: twice\n".utf8)
        let message = CheckpointMessage(parsing: bytes)
        #expect(message.body == "Wf-Kind: forged")
        #expect(message.trailers.map(\.key) == ["Wf-New", "Wf-Kind", "X-Other", "Wf-Kind"])
        #expect(message[TrailerKey.kind] == "auto")
        #expect(message.values(of: TrailerKey.kind) == ["auto", "twice"])
    }

    @Test(
        "reads no trailers from a title or from a paragraph with other lines",
        arguments: [
            "Wf-Kind: auto", "s\n\ntext\nWf-Kind: auto", "s\n\n continued\nWf-Kind: auto", "", "\n\n", "s\n\n: x",
        ])
    func noTrailers(text: String) {
        #expect(CheckpointMessage(parsing: Array(text.utf8)).trailers.isEmpty)
    }

    @Test("repairs what is not UTF-8")
    func repair() {
        let message = CheckpointMessage(parsing: [0x73, 0xff, 0x0a, 0x0a, 0x41, 0x3a, 0x20, 0xc3, 0x0a])
        #expect(message.subject == "s\u{fffd}")
        #expect(message["A"] == "\u{fffd}")
    }

    @Test("comes back as its normal form, whatever it holds")
    func roundTrip() {
        for round in 0..<(testCount * 10) {
            var random = MessageGenerator(seed: UInt64(round))
            let message = random.message()
            let encoded = message.encoded()
            let parsed = CheckpointMessage(parsing: encoded)
            guard bytes(parsed) == bytes(message.normalised), parsed.encoded() == encoded else {
                Issue.record("seed \(round): \(String(reflecting: text(message)))")
                return
            }
        }
    }

    @Test("is read from any bytes, and what was read is written the same ever after")
    func fuzz() {
        for round in 0..<(testCount * 10) {
            var random = MessageGenerator(seed: UInt64(round))
            let parsed = CheckpointMessage(parsing: random.bytes())
            let again = CheckpointMessage(parsing: parsed.encoded())
            guard bytes(again) == bytes(parsed.normalised) else {
                Issue.record("seed \(round): \(String(reflecting: parsed))")
                return
            }
        }
    }

    @Test(
        "is read in time that follows its length", .timeLimit(.minutes(1)),
        arguments: [
            "\n", " ", "a", "A: b\n", " \n", "A:\n ", "\r", "---\n", "\u{301}", "- >8 -", "\t\n\0",
        ])
    func hostileLengths(piece: String) {
        for head in ["", "s\n\n", "s\n\nWf-A: x"] {
            let text = head + String(repeating: piece, count: 20_000)
            let message = CheckpointMessage(parsing: Array(text.utf8))
            #expect(CheckpointMessage(parsing: message.encoded()) == message.normalised)
        }
    }

    private func text(_ message: CheckpointMessage) -> String { String(decoding: message.encoded(), as: UTF8.self) }

    /// Strings compare by canonical equivalence; a message is its bytes.
    private func bytes(_ message: CheckpointMessage) -> [[UInt8]] {
        ([message.subject, message.body] + message.trailers.flatMap { [$0.key, $0.value] }).map { Array($0.utf8) }
    }
}
