import Testing

@testable import Runner

@Suite("What a keeper counts")
struct KeepingTests {
    @Test("time that the machine slept, or that the process was stopped, counts for nothing")
    func sleep() {
        // Eight hours in which nothing of it ran, in pieces, in the middle of two minutes of work.
        var clock = AwakeClock(at: 100)
        var now = 100.0
        for turn in 0..<600 {
            now += 0.2
            clock.tick(at: now)
            if turn % 60 == 0 {
                now += 2880
                clock.tick(at: now)
            }
        }
        #expect(now > 100 + 8 * 3600)
        #expect(abs(clock.seconds - 120) < 5)
        // A clock that is set back counts nothing either.
        clock.tick(at: 0)
        #expect(clock.seconds < 130)
    }

    @Test("tokens are counted as the harness says them, each reply once, whatever else is printed")
    func tokens() {
        var meter = TokenMeter()
        func add(_ text: String) { meter.add(Array(text.utf8)) }
        add("plain words\n{\"type\":\"system\"}\n{ no json\n")
        #expect(meter.tokens == nil)
        add(
            "{\"type\":\"assistant\",\"message\":{\"id\":\"m1\",\"usage\":{\"input_tokens\":10,\"output_tokens\":1}}}\n"
        )
        // The same reply again, in two pieces.
        add("{\"type\":\"assistant\",\"message\":{\"id\":\"m1\",\"usage\":{\"input_tokens\":10,")
        add("\"output_tokens\":5,\"cache_read_input_tokens\":100}}}\n")
        #expect(meter.tokens == 115)
        add("{\"type\":\"assistant\",\"message\":{\"id\":\"m2\",\"usage\":{\"input_tokens\":1,\"output_tokens\":1}}}\n")
        #expect(meter.tokens == 117)
        add(
            "{\"type\":\"result\",\"usage\":{\"input_tokens\":9},\"modelUsage\":{\"a\":{\"inputTokens\":200,\"outputTokens\":5},\"b\":{\"outputTokens\":7}}}\n"
        )
        #expect(meter.tokens == 212)
    }

    @Test("a thread's own total counts, a line without end is let go, and numbers that no token count has do no harm")
    func oddities() {
        var meter = TokenMeter()
        meter.add(
            Array(
                "{\"type\":\"turn.completed\",\"usage\":{\"input_tokens\":50,\"cached_input_tokens\":40,\"output_tokens\":5}}\n"
                    .utf8))
        #expect(meter.tokens == 55)
        for _ in 0..<40 { meter.add([UInt8](repeating: UInt8(ascii: "{"), count: 1 << 16)) }
        meter.add(Array("\n{\"type\":\"turn.completed\",\"usage\":{\"input_tokens\":60,\"output_tokens\":6}}\n".utf8))
        #expect(meter.tokens == 66)
        meter.add(
            Array("{\"type\":\"result\",\"usage\":{\"input_tokens\":-5,\"output_tokens\":9223372036854775807}}\n".utf8))
        meter.add(
            Array("{\"type\":\"assistant\",\"message\":{\"usage\":{\"output_tokens\":9223372036854775807}}}\n".utf8))
        #expect(meter.tokens != nil)
    }
}
