import GitValues
import Testing
import Workflow

@Suite("What nobody sees")
struct VisibleTextTests {
    /// Every character that is shown as nothing, or that only turns the direction of others.
    static let hidden = (UInt32(0x80)...0x10ffff).compactMap { Unicode.Scalar($0) }.filter { scalar in
        switch scalar.value {
        case 0x2028, 0x2029, 0xfff9...0xfffb: true
        default: scalar.properties.isDefaultIgnorableCodePoint
        }
    }

    @Test("no invisible character stays alive between two words, in a brief or in a quotation")
    func all() {
        #expect(Self.hidden.count > 4000)
        for scalar in Self.hidden {
            let text = "Use D1 \(scalar)now"
            #expect(text.visible == "Use D1 \u{fffd}now", "U+\(String(scalar.value, radix: 16))")
            #expect(text.quoted == "\"Use D1 \\u{\(String(scalar.value, radix: 16))}now\"")
            #expect("a\(scalar)b".visible == "a\u{fffd}b", "U+\(String(scalar.value, radix: 16)) between ASCII letters")
            #expect("\(scalar)".visible == "\u{fffd}" && "x\(scalar)".visible == "x\u{fffd}")
        }
    }

    @Test(
        "what shapes a letter or an emoji stays as it is",
        arguments: [
            "👩‍👩‍👧 family", "🏳️‍🌈", "👁️‍🗨️", "❤️ and ☎︎", "1️⃣ #️⃣", "👍🏽", "می‌خواهم", "क्‍ष", "ശ്രീലങ്ക ന്‍", "葛󠄀城", "שלום", "مرحبا",
            "naïve Straße 日本語", "≨︀",
        ])
    func shaping(_ text: String) { #expect(text.visible == text) }

    @Test("more than shapes one does not")
    func smuggled() {
        // Bytes in the variation selectors behind an emoji, bits in joiners between letters, tags behind a flag.
        #expect("😀\u{fe0f}\u{fe01}".visible == "😀\u{fe0f}\u{fffd}")
        #expect("😀\u{e0101}\u{e0102}".visible == "😀\u{fffd}\u{fffd}")
        #expect("a\u{fe0f}".visible == "a\u{fffd}" && "葛\u{e0100}\u{e0101}".visible == "葛\u{e0100}\u{fffd}")
        #expect("می\u{200c}\u{200d}خ".visible == "می\u{fffd}\u{fffd}خ")
        #expect("👩\u{200d} x".visible == "👩\u{fffd} x" && "\u{200d}👩".visible == "\u{fffd}👩")
        #expect("🏴\u{e0067}\u{e0062}\u{e007f}".visible == "🏴\u{fffd}\u{fffd}\u{fffd}")
    }

    @Test("a brief and the rendered state have none, whatever the record says")
    func documents() throws {
        let evil = "D1\u{e0041}\u{200b}\u{2060}\u{061c}\u{202e}\u{2028}x"
        func trailers(_ list: [(String, String)]) -> [Trailer] { list.map { Trailer(key: $0.0, value: $0.1) } }
        let id = try #require(ObjectID(hex: String(repeating: "ab", count: 20)))
        func checkpoint(_ list: [(String, String)]) -> Checkpoint {
            Checkpoint(
                id: id, tree: id, parents: [], time: Timestamp(seconds: 1_771_750_800, offset: 0),
                message: CheckpointMessage(title: evil, trailers: trailers(list)))
        }
        var definition = Definition()
        definition.goal = evil
        var state = try WorkflowState(
            beginning: checkpoint([
                (TrailerKey.kind, "workflow-started"), (TrailerKey.workflow, evil),
                (TrailerKey.branch, "refs/heads/\(evil)"),
            ]), definition: definition)
        for list in [
            [(TrailerKey.kind, "phase-started"), (TrailerKey.phase, "planning")],
            [
                (TrailerKey.kind, "decision"), (TrailerKey.decision, evil), (TrailerKey.because, evil),
                (TrailerKey.next, evil),
            ],
            [(TrailerKey.kind, "agent-started"), (TrailerKey.agent, evil), (TrailerKey.item, evil)],
            [(TrailerKey.kind, "blocked"), (TrailerKey.needs, evil), (TrailerKey.reason, evil)],
        ] { try state.apply(checkpoint(list)) }
        let todo = TodoList(Array("- [ ] \(evil)\n- [x] \(evil) two\n".utf8))
        let document = StateDocument(state, todo: todo, zone: 0).text
        var brief = LeaderBrief(state, todo: todo, now: state.lastCheckpoint.time.at(offset: 0))
        (brief.remarks, brief.agents, brief.warnings) = ([evil], [evil], [evil])
        brief.files = [BriefFile(path: evil, tokens: 1, note: evil)]
        brief.since.commits = [evil]
        let text = brief.fitted(to: Brief.Limits(tokens: 5000)).text
        for (name, text) in [("state", document), ("brief", text)] {
            #expect(text.contains("D1"), "\(name)")
            #expect(!text.unicodeScalars.contains { Self.hidden.contains($0) }, "\(name)")
        }
    }
}
