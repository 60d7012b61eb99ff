import Git
import GitValues
import Testing
import Workflow

@Suite("Names, actors, durations and sizes")
struct ValueTests {
    @Test(
        "a name is short, plain and safe in a ref",
        arguments: ["a", "0", "feedback-api", "v1.2_x", String(repeating: "a", count: 64)])
    func names(text: String) throws {
        #expect(try Name(text).text == text)
    }

    @Test(
        "another name is refused with the rule that it breaks",
        arguments: [
            ("", "\"\" cannot be a name: it is empty"),
            ("-a", "\"-a\" cannot be a name: it must begin with a letter or a digit"),
            (".a", "\".a\" cannot be a name: it must begin with a letter or a digit"),
            ("a..b", "\"a..b\" cannot be a name: it must not hold \"..\""),
            ("a.", "\"a.\" cannot be a name: it must not end in \".\" or \".lock\""),
            ("a.lock", "\"a.lock\" cannot be a name: it must not end in \".\" or \".lock\""),
            ("A", "\"A\" cannot be a name: \"A\" is not allowed, only a-z, 0-9, \".\", \"_\" and \"-\""),
            ("a/b", "\"a/b\" cannot be a name: \"/\" is not allowed, only a-z, 0-9, \".\", \"_\" and \"-\""),
            (
                "a\n\u{202e}",
                "\"a\\n\\u{202e}\" cannot be a name: \"\\n\" is not allowed, only a-z, 0-9, \".\", \"_\" and \"-\""
            ),
            ("a\0", "\"a\\u{0}\" cannot be a name: \"\\u{0}\" is not allowed, only a-z, 0-9, \".\", \"_\" and \"-\""),
            (
                String(repeating: "a", count: 300),
                "\"\(String(repeating: "a", count: 60))…\" cannot be a name: it has 300 characters, and 64 are allowed"
            ),
        ])
    func badNames(text: String, sentence: String) {
        do throws(NameError) {
            Issue.record("accepted as \(try Name(text))")
        } catch {
            #expect(error.description == sentence)
        }
    }

    @Test(
        "an actor is written as it was read",
        arguments: ["leader", "agent:api", "human:Ada Lovelace", "hook:post-commit", "human:a:b"])
    func actors(text: String) throws {
        #expect(try Actor(parsing: text).description == text)
    }

    @Test(
        "another actor is refused",
        arguments: [
            "", "Leader", "agent", "agent:", "agent:A b", "human:", "human: ", "human:a\nb", "hook:\u{1b}", "robot:x",
            "leader:x",
            "human:" + String(repeating: "x", count: 101),
        ])
    func badActors(text: String) {
        #expect(throws: ActorError.self) { try Actor(parsing: text) }
    }

    @Test(
        "a duration is read in the units that it is written in",
        arguments: [
            ("30s", 30, "30s", "30s"), ("45m", 2700, "45m", "45m"), ("6h", 21_600, "6h", "6h"),
            ("2d", 172_800, "2d", "2d"),
            ("90m", 5400, "90m", "1h 30m"), ("1h 5m", 3900, "65m", "1h 05m"), ("2d4h", 187_200, "52h", "2d 4h"),
            ("0s", 0, "0s", "0s"),
            ("3m59s", 239, "239s", "3m"),
        ] as [(String, Int64, String, String)])
    func durations(text: String, seconds: Int64, exact: String, spoken: String) throws {
        let duration = try #require(WorkflowDuration(parsing: text))
        #expect(duration.seconds == seconds)
        #expect(duration.description == exact)
        #expect(duration.text == spoken)
        #expect(WorkflowDuration(parsing: exact) == duration)
    }

    @Test(
        "no other text is a duration",
        arguments: [
            "", " ", "5", "m", "-5m", "+5m", "1.5h", "5 m", "5m3", "1m1h", "1m1m", "5w", "99999999999999999999s",
            "9223372036854775807d", "5m\n",
        ])
    func badDurations(text: String) {
        #expect(WorkflowDuration(parsing: text) == nil)
    }

    @Test(
        "a size is read as git reads it",
        arguments: [
            ("0", 0, "0", "0 bytes"), ("1", 1, "1", "1 byte"), ("10k", 10_240, "10k", "10 KiB"),
            ("10M", 10_485_760, "10m", "10 MiB"),
            ("1g", 1_073_741_824, "1g", "1 GiB"), ("1536", 1536, "1536", "1.5 KiB"),
            ("2048k", 2_097_152, "2m", "2 MiB"),
        ] as [(String, Int64, String, String)])
    func sizes(text: String, bytes: Int64, exact: String, spoken: String) throws {
        let size = try #require(ByteSize(parsing: text))
        #expect(size.bytes == bytes)
        #expect(size.description == exact)
        #expect(size.text == spoken)
    }

    @Test("no other text is a size", arguments: ["", "k", "-1", "+1", "1.5m", "1 m", "1t", "9999999999g", "0x10"])
    func badSizes(text: String) {
        #expect(ByteSize(parsing: text) == nil)
    }

    @Test("a kind that a newer version wrote is kept as it is")
    func kinds() {
        for kind in CheckpointKind.known { #expect(CheckpointKind(rawValue: kind.rawValue) == kind) }
        #expect(CheckpointKind.known.count == 39)
        #expect(CheckpointKind(rawValue: "lunch") == .other("lunch"))
        #expect(CheckpointKind(rawValue: "lunch").rawValue == "lunch")
        #expect(!Trigger(rawValue: "lunch").isKnown)
    }
}
